import type { z } from 'zod'
import type { ProvisionError } from '../core/errors.js'
import type { Module } from '../core/module.js'
import type { YamlDocument, YamlPath } from '../yaml/document.js'
import { unsaid, valueAt, zodErrors } from '../yaml/zod-errors.js'

/** Whether a value of the reader's files, or anything within it, waits to be evaluated. */
export const templated = (value: unknown): boolean =>
  typeof value === 'string' ? /\{[{%#]/.test(value) : typeof value === 'object' && value !== null && Object.values(value).some(templated)

/** Arguments against their schema, as far as they hold no templates. */
export const argumentMistakes = (document: YamlDocument, base: YamlPath, module: Module, args: unknown): readonly ProvisionError[] => {
  if (typeof args === 'string' && templated(args)) return []
  const result = (module.args as z.ZodType).safeParse(args, unsaid) // a module's schema, whatever its output
  if (result.success) return []
  const known = result.error.issues.filter((issue) => {
    if (issue.code === 'unrecognized_keys') return true
    const at = valueAt(args, issue.path.map((step) => (typeof step === 'number' ? step : String(step))))
    return at === undefined || !templated(at)
  })
  return known.length === 0 ? [] : zodErrors(document, known, { base, schema: module.args as z.ZodType, value: args })
}
