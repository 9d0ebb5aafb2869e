import { describe, expect, it } from 'vitest'
import { compareWith } from '../../src/approval/compare.js'
import type { FiledStep, PlanBody } from '../../src/approval/plan-file.js'

const change = (fingerprint: string, summary = fingerprint): FiledStep['changes'][number] => ({ summary, diff: [], actions: [], holds: [], 'back-out': '', fingerprint })
const step = (verdict: FiledStep['verdict'], more: Partial<FiledStep> = {}): FiledStep => ({
  address: 'one', play: 'play', host: 'a', step: 'step', module: 'file', file: 'site.yaml', line: 1, column: 1, verdict, reason: '', user: 'root',
  changes: verdict === 'change' ? [change('x'), change('y')] : [], needs: ['file:/x'], risks: [], fingerprint: 'f', ...more,
})
const body = (steps: readonly FiledStep[], facts: Readonly<Record<string, string>> = { 'root file:/x': '1' }): PlanBody => ({ class: 'exact', hosts: { a: { facts: { ...facts } } }, steps: [...steps] })
const outcome = (before: PlanBody, now: PlanBody): readonly string[] => {
  const { moved, done } = compareWith(before, now)
  return [...moved.map(({ host, what, how }) => `${host}: ${what} ${how}`), ...done.map(({ what, how }) => `done: ${what} ${how}`)]
}

describe('a plan made now beside the approved one', () => {
  it.each<[string, FiledStep, FiledStep, readonly string[]]>([
    ['the same', step('change'), step('change'), []],
    ['less, in the same order', step('change'), step('change', { changes: [change('y')] }), []],
    ['done already', step('change'), step('ok'), ['done: step is so already']],
    ['another order', step('change'), step('change', { changes: [change('y'), change('x')] }), ['a: step would do something else: x']],
    ['something else', step('change'), step('change', { changes: [change('z')] }), ['a: step would do something else: z']],
    ['more', step('ok'), step('change'), ['a: step was ok, and would change something']],
    ['not known any more', step('change'), step('deferred'), ['a: step was decided, and is not known any more']],
    ['skipped', step('change'), step('skipped'), ['a: step would change something, and is skipped now']],
    ['other arguments', step('ok'), step('ok', { fingerprint: 'g' }), ['a: step has other arguments']],
    ['elsewhere', step('ok'), step('ok', { on: 'b' }), ['a: step would be done elsewhere, or by somebody else']],
    ['by somebody else', step('ok'), step('ok', { user: 'deploy' }), ['a: step would be done elsewhere, or by somebody else']],
    ['deferred, and known now', step('deferred'), step('change'), []],
    ['deferred, with other arguments', step('deferred'), step('change', { fingerprint: 'g' }), ['a: step has other arguments']],
    ['quiet in another way', step('skipped'), step('ok'), []],
  ])('%s', (_name, before, now, told) => { expect(outcome(body([before]), body([now]))).toEqual(told) })

  it('knows steps that are new, and those that are missing, also where one is done several times', () => {
    expect(outcome(body([step('ok')]), body([step('ok'), step('ok'), step('change')]))).toEqual(['a: step was not in the plan'])
    expect(outcome(body([step('ok'), step('change')]), body([step('ok')]))).toEqual(['a: step is in the plan, and would not be done now'])
    expect(outcome(body([step('ok'), step('ok')]), body([step('ok')]))).toEqual([])
  })

  it('takes a fact that moved for a reason to stop, unless its step is so already', () => {
    const moved = { 'root file:/x': '2' }
    expect(outcome(body([step('ok')]), body([step('ok')], moved))).toEqual(['a: root file:/x answers otherwise than when the plan was made'])
    expect(outcome(body([step('change')]), body([step('change')], moved))).toEqual(['a: root file:/x answers otherwise than when the plan was made'])
    expect(outcome(body([step('change')]), body([step('ok')], moved))).toEqual(['done: step is so already'])
    // a fact that nobody asks now rests on nothing
    expect(outcome(body([step('ok')]), body([step('ok')], {}))).toEqual([])
  })
})
