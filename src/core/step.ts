import type { Place } from './errors.js'
import type { Bound } from './module.js'
import type { Become } from './transport.js'

/** Values of `register`ed steps of one host, by name; an `Unknown` until the step ran. */
export type Registered = ReadonlyMap<string, unknown>

/** What the loops and blocks around a step stand at; made and read by whoever binds. */
export type Around = object

/** One step on one host, with its arguments: a loop gives several. */
export interface BoundStep {
  /** What the reader called it, with the item of a loop. */
  readonly name: string
  readonly bound: Bound
  readonly become?: Become
  /** The host on which it is done, when that is another one. */
  readonly delegate?: string
  /** What it was bound with. */
  readonly around?: Around
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
  /** It is done for each item of a loop, so that what it registers has `results`. */
  readonly isLooped?: true
  /** Tries again until this holds of what was registered; throws UnknownValue. */
  readonly until?: { readonly retries: number; readonly delay: number; holds(host: string, registered: Registered, around?: Around): boolean }
  /** Whether a verb's outcome counts as a change; throws UnknownValue. */
  readonly changedWhen?: (host: string, registered: Registered, around?: Around) => boolean
  /** Seconds. */
  readonly timeout?: number
  readonly ignoreFailure: boolean
  /** Runs the handlers that are owed so far, instead of a module. */
  readonly flushHandlers?: true
  /** Done on the first host of the batch alone; the others see what it registered. */
  readonly once?: true
  /** Said where it is done on another host, or asks one, so that the hosts of the batch take turns: which ones; throws as `bind` does. */
  delegates?(host: string, registered: Registered, around?: Around): readonly string[]
  /** At most so many hosts do it at once. */
  readonly throttle?: number
  /** What it is called in a round of the blocks around it, as far as that is known; left out: by its name. */
  nameIn?(host: string, registered: Registered, around?: Around): string
  /** Evaluates `when`, `loop` and arguments; throws UnknownValue where only a run will know, ProvisionError for the reader's mistakes. Items of a loop of which only a run will know more are deferred one by one. */
  bind(host: string, registered: Registered, around?: Around): Binding
}

/** One round of a block: what its steps see of the loop. */
export interface Round { readonly around: Around; /** Only a run will know whether it is gone through, and waits for this. */ readonly until?: string }

/** Steps that stand together: what is done when one of them fails, and what is done in any case. */
export interface Block {
  readonly name: string
  readonly place: Place
  readonly block: readonly Part[]
  readonly rescue: readonly Part[]
  readonly always: readonly Part[]
  /** Evaluates `when` and `loop`; throws as a step does. */
  bind(host: string, registered: Registered, around?: Around): { readonly skipped: string } | { readonly rounds: readonly Round[] }
}

/** What a play is made of. */
export type Part = Step | Block

export const isBlock = (part: Part): part is Block => 'block' in part

/** The parts of a block, in the order in which they stand. */
export const partsOf = ({ block, rescue, always }: Block): readonly Part[] => [...block, ...rescue, ...always]

/** All steps of these parts, those of blocks among them. */
export const stepsIn = (parts: readonly Part[]): readonly Step[] => parts.flatMap((part) => (isBlock(part) ? stepsIn(partsOf(part)) : [part]))

/** Steps that run once at the end of a batch when a change has notified them. */
export interface Handler {
  readonly name: string
  /** Tells it from handlers of its name that do something else; left out where there are none. */
  readonly variant?: string
  /** All variants of its name, also those of plays that are left out. */
  readonly variants?: readonly string[]
  readonly steps: readonly Part[]
}

export interface Play {
  readonly name: string
  readonly place: Place
  /** In the order of the inventory. */
  readonly hosts: readonly string[]
  /** Sizes of the batches of hosts, one after the other; left out: all at once. */
  readonly batches?: readonly number[]
  /** More failed or lost hosts than this end the run after the batch in which that shows. */
  readonly maxFailures?: number
  /** Its steps are done one after the other and may undo one another, as in a drill. */
  readonly procedure?: true
  readonly steps: readonly Part[]
  readonly handlers: readonly Handler[]
  /** The variant of the handler that pays what a step of this play notifies on a host; left out: no name has variants. */
  payerOf?(host: string, handler: string): string | undefined
}
