import { Secret } from '../../../core/secret.js'
import type { Filter, Tools } from '../filter.js'
import { memberAlong } from '../members.js'
import type { Arguments } from '../operation.js'
import { templateError } from '../origin.js'
import { equal, isList, isMap, kindInWords, order, truthy, wrongType } from '../values.js'

/** A list, or the mistake that a value is none. */
export const listOf = (value: unknown, filter: string): readonly unknown[] => {
  if (isList(value)) return value
  throw wrongType(`${filter} wants a list, not ${kindInWords(value)}`, isMap(value) ? 'turn the map into a list with | dict2items' : 'put the value between [ and ]')
}

/** The items of a list or the letters of a text, which stay secret. */
const charactersOr = (value: unknown, filter: string): readonly unknown[] => {
  if (value instanceof Secret) return [...value.reveal()].map((letter) => new Secret(letter))
  return typeof value === 'string' ? [...value] : listOf(value, filter)
}

/** What an item holds under a path; that it holds nothing there is a mistake. */
export const attributeOf = (item: unknown, path: string): unknown => {
  const value = memberAlong(item, path)
  if (value === undefined) throw templateError('undefined-attribute', `an item has no "${path}"`, {
    hint: `choose those that have it first: | selectattr('${path}', 'defined')`,
  })
  return value
}

/** What items are compared by: themselves or one of their attributes. */
const keyOf = (given: Arguments): ((item: unknown) => unknown) => {
  const attribute = given.value('attribute')
  if (typeof attribute === 'number') return (item) => attributeOf(item, String(attribute))
  return attribute === undefined ? (item) => item : (item) => attributeOf(item, given.text('attribute'))
}

const withKeys = (items: readonly unknown[], keyOfItem: (item: unknown) => unknown): readonly { readonly key: unknown; readonly item: unknown }[] =>
  items.map((item) => ({ key: keyOfItem(item), item }))

/** The items without repetitions, of each the first. */
export const distinct = (items: readonly unknown[], keyOfItem: (item: unknown) => unknown = (item) => item): readonly unknown[] => {
  const plain = new Set<unknown>()
  const others: unknown[] = []
  return items.filter((item) => {
    const key = keyOfItem(item)
    if (typeof key === 'string' || typeof key === 'number') return !plain.has(key) && plain.add(key) !== undefined
    return !others.some((other) => equal(other, key)) && others.push(key) > 0
  })
}

/** A text in lower case, and any other value as it is. */
export const foldedCase = (value: unknown): unknown => {
  if (value instanceof Secret) return new Secret(value.reveal().toLowerCase())
  return typeof value === 'string' ? value.toLowerCase() : value
}

const flattened = (items: readonly unknown[], levels: number, skipNulls: boolean): readonly unknown[] =>
  items.flatMap((item) => (isList(item) && levels > 0 ? flattened(item, levels - 1, skipNulls) : item === null && skipNulls ? [] : [item]))

const test = (item: unknown, name: unknown, rest: readonly unknown[], tools: Tools): boolean => {
  if (name === undefined) return truthy(item)
  if (typeof name !== 'string') throw wrongType('the test is named by a text', "for example | select('match', '^a')")
  return tools.check(name, item, rest)
}

const tolerantTests = new Set(['defined', 'undefined'])

const byAttribute = (input: unknown, given: Arguments, tools: Tools, filter: string, wanted: boolean): readonly unknown[] =>
  listOf(input, filter).filter((item) => {
    const name = given.value('test')
    const path = given.text('attribute')
    const value = typeof name === 'string' && tolerantTests.has(name) ? memberAlong(item, path) : attributeOf(item, path)
    return test(value, name, given.more, tools) === wanted
  })

const extreme = (name: 'min' | 'max', summary: string, expression: string, gives: unknown): Filter => ({
  name, summary, example: { expression, gives }, parameters: ['attribute?'], secrets: 'kept',
  apply: (input, given) => {
    const sign = name === 'min' ? 1 : -1
    const [first, ...others] = withKeys(listOf(input, name), keyOf(given))
    return others.reduce((best, other) => (best !== undefined && sign * order(other.key, best.key) >= 0 ? best : other), first)?.item
  },
})

/** Filters that choose among the items of lists and put them in order. */
export const listFilters: readonly Filter[] = [
  {
    name: 'map', summary: 'Each item of a list put through a filter, or one attribute of each.',
    example: { expression: "[{'name': 'a'}, {'name': 'b'}] | map(attribute='name')", gives: ['a', 'b'] },
    parameters: ['filter?'], rest: true, secrets: 'kept',
    apply: (input, given, tools) => {
      const items = listOf(input, 'map')
      const attribute = given.named.get('attribute')
      if (typeof attribute === 'string' || typeof attribute === 'number') {
        const otherwise = given.named.get('default')
        return items.map((item) => {
          const value = otherwise === undefined ? attributeOf(item, String(attribute)) : memberAlong(item, String(attribute))
          return value === undefined ? otherwise : value
        })
      }
      const name = given.value('filter')
      if (typeof name !== 'string') throw wrongType('map needs the name of a filter or an attribute', "for example | map('upper') or | map(attribute='name')")
      return items.map((item) => tools.filter(name, item, given.more, new Map([...given.named].filter(([key]) => key !== 'filter'))))
    },
  },
  {
    name: 'select', summary: 'The items of a list that pass a test, or that count as true.',
    example: { expression: "['a1', 'b1'] | select('match', 'a')", gives: ['a1'] },
    parameters: ['test?'], rest: true, secrets: 'kept',
    apply: (input, given, tools) => listOf(input, 'select').filter((item) => test(item, given.value('test'), given.more, tools)),
  },
  {
    name: 'reject', summary: 'The items of a list that fail a test, or that count as false.',
    example: { expression: "[1, 2, 3] | reject('odd')", gives: [2] },
    parameters: ['test?'], rest: true, secrets: 'kept',
    apply: (input, given, tools) => listOf(input, 'reject').filter((item) => !test(item, given.value('test'), given.more, tools)),
  },
  {
    name: 'selectattr', summary: 'The items of a list whose attribute passes a test, or counts as true.',
    example: { expression: "[{'os': 'debian'}, {'os': 'rhel'}] | selectattr('os', '==', 'rhel')", gives: [{ os: 'rhel' }] },
    parameters: ['attribute', 'test?'], rest: true, secrets: 'kept',
    apply: (input, given, tools) => byAttribute(input, given, tools, 'selectattr', true),
  },
  {
    name: 'rejectattr', summary: 'The items of a list whose attribute fails a test, or counts as false.',
    example: { expression: "[{'n': 1}, {'n': 2}] | rejectattr('n', 'even')", gives: [{ n: 1 }] },
    parameters: ['attribute', 'test?'], rest: true, secrets: 'kept',
    apply: (input, given, tools) => byAttribute(input, given, tools, 'rejectattr', false),
  },
  {
    name: 'unique', summary: 'The items of a list without repetitions, of each the first; `case_sensitive=false` takes A and a for the same.',
    example: { expression: "['a', 'b', 'a'] | unique", gives: ['a', 'b'] },
    parameters: ['case_sensitive?', 'attribute?'], secrets: 'kept',
    apply: (input, given) => {
      const key = keyOf(given)
      return distinct(listOf(input, 'unique'), given.flag('case_sensitive', true) ? key : (item) => foldedCase(key(item)))
    },
  },
  {
    name: 'sort', summary: 'The items of a list in order, texts without regard to case unless `case_sensitive`.',
    example: { expression: '[3, 1, 2] | sort(reverse=true)', gives: [3, 2, 1] },
    parameters: ['reverse?', 'case_sensitive?', 'attribute?'], secrets: 'kept',
    apply: (input, given) => {
      const key = keyOf(given)
      const fold = given.flag('case_sensitive') ? key : (item: unknown): unknown => foldedCase(key(item))
      const sign = given.flag('reverse') ? -1 : 1
      return withKeys(listOf(input, 'sort'), fold).toSorted((one, other) => sign * order(one.key, other.key)).map(({ item }) => item)
    },
  },
  {
    name: 'reverse', summary: 'The items of a list from the last to the first.', example: { expression: '[1, 2] | reverse', gives: [2, 1] },
    parameters: [], secrets: 'kept', apply: (input) => listOf(input, 'reverse').toReversed(),
  },
  {
    name: 'first', summary: 'The first item of a list or letter of a text; of an empty one it is undefined.',
    example: { expression: "['a', 'b'] | first", gives: 'a' },
    parameters: [], secrets: 'kept', apply: (input) => charactersOr(input, 'first')[0],
  },
  {
    name: 'last', summary: 'The last item of a list or letter of a text; of an empty one it is undefined.',
    example: { expression: "['a', 'b'] | last", gives: 'b' },
    parameters: [], secrets: 'kept', apply: (input) => charactersOr(input, 'last').at(-1),
  },
  extreme('min', 'The smallest item of a list, or the one with the smallest attribute.', '[2, 1] | min', 1),
  extreme('max', 'The largest item of a list, or the one with the largest attribute.', '[2, 1] | max', 2),
  {
    name: 'flatten', summary: 'A list with the items of the lists in it, all the way down or so many levels, and without nulls unless `skip_nulls=false`.',
    example: { expression: '[1, [2, [3]]] | flatten', gives: [1, 2, 3] },
    parameters: ['levels?', 'skip_nulls?'], secrets: 'kept',
    apply: (input, given) => flattened(listOf(input, 'flatten'), given.number('levels', Infinity), given.flag('skip_nulls', true)),
  },
  {
    name: 'list', summary: 'A list: of a map its keys, of a text its characters.',
    example: { expression: "{'a': 1, 'b': 2} | list", gives: ['a', 'b'] },
    parameters: [], secrets: 'kept',
    apply: (input) => (isMap(input) ? Object.keys(input) : typeof input === 'string' ? [...input] : listOf(input, 'list')),
  },
]
