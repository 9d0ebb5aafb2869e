import { isDeepStrictEqual } from 'node:util'
import type { Place, ProvisionError } from '../core/errors.js'
import { Secret } from '../core/secret.js'
import type { YamlPath } from '../yaml/document.js'
import { mistake, placeWord } from './mistake.js'

/** Values that one group or one host gives, in one file; they still hold their `{{ }}`. */
export interface VariableLayer {
  readonly level: 'group' | 'host'
  /** The group (`all` for every host) or the host. */
  readonly name: string
  readonly file: string
  readonly values: Readonly<Record<string, unknown>>
  /** Where a value stands: `[variable, key, …]`. */
  placeOf(path: YamlPath, part?: 'key' | 'value'): Place
}

/** Whether two values are the same to the reader; secrets are compared by what they hide. */
export const sameValue = (a: unknown, b: unknown): boolean => isDeepStrictEqual(uncovered(a), uncovered(b))

const uncovered = (value: unknown): unknown => {
  if (value instanceof Secret) return { secret: value.reveal() }
  if (Array.isArray(value)) return value.map(uncovered)
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, uncovered(inner)])) : value
}

/**
 * Names that several layers give and none has the last word on: two files of one group or host, or two groups of which neither holds the other.
 * A host, or a group inside of both, settles it.
 */
export const conflicts = (host: string, layers: readonly VariableLayer[], holds: (outer: string, inner: string) => boolean, kind: 'variables' | 'settings'): readonly ProvisionError[] => {
  const names = new Set(layers.flatMap((layer) => Object.keys(layer.values)))
  return [...names].flatMap((name) => {
    const givers = layers.filter((layer) => Object.hasOwn(layer.values, name))
    const nearest = givers.filter((giver) => !givers.some((other) => isNearer(other, giver, holds)))
    const [first, ...others] = nearest
    const other = first && others.find((layer) => !sameValue(layer.values[name], first.values[name]))
    if (first === undefined || other === undefined) return []
    const places = [first, other].map((layer) => placeWord(layer.placeOf([name], 'key'))).join(' and ')
    const who = first.name === other.name ? `${first.level} "${first.name}" gives` : `the groups "${first.name}" and "${other.name}" give`
    const whom = first.level === 'host' ? '' : ` ${host}`
    return [mistake(`conflicting-${kind}`, `${who}${whom} different values of ${name}: ${places}`, {
      at: other.placeOf([name], 'key'),
      hint: first.name === other.name ? 'keep one of them' : 'keep one of them, or give the value at the host',
    })]
  })
}

const isNearer = (layer: VariableLayer, than: VariableLayer, holds: (outer: string, inner: string) => boolean): boolean =>
  layer.level === than.level ? layer.level === 'group' && holds(than.name, layer.name) : layer.level === 'host'

/** What the layers give together, the later ones over the earlier ones. */
export const merged = (layers: readonly VariableLayer[]): Readonly<Record<string, unknown>> =>
  Object.assign({}, ...layers.map((layer) => layer.values)) as Readonly<Record<string, unknown>>
