import { didYouMean } from '../../core/suggest.js'
import { Secret, shown } from '../../core/secret.js'
import { type Origin, templateError } from './origin.js'
import type { Expression, Position } from './tree.js'
import { hasKey, isList, isMap, kindInWords, kindOf, wrongType } from './values.js'

/** What a value holds under a key: a map's own key, a list's item (from its end when negative), `length` of a text or a list; else `undefined`. */
export const memberOf = (value: unknown, key: unknown): unknown => {
  kindOf(value)
  const name = key instanceof Secret ? key.reveal() : key
  if (isMap(value)) return (typeof name === 'string' || typeof name === 'number') && hasKey(value, name) ? value[name] : undefined
  if (isList(value) && Number.isInteger(name)) return value.at(Number(name))
  if (name !== 'length') return undefined
  if (value instanceof Secret) return new Secret(String(value.reveal().length))
  return isList(value) || typeof value === 'string' ? value.length : undefined
}

/** Part of a list or a text as Python cuts it: from the first to before the end, in steps; what is negative counts from the end. */
export const sliced = (value: unknown, ends: readonly unknown[]): unknown => {
  kindOf(value)
  const [first, end, step] = ends.map((one) => {
    if (one !== null && !Number.isInteger(one)) throw wrongType(`${kindInWords(one)} cannot be an end of a slice`, 'write whole numbers, such as [1:3]')
    return one === null ? undefined : Number(one)
  })
  if (step === 0) throw wrongType('a slice cannot go in steps of 0', 'leave the step out, or write [::-1] to turn it round')
  if (value instanceof Secret) return new Secret(cut([...value.reveal()], first, end, step).join(''))
  if (typeof value === 'string') return cut([...value], first, end, step).join('')
  if (isList(value)) return cut(value, first, end, step)
  throw wrongType(`${kindInWords(value)} cannot be sliced`, 'slices are for lists and texts')
}

const cut = <T>(items: readonly T[], first: number | undefined, end: number | undefined, step = 1): readonly T[] => {
  const inside = (index: number): number => Math.min(Math.max(index < 0 ? index + items.length : index, step > 0 ? 0 : -1), step > 0 ? items.length : items.length - 1)
  const from = first === undefined ? (step > 0 ? 0 : items.length - 1) : inside(first)
  const to = end === undefined ? (step > 0 ? items.length : -1) : inside(end)
  const count = Math.max(0, Math.ceil((to - from) / step))
  return Array.from({ length: count }).flatMap((_nothing, index) => items.slice(from + index * step, from + index * step + 1))
}

/** A value reached by keys and indexes with points between them, as filters name attributes: `address.port`, `0.name`. */
export const memberAlong = (value: unknown, path: string): unknown => {
  let at: unknown = value
  for (const step of path.split('.')) {
    if (at === undefined) return undefined
    at = memberOf(at, isList(at) && /^-?\d+$/.test(step) ? Number(step) : step)
  }
  return at
}

/** The mistake of asking a value for what it does not hold. */
export const missingMember = (value: unknown, key: unknown, path: string, origin: Origin, position: Position): Error => {
  const at = origin(position)
  if (typeof key !== 'string' && typeof key !== 'number' && !(key instanceof Secret)) {
    return templateError('wrong-type', `${kindInWords(key)} cannot be a key`, { at, hint: 'keys are texts, indexes of lists are numbers' })
  }
  const name = typeof key === 'number' ? String(key) : shown(key)
  const kind = kindInWords(value)
  if (isMap(value)) {
    return templateError('undefined-attribute', `${path} has no key "${name}"`, {
      at, hint: meant(name, Object.keys(value)) ?? `${tolerance}; ${listed(Object.keys(value))}`,
    })
  }
  if (isList(value) && typeof key === 'number') return templateError('undefined-attribute', `${path} has no item ${name}, it holds ${value.length}`, {
    at, hint: tolerance,
  })
  return templateError('undefined-attribute', `${path} is ${kind} and has no "${name}"`, {
    at, hint: kind === 'a list' ? 'take an item with [0], or go over it with map, select or for' : `only maps have keys; ${tolerance}`,
  })
}

/** The mistake of using a name that stands for nothing. */
export const missingName = (name: string, known: Iterable<string>, origin: Origin, position: Position): Error => {
  const hint = meant(name, [...known]) ?? `set it in the inventory or the playbook, with --set ${name}=…, or write ${name} | default(…)`
  return templateError('undefined-variable', `${name} is not defined`, { at: origin(position), hint })
}

const tolerance = 'where it may be missing, write | default(…) or ask with is defined'

const meant = (word: string, candidates: readonly string[]): string | undefined => {
  // `hosts.db-1` is read as a subtraction, so the key that goes on with `-` was meant.
  const candidate = candidates.find((key) => key.startsWith(`${word}-`)) ?? didYouMean(word, candidates)
  if (candidate === undefined) return undefined
  return /^[A-Za-z_]\w*$/.test(candidate) ? `did you mean ${candidate}?` : `did you mean ['${candidate}']?`
}

const listed = (keys: readonly string[]): string => (keys.length === 0 ? 'it is empty' : `it has ${keys.slice(0, 8).join(', ')}${keys.length > 8 ? ', …' : ''}`)

/** An expression in the words of the template, as far as it is a chain of names and keys. */
export const pathOf = (expression: Expression): string => {
  if (expression.type === 'name') return expression.name
  if (expression.type === 'literal') return typeof expression.value === 'string' ? `'${expression.value}'` : String(expression.value)
  if (expression.type !== 'member') return 'the value'
  const { target, key } = expression
  const path = pathOf(target)
  if (key.type === 'literal' && typeof key.value === 'string' && /^[A-Za-z_]\w*$/.test(key.value)) return `${path}.${key.value}`
  return `${path}[${key.type === 'literal' || key.type === 'name' ? pathOf(key) : '…'}]`
}
