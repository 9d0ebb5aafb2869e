import type { Failure } from '../core/errors.js'
import type { Outcome, Step } from '../core/step.js'
import { Unknown } from '../core/unknown.js'
import type { Host } from './host.js'
import type { Verdict } from '../core/verdict.js'

/** What is registered of a step that had nothing to do. */
export const registeredOk = (verdict: Verdict): Outcome & { readonly skipped: boolean } =>
  ({ stdout: '', stderr: '', exit: 0, changed: false, skipped: verdict.status === 'skipped' })

/** What is registered of a step that failed before anything was done, or of which no answer came. */
export const registeredFailure = ({ message }: Failure): Outcome => ({ stdout: '', stderr: message, exit: 1, changed: false })

/** Keeps what a step says under the name that it registers; of a loop, what each item said, as `results`. */
export const register = ({ registered }: Host, { register: name, isLooped }: Pick<Step, 'register' | 'isLooped'>, item: number, said: unknown): void => {
  if (name === undefined) return
  const before = registered.get(name)
  if (isLooped !== true) registered.set(name, said)
  else if (said instanceof Unknown || (item > 0 && before instanceof Unknown)) registered.set(name, said instanceof Unknown ? said : before)
  else registered.set(name, collected([...(item > 0 && isCollection(before) ? before.results.slice(0, item) : []), said as Outcome])) // what is registered is an outcome or unknown
}

interface Collection { readonly results: readonly Outcome[]; readonly changed: boolean }
const isCollection = (value: unknown): value is Collection => typeof value === 'object' && value !== null && 'results' in value
const collected = (results: readonly Outcome[]): Collection => ({ results, changed: results.some(({ changed }) => changed) })
