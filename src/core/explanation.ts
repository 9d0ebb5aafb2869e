import type { Failure, Place } from './errors.js'

/** Who may give a variable, from the nearest to the farthest. */
export const origins = ['step', 'step list', 'set', 'host', 'group', 'play', 'given', 'default', 'built in'] as const

/** One place that gives a variable a value. */
export interface Giver {
  readonly origin: (typeof origins)[number]
  /** The host, group, play, step or step list. */
  readonly of?: string
  /** As it is written: templates unevaluated, secrets as `Secret`. */
  readonly written: unknown
  readonly place?: Place
}

/** What a variable comes to: a value, nothing before a run has asked for it, or a mistake. */
export type Outcome = { readonly known: unknown } | { readonly unknown: string } | { readonly failure: Failure }

/** How a variable of a host comes by its value. */
export interface Explanation {
  /** As expressions name it: `port`, or `hosts.db1.port`. */
  readonly name: string
  readonly outcome: Outcome
  /** Whoever gives it, nearest first: the first has won. */
  readonly givers: readonly Giver[]
  /** Variables that its value was made of, in the order in which they were looked up. */
  readonly madeOf: readonly Explanation[]
}
