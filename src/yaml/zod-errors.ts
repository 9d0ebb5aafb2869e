import type { z } from 'zod'
import { type ProvisionError, ProvisionErrors } from '../core/errors.js'
import { Secret } from '../core/secret.js'
import { suggestion } from '../core/suggest.js'
import type { YamlDocument, YamlPath } from './document.js'
import { schemaAt, keysOf } from './schema-walk.js'
import { yamlError } from './traps.js'
import { VaultText } from './vault-text.js'

type Issue = z.core.$ZodIssue

/** Parse with these, so that the words of a schema's author (`error:`) are kept and zod's own give way to ours. */
export const unsaid = { error: () => '' } as const

export interface ZodErrorsOptions {
  /** The way from the top of the document to the value that was parsed. */
  readonly base?: YamlPath
  /** The schema that was parsed with: what its objects know is offered for an unknown key. */
  readonly schema?: z.core.$ZodType
  /** The value that was parsed, when it is not the document's own. */
  readonly value?: unknown
}

/** Holds a piece of a document to a schema; every mistake is thrown at once, as `ProvisionErrors` with places. */
export const checkYaml = <S extends z.ZodType>(document: YamlDocument, schema: S, { base = [], value }: Omit<ZodErrorsOptions, 'schema'> = {}): z.output<S> => {
  const given = value === undefined ? valueAt(document.value, base) : value
  const result = schema.safeParse(given, unsaid)
  if (result.success) return result.data
  throw new ProvisionErrors(zodErrors(document, result.error.issues, { base, schema, value: given }))
}

/**
 * The issues of zod as errors of the reader's file, in the order of their places. A schema may say more by `params` of a custom issue:
 * `code`, `hint`, and `part: 'key'` to point at the key.
 */
export const zodErrors = (document: Pick<YamlDocument, 'placeOf'> & Partial<Pick<YamlDocument, 'value'>>, issues: readonly Issue[], options: ZodErrorsOptions = {}): readonly ProvisionError[] => {
  const { base = [], schema } = options
  const root = 'value' in options ? options.value : valueAt(document.value, base)
  const told = issues.flatMap((issue) => errorsOf(issue, { document, base, schema, root, path: [] }))
  return told.toSorted((a, b) => (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0))
}

interface Context {
  readonly document: Pick<YamlDocument, 'placeOf'>
  readonly base: YamlPath
  readonly schema: z.core.$ZodType | undefined
  readonly root: unknown
  /** The way to the value whose union is being looked into. */
  readonly path: YamlPath
}

const errorsOf = (issue: Issue, context: Context): readonly ProvisionError[] => {
  const path = [...context.path, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))]
  const at = (part: 'key' | 'value' = 'value', more: YamlPath = []) => context.document.placeOf([...context.base, ...path, ...more], part)
  const actual = valueAt(context.root, path)
  const name = labelOf([...context.base, ...path])
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = keysOf(schemaAt(context.schema, path)).filter((key) => !isMap(actual) || !(key in actual))
      return issue.keys.map((key) => yamlError('unknown-key', `unknown key "${key}"`, at('key', [key]), suggestion(key, known)))
    }
    case 'invalid_union':
      return unionErrors(issue, { ...context, path }, actual)
    case 'invalid_key':
    case 'invalid_element': {
      const [inner] = issue.issues
      const message = issue.message || inner?.message || `${name} is not a key that can stand here`
      return [yamlError(codeOf(inner) ?? 'wrong-key', message, at('key'), hintOf(inner))]
    }
    case 'invalid_type':
    case 'invalid_value':
      if (actual === undefined) return [missing(issue, context, path, name)]
      return [yamlError('wrong-value', issue.message || `${name} ${demandOf(issue)}, but is ${wordFor(actual)}`, at(), correctionOf(issue, actual))]
    case 'too_small':
    case 'too_big':
    case 'not_multiple_of':
    case 'invalid_format':
      return [yamlError('wrong-value', issue.message || `${name} ${demandOf(issue)}`, at())]
    case 'custom': {
      const part = issue.params?.['part'] === 'key' ? 'key' : 'value'
      return [yamlError(codeOf(issue) ?? 'wrong-value', issue.message || `${name} is not right`, at(part), hintOf(issue))]
    }
    default:
      issue satisfies never
      return []
  }
}

const missing = (issue: Issue, context: Context, path: YamlPath, name: string): ProvisionError => {
  const parent = [...context.base, ...path].slice(0, -1)
  const hint = issue.code === 'invalid_value' ? `one of ${issue.values.join(', ')}` : undefined
  return yamlError('missing-key', issue.message || `${name} is missing`, context.document.placeOf(parent, 'key'), hint)
}

/** Of a union, the branch that the reader came nearest to; when none fits at all, what they all ask for. */
const unionErrors = (issue: Extract<Issue, { code: 'invalid_union' }>, context: Context, actual: unknown): readonly ProvisionError[] => {
  const at = context.document.placeOf([...context.base, ...context.path])
  const name = labelOf([...context.base, ...context.path])
  if (issue.message !== '') return [yamlError('wrong-value', issue.message, at)]
  if ('options' in issue && issue.options !== undefined) {
    const options = issue.options.map(String)
    return [actual === undefined
      ? yamlError('missing-key', `${name} is missing`, at, `one of ${options.join(', ')}`)
      : yamlError('wrong-value', `${name} must be one of ${options.join(', ')}, but is ${wordFor(actual)}`, at, suggestion(String(actual), options, 'one of'))]
  }
  const entered = issue.errors.filter((branch) => !branch.some((inner) => inner.path.length === 0 && (inner.code === 'invalid_type' || inner.code === 'invalid_value')))
  if (actual === undefined) return [yamlError('missing-key', `${name} is missing`, context.document.placeOf([...context.base, ...context.path].slice(0, -1), 'key'))]
  const nearest = entered.toSorted((a, b) => a.length - b.length)[0]
  if (nearest !== undefined) return nearest.flatMap((inner) => errorsOf(inner, context))
  const demands = issue.errors.flatMap((branch) => branch.slice(0, 1).map((inner) => demandOf(inner).replace(/^must be /, '')))
  return [yamlError('wrong-value', `${name} must be ${[...new Set(demands)].join(' or ')}, but is ${wordFor(actual)}`, at)]
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text', number: 'a number', int: 'a whole number', boolean: 'true or false', object: 'a map', record: 'a map', array: 'a list', tuple: 'a list', null: 'empty', Secret: 'an encrypted value',
}

const demandOf = (issue: Issue): string => {
  switch (issue.code) {
    case 'invalid_type': return `must be ${typeWords[issue.expected] ?? issue.expected}`
    case 'invalid_value': return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.join(', ')}`
    case 'too_small': return `must ${measure(issue.origin)} ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${unit(issue.origin, issue.minimum)}`
    case 'too_big': return `must ${measure(issue.origin)} ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${unit(issue.origin, issue.maximum)}`
    case 'not_multiple_of': return `must be a multiple of ${issue.divisor}`
    case 'invalid_format': return issue.format === 'regex' && issue.pattern !== undefined ? `must match ${issue.pattern}` : `is not a valid ${issue.format}`
    default: return 'is not right'
  }
}

const measure = (origin: string): string => (origin === 'string' || origin === 'array' || origin === 'set' ? 'have' : 'be')
const unit = (origin: string, count: number | bigint): string =>
  measure(origin) === 'be' ? '' : ` ${origin === 'string' ? 'character' : 'item'}${Number(count) === 1 ? '' : 's'}`

/** What is there, without citing what may be secret. */
const wordFor = (value: unknown): string => {
  if (value === null) return 'empty'
  if (value instanceof Secret || value instanceof VaultText) return 'an encrypted value'
  if (Array.isArray(value)) return 'a list'
  if (isMap(value)) return 'a map'
  if (typeof value === 'string') return /^[^\n]{0,40}$/.test(value) ? `"${value}"` : 'text'
  return `the ${typeof value} ${String(value)}`
}

const correctionOf = (issue: Extract<Issue, { code: 'invalid_type' | 'invalid_value' }>, actual: unknown): string | undefined => {
  const key = issue.path.at(-1)
  if (issue.code === 'invalid_value') return typeof actual === 'string' ? suggestion(actual, issue.values.map(String), 'one of') : undefined
  if (actual === null) return 'write a value, or take the line away'
  if (issue.expected === 'boolean' && typeof actual === 'string' && /^(yes|on|no|off)$/i.test(actual)) return `write ${/^(yes|on)$/i.test(actual)}`
  if (issue.expected === 'boolean') return bracesFor(actual)
  if (issue.expected === 'string' && (typeof actual === 'number' || typeof actual === 'boolean')) return `write '${typeof actual === 'number' && key === 'mode' && /^[0-7]{3}$/.test(String(actual)) ? `0${actual}` : actual}'`
  if ((issue.expected === 'number' || issue.expected === 'int') && typeof actual === 'string' && /^-?\d+(\.\d+)?$/.test(actual)) return `write ${actual}, without quotes`
  return undefined
}

/** What was meant as an expression, or as several that must all hold, as a value writes it. */
const bracesFor = (actual: unknown): string | undefined => {
  const parts = Array.isArray(actual) ? actual : [actual]
  if (parts.length === 0 || !parts.every((part) => typeof part === 'string' && /^[^{}\n]*[\w)\]'"][^{}\n]*$/.test(part) && !part.includes('•'))) return undefined
  if (!parts.some((part) => /[.=<>()[\]]|\b(is|in|not|and|or)\b/.test(String(part)))) return undefined
  const expression = parts.length === 1 ? String(parts[0]) : parts.map((part) => (/\b(or|if)\b/.test(String(part)) ? `(${String(part)})` : String(part))).join(' and ')
  const quote = expression.includes('"') ? "'" : '"'
  return `an expression stands in braces: ${quote}{{ ${expression} }}${quote}`
}

const codeOf = (issue: Issue | undefined): string | undefined => (issue?.code === 'custom' ? text(issue.params?.['code']) : undefined)
const hintOf = (issue: Issue | undefined): string | undefined => (issue?.code === 'custom' ? text(issue.params?.['hint']) : undefined)
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const labelOf = (path: YamlPath): string => {
  const last = path.at(-1)
  if (last === undefined) return 'this file'
  if (typeof last === 'string') return `"${last}"`
  const list = path.findLast((step) => typeof step === 'string')
  return list === undefined ? `item ${last + 1}` : `item ${last + 1} of "${list}"`
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value at the end of a path, or undefined. */
export const valueAt = (value: unknown, path: YamlPath): unknown =>
  path.reduce<unknown>((inner, step) => {
    if (Array.isArray(inner)) return inner[Number(step)]
    return isMap(inner) && Object.hasOwn(inner, step) ? inner[step] : undefined
  }, value)
