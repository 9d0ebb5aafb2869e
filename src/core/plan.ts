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

/** The part of a change that a reader agrees to. */
const agreed = ({ summary, diff, actions }: Change): unknown => revealed({ summary, diff, actions })

const revealed = (value: unknown): unknown => {
  if (value instanceof Secret) return { secret: value.reveal() }
  if (Array.isArray(value)) return value.map(revealed)
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revealed(inner)]))
  return value
}

/** Whether a step does what was agreed, or less of it in the same order, or was left open by the plan. */
export const honours = (planned: Verdict | undefined, changes: readonly Change[]): boolean => {
  if (changes.length === 0 || planned === undefined || planned.status === 'deferred') return true
  if (planned.status !== 'change') return false
  let position = 0
  const wanted = planned.changes.map(agreed)
  return changes.every((change) => {
    const mine = agreed(change)
    while (position < wanted.length && !isDeepStrictEqual(wanted[position], mine)) position++
    return position++ < wanted.length
  })
}
