import type { Failure, Place } from './errors.js'
import type { Verdict } from './verdict.js'

/** Counts of one host's verdicts. */
export interface Recap {
  readonly ok: number
  readonly changed: number
  readonly deferred: number
  readonly skipped: number
  readonly failed: number
  /** Failures that `ignore-failure` let pass. */
  readonly ignored: number
  readonly unreachable: boolean
  readonly round_trips: number
}

/** Which batch of a play with `serial`, and of how many. */
export interface Turn { readonly nth: number; readonly of: number }

/** What a handler step was notified by, or that an earlier run still owed it. */
export type Because = { readonly notified: readonly string[] } | { readonly owed: true }

/** Everything that a walk says; plain data, so that terminals, logs and machines are told the same. */
export type RunEvent =
  | { readonly type: 'run-started'; readonly mode: 'plan' | 'run' | 'verify'; readonly hosts: readonly string[]; readonly plays: readonly string[] }
  | { readonly type: 'host-connected'; readonly host: string; readonly ms: number }
  | { readonly type: 'play-started'; readonly play: string; readonly hosts: readonly string[]; readonly steps: number }
  | { readonly type: 'step-started'; readonly host: string; readonly step: string }
  | { readonly type: 'action-output'; readonly host: string; readonly step: string; readonly text: string; /** Of what takes long: worth telling anyway. */ readonly live?: true }
  | { readonly type: 'upload-progress'; readonly host: string; readonly step: string; readonly file: string; readonly sent: number; readonly size: number }
  | { readonly type: 'step-settled'; readonly host: string; readonly play: string; readonly step: string; readonly module: string; readonly place: Place
      readonly verdict: Verdict; readonly handler?: Because; readonly ignored?: true; readonly ms: number
      /** The failure is taken up by the `rescue` of a block around the step. */
      readonly rescued?: true
      /** The host on which it was done, when that is another one. */
      readonly on?: string
      /** Left out where all hosts of the play go at once. */
      readonly batch?: Turn }
  | { readonly type: 'host-lost'; readonly host: string; readonly reason: string }
  | { readonly type: 'notice'; readonly host?: string; readonly text: string }
  | { readonly type: 'play-ended'; readonly play: string; readonly recap: Readonly<Record<string, Recap>> }
  | { readonly type: 'run-ended'; readonly mode: 'plan' | 'run' | 'verify'; readonly recap: Readonly<Record<string, Recap>>; readonly ms: number; readonly stopped?: string }

export type Emit = (event: RunEvent) => void
/** Tells people or machines of events. */
export interface Reporter { on(event: RunEvent): void; end(): Promise<void> }
/** What is told whole, at the end of a walk, or of the mistakes because of which there was none. */
export interface WalkDocument extends Reporter { refuse(errors: readonly Failure[]): void }
