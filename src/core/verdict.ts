import type { Change } from './change.js'
import type { Failure } from './errors.js'

/** The same five words in plans, runs, events and reports. */
export type Verdict =
  | { readonly status: 'ok'; /** What there is to tell although nothing has to be done. */ readonly says?: string }
  | { readonly status: 'change'; readonly changes: readonly Change[] }
  /** An earlier step may alter a fact that this one needs. */
  | { readonly status: 'deferred'; readonly until: string }
  | { readonly status: 'skipped'; readonly because: string }
  | { readonly status: 'failed'; readonly error: Failure }
export type Status = Verdict['status']
