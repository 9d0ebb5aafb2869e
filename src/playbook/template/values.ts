import { concat, reveal, Secret, type Text } from '../../core/secret.js'
import { Unknown, UnknownValue } from '../../core/unknown.js'
import { templateError } from './origin.js'

/** A map of a YAML file: only its own keys count. */
export type PlainMap = Readonly<Record<string, unknown>>

export type Kind = 'text' | 'secret' | 'number' | 'boolean' | 'nothing' | 'list' | 'map'

export const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)

/** What `omit` gives: the key or item whose whole value it is is left out. */
class Omitted {
  toString(): string { return 'omit' }
}
export const omitted = new Omitted()

/** Whether a value is a plain object; secrets, unknown values and instances of classes are none. */
export const isMap = (value: unknown): value is PlainMap => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Whether a map has a key of its own, and not by JavaScript's inheritance. */
export const hasKey = (map: PlainMap, key: string | number): boolean => Object.prototype.propertyIsEnumerable.call(map, key)

/** What kind of data a value is; touching an unknown value throws, and anything but data is a bug of whoever passed it. */
export const kindOf = (value: unknown): Kind => {
  if (value instanceof Unknown) throw new UnknownValue(value.until)
  if (value instanceof Secret) return 'secret'
  if (typeof value === 'string') return 'text'
  if (typeof value === 'number') return 'number'
  if (typeof value === 'boolean') return 'boolean'
  if (value === null || value === omitted) return 'nothing'
  if (isList(value)) return 'list'
  if (isMap(value)) return 'map'
  throw new TypeError(`a template was given a ${typeof value}, which is no data`)
}

const kindNames: Readonly<Record<Kind, string>> = {
  text: 'text', secret: 'a secret', number: 'a number', boolean: 'a boolean', nothing: 'empty (null)', list: 'a list', map: 'a map',
}
/** The kind of a value in words; never the value itself, which may be secret. */
export const kindInWords = (value: unknown): string => kindNames[kindOf(value)]

export const wrongType = (message: string, hint?: string): Error => templateError('wrong-type', message, { hint })

/** The longest text and the longest list that an expression may make. */
const MOST_CHARACTERS = 16 * 2 ** 20
export const MOST_ITEMS = 1_000_000

export const tooLarge = (message: string): Error => templateError('template-too-large', message, {
  hint: 'look for a loop that doubles its own result',
})

/** The same value, unless it is too large to go on with. */
export const limited = <T>(value: T): T => {
  if (typeof value === 'string' && value.length > MOST_CHARACTERS) throw tooLarge('a text grows beyond 16 million characters')
  if (value instanceof Secret && value.reveal().length > MOST_CHARACTERS) throw tooLarge('a text grows beyond 16 million characters')
  if (isList(value) && value.length > MOST_ITEMS) throw tooLarge('a list grows beyond a million items')
  return value
}

/** A value as it is written into a text; lists, maps and null are not, because everybody expects something else of them. */
export const textOf = (value: unknown): Text => {
  switch (kindOf(value)) {
    case 'list': throw templateError('not-text', 'a list cannot be written into text', { hint: "choose a form: | join(', ') or | to_json" })
    case 'map': throw templateError('not-text', 'a map cannot be written into text', { hint: 'choose a form: | to_json, or one of its keys' })
    case 'nothing': throw templateError('not-text', 'the value is empty (null) and cannot be written into text', {
      hint: "give it a value, or write | default('', true)",
    })
    default: return value instanceof Secret ? value : String(value)
  }
}

const DOTS = new Secret('').shown
const lineCount = (text: string): number => text.split('\n').length

/** A secret of several lines with dots on each of them, so that its lines can be shown one for one. */
export const lineByLine = (text: Text): Text => {
  if (!(text instanceof Secret) || lineCount(text.reveal()) === lineCount(text.shown)) return text
  return new Secret(text.reveal(), text.reveal().split('\n').map((line) => (line === '' ? '' : DOTS)).join('\n'))
}

/** Texts one after the other, secret parts as dots line by line. */
export const joined = (parts: readonly Text[]): Text => limited(concat(parts.map(lineByLine)))

/** Whether a value counts as true, as in Jinja: empty texts, lists and maps, zero, false and null do not. */
export const truthy = (value: unknown): boolean => {
  kindOf(value)
  if (value instanceof Secret) return value.reveal() !== ''
  if (isList(value)) return value.length > 0
  return isMap(value) ? Object.keys(value).length > 0 : Boolean(value)
}

const looksNumeric = (text: string): boolean => /^[-+]?\d+(\.\d+)?$/.test(text)

/** A secret as plain text, or as a number where the other side is one: a vault holds only text. */
const beside = (value: unknown, other: unknown): unknown => {
  if (!(value instanceof Secret)) return value
  const text = value.reveal()
  return typeof other === 'number' && looksNumeric(text) ? Number(text) : text
}

/** Whether two values are the same data; a number is never equal to a text. */
export const equal = (one: unknown, other: unknown): boolean => {
  kindOf(one)
  kindOf(other)
  const left = beside(one, other)
  const right = beside(other, one)
  if (isList(left) && isList(right)) return left.length === right.length && left.every((item, index) => equal(item, right[index]))
  if (isMap(left) && isMap(right)) {
    const keys = Object.keys(left)
    return keys.length === Object.keys(right).length && keys.every((key) => hasKey(right, key) && equal(left[key], right[key]))
  }
  return left === right
}

/** Negative, zero or positive as one value comes before, with or after the other: numbers by size, texts by their characters. */
export const order = (one: unknown, other: unknown): number => {
  const left = beside(one, other)
  const right = beside(other, one)
  if (typeof left === 'number' && typeof right === 'number') return left - right
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left > right ? 1 : 0
  throw wrongType(`${kindInWords(one)} and ${kindInWords(other)} have no order`, 'make both numbers with | int, or both texts with | string')
}

/** Whether a list holds an item, a map a key, or a text a part. */
export const holds = (haystack: unknown, needle: unknown): boolean => {
  kindOf(needle)
  if (isList(haystack)) return haystack.some((item) => equal(item, needle))
  if (isMap(haystack) && (typeof needle === 'string' || needle instanceof Secret)) return hasKey(haystack, reveal(needle))
  if ((typeof haystack === 'string' || haystack instanceof Secret) && (typeof needle === 'string' || needle instanceof Secret)) return reveal(haystack).includes(reveal(needle))
  throw wrongType(`${kindInWords(needle)} cannot be looked for in ${kindInWords(haystack)}`, 'look for an item in a list, a key in a map, or a text in a text')
}

/** A value without its secrets' covers, and whether it had any; throws at an unknown value anywhere in it. */
export const uncovered = (value: unknown, cover: (secret: Secret) => string = reveal): { readonly value: unknown; readonly secret: boolean } => {
  let secret = false
  const open = (inner: unknown): unknown => {
    kindOf(inner)
    if (inner === omitted && inner !== value) throw templateError('omit-inside', '`omit` stands inside a list or map that an expression makes', { hint: 'write the list or map in YAML, with {{ … | default(omit) }} as the whole value of a key' })
    if (inner instanceof Secret) {
      secret = true
      return cover(inner)
    }
    if (isList(inner)) return inner.map(open)
    if (isMap(inner)) return Object.fromEntries(Object.entries(inner).map(([key, item]) => [key, open(item)]))
    return inner
  }
  return { value: open(value), secret }
}

/** A value of which every text and number is secret; what is true, false or null stays plain, as with comparisons. */
export const covered = (value: unknown): unknown => {
  if (typeof value === 'string' || typeof value === 'number') return new Secret(String(value))
  if (isList(value)) return value.map(covered)
  if (isMap(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, covered(item)]))
  return value
}
