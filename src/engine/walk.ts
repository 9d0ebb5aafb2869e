import type { Change } from '../core/change.js'
import type { Controller } from '../core/fact.js'
import type { Emit, Turn } from '../core/events.js'
import type { Basis, Plan } from '../core/plan.js'
import type { Around, Block, BoundStep, Play, Step } from '../core/step.js'
import type { Verdict } from '../core/verdict.js'
import type { Host } from './host.js'
import type { Lane } from './lane.js'
import type { Basics } from './basics.js'
import type { Replies } from './gather.js'
import type { IssueCertificate } from './perform.js'
import type { Throttle } from './throttle.js'

/** Where a lane stands: which step, and which of its loop's items. */
export interface Pointer { readonly step: number; readonly item: number }

/** One step that the walk has reached on one host. */
export interface Reached { readonly at: Pointer; readonly step: Step; readonly bound: BoundStep; readonly started: number }

/** One step of one host, judged. */
export interface Judged {
  readonly at: Pointer
  readonly step: Step
  /** Left out where the step's values are not known. */
  readonly bound?: BoundStep
  readonly verdict: Verdict
  readonly started: number
  /** What the host answered right behind it, where a later step of the frame may have altered that. */
  readonly answers?: Replies
}

/** All that planning and running do differently. A pointer says where the walk must go on instead, since a host was not as believed. */
export interface Mode {
  readonly name: 'plan' | 'run' | 'verify'
  /** Whether a host has left the walk. */
  isOut(host: Host): boolean
  /** Makes the facts of a step known, as far as this mode may. */
  observe(lane: Lane, reached: Reached): Promise<Pointer | undefined>
  /** Takes a verdict in: believes its changes, or makes them. */
  settle(lane: Lane, judged: Judged): Promise<Pointer | undefined>
  /** A block came to its end without a failure; `isOpen` where it has something to do, and so may fail. */
  unfailed(lane: Lane, block: Block, isOpen: boolean, around: Around | undefined): Promise<void>
  /** Leaves nothing pending. */
  finish(lane: Lane): Promise<Pointer | undefined>
  /** A handler's steps are done on this host. */
  paid(lane: Lane, debts: readonly string[]): Promise<void>
}

/** What the hosts of a batch share. */
export interface Batch {
  /** Steps that are done once, and the host that did each. */
  readonly once: Map<Step, Host>
  /** Places for steps of which only so many hosts may do one at a time. */
  readonly throttles: Map<Step, Throttle>
  /** Left out where all hosts of the play are in it. */
  readonly turn?: Turn
}

/** What a walk over plays is given. */
export interface Walk {
  readonly plays: readonly Play[]
  readonly mode: Mode
  readonly emit: Emit
  readonly controller: Controller
  readonly issue: IssueCertificate
  /** What expressions may ask of hosts; left out: nothing. */
  readonly basics?: Basics
  /** All hosts of the walk, by name. */
  readonly hosts: ReadonlyMap<string, Host>
  /** Told right before a step is told, where its values are known: what its verdict rests on, and what of that the host answered right behind it where it is not believed any more. */
  readonly rests?: (basis: Basis, answers?: Replies) => void
  /** What was agreed to; a run that would do more stops. */
  readonly plan?: Plan
  /** Why a host need not do a step that it comes to for the nth time (from 0), by its address: an earlier run has. */
  readonly done?: (host: string, address: string, nth: number) => string | undefined
  /** Asked before each step that changes something: whether it shall be done. */
  readonly confirm?: (host: string, step: string, changes: readonly Change[]) => Promise<boolean>
  /** Who holds the locks, for people, and no two runs the same: `alice@laptop, cluster.yaml, process 4711`. */
  readonly owner: string
  /** Set when the reader asked to stop: the frame in flight is finished, nothing new begins. */
  readonly stopping: { asked: boolean }
  /** At most so many steps a frame; left out: as many as can be decided together, up to what a shell takes well. */
  readonly frameSteps?: number
  readonly signal?: AbortSignal
  /** Seconds that another run's lock is waited for; left out: half a minute. */
  readonly lockPatience?: number
  /** Seconds between two signs of life on a host whose lock is held. */
  readonly beat?: number
  /** A folder below the acting user's home that holds lock and ledger; left out: where root and other users keep theirs. */
  readonly keep?: string
  readonly now: () => number
  /** When the work began, connecting included; left out: with the walk. */
  readonly began?: number
  /** Foreign text with every known secret as dots. */
  readonly mask: (text: string) => string
}

/** After a change on one host, what any host knows of things beyond it is no longer sure. */
export const forgetBeyond = (walk: Walk, step: string): void => {
  for (const host of walk.hosts.values()) host.snapshot.forgetBeyond(step)
}

