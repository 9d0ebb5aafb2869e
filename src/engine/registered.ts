import type { Outcome } from '../core/step.js'
import type { Verdict } from '../core/verdict.js'

/** What is registered of a step that had nothing to do. */
export const registeredOk = (verdict: Verdict): Outcome & { readonly skipped: boolean } =>
  ({ stdout: '', stderr: '', exit: 0, changed: false, skipped: verdict.status === 'skipped' })
