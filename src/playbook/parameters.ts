import { exitCode, ProvisionError, type Place } from '../core/errors.js'
import { Secret } from '../core/secret.js'
import { suggestion } from '../core/suggest.js'
import type { Placed } from './nodes.js'
import type { Parameter } from './schema.js'

export type Parameters = Readonly<Record<string, Parameter>>

/** Mistakes of a caller that can be seen before any value is known: unknown and missing parameters, and plain values of the wrong type. */
export const parameterMistakes = (parameters: Parameters, given: Readonly<Record<string, Placed>>, of: string, at: Place): ProvisionError[] => {
  const known = Object.keys(parameters)
  const unknown = Object.entries(given).filter(([name]) => !Object.hasOwn(parameters, name)).map(([name, { place }]) =>
    new ProvisionError('unknown-parameter', `${of} has no parameter "${name}"`, { exit: exitCode.input, at: place, hint: suggestion(name, known) }))
  return [...unknown, ...Object.entries(parameters).flatMap(([name, parameter]) => {
    const { value, place } = (Object.hasOwn(given, name) ? given[name] : undefined) ?? { value: undefined, place: at }
    if (value === undefined) {
      if (parameter.default !== undefined) return []
      return [new ProvisionError('missing-parameter', `${of} needs the parameter "${name}"${parameter.description === undefined ? '' : `: ${parameter.description}`}`, { exit: exitCode.input, at, hint: 'add it under `with:`' })]
    }
    const problem = isTemplate(value) ? undefined : mismatch(parameter, value)
    return problem === undefined ? [] : [new ProvisionError('wrong-parameter', `the parameter "${name}" of ${of} must be ${problem}`, { exit: exitCode.input, at: place })]
  })]
}

/** Defaults that are not what their own parameter asks for. */
export const defaultMistakes = (parameters: Parameters, placeOf: (name: string) => Place): ProvisionError[] => Object.entries(parameters).flatMap(([name, parameter]) => {
  const problem = parameter.default === undefined || isTemplate(parameter.default) ? undefined : mismatch(parameter, parameter.default)
  return problem === undefined ? [] : [new ProvisionError('wrong-default', `the default of the parameter "${name}" must be ${problem}`, { exit: exitCode.input, at: placeOf(name) })]
})

/** The value of a parameter, held to its type once it is known; what is given for a secret never prints, however it was given. */
export const checkedParameter = (name: string, parameter: Parameter, value: unknown, at: Place): unknown => {
  const problem = mismatch(parameter, value)
  if (problem !== undefined) throw new ProvisionError('wrong-parameter', `the parameter "${name}" must be ${problem}`, { exit: exitCode.input, at })
  return parameter.type === 'secret' && typeof value === 'string' ? new Secret(value) : value
}

const isTemplate = (value: unknown): boolean => typeof value === 'string' && /\{[{%]/.test(value)

const isMap = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Secret)

const mismatch = (parameter: Parameter, value: unknown): string | undefined => {
  if (value === null && parameter.default === null) return undefined // nothing, as when it is left out
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
    case 'map': return isMap(value) ? undefined : 'a map'
    case 'product': return (typeof value === 'string' && value !== '') || isMap(value) ? undefined : 'the name of a product'
    case 'database': return (typeof value === 'string' && value !== '') || isMap(value) ? undefined : 'the name of a type of database'
    case 'any': return undefined
    default: return parameter.type satisfies never
  }
}
