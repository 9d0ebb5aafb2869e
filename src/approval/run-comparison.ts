import { exitCode } from '../core/errors.js'
import type { PredictedStep, RunJournal, SettledStep } from './journal.js'

/** One step of one host as a run was expected to do it, and as it did. */
export interface ComparedStep {
  /** Left out where nobody expected the step, such as what a failure led to. */
  readonly expected: PredictedStep | undefined
  /** Left out where the run did not come to the step. */
  readonly observed: SettledStep | undefined
  /** How the two differ, in words; left out where it came as expected. */
  readonly difference: string | undefined
}

/** What was expected of each step and host beside what was seen, in the order of the plan; what nobody expected comes last. */
export const comparedSteps = ({ predicted, settled, end }: Pick<RunJournal, 'predicted' | 'settled' | 'end'>): readonly ComparedStep[] => {
  // who was ended at once left what was under way to the hosts
  const missing = end === undefined || Object.keys(end.hosts).length === 0 ? 'was not seen done' : 'was not reached'
  const left = new Map<string, SettledStep[]>()
  for (const one of settled) left.set(idOf(one), [...(left.get(idOf(one)) ?? []), one])
  const expected = predicted.map((one): ComparedStep => {
    const observed = left.get(idOf(one))?.shift()
    return { expected: one, observed, difference: observed === undefined ? missing : differenceOf(one, observed) }
  })
  const unexpected = settled.filter((one) => left.get(idOf(one))?.includes(one) === true)
  return [...expected, ...unexpected.map((one): ComparedStep => ({ expected: undefined, observed: one, difference: 'was not in the plan' }))]
}

const idOf = ({ host, address }: Pick<SettledStep, 'host' | 'address'>): string => `${host}\n${address}`

/** A step that waited for others was left open: whatever it came to is what was agreed. */
const differenceOf = (expected: PredictedStep, observed: SettledStep): string | undefined => {
  if (observed.status === 'failed') return 'failed'
  if (expected.status === 'deferred') return undefined
  if (expected.status === 'change' && observed.status === 'change') {
    if (expected.changes.join('\n') === observed.changes.join('\n')) return undefined
    return observed.changes.every((change) => expected.changes.includes(change)) ? 'did less' : 'did something else'
  }
  if (expected.status === observed.status) return undefined
  if (expected.status === 'change') return observed.status === 'ok' ? 'was so already' : 'was skipped'
  return observed.status === 'change' ? 'changed something' : `was ${observed.status}`
}

/** How a run came out, in one word that machines may hold on to. */
export type Outcome = 'done' | 'failed' | 'unreachable' | 'stale' | 'locked' | 'interrupted' | 'unfinished'

/** A run in one line. */
export interface RunSummary {
  readonly run: string
  readonly at: string
  readonly by: string
  readonly playbook: string
  readonly inventory: readonly string[]
  readonly outcome: Outcome
  readonly exit: number | undefined
  readonly changed: number
  readonly failed: number
  readonly ms: number | undefined
  readonly hosts: readonly string[]
}

export const summaryOf = ({ header, predicted, settled, lost, end }: RunJournal): RunSummary => ({
  run: header.run, at: header.at, by: header.by, playbook: header.playbook, inventory: header.inventory,
  outcome: end === undefined ? 'unfinished' : outcomeOf(end.exit), exit: end?.exit,
  changed: settled.filter(({ status }) => status === 'change').length,
  failed: settled.filter(({ status, ignored, rescued }) => status === 'failed' && ignored !== true && rescued !== true).length,
  ms: end?.ms,
  hosts: [...new Set([...Object.keys(end?.hosts ?? {}), ...[...predicted, ...settled].map(({ host }) => host), ...Object.keys(lost)])],
})

const outcomeOf = (exit: number): Outcome => {
  switch (exit) {
    case exitCode.done: return 'done'
    case exitCode.unreachable: return 'unreachable'
    case exitCode.stale: return 'stale'
    case exitCode.locked: return 'locked'
    case exitCode.interrupted: return 'interrupted'
    default: return 'failed'
  }
}
