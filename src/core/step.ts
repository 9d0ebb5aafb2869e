import type { Place } from './errors.js'
import type { Bound } from './module.js'
import type { Become } from './transport.js'

/** Values of `register`ed steps of one host, by name; an `Unknown` until the step ran. */
export type Registered = ReadonlyMap<string, unknown>

/** One step on one host, with its arguments: a loop gives several. */
export interface BoundStep {
  /** What the reader called it, with the item of a loop. */
  readonly name: string
  readonly bound: Bound
  readonly become?: Become
}

/** What becomes of a step on a host when the walk reaches it. */
export type Binding = { readonly skipped: string } | { readonly steps: readonly BoundStep[] }

/** What was registered of a step. */
export interface Outcome { readonly stdout: string; readonly stderr: string; readonly exit: number; readonly changed: boolean }

/** One step of a play, before its values are known. */
export interface Step {
  readonly name: string
  readonly module: string
  readonly place: Place
  readonly notify: readonly string[]
  readonly register?: string
  /** Tries again until this holds of what was registered; throws UnknownValue. */
  readonly until?: { readonly retries: number; readonly delay: number; holds(host: string, registered: Registered): boolean }
  /** Whether a verb's outcome counts as a change; throws UnknownValue. */
  readonly changedWhen?: (host: string, registered: Registered) => boolean
  /** Seconds. */
  readonly timeout?: number
  readonly ignoreFailure: boolean
  /** Runs the handlers that are owed so far, instead of a module. */
  readonly flushHandlers?: true
  /** Evaluates `when`, `loop` and arguments; throws UnknownValue where only a run will know, ProvisionError for the reader's mistakes. */
  bind(host: string, registered: Registered): Binding
}

/** Steps that run once at the end of a batch when a change has notified them. */
export interface Handler { readonly name: string; readonly steps: readonly Step[] }

export interface Play {
  readonly name: string
  readonly place: Place
  /** In the order of the inventory. */
  readonly hosts: readonly string[]
  /** Sizes of the batches of hosts, one after the other; left out: all at once. */
  readonly batches?: readonly number[]
  /** More failed or lost hosts than this end the run after the play. */
  readonly maxFailures?: number
  /** Its steps are done one after the other and may undo one another, as in a drill. */
  readonly procedure?: true
  readonly steps: readonly Step[]
  readonly handlers: readonly Handler[]
}
