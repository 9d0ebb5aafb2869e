import type { Failure } from '../core/errors.js'
import type { Outcome } from '../core/step.js'
import type { Verdict } from '../core/verdict.js'

/** What is registered of a step that had nothing to do. */
export const registeredOk = (verdict: Verdict): Outcome & { readonly skipped: boolean } =>
  ({ stdout: '', stderr: '', exit: 0, changed: false, skipped: verdict.status === 'skipped' })

/** What is registered of a step that failed before anything was done, or of which no answer came. */
export const registeredFailure = ({ message }: Failure): Outcome => ({ stdout: '', stderr: message, exit: 1, changed: false })
