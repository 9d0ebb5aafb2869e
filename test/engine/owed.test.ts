import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ProvisionError } from '../../src/core/errors.js'
import type { Block, BoundStep, Handler, Part, Step } from '../../src/core/step.js'
import type { Transport } from '../../src/core/transport.js'
import type { Walk } from '../../src/engine/walk.js'
import { connectionLost, scene, watched } from '../support/doors.js'
import { bindTo, play, run, step, verdicts } from '../support/engine.js'
import { acts } from '../support/toys.js'

const at = scene()
const owed = (): readonly string[] => (existsSync(at.at('home-here/.keep/owed')) ? readdirSync(at.at('home-here/.keep/owed')) : [])
const paid = (): string => (existsSync(at.at('log')) ? readFileSync(at.at('log'), 'utf8') : '')
const change = (): Step => step('change', 'file', { path: at.at('changed'), content: 'x' }, { notify: ['restart'] })
const restart = (): Handler => ({ name: 'restart', steps: [step('restart', acts(`echo paid >> ${at.at('log')}`, { disturbs: [] }), {})] })
const fails = (name = 'fails'): Step => step(name, acts('exit 1', { disturbs: [] }), {})
const lateFrame = (then: () => Error): Transport => {
  const door = at.door()
  return watched(door, async (script, go) => {
    if (!script.includes('sleep 0.01')) return go()
    await door.close() // whoever held the lock is gone
    throw then()
  })
}
const slow = (): Step => step('slow', acts('sleep 0.01', { disturbs: [] }), {})
const block = (parts: Partial<Block>): Block => ({ name: 'block', place: { file: 'test.yaml', line: 1, column: 1 }, block: [], rescue: [], always: [], bind: () => ({ rounds: [{ around: {} }] }), ...parts })

/** The ways in which a run can end between a change and the handler that it notified. */
const ways: readonly { readonly way: string; readonly after: () => readonly Part[]; readonly door?: () => Transport; readonly walk?: () => Partial<Walk>; readonly throws?: boolean }[] = [
  { way: 'a step that fails', after: () => [fails()] },
  { way: 'a step that cannot be judged', after: () => [step('impossible', 'file', { path: at.at('no/such/folder') })] },
  { way: 'a step whose value is not known', after: () => [step('unknown', acts('true'), {}, { bind: () => { throw new ProvisionError('undefined-variable', 'x is not defined') } })] },
  { way: 'a time-out', after: () => [step('endless', acts('sleep 60', { disturbs: [] }), {}, { timeout: 0.3 })] },
  { way: '`until` that never holds', after: () => [step('never', acts('true', { disturbs: [] }), {}, { until: { retries: 1, delay: 0, holds: () => false } })] },
  { way: 'a rescue that fails', after: () => [block({ block: [fails()], rescue: [fails('rescue')] })] },
  { way: 'a failure, with steps that are done in any case', after: () => [block({ block: [fails()], always: [step('tidy', 'file', { path: at.at('tidy') })] })] },
  { way: 'another host that is not there', after: () => [step('there', acts('true'), {}, { delegates: () => ['nobody'], bind: () => ({ steps: [{ ...(bindTo('there', acts('true'), {}).steps[0] as BoundStep), delegate: 'nobody' }] }) })] }, // one step
  { way: 'a step that nobody agreed to', after: () => [step('more', 'file', { path: at.at('more'), content: 'x' })], walk: () => ({ plan: { lost: {}, steps: [{ play: 'play', host: 'here', step: 'change', module: 'file', place: { file: 'test.yaml', line: 0, column: 1 }, verdict: { status: 'deferred', until: 'x' } }] } }) },
  { way: 'a connection that is lost', after: () => [slow()], door: () => lateFrame(connectionLost) },
  { way: 'an interruption', after: () => [slow()], walk: () => ({ stopping: stops() }) },
  { way: 'a fault of ours', after: () => [slow()], door: () => lateFrame(() => new TypeError('a bug')), throws: true },
]

/** Asked to stop as soon as the first change is made. */
const stops = (): Walk['stopping'] => ({ get asked() { return existsSync(at.at('changed')) } })

describe('a handler is owed, and paid by the next run, when a run ends by', () => {
  it.each(ways)('$way', async ({ after, door = () => at.door(), walk = () => ({}), throws = false }) => {
    const first = change()
    const more: Partial<Walk> = walk()
    // what was agreed to names the step by its place
    const given = more.plan === undefined ? more : { ...more, plan: { ...more.plan, steps: more.plan.steps.map((planned) => ({ ...planned, place: first.place })) } }
    const ended = run([play([first, ...after()], ['here'], [restart()])], [door()], { frameSteps: 1, ...given })
    if (throws) await expect(ended).rejects.toThrow('a bug')
    else await ended
    expect([owed().length, paid()]).toEqual([1, ''])
    const next = await run([play([change()], ['here'], [restart()])], [at.door()], { lockPatience: 5 })
    expect(verdicts(next)).toEqual(['change: ok', 'restart: change'])
    expect([owed(), paid()]).toEqual([[], 'paid\n'])
  })
})

describe('a file that is put back where its check fails', () => {
  const refused = (more: Partial<Step> = {}, check = 'exit 3'): Step => step('refused', 'file', { path: at.at('checked'), content: 'new', 'validate-after': check }, { notify: ['restart'], ...more })
  const ended = async (...steps: readonly Part[]): Promise<readonly [readonly string[], number, string]> => {
    writeFileSync(at.at('checked'), 'old')
    const told = await run([play(steps, ['here'], [restart()])], [at.door()])
    return [verdicts(told), owed().length, readFileSync(at.at('checked'), 'utf8')]
  }

  it.each<[string, Partial<Step>]>([['in a frame with others', {}], ['in a frame of its own', { register: 'said' }], ['tried again', { until: { retries: 1, delay: 0, holds: () => true } }]])('owes nothing: %s', async (_how, more) => {
    expect(await ended(refused(more))).toEqual([['refused: failed'], 0, 'old'])
  })

  it('owes nothing where it is refused before it takes its place', async () => {
    expect(await ended(step('refused', 'file', { path: at.at('checked'), content: 'new', validate: 'false %s' }, { notify: ['restart'] }))).toEqual([['refused: failed'], 0, 'old'])
  })

  it('leaves what an earlier step of the run owes, or an earlier run', async () => {
    expect(await ended(change(), refused())).toEqual([['change: change', 'refused: failed'], 1, 'old'])
    expect(await ended(change(), refused())).toEqual([['change: ok', 'refused: failed'], 1, 'old'])
  })

  it('owes its handler where the old file cannot be put back', async () => {
    expect((await ended(refused({}, `rm -f ${at.at('.checked.provision-old')}; exit 3`))).slice(0, 2)).toEqual([['refused: failed'], 1])
  })
})
