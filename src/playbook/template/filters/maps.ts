import { Secret } from '../../../core/secret.js'
import type { Filter } from '../filter.js'
import { equal, hasKey, isList, isMap, kindInWords, limited, type PlainMap, truthy, wrongType } from '../values.js'

/** A map, or the mistake that a value is none. */
export const mapOf = (value: unknown, filter: string): PlainMap => {
  if (isMap(value)) return value
  throw wrongType(`${filter} wants a map, not ${kindInWords(value)}`, isList(value) ? 'turn a list of pairs into a map with | items2dict' : undefined)
}

/** What becomes of two lists under the same key; `_rp` means that what is in both stands once, where the later list has it. */
const listMerges: Readonly<Record<string, (before: readonly unknown[], after: readonly unknown[]) => readonly unknown[]>> = {
  replace: (_, after) => after,
  keep: (before) => before,
  append: (before, after) => [...before, ...after],
  prepend: (before, after) => [...after, ...before],
  append_rp: (before, after) => [...without(before, after), ...after],
  prepend_rp: (before, after) => [...after, ...without(before, after)],
}
const without = (items: readonly unknown[], others: readonly unknown[]): readonly unknown[] => items.filter((item) => !others.some((other) => equal(item, other)))

interface Combining { readonly recursive: boolean; readonly lists: (before: readonly unknown[], after: readonly unknown[]) => readonly unknown[] }

const combined = (one: PlainMap, other: PlainMap, how: Combining): PlainMap =>
  Object.fromEntries([...Object.entries(one), ...Object.entries(other).map(([key, value]): readonly [string, unknown] => {
    const before = hasKey(one, key) ? one[key] : undefined
    if (how.recursive && isMap(before) && isMap(value)) return [key, combined(before, value, how)]
    return [key, isList(before) && isList(value) ? limited(how.lists(before, value)) : value]
  })])

const keyText = (value: unknown): string => {
  if (typeof value === 'string' || typeof value === 'number') return String(value)
  if (value instanceof Secret) throw wrongType('a secret cannot become the key of a map', 'keys are printed; use it as the value')
  throw wrongType('an item has no text as its key', "name the attributes: | items2dict(key_name='name', value_name='value')")
}

/** What `default` gives when it is not told. */
const otherwiseOf = (value: unknown): unknown => (value === undefined ? '' : value)

/** Filters on maps, and those that choose a value. */
export const mapFilters: readonly Filter[] = [
  {
    name: 'default', aliases: ['d'], summary: 'The value, or another one where it is not defined; with `true` also where it is empty, null or false.',
    example: { expression: "missing | default('none')", gives: 'none' }, parameters: ['value?', 'boolean?'], secrets: 'kept', tolerant: true,
    apply: (input, given) => (input === undefined || (given.flag('boolean') && !truthy(input)) ? otherwiseOf(given.value('value')) : input),
  },
  {
    name: 'mandatory', summary: 'The value itself; that there is none is a mistake, as everywhere but before `default`.',
    example: { expression: "'esb' | mandatory", gives: 'esb' }, parameters: [], secrets: 'kept', apply: (input) => input,
  },
  {
    name: 'ternary', summary: 'One value where the input counts as true, the other where it does not, a third where it is null.',
    example: { expression: "(2 > 1) | ternary('yes', 'no')", gives: 'yes' },
    parameters: ['true_value', 'false_value', 'none_value?'], secrets: 'kept',
    apply: (input, given) => {
      const otherwise = given.value('none_value')
      if (input === null && otherwise !== undefined) return otherwise
      return given.value(truthy(input) ? 'true_value' : 'false_value')
    },
  },
  {
    name: 'combine', summary: 'Maps laid over one another: later ones win; with `recursive` also within maps; `list_merge` is replace, keep, append, prepend, append_rp or prepend_rp.',
    example: { expression: "{'a': {'b': 1}} | combine({'a': {'c': 2}}, recursive=true)", gives: { a: { b: 1, c: 2 } } },
    parameters: [], rest: true, secrets: 'kept',
    apply: (input, given) => {
      const unknown = [...given.named.keys()].find((name) => name !== 'recursive' && name !== 'list_merge')
      if (unknown !== undefined) throw wrongType(`combine has no parameter ${unknown}`, 'it takes maps, recursive=true and list_merge')
      const merge = given.text('list_merge', 'replace')
      const lists = Object.hasOwn(listMerges, merge) ? listMerges[merge] : undefined
      if (lists === undefined) throw wrongType('combine has no such list_merge', `write ${Object.keys(listMerges).join(', ')}`)
      const how = { recursive: given.flag('recursive'), lists }
      return [input, ...given.more].reduce((sum: PlainMap, map) => combined(sum, mapOf(map, 'combine'), how), {})
    },
  },
  {
    name: 'items', summary: 'The keys and values of a map as pairs, for `for key, value in`.',
    example: { expression: "{'a': 1} | items", gives: [['a', 1]] },
    parameters: [], secrets: 'kept', apply: (input) => Object.entries(mapOf(input, 'items')),
  },
  {
    name: 'dict2items', summary: 'The keys and values of a map as a list of maps with `key` and `value`.',
    example: { expression: "{'a': 1} | dict2items", gives: [{ key: 'a', value: 1 }] },
    parameters: ['key_name?', 'value_name?'], secrets: 'kept',
    apply: (input, given) => Object.entries(mapOf(input, 'dict2items')).map(([key, value]) =>
      Object.fromEntries([[given.text('key_name', 'key'), key], [given.text('value_name', 'value'), value]])),
  },
  {
    name: 'items2dict', summary: 'A map from a list of pairs, or of maps with `key` and `value`.',
    example: { expression: "[{'key': 'a', 'value': 1}] | items2dict", gives: { a: 1 } },
    parameters: ['key_name?', 'value_name?'], secrets: 'kept',
    apply: (input, given) => {
      if (!isList(input)) throw wrongType(`items2dict wants a list, not ${kindInWords(input)}`)
      return Object.fromEntries(input.map((item): readonly [string, unknown] => {
        if (isList(item) && item.length === 2) return [keyText(item[0]), item[1]]
        const [keyName, valueName] = [given.text('key_name', 'key'), given.text('value_name', 'value')]
        const map = mapOf(item, 'items2dict')
        if (!hasKey(map, valueName)) throw wrongType(`an item has no "${valueName}"`, "name the attributes: | items2dict(key_name='name', value_name='value')")
        return [keyText(hasKey(map, keyName) ? map[keyName] : undefined), map[valueName]]
      }))
    },
  },
]
