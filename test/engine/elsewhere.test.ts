import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Plan } from '../../src/core/plan.js'
import type { Step } from '../../src/core/step.js'
import { connectionLost, scene, watched } from '../support/doors.js'
import { plan, play, run, settled, step, verdicts } from '../support/engine.js'
import { acts } from '../support/toys.js'

const at = scene()
const brings = (args: object = {}): Step => step('bring', 'rsync', { from: 'there', src: at.at('a'), path: at.at('b'), ...args }, { delegates: () => ['there'] })
const doors = () => [at.door('here'), at.door('there')]
const digest = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')
const errors = (told: Parameters<typeof settled>[0]): string[] => settled(told).map(({ verdict }) => (verdict.status === 'failed' ? verdict.error.code : verdict.status))
const until = ({ steps }: Plan): string[] => steps.map(({ verdict }) => (verdict.status === 'deferred' ? `until ${verdict.until}` : verdict.status))

const fill = (): void => {
  mkdirSync(at.at('a', 'sub'), { recursive: true })
  writeFileSync(at.at('a', 'large'), randomBytes(5_000_011))
  writeFileSync(at.at('a', 'sub', 'it\'s "odd"\n$x'), 'odd\n')
  writeFileSync(at.at('a', '-n'), 'dash\n')
  writeFileSync(at.at('a', 'empty'), '')
  chmodSync(at.at('a', '-n'), 0o4750)
  chmodSync(at.at('a', 'sub'), 0o1711)
  symlinkSync('large', at.at('a', 'link'))
}

describe('a tree of another host', () => {
  it('is brought as it is, and the second run has nothing to do', async () => {
    fill()
    const { plan: planned } = await plan([play([brings()])], doors())
    const [decided] = planned.steps
    expect(decided?.verdict.status === 'change' && decided.verdict.changes.flatMap(({ diff }) => diff?.lines.map(({ sign, text }) => `${sign}${text}`) ?? [])).toEqual(['+/', '+-n', '+empty', '+large', '+link -> large', '+sub/', `+sub/it's "odd"\n$x`])
    expect(existsSync(at.at('b'))).toBe(false)
    const steps = [brings()]
    const { plan: agreed } = await plan([play(steps)], doors())
    const told = await run([play(steps)], doors(), { plan: agreed })
    expect(errors(told)).toEqual(['change'])
    expect(digest(at.at('b', 'large'))).toBe(digest(at.at('a', 'large')))
    expect(readdirSync(at.at('b')).sort()).toEqual(['-n', 'empty', 'large', 'link', 'sub'])
    expect([readlinkSync(at.at('b', 'link')), readdirSync(at.at('b', 'sub'))]).toEqual(['large', [`it's "odd"\n$x`]])
    expect([statSync(at.at('b', '-n')).mode & 0o7777, statSync(at.at('b', 'sub')).mode & 0o7777]).toEqual([0o4750, 0o1711])
    expect(told.events.filter(({ type }) => type === 'upload-progress').at(-1)).toMatchObject({ host: 'here', sent: 5_000_020, size: 5_000_020 })
    expect(verdicts(await run([play([brings()])], doors()))).toEqual(['bring: ok'])
  })

  it('is mended where it differs, and only that travels', async () => {
    fill()
    await run([play([brings()])], doors())
    writeFileSync(at.at('b', '-n'), 'drifted\n')
    chmodSync(at.at('b', 'empty'), 0o600)
    mkdirSync(at.at('b', 'extra'))
    writeFileSync(at.at('b', 'extra', 'file'), '')
    const asked: string[] = []
    const source = watched(at.door('there'), async (script, go) => { asked.push(script); return go() })
    expect(verdicts(await run([play([brings({ delete: true })])], [at.door('here'), source]))).toEqual(['bring: change'])
    expect(asked.filter((script) => script.includes('base64 -w 0')).map((script) => script.match(/head -c \d+/g))).toEqual([['head -c 5']])
    expect([readFileSync(at.at('b', '-n'), 'utf8'), existsSync(at.at('b', 'extra')), lstatSync(at.at('b', 'empty')).mode & 0o777]).toEqual(['dash\n', false, 0o644])
  })

  it('is not known behind a step that alters it, and is as that left it in the run', async () => {
    fill()
    await run([play([brings()])], doors())
    const alters = (host: string) => step('alter', 'file', { path: at.at('a', 'sub', 'new'), content: 'new' }, { bind: (name) => (name === host ? step('alter', 'file', { path: at.at('a', 'sub', 'new'), content: 'new' }).bind(name, new Map()) : { skipped: 'not here' }) })
    const both = [play([alters('there'), brings()], ['here', 'there'])]
    const { plan: planned } = await plan(both, doors())
    expect(until(planned)).toEqual(['skipped', 'change', 'until alter', 'failed'])
    const told = await run(both, doors(), { plan: planned })
    expect(settled(told).filter(({ host }) => host === 'here').map(({ verdict }) => verdict.status)).toEqual(['skipped', 'change'])
    expect(readFileSync(at.at('b', 'sub', 'new'), 'utf8')).toBe('new')
  })

  it('is no tree of the host itself, of an unknown host, or of one that is not reached', async () => {
    fill()
    expect(errors(await run([play([brings({ from: 'here' })])], doors()))).toEqual(['own-host'])
    expect(errors(await run([play([brings({ from: 'nobody' })])], doors()))).toEqual(['host-not-asked'])
    const closed = { ...watched(at.door('there'), (_script, go) => go()), open: () => Promise.reject(connectionLost()) }
    expect(errors(await run([play([brings()])], [at.door('here'), closed]))).toEqual(['host-not-asked'])
  })

  it('tells what the other host refuses to say', async () => {
    fill()
    const mute = watched(at.door('there'), async (script, go) => (script.includes('sha256sum -z') ? { stdout: '', stderr: 'no', exit: 1 } : go()))
    expect(errors(await run([play([brings()])], [at.door('here'), mute]))).toEqual(['fact-failed'])
    expect(errors({ ...await plan([play([brings()])], [at.door('here'), mute]) })).toEqual(['fact-failed'])
    expect(errors(await run([play([brings({ src: at.at('none') })])], doors()))).toEqual(['no-source'])
  })

  it('stays whole when the other host is lost, or alters it, in the middle', async () => {
    fill()
    let pieces = 0
    const spoiled = (spoil: () => ReturnType<typeof connectionLost> | undefined) => watched(at.door('there'), async (script, go) => {
      if (!script.includes('base64 -w 0') || ++pieces !== 2) return go()
      const error = spoil()
      if (error !== undefined) throw error
      return go()
    })
    const lost = await run([play([brings()])], [at.door('here'), spoiled(() => connectionLost())])
    expect(errors(lost)).toEqual(['source-lost'])
    expect(lost.fleet.get('here')?.lost).toBeUndefined()
    pieces = 0
    expect(errors(await run([play([brings()])], [at.door('here'), spoiled(() => { writeFileSync(at.at('a', 'large'), 'short'); return undefined })]))).toEqual(['source-changed'])
    expect(existsSync(at.at('b', 'large'))).toBe(false)
    expect(verdicts(await run([play([brings()])], doors()))).toEqual(['bring: change'])
    expect(readFileSync(at.at('b', 'large'), 'utf8')).toBe('short')
    expect(readdirSync(at.at('b')).sort()).toEqual(['-n', 'empty', 'large', 'link', 'sub'])
  })

  it('takes nothing that is not what was planned', async () => {
    fill()
    let isSpoiled = false
    const source = watched(at.door('there'), async (script, go) => {
      if (script.includes('base64 -w 0') && !isSpoiled) {
        isSpoiled = true
        writeFileSync(at.at('a', '-n'), 'hsad\n')
      }
      return go()
    })
    const told = await run([play([brings()])], [at.door('here'), source])
    expect(errors(told)).toEqual(['action-failed'])
    expect(existsSync(at.at('b', '-n'))).toBe(false)
  })

  it('is waited for by the hosts of a batch', async () => {
    fill()
    const before = step('before', acts(`echo x > ${at.at('a', 'late')}`, { disturbs: [] }), {}, { bind: (name) => (name === 'there' ? step('before', acts(`sleep 0.3; echo x > ${at.at('a', 'late')}`, { disturbs: [] }), {}).bind(name, new Map()) : { skipped: 'not here' }) })
    const bring = brings()
    await run([play([before, { ...bring, bind: (name) => (name === 'here' ? bring.bind(name, new Map()) : { skipped: 'not here' }) }], ['here', 'there'])], doors())
    expect(readFileSync(at.at('b', 'late'), 'utf8')).toBe('x\n')
  })
})
