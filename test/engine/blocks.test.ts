import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { exitCode } from '../../src/core/errors.js'
import type { Block, Part } from '../../src/core/step.js'
import { exitOf, recapOf } from '../../src/engine/run.js'
import { scene } from '../support/doors.js'
import { bindTo, plan, play, run, settled, step, verdicts, type Told } from '../support/engine.js'
import { acts, toy } from '../support/toys.js'

const at = scene()
const file = (name: string): Part => step(name, 'file', { path: at.at(name), content: 'x' })
const breaks = (name: string): Part => step(name, acts('echo broken >&2; exit 3', { disturbs: [] }), {})
const impossible = (name: string): Part => step(name, 'file', { path: at.at('no/such/folder/file'), content: 'x' })
const block = (name: string, parts: Partial<Block>): Block => ({ name, place: { file: 'test.yaml', line: 1, column: 1 }, block: [], rescue: [], always: [], bind: () => ({ rounds: [{ around: {} }] }), ...parts })
const exit = (told: Told): number => exitOf(recapOf(told.fleet), settled(told).flatMap(({ verdict, ignored, rescued }) => (verdict.status === 'failed' && ignored !== true && rescued !== true ? [verdict.error] : [])), undefined)

describe('a block', () => {
  it('takes up a failure: what is left of it is not done, its rescue and what follows are', async () => {
    const told = await run([play([block('deploy', { block: [file('a'), breaks('b'), file('c')], rescue: [file('mend')], always: [file('tidy')] }), file('after')])], [at.door()])
    expect(verdicts(told)).toEqual(['a: change', 'b: failed', 'mend: change', 'tidy: change', 'after: change'])
    expect(settled(told).map(({ rescued }) => rescued)).toEqual([undefined, true, undefined, undefined, undefined])
    expect([exit(told), recapOf(told.fleet)['here']?.failed]).toEqual([exitCode.done, 0])
  })

  it('without a rescue ends the host, after what is done in any case', async () => {
    const told = await run([play([block('deploy', { block: [breaks('b'), file('c')], always: [file('tidy')] }), file('after')])], [at.door()])
    expect(verdicts(told)).toEqual(['b: failed', 'tidy: change'])
    expect(exit(told)).toBe(exitCode.failed)
  })

  it('whose rescue fails ends the host, and a block around takes that up', async () => {
    const inner = block('inner', { block: [breaks('b')], rescue: [breaks('r')], always: [file('tidy')] })
    const alone = await run([play([inner, file('after')])], [at.door()])
    expect(verdicts(alone)).toEqual(['b: failed', 'r: failed', 'tidy: change'])
    const told = await run([play([block('outer', { block: [inner, file('no')], rescue: [file('mend')] }), file('after')])], [at.door()])
    expect(verdicts(told)).toEqual(['b: failed', 'r: failed', 'tidy: ok', 'mend: change', 'after: change'])
    expect(exit(told)).toBe(exitCode.done)
  })

  it('tells its rescue what failed, and nobody else', async () => {
    const seen: unknown[] = []
    const looks = (name: string): Part => step(name, toy({}, () => []), {}, { bind: (_host, registered) => { seen.push(registered.get('failure')); return bindTo(name, toy({}, () => []), {}) } })
    await run([play([block('deploy', { block: [breaks('b')], rescue: [looks('r')] }), looks('after')])], [at.door()])
    expect(seen.filter((value) => value !== undefined)).toEqual([{ step: 'b', code: 'action-failed', message: 'act failed with exit 3', output: 'broken' }])
    expect(seen.at(-1)).toBeUndefined()
  })

  it('that has something to do plans its rescue as deferred, and does not believe it', async () => {
    const plays = [play([block('deploy', { block: [file('a')], rescue: [breaks('r')] }), file('after')])]
    const { events, fleet, plan: planned } = await plan(plays, [at.door()])
    expect(verdicts({ events, fleet })).toEqual(['a: change', 'r: deferred', 'after: change'])
    expect(planned.steps[1]?.verdict).toEqual({ status: 'deferred', until: 'deploy to fail' })
    expect(verdicts(await run(plays, [at.door()], { plan: planned }))).toEqual(['a: change', 'r: skipped', 'after: change'])
  })

  it('that has nothing to do cannot fail: its rescue is skipped', async () => {
    const plays = [play([block('deploy', { block: [file('a')], rescue: [breaks('r')], always: [file('b')] })])]
    await run(plays, [at.door()])
    expect(verdicts(await plan(plays, [at.door()]))).toEqual(['a: ok', 'r: skipped', 'b: ok'])
    expect(verdicts(await run(plays, [at.door()]))).toEqual(['a: ok', 'r: skipped', 'b: ok'])
  })

  it('that is sure to fail plans what its rescue does', async () => {
    expect(verdicts(await plan([play([block('deploy', { block: [impossible('b')], rescue: [file('mend')] }), file('after')])], [at.door()]))).toEqual(['b: failed', 'mend: change', 'after: change'])
  })

  it('runs once a round, and is skipped or unknown as a whole', async () => {
    const rounds = [{ around: { item: 1 } }, { around: { item: 2 } }]
    const seen: unknown[] = []
    const each = step('each', 'file', { path: at.at('each'), content: 'x' })
    const inner: Part = { ...each, bind: (host, registered, around) => { seen.push(around); return each.bind(host, registered) } }
    const told = await run([play([block('loop', { block: [inner], bind: () => ({ rounds }) }), block('not', { block: [file('n')], bind: () => ({ skipped: 'not so: x' }) })])], [at.door()])
    expect(verdicts(told)).toEqual(['each: change', 'each: ok', 'n: skipped'])
    expect(new Set(seen)).toEqual(new Set(rounds.map(({ around }) => around)))
    expect(existsSync(at.at('n'))).toBe(false)
  })
})
