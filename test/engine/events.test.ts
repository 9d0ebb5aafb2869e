import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/core/events.js'
import { Secret } from '../../src/core/secret.js'
import type { Step } from '../../src/core/step.js'
import { LocalTransport } from '../../src/transport/local.js'
import { connectionLost, isChanging, scene, watched } from '../support/doors.js'
import { plan, play, run, settled, step } from '../support/engine.js'
import { acts, makes } from '../support/toys.js'

const at = scene()
const CANARIES = ['CANARY-content', 'CANARY-script', "CANARY-it's", 'CANARY-first-line\nCANARY-second-line'] as const
const mask = (text: string): string => [...CANARIES, 'CANARY-first-line', 'CANARY-second-line'].reduce((masked, one) => masked.replaceAll(one, '•••'), text)

describe('events', () => {
  it('come in order, and say what plans and runs are', async () => {
    const handlers = [{ name: 'h', steps: [step('h', acts('echo said', { disturbs: [] }), {})] }]
    const told = await run([play([step('a', 'file', { path: at.at('a'), content: 'x' }, { notify: ['h'] })], ['here'], handlers)], [at.door()])
    expect(told.events.map((event) => [event.type, 'step' in event ? event.step : 'play' in event ? event.play : ''].join(' ').trim())).toEqual([
      'host-connected', 'run-started', 'play-started play', 'step-started a', 'step-settled a', 'step-started h', 'action-output h', 'step-settled h', 'play-ended play', 'run-ended',
    ])
    expect(told.events.at(-1)).toMatchObject({ recap: { here: { ok: 0, changed: 2, failed: 0, unreachable: false, round_trips: expect.any(Number) } } })
  })

  it('hold no secret: not of content, scripts, outputs, failures, and are plain data', async () => {
    const [content, script, quoted, lines] = CANARIES.map((text) => new Secret(text))
    if (content === undefined || script === undefined || quoted === undefined || lines === undefined) throw new RangeError('four canaries')
    const says = (text: string): string => text.split('\n').map((line) => `printf '%s\\n' ${JSON.stringify(line)}; printf '%s\\n' ${JSON.stringify(line)} >&2`).join('; ')
    const steps = (): Step[] => [
      step('file', 'file', { path: at.at('f'), content: lines, mode: '0600' }),
      step('again', 'file', { path: at.at('f'), content, mode: '0600' }),
      step('says', acts(`${CANARIES.map(says).join('\n')}`, { actions: [{ do: 'exec', script: new Secret(CANARIES.map(says).join('\n')) }] }), {}, { register: 'said' }),
      step('fails', acts('', { actions: [{ do: 'exec', script: new Secret(`${CANARIES.map(says).join('\n')}; exit 3`), stdin: quoted }] }), {}, { ignoreFailure: true }),
      step('never', acts('', { actions: [{ do: 'exec', script: new Secret(says(CANARIES[1])) }] }), {}, { until: { retries: 0, delay: 0, holds: () => false }, ignoreFailure: true }),
      step('unconfirmed', makes(at.at('g'), `touch ${at.at('g')}`, { confirm: new Secret(`${says(CANARIES[0])}; exit 1`) }), {}, { ignoreFailure: true }),
      step('broken', acts('', { actions: [{ do: 'exec', script: new Secret(`'${CANARIES[1]}`) }] }), {}, { ignoreFailure: true }),
    ]
    const told = [await plan([play(steps())], [at.door()], { mask }), await run([play(steps())], [at.door()], { mask })]
    expect(told.map((one) => settled(one).length)).toEqual([7, 7])
    for (const { events } of told) {
      expect(JSON.stringify(events)).not.toContain('CANARY')
      for (const event of events) expect(JSON.stringify(JSON.parse(JSON.stringify(event)))).toBe(JSON.stringify(event))
    }
    const [first] = told
    expect(JSON.stringify(first && 'plan' in first ? first.plan : {})).not.toContain('CANARY')
  })
})

describe('every step of every host is settled once', () => {
  type Kind = 'file' | 'ok' | 'verb' | 'fails' | 'ignored' | 'loop' | 'skipped' | 'registers' | 'spoils' | 'loses' | 'flush'
  const kinds = fc.constantFrom<Kind>('file', 'file', 'ok', 'ok', 'verb', 'fails', 'ignored', 'loop', 'skipped', 'registers', 'spoils', 'loses', 'flush')
  const drafts = fc.array(fc.record({ kind: kinds, host: fc.constantFrom('a', 'b', 'both'), notify: fc.boolean() }), { minLength: 1, maxLength: 6 })
  const shape = fc.record({ drafts, batches: fc.constantFrom(undefined, [1], [2]), frameSteps: fc.constantFrom(1, 2, Number.POSITIVE_INFINITY) })

  const stepsOf = (root: string, list: readonly { readonly kind: Kind; readonly host: string; readonly notify: boolean }[]): Step[] => list.map(({ kind, host: only, notify }, index): Step => {
    const more: Partial<Step> = notify ? { notify: ['h'] } : {}
    const name = `${index} ${kind}`
    const bound = (host: string): Step => {
      const where = join(root, `${host}-${index % 3}`)
      if (only !== 'both' && only !== host) return step(name, 'file', { path: join(root, 'none'), state: 'absent' })
      switch (kind) {
        case 'file': return step(name, 'file', { path: where, content: String(index) })
        case 'ok': return step(name, 'file', { path: join(root, 'none'), state: 'absent' })
        case 'verb': return step(name, acts('true'), {})
        case 'fails': return step(name, acts('exit 1'), {})
        case 'ignored': return step(name, acts('exit 1'), {})
        case 'registers': return step(name, makes(where, `: > ${where}`), {})
        case 'spoils': return step(name, makes(`${where}s`, `echo x > ${where}s; echo spoilt > ${where}`, { disturbs: [`below:${where}s`] }), {})
        case 'loses': return step(name, acts('echo lose-the-host'), {})
        case 'loop': return { ...step(name, acts(''), {}), bind: () => ({ steps: [1, 2].flatMap((item) => {
          const one = step(`${name} ${item}`, 'file', { path: `${where}-${item}`, content: 'x' }).bind(host, new Map())
          return 'steps' in one ? one.steps : []
        }) }) }
        case 'skipped': return { ...step(name, acts(''), {}), bind: () => ({ skipped: 'no' }) }
        case 'flush': return step(name, acts(''), {})
        default: return kind satisfies never
      }
    }
    return {
      ...step(name, acts(''), {}, more), ...(kind === 'ignored' ? { ignoreFailure: true } : {}), ...(kind === 'registers' ? { register: `r${index}` } : {}), ...(kind === 'flush' ? { flushHandlers: true as const } : {}),
      bind: (host, registered) => bound(host).bind(host, registered),
    }
  })

  it('in plans and runs, whatever fails or is lost', async () => {
    await fc.assert(fc.asyncProperty(shape, async ({ drafts: list, batches, frameSteps }) => {
      const root = mkdtempSync(join(tmpdir(), 'provision-events-'))
      const open: LocalTransport[] = []
      try {
        const doors = ['a', 'b'].map((host) => {
          mkdirSync(join(root, `home-${host}`))
          const door = new LocalTransport({ host, env: { ...process.env, HOME: join(root, `home-${host}`) } })
          open.push(door)
          return watched(door, async (script, go) => { const output = await go(); if (isChanging(script) && output.stdout.includes('lose-the-host')) throw connectionLost(); return output })
        })
        const handlers = [{ name: 'h', steps: [step('h', acts('true', { disturbs: [] }), {})] }]
        const plays = [{ ...play(stepsOf(root, list), ['a', 'b'], handlers), ...(batches === undefined ? {} : { batches }) }]
        for (const walk of [plan, run]) {
          const told = await walk(plays, doors, { frameSteps })
          for (const host of ['a', 'b']) complete(told.events, host, list.flatMap(({ kind, host: only }, index) =>
            (kind === 'flush' ? [] : kind === 'loop' && (only === 'both' || only === host) ? [`${index} loop 1`, `${index} loop 2`] : [`${index} ${kind}`])))
        }
      } finally {
        await Promise.all(open.map((door) => door.close()))
        rmSync(root, { recursive: true, force: true })
      }
    }), { numRuns: Number(process.env['PROVISION_LAW_RUNS'] ?? 8) })
  }, 900_000)

  /** A host's verdicts are its steps in order, each once, up to where it failed or was lost; its recap counts them. */
  const complete = (events: readonly RunEvent[], host: string, expected: readonly string[]): void => {
    const own = events.flatMap((event) => (event.type === 'step-settled' && event.host === host ? [event] : []))
    const names = own.filter(({ handler }) => handler === undefined).map(({ step: name }) => name)
    const lost = events.some((event) => event.type === 'host-lost' && event.host === host)
    const failed = own.some(({ verdict, ignored }) => verdict.status === 'failed' && ignored !== true)
    const stopped = events.some((event) => event.type === 'run-ended' && event.stopped !== undefined)
    expect(names).toEqual(expected.slice(0, names.length))
    if (!lost && !failed && !stopped) expect(names).toEqual(expected)
    if (failed) expect(own.at(-1)?.verdict.status).toBe('failed')
    const count = (status: string): number => own.filter(({ verdict, ignored }) => verdict.status === status && ignored !== true).length
    const ended = events.find((event) => event.type === 'run-ended')
    const ignored = own.filter((event) => event.ignored === true).length
    expect(ended?.recap[host]).toMatchObject({ ignored, ok: count('ok'), changed: count('change'), skipped: count('skipped'), deferred: count('deferred'), failed: count('failed'), unreachable: lost })
  }
})
