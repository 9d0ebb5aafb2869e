import { exitCode, ProvisionError, type Place } from '../core/errors.js'
import { Secret } from '../core/secret.js'
import { suggestion } from '../core/suggest.js'
import type { Parameter } from './schema.js'

export type Parameters = Readonly<Record<string, Parameter>>

/** Mistakes of a caller that can be seen before any value is known: unknown and missing parameters, and plain values of the wrong type. */
export const parameterMistakes = (parameters: Parameters, given: Readonly<Record<string, unknown>>, of: string, placeOf: (name?: string) => Place): ProvisionError[] => {
  const known = Object.keys(parameters)
  const mistakes: ProvisionError[] = []
  for (const name of Object.keys(given)) {
    const hint = suggestion(name, known)
    if (parameters[name] === undefined) mistakes.push(new ProvisionError('unknown-parameter', `${of} has no parameter "${name}"`, { exit: exitCode.input, at: placeOf(name), ...(hint === undefined ? {} : { hint }) }))
  }
  for (const [name, parameter] of Object.entries(parameters)) {
    const value = given[name]
    if (value === undefined && parameter.default === undefined) {
      mistakes.push(new ProvisionError('missing-parameter', `${of} needs the parameter "${name}"${parameter.description === undefined ? '' : `: ${parameter.description}`}`, { exit: exitCode.input, at: placeOf(), hint: `add it under \`with:\`` }))
    } else if (value !== undefined && !isTemplate(value)) {
      const problem = mismatch(parameter, value)
      if (problem !== undefined) mistakes.push(new ProvisionError('wrong-parameter', `the parameter "${name}" of ${of} must be ${problem}`, { exit: exitCode.input, at: placeOf(name) }))
    }
  }
  return mistakes
}

/** The value of a parameter, held to its type once it is known. */
export const checkedParameter = (name: string, parameter: Parameter, value: unknown, at: Place): unknown => {
  const problem = mismatch(parameter, value)
  if (problem !== undefined) throw new ProvisionError('wrong-parameter', `the parameter "${name}" must be ${problem}`, { exit: exitCode.input, at })
  return value
}

const isTemplate = (value: unknown): boolean => typeof value === 'string' && /\{[{%]/.test(value)

const mismatch = (parameter: Parameter, value: unknown): string | undefined => {
  const allowed = parameter['one-of']
  if (allowed !== undefined && !allowed.includes(value as string | number)) return `one of ${allowed.join(', ')}` // a value of another type is in no such list
  switch (parameter.type) {
    case 'string': return typeof value === 'string' || value instanceof Secret ? undefined : 'text'
    case 'path': return typeof value === 'string' && value !== '' ? undefined : 'a path'
    case 'secret': return value instanceof Secret || typeof value === 'string' ? undefined : 'text'
    case 'integer': return Number.isInteger(value) ? undefined : 'a whole number'
    case 'number': return typeof value === 'number' ? undefined : 'a number'
    case 'boolean': return typeof value === 'boolean' ? undefined : 'true or false'
    case 'list': return Array.isArray(value) ? undefined : 'a list'
    case 'map': return typeof value === 'object' && value !== null && !Array.isArray(value) ? undefined : 'a map'
    case 'any': return undefined
    default: return parameter.type satisfies never
  }
}
