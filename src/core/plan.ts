import type { Change } from './change.js'
import type { Place } from './errors.js'
import { holdsSecret, Secret } from './secret.js'
import type { Because, Turn } from './events.js'
import type { Risk } from './risk.js'
import type { Verdict } from './verdict.js'

/** What a verdict rests on. */
export interface Basis {
  /** Who asks and acts on the host. */
  readonly user: string
  /** The facts of that user that it needs, by key. */
  readonly needs: readonly string[]
  /** The module's arguments, secrets as such. */
  readonly args: unknown
  readonly kind: 'state' | 'verb'
  readonly risks: readonly Risk[]
}

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
  /** Left out where all hosts of the play go at once. */
  readonly batch?: Turn
  /** Left out where the step's values are not known. */
  readonly basis?: Basis
}

/** Every verdict that a run would reach, in the order of plays, hosts and steps. */
export interface Plan { readonly steps: readonly PlannedStep[]; readonly lost: Readonly<Record<string, string>> }

/** Whether plain data is the same, secrets by their text. */
const isSame = (one: unknown, other: unknown): boolean => {
  if (one instanceof Secret) return isSame(one.reveal(), other)
  if (other instanceof Secret) return isSame(one, other.reveal())
  if (typeof one !== 'object' || one === null || typeof other !== 'object' || other === null) return Object.is(one, other)
  const [mine, theirs] = [Object.entries(one), Object.keys(other)]
  return Array.isArray(one) === Array.isArray(other) && mine.length === theirs.length && mine.every(([key, value]) => Object.hasOwn(other, key) && isSame(value, Reflect.get(other, key)))
}

/** Whether two changes are the same to a reader. What a plan believed of a secret text comes back from the host as plain text, and its lines are shown otherwise then: there what is done counts alone. */
const isAgreed = (planned: Change, actual: Change): boolean =>
  planned.summary === actual.summary && isSame(planned.actions, actual.actions)
  && (holdsSecret(planned.actions) || holdsSecret(actual.actions) || isSame(planned.diff, actual.diff))

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
