import { isDeepStrictEqual } from 'node:util'
import type { Place, ProvisionError } from '../core/errors.js'
import { Secret } from '../core/secret.js'
import type { YamlPath } from '../yaml/document.js'
import type { GroupTree } from './groups.js'
import { mistake, placeWord } from './mistake.js'

/** Values that one group or one host gives, in one file; they still hold their `{{ }}`. */
export interface VariableLayer {
  readonly level: 'group' | 'host'
  /** The group (`all` for every host) or the host. */
  readonly name: string
  readonly file: string
  readonly values: Readonly<Record<string, unknown>>
  /** Of two layers of one group or host the later turn has the last word; of one turn, none has. */
  readonly turn?: number
  /** What files beside an inventory of Ansible say of groups goes over what any inventory itself says of them: 1 instead of 0. */
  readonly rank?: number
  /** `ansible_group_priority`: of groups of the same depth the higher one has the last word. */
  readonly priority?: number
  /** Where a value stands: `[variable, key, …]`. */
  placeOf(path: YamlPath, part?: 'key' | 'value'): Place
}

/** How groups stand inside each other. */
export type Nesting = Pick<GroupTree, 'holds' | 'depth'>

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
export const conflicts = (host: string, layers: readonly VariableLayer[], tree: Nesting, kind: 'variables' | 'settings'): readonly ProvisionError[] => {
  const names = new Set(layers.flatMap((layer) => Object.keys(layer.values)))
  return [...names].flatMap((name) => {
    const givers = layers.filter((layer) => Object.hasOwn(layer.values, name))
    const nearest = givers.filter((giver) => !givers.some((other) => isNearer(other, giver, tree)))
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

const isNearer = (layer: VariableLayer, than: VariableLayer, { holds, depth }: Nesting): boolean => {
  if (layer.level !== than.level) return layer.level === 'host'
  const rank = rankOf(layer) - rankOf(than)
  if (rank !== 0) return rank > 0
  if (layer.name === than.name) return turnOf(layer) > turnOf(than)
  return holds(than.name, layer.name) || (depth(than.name) === depth(layer.name) && priorityOf(layer) > priorityOf(than))
}

/** The layers of one level from the farthest to the nearest, so that the later one always has the last word. */
export const inOrder = (layers: readonly VariableLayer[], { depth }: Pick<Nesting, 'depth'>): readonly VariableLayer[] =>
  layers.toSorted((a, b) => rankOf(a) - rankOf(b) || depth(a.name) - depth(b.name) || priorityOf(a) - priorityOf(b) || turnOf(a) - turnOf(b))

const rankOf = ({ rank = 0 }: VariableLayer): number => rank
const turnOf = ({ turn = 0 }: VariableLayer): number => turn
const priorityOf = ({ priority = 1 }: VariableLayer): number => priority

/** What the layers give together, the later ones over the earlier ones. */
export const merged = (layers: readonly VariableLayer[]): Readonly<Record<string, unknown>> =>
  Object.assign({}, ...layers.map((layer) => layer.values)) as Readonly<Record<string, unknown>>
