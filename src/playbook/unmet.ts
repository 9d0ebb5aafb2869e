import { ProvisionError, type Place } from '../core/errors.js'
import { Secret } from '../core/secret.js'
import { UnknownValue } from '../core/unknown.js'
import type { HostScope } from './scope.js'
import { variablesOfCondition, type VariablePath } from './template/analysis.js'

/** So many of the values that a condition looks at are told, and none with more letters. */
const VALUES = 3
const LETTERS = 40

/** Why a condition keeps something from being done: what it wants, and what it finds here. */
export const unmetText = (condition: string | boolean, scope: HostScope, place: Place): string => {
  if (typeof condition === 'boolean') return '`when` is false'
  const found = variablesOfCondition(condition, place).flatMap((path) => foundText(path, scope)).slice(0, VALUES)
  return `only when ${condition}${found.length === 0 ? '' : `; here ${found.join(', ')}`}`
}

const foundText = (path: VariablePath, scope: HostScope): readonly string[] => {
  try {
    const [name, ...keys] = path
    let value = scope.lookup(name)
    for (const key of keys) value = typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
    const text = valueText(value)
    return text === undefined ? [] : [`${path.join('.')} is ${text}`]
  } catch (error) {
    // the condition had its answer without this value, which nobody gives or knows yet
    if (error instanceof ProvisionError || error instanceof UnknownValue) return []
    throw error
  }
}

const valueText = (value: unknown): string | undefined => {
  if (value instanceof Secret) return '••••••••'
  switch (typeof value) {
    // not cut: half of what must be masked would be shown
    case 'string': return value.length > LETTERS ? undefined : `'${value}'`
    case 'number': case 'boolean': return String(value)
    default: return value === null ? 'none' : undefined
  }
}
