import { describe, expect, it } from 'vitest'
import type { PredictedStep, SettledStep } from '../../src/approval/journal.js'
import { comparedSteps, summaryOf } from '../../src/approval/run-comparison.js'
import { exitCode } from '../../src/core/errors.js'
import { journal, predicted, settled } from './run-journals.js'

const difference = (expected: PredictedStep, observed?: SettledStep): string | undefined => comparedSteps(journal({ exit: 1, predicted: [expected], settled: observed === undefined ? [] : [observed] }))[0]?.difference

describe('a step of a run', () => {
  it.each([
    ['change', ['a', 'b'], 'change', ['a', 'b'], undefined], ['change', ['a', 'b'], 'change', ['b'], 'did less'], ['change', ['a'], 'change', ['c'], 'did something else'],
    ['change', ['a'], 'ok', [], 'was so already'], ['change', ['a'], 'skipped', [], 'was skipped'], ['change', ['a'], 'failed', [], 'failed'], ['change', ['a'], 'none', [], 'was not reached'],
    ['ok', [], 'ok', [], undefined], ['ok', [], 'change', ['a'], 'changed something'], ['ok', [], 'skipped', [], 'was skipped'], ['skipped', [], 'ok', [], 'was ok'], ['skipped', [], 'skipped', [], undefined],
    ['deferred', [], 'change', ['a'], undefined], ['deferred', [], 'ok', [], undefined], ['deferred', [], 'failed', [], 'failed'], ['deferred', [], 'none', [], 'was not reached'],
  ] as const)('that was expected as %s %j and was %s %j', (status, changes, seen, did, expected) => {
    expect(difference(predicted('a', 's', status, [...changes]), seen === 'none' ? undefined : settled('a', 's', seen, [...did]))).toBe(expected)
  })

  it('that nobody saw done, since the run was killed or ended at once, may be under way', () => {
    const cut = journal({ predicted: [predicted('a', 's', 'change', ['x'])] })
    const { end } = journal({ exit: exitCode.interrupted })
    expect(comparedSteps(cut)[0]?.difference).toBe('was not seen done')
    expect(comparedSteps({ ...cut, end: end === undefined ? undefined : { ...end, hosts: {} } })[0]?.difference).toBe('was not seen done')
  })

  it('is told from others by host and address, and from itself by how often it is done', () => {
    const steps = comparedSteps({
      end: undefined,
      predicted: [predicted('a', 's', 'change', ['one']), predicted('b', 's', 'ok'), predicted('a', 's', 'ok')],
      settled: [settled('b', 's', 'ok'), settled('a', 's', 'change', ['one']), settled('a', 's', 'ok'), settled('a', 's', 'change', ['two']), settled('a', 'rescue', 'ok')],
    })
    expect(steps.map(({ expected, observed, difference: how }) => [expected?.status, observed?.host, observed?.step, observed?.changes, how])).toEqual([
      ['change', 'a', 's', ['one'], undefined], ['ok', 'b', 's', [], undefined], ['ok', 'a', 's', [], undefined],
      [undefined, 'a', 's', ['two'], 'was not in the plan'], [undefined, 'a', 'rescue', [], 'was not in the plan'],
    ])
  })
})

describe('a run in one line', () => {
  it('counts what was done, and failures that nobody let pass', () => {
    expect(summaryOf(journal({ exit: exitCode.failed, settled: [settled('a', 's', 'change', ['x']), settled('a', 't', 'failed'), { ...settled('a', 'u', 'failed'), ignored: true }, { ...settled('b', 'v', 'failed'), rescued: true }] })))
      .toMatchObject({ outcome: 'failed', exit: 1, changed: 1, failed: 1, ms: 1200, hosts: ['a', 'b'] })
  })

  it.each(Object.entries({ done: 0, failed: 1, unreachable: 4, stale: 5, locked: 7, interrupted: 130, unfinished: undefined }))('says %s', (outcome, exit) => {
    expect(summaryOf(journal({ exit, settled: [] }))).toMatchObject({ outcome, exit })
  })
})
