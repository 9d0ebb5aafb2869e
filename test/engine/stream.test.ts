import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync, readdirSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Action, Change } from '../../src/core/change.js'
import { sha256 } from '../../src/core/digest.js'
import type { LocalFile } from '../../src/core/fact.js'
import { sh } from '../../src/core/shell.js'
import { stampOf } from '../../src/engine/file-memory.js'
import { fileAt } from '../../src/facts/file.js'
import { partOf } from '../../src/core/part-file.js'
import { connectionLost, scene, watched } from '../support/doors.js'
import { play, run, settled, step, verdicts, type Told } from '../support/engine.js'
import { acts, lamp, toy } from '../support/toys.js'

const at = scene()
const BYTES = randomBytes(300_000)
const source = (bytes: Buffer = BYTES): LocalFile => {
  writeFileSync(at.at('source'), bytes)
  return { local: at.at('source'), sha256: sha256(bytes), size: bytes.length }
}
const target = (): string => at.at('target')
const puts = (file: LocalFile, more: Partial<Extract<Action, { do: 'put' }>> = {}, around: Partial<Change> = {}): ReturnType<typeof toy> =>
  toy({ now: fileAt(target()) }, ({ now }) => (now.type === 'file' && now.sha256 === file.sha256 ? [] : [{
    summary: 'bring target', actions: [{ do: 'put', path: target(), content: file, mode: '0640', owner: 'root', group: 'root', ...more }], predicts: [], disturbs: [`below:${target()}`], confirm: sh`[ -f ${target()} ]`.text, ...around,
  }]))
const part = (file: LocalFile): string => partOf(target(), `part-${file.sha256.slice(0, 12)}`)
const uploads = ({ events }: Told): number[] => events.flatMap((event) => (event.type === 'upload-progress' ? [event.sent] : []))
const leftovers = (): string[] => readdirSync(at.folder).filter((name) => name.startsWith('.'))
const failure = (told: Told): unknown => settled(told).flatMap(({ verdict }) => (verdict.status === 'failed' ? [verdict.error] : []))[0]

describe('a large file', () => {
  it('streams, and takes its place whole', async () => {
    const file = source()
    const told = await run([play([step('bring', puts(file), {}), step('after', 'file', { path: at.at('after'), content: 'x' })])], [at.door()])
    expect(verdicts(told)).toEqual(['bring: change', 'after: change'])
    expect([readFileSync(target()).equals(BYTES), (statSync(target()).mode & 0o777).toString(8), leftovers()]).toEqual([true, '640', []])
    expect([uploads(told).at(-1), uploads(told).every((sent, index, all) => index === 0 || sent > (all[index - 1] ?? 0)), uploads(told).length <= 201]).toEqual([BYTES.length, true, true])
    expect(verdicts(await run([play([step('bring', puts(file), {})])], [at.door()]))).toEqual(['bring: ok'])
  })

  it('grows where nobody else may read it', async () => {
    let mode = ''
    const file = source()
    const door = watched(at.door(), async (script, go) => { const output = await go(); if (script.includes('cat >')) mode = (statSync(part(file)).mode & 0o777).toString(8); return output })
    await run([play([step('bring', puts(file), {})])], [door])
    expect(mode).toBe('600')
  })

  it('goes on from where an earlier run broke off', async () => {
    const file = source()
    writeFileSync(part(file), BYTES.subarray(0, 200_000))
    const told = await run([play([step('bring', puts(file), {})])], [at.door()])
    expect([verdicts(told), readFileSync(target()).equals(BYTES), Math.min(...uploads(told)) > 200_000, leftovers()]).toEqual([['bring: change'], true, true, []])
  })

  it('begins anew where more is there than it has', async () => {
    const file = source()
    writeFileSync(part(file), randomBytes(BYTES.length + 1))
    expect(verdicts(await run([play([step('bring', puts(file), {})])], [at.door()]))).toEqual(['bring: change'])
    expect(readFileSync(target()).equals(BYTES)).toBe(true)
  })

  it('is found out when it is damaged, and the next run sends it again', async () => {
    const file = source()
    writeFileSync(part(file), randomBytes(1000))
    writeFileSync(target(), 'old')
    const told = await run([play([step('bring', puts(file), {})])], [at.door()])
    expect([failure(told), readFileSync(target(), 'utf8'), leftovers()]).toEqual([expect.objectContaining({ code: 'action-failed', output: expect.stringContaining('damaged') }), 'old', []])
    expect(verdicts(await run([play([step('bring', puts(file), {})])], [at.door()]))).toEqual(['bring: change'])
  })

  it('is found out when it was altered while it was sent', async () => {
    const file = { ...source(), sha256: sha256('what was there when it was looked at') }
    writeFileSync(target(), 'old')
    const told = await run([play([step('bring', puts(file), {})])], [at.door()])
    expect([failure(told), readFileSync(target(), 'utf8'), leftovers()]).toEqual([expect.objectContaining({ code: 'action-failed', output: expect.stringContaining('damaged') }), 'old', []])
  })

  describe('that nobody has touched since it was digested', () => {
    beforeEach(() => { vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 }) })
    afterEach(() => { vi.useRealTimers() })

    it('is not digested again where it arrives whole', async () => {
      const file = source()
      const scripts: string[] = []
      const door = watched(at.door(), (script, go) => { scripts.push(script); return go() })
      const stamp = await stampOf(file.local)
      expect(verdicts(await run([play([step('bring', puts({ ...file, ...(stamp === undefined ? {} : { stamp }) }), {})])], [door]))).toEqual(['bring: change'])
      expect([stamp, scripts.some((script) => script.includes('arrived damaged') && script.includes('sha256'))]).toEqual([expect.any(String), false])
    })

    it('is found out when it was altered all the same', async () => {
      const file = source()
      const stamp = await stampOf(file.local)
      writeFileSync(file.local, randomBytes(file.size))
      const told = await run([play([step('bring', puts({ ...file, ...(stamp === undefined ? {} : { stamp }) }), {})])], [at.door()])
      expect([failure(told), existsSync(target()), leftovers()]).toEqual([expect.objectContaining({ code: 'action-failed', output: expect.stringContaining('damaged') }), false, []])
    })

    it('is found out when it was altered on its way', async () => {
      const file = source()
      const stamp = await stampOf(file.local)
      const door = watched(at.door(), async (script, go) => {
        const output = await go()
        if (script.includes('cat >')) { writeFileSync(file.local, 'other'); writeFileSync(part(file), randomBytes(file.size)) }
        return output
      })
      const told = await run([play([step('bring', puts({ ...file, ...(stamp === undefined ? {} : { stamp }) }), {})])], [door])
      expect([failure(told), existsSync(target())]).toEqual([expect.objectContaining({ output: expect.stringContaining('damaged') }), false])
    })
  })

  it('leaves what arrived when the connection is lost', async () => {
    const file = source()
    const door = watched(at.door(), async (script, go) => { const output = await go(); if (script.includes('cat >')) throw connectionLost(); return output })
    const told = await run([play([step('bring', puts(file), {}, { notify: ['h'] })])], [door])
    expect([verdicts(told), told.fleet.get('here')?.lost !== undefined, existsSync(part(file)), existsSync(target())]).toEqual([[], true, true, false])
  })

  it('may be empty', async () => {
    const file = source(Buffer.alloc(0))
    expect(verdicts(await run([play([step('bring', puts(file), {})])], [at.door()]))).toEqual(['bring: change'])
    expect(statSync(target()).size).toBe(0)
  })

  it('is validated before and after it takes its place', async () => {
    writeFileSync(target(), 'old')
    const file = source()
    const told = await run([play([step('bring', puts(file, { validate: '[ -s "$1" ] && echo refused >&2 && exit 1' }), {})])], [at.door()])
    expect([failure(told), readFileSync(target(), 'utf8'), leftovers()]).toEqual([expect.objectContaining({ output: expect.stringContaining('refused') }), 'old', []])
    const later = await run([play([step('bring', puts(file, { validateAfter: sh`[ "$(wc -c < ${target()})" -eq 3 ]`.text }), {})])], [at.door()])
    expect([failure(later), readFileSync(target(), 'utf8'), leftovers()]).toEqual([expect.objectContaining({ output: expect.stringContaining('the old file was put back') }), 'old', []])
    await run([play([step('bring', puts(file, { validateAfter: sh`[ "$(wc -c < ${target()})" -eq 3 ]`.text }), {}, { notify: ['h'] })])], [at.door()])
    expect(readdirSync(at.at('home-here/.keep/owed')), 'nothing changed').toEqual([])
    expect(verdicts(await run([play([step('bring', puts(file, { validate: '[ -s "$1" ]', validateAfter: sh`[ -s ${target()} ]`.text }), {})])], [at.door()]))).toEqual(['bring: change'])
    expect(leftovers()).toEqual([])
  })

  it('is confirmed', async () => {
    const told = await run([play([step('bring', puts(source(), {}, { confirm: 'exit 3' }), {}), step('after', acts('true'), {})])], [at.door()])
    expect([verdicts(told), failure(told)]).toEqual([['bring: failed'], expect.objectContaining({ code: 'not-confirmed' })])
  })

  it('is not brought where somebody was quicker', async () => {
    const file = source()
    const door = watched(at.door(), (script, go) => { if (script.includes('m step 0') && !existsSync(target())) writeFileSync(target(), BYTES); return go() })
    const told = await run([play([step('bring', puts(file), {})])], [door])
    expect([verdicts(told), uploads(told)]).toEqual([['bring: ok'], []])
  })

  it('is given up where the host never comes to rest', async () => {
    let frame = 0
    const door = watched(at.door(), (script, go) => { if (script.includes('m step 0')) writeFileSync(target(), String(frame++)); return go() })
    expect(failure(await run([play([step('bring', puts(source()), {})])], [door]))).toMatchObject({ code: 'restless' })
  })

  it('fails the step where debts or the lock cannot be written', async () => {
    at.door()
    mkdirSync(at.at('home-here/.keep'))
    writeFileSync(at.at('home-here/.keep/owed'), '')
    const bring = step('bring', puts(source()), {}, { notify: ['h'] })
    expect(failure(await run([play([bring])], [at.door()]))).toMatchObject({ code: 'action-failed' })
    expect(failure(await run([play([bring])], [at.door()], { keep: '.keep/owed' }))).toMatchObject({ code: 'frame-failed' })
    expect(existsSync(target())).toBe(false)
  })

  it('has a time limit too', async () => {
    const slow = puts(source(), { validate: 'sleep 30' })
    expect(failure(await run([play([step('bring', slow, {}, { timeout: 0.5 })])], [at.door()]))).toMatchObject({ code: 'timed-out' })
  }, 20_000)

  it('makes what its step alters beside it known again', async () => {
    writeFileSync(at.at('lamp'), 'on\n')
    const beside = puts(source(), { validateAfter: sh`echo off > ${at.at('lamp')}`.text })
    const lit = toy({ now: lamp(at.at('lamp')) }, ({ now }) => (now === 'on' ? [] : [{ summary: 'light', actions: [{ do: 'exec', script: sh`echo on > ${at.at('lamp')}`.text }], predicts: [], confirm: 'true' }]))
    expect(verdicts(await run([play([step('bring', beside, {}), step('lit', lit, {})])], [at.door()]))).toEqual(['bring: change', 'lit: change'])
  })
})

describe('input from a large file', () => {
  const digests = (file: LocalFile): ReturnType<typeof toy> => toy({ now: fileAt(target()) }, ({ now }) => (now.type === 'file' ? [] : [{
    summary: 'read', actions: [{ do: 'exec', script: sh`sha256sum > ${target()}; echo read`.text, stdin: file }], predicts: [], disturbs: [`below:${target()}`], confirm: 'true',
  }]))

  it('is read by the script, and what the script says is registered', async () => {
    const seen: unknown[] = []
    const looks = step('look', 'file', { path: at.at('none'), state: 'absent' })
    const told = await run([play([step('read', digests(source()), {}, { register: 'said' }), { ...looks, bind: (host, registered) => { if (registered.has('said')) seen.push(registered.get('said')); return looks.bind(host, registered) } }])], [at.door()])
    expect([verdicts(told), readFileSync(target(), 'utf8'), seen]).toEqual([['read: change', 'look: ok'], `${sha256(BYTES)}  -\n`, [{ stdout: 'read', stderr: '', exit: 0, changed: true }]])
  })

  it('may be that of a verb', async () => {
    const verb = acts('', { actions: [{ do: 'exec', script: sh`cat > ${target()}`.text, stdin: source() }] })
    expect(verdicts(await run([play([step('read', verb, {})])], [at.door()]))).toEqual(['read: change'])
    expect(readFileSync(target()).equals(BYTES)).toBe(true)
  })
})
