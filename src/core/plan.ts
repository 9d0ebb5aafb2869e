import { isDeepStrictEqual } from 'node:util'
import type { Change } from './change.js'
import type { Place } from './errors.js'
import { Secret } from './secret.js'
import type { Because } from './events.js'
import type { Verdict } from './verdict.js'

/** One step of one host, and what a run would do. */
export interface PlannedStep {
  readonly play: string
  readonly host: string
  readonly step: string
  readonly module: string
  readonly place: Place
  readonly verdict: Verdict
  readonly handler?: Because
  /** The host on which it is done, when that is another one. */
  readonly on?: string
}

/** Every verdict that a run would reach, in the order of plays, hosts and steps. */
export interface Plan { readonly steps: readonly PlannedStep[]; readonly lost: Readonly<Record<string, string>> }

const revealed = (value: unknown): unknown => {
  if (value instanceof Secret) return value.reveal()
  if (Array.isArray(value)) return value.map(revealed)
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revealed(inner)]))
  return value
}

const holdsSecret = (value: unknown): boolean => value instanceof Secret || (typeof value === 'object' && value !== null && Object.values(value).some(holdsSecret))

/** Whether two changes are the same to a reader. What a plan believed of a secret text comes back from the host as plain text, and its lines are shown otherwise then: there what is done counts alone. */
const isAgreed = (planned: Change, actual: Change): boolean =>
  planned.summary === actual.summary && isDeepStrictEqual(revealed(planned.actions), revealed(actual.actions))
  && (holdsSecret(planned.actions) || holdsSecret(actual.actions) || isDeepStrictEqual(revealed(planned.diff), revealed(actual.diff)))

/** Whether a step does what was agreed, or less of it in the same order, or was left open by the plan. */
export const honours = (planned: Verdict | undefined, changes: readonly Change[]): boolean => {
  if (changes.length === 0 || planned === undefined || planned.status === 'deferred') return true
  if (planned.status !== 'change') return false
  let position = 0
  return changes.every((change) => {
    for (let wanted = planned.changes[position++]; wanted !== undefined; wanted = planned.changes[position++]) if (isAgreed(wanted, change)) return true
    return false
  })
}
