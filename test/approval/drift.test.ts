import { describe, expect, it } from 'vitest'
import { driftOf, rememberedFrom, type Drift } from '../../src/approval/drift.js'
import type { RunJournal } from '../../src/approval/journal.js'
import type { FiledStep, PlanBody } from '../../src/approval/plan-file.js'
import { journal, predicted, settled } from './run-journals.js'

const print = (digit: string): string => digit.repeat(32)
type Of = Parameters<typeof journal>[0]
/** A run that saw `file:/a` as `1` and `file:/b` as `2`, at the steps `a` and `b`, which it found done. */
const run = (more: Of = {}, header: Partial<RunJournal['header']> = {}): RunJournal => {
  const one = journal({
    exit: 0,
    predicted: [{ ...predicted('h', 'a', 'ok'), fingerprint: print('a') }, { ...predicted('h', 'b', 'ok'), fingerprint: print('b') }],
    settled: [{ ...settled('h', 'a', 'ok'), fingerprint: print('a'), facts: { 'root file:/a': print('1') } }, { ...settled('h', 'b', 'ok'), fingerprint: print('b'), facts: { 'root file:/b': print('2') } }],
    ...more,
  })
  return { ...one, header: { ...one.header, ...header } }
}
const step = (name: string, verdict: FiledStep['verdict'], more: Partial<FiledStep> = {}): FiledStep => ({
  address: name, play: 'Play', host: 'h', step: name, module: 'file', file: 'site.yaml', line: 4, column: 9, verdict, reason: '', user: 'root', changes: [], needs: [`file:/${name}`], risks: [], fingerprint: print(name), ...more,
  ...(verdict === 'deferred' ? { 'known-after': 'gate' } : {}),
})
const now = (facts: Readonly<Record<string, string>>, ...steps: readonly FiledStep[]): PlanBody => ({ class: 'exact', hosts: { h: { facts: { 'root file:/a': print('1'), 'root file:/b': print('2'), ...facts } } }, steps: [...steps] })

const told = ({ moved, wanted, unknown }: Drift): unknown => ({
  moved: moved.map(({ host, fact, isUnsure, steps, waiting, isWanted }) => [`${host} ${fact}`, ...(isUnsure ? ['unsure'] : []), ...steps.map((one) => one.step), ...waiting.map((one) => `${one.step} waits`), ...(isWanted ? ['wanted too'] : [])]),
  wanted: wanted.map(({ step: one }) => one.step), unknown: unknown.map(({ step: one, why }) => `${one.step}: ${why}`),
})
const drift = (journals: readonly RunJournal[], body: PlanBody): unknown => told(driftOf(rememberedFrom(journals, 'site.yaml'), body))
const quiet = { moved: [], wanted: [], unknown: [] }
const unsure = (): RunJournal => {
  const one = run()
  return { ...one, end: one.end === undefined ? undefined : { ...one.end, unsure: { h: ['root file:/a'] } } }
}
const killed = run({ exit: undefined })

describe('what moved', () => {
  it.each<[string, readonly RunJournal[], PlanBody, object]>([
    ['is nothing where all is as it was seen', [run()], now({}, step('a', 'ok'), step('b', 'skipped')), quiet],
    ['is a fact that answers otherwise, with the step that minds', [run()], now({ 'root file:/a': print('9') }, step('a', 'change'), step('b', 'ok')), { ...quiet, moved: [['h file:/a', 'a']] }],
    ['is a fact that no step minds', [run()], now({ 'root file:/a': print('9') }, step('a', 'ok')), { ...quiet, moved: [['h file:/a']] }],
    ['is told once, whoever asks', [run({ settled: [{ ...settled('h', 'a', 'ok'), facts: { 'root file:/a': print('1'), '(login) file:/a': print('1') } }] })], now({ 'root file:/a': print('9'), '(login) file:/a': print('8') }), { ...quiet, moved: [['h file:/a']] }],
    ['and is newly wanted too, where the step has other arguments', [run()], now({ 'root file:/a': print('9') }, step('a', 'change', { fingerprint: print('7') })), { ...quiet, moved: [['h file:/a', 'a', 'wanted too']] }],
    ['is told with steps that wait', [run()], now({ 'root file:/a': print('9') }, step('a', 'deferred')), { ...quiet, moved: [['h file:/a', 'a waits']], unknown: ['a: it waits for "gate"'] }],
    ['on another host, where the step is done there', [run({ settled: [{ ...settled('g', 'a', 'ok'), on: 'h', facts: { 'root file:/a': print('1') } }] })], now({ 'root file:/a': print('9') }, step('a', 'change', { host: 'g', on: 'h' })), { ...quiet, moved: [['h file:/a', 'a']] }],
    ['after it was seen by a run whose later steps may have altered it, is told where a step minds', [unsure()], now({ 'root file:/a': print('9') }, step('a', 'change')), { ...quiet, moved: [['h file:/a', 'unsure', 'a']] }],
    ['so, but where no step minds is nobody\'s doing', [unsure()], now({ 'root file:/a': print('9') }, step('a', 'ok')), quiet],
    ['since a run that was killed may be its own doing', [killed], now({ 'root file:/a': print('9'), 'root file:/b': print('9') }, step('a', 'change'), step('b', 'ok')), { ...quiet, moved: [['h file:/a', 'unsure', 'a']] }],
    ['and is not asked any more, is not known', [run()], { class: 'exact', hosts: {}, steps: [] }, quiet],
  ])('%s', (_what, journals, body, expected) => { expect(drift(journals, body)).toEqual(expected) })
})

describe('what is to be done where nothing moved', () => {
  const undone = run({ exit: 1, settled: [{ ...settled('h', 'a', 'failed'), fingerprint: print('a') }] })
  it.each<[string, readonly RunJournal[], PlanBody, object]>([
    ['is newly wanted', [run()], now({}, step('a', 'change'), step('b', 'change', { fingerprint: print('7') }), step('c', 'deferred')), { ...quiet, wanted: ['a', 'b', 'c'] }],
    ['waits', [run()], now({}, step('a', 'deferred')), { ...quiet, unknown: ['a: it waits for "gate"'] }],
    ['was left undone', [undone], now({}, step('a', 'change'), step('b', 'change')), { ...quiet, unknown: ['a: the last run left it undone', 'b: the last run left it undone'] }],
    ['was never looked at', [run({}, { tags: 'x' })], now({ 'root file:/c': print('3') }, step('c', 'change')), { ...quiet, unknown: ['c: no run has seen what it rests on'] }],
    ['on a host of which nothing is known', [run()], now({}, step('a', 'change', { host: 'g' })), { ...quiet, unknown: ['a: no run has seen what it rests on'] }],
    ['has values that only a run knows', [run()], now({}, step('a', 'deferred', { fingerprint: undefined })), { ...quiet, unknown: ['a: it waits for "gate"'] }],
  ])('%s', (_what, journals, body, expected) => { expect(drift(journals, body)).toEqual(expected) })
})

describe('what runs have left', () => {
  const other = (facts: Record<string, string>, status: 'ok' | 'change'): RunJournal => run({ predicted: [], settled: [{ ...settled('h', 'x', status), facts }] }, { run: 'other', playbook: 'other.yaml' })
  it('is what the newest saw, whatever its playbook', () => {
    expect(drift([other({ 'root file:/a': print('9') }, 'change'), run()], now({ 'root file:/a': print('9'), 'root file:/b': print('9') }, step('b', 'change')))).toEqual({ ...quiet, moved: [['h file:/b', 'unsure', 'b']] })
    expect(drift([other({ 'root file:/a': print('1') }, 'ok'), run()], now({ 'root file:/b': print('9') }, step('b', 'change')))).toEqual({ ...quiet, moved: [['h file:/b', 'b']] })
  })

  it('may be old behind a run that changed or lost the host, or was killed', () => {
    const lost = run({ predicted: [], settled: [], lost: { h: 'gone' } })
    for (const later of [other({}, 'change'), lost, run({ exit: undefined, predicted: [], settled: [settled('h', 'x', 'ok')] })]) {
      expect(drift([later, run()], now({ 'root file:/a': print('9') }, step('a', 'ok')))).toEqual(quiet)
      expect(drift([later, run()], now({ 'root file:/a': print('9') }, step('a', 'change')))).toEqual({ ...quiet, moved: [['h file:/a', 'unsure', 'a']] })
    }
  })

  it('are the steps of the last whole run and of those behind it', () => {
    const part = run({ predicted: [{ ...predicted('h', 'c', 'change'), fingerprint: print('c') }], settled: [] }, { tags: 'x' })
    expect(drift([part, run()], now({}, step('c', 'change'), step('d', 'change')))).toEqual({ ...quiet, wanted: ['d'], unknown: ['c: the last run left it undone'] })
    expect(drift([run({ predicted: [] , settled: [{ ...settled('h', 'a', 'ok'), fingerprint: print('a') }] }), run({ predicted: [{ ...predicted('h', 'd', 'ok'), fingerprint: print('d') }] })], now({}, step('d', 'deferred')))).toEqual({ ...quiet, unknown: ['d: it waits for "gate"'] })
  })
})
