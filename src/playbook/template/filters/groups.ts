import type { Filter } from '../filter.js'
import { memberAlong, memberOf } from '../members.js'
import { templateError } from '../origin.js'
import { equal, isMap, kindInWords, order, wrongType } from '../values.js'
import { attributeOf, foldedCase, listOf } from './lists.js'
import { mapOf } from './maps.js'

const whole = (number: number, filter: string): number => {
  if (Number.isInteger(number) && number > 0) return number
  throw wrongType(`${filter} wants a whole number from 1 on`, `for example | ${filter}(2)`)
}

/** Filters that put items of lists and maps into groups and pairs. */
export const groupFilters: readonly Filter[] = [
  {
    name: 'groupby', summary: 'The items of a list in groups of one attribute: pairs of its value and the items that have it, in the order of the values.',
    example: {
      expression: "[{'os': 'b', 'n': 1}, {'os': 'a', 'n': 2}] | groupby('os')", gives: [['a', [{ os: 'a', n: 2 }]], ['b', [{ os: 'b', n: 1 }]]],
    },
    parameters: ['attribute', 'default?'], secrets: 'kept',
    apply: (input, given) => {
      const path = String(given.value('attribute'))
      const otherwise = given.value('default')
      const groups: { readonly key: unknown; readonly items: unknown[] }[] = []
      for (const item of listOf(input, 'groupby')) {
        const key = otherwise === undefined ? attributeOf(item, path) : memberAlong(item, path) ?? otherwise
        const group = groups.find((one) => equal(foldedCase(one.key), foldedCase(key)))
        if (group === undefined) groups.push({ key, items: [item] })
        else group.items.push(item)
      }
      return groups.toSorted((one, other) => order(foldedCase(one.key), foldedCase(other.key))).map(({ key, items }) => [key, items])
    },
  },
  {
    name: 'batch', summary: 'The items of a list in lists of so many; `fill_with` fills the last one up.',
    example: { expression: '[1, 2, 3] | batch(2)', gives: [[1, 2], [3]] },
    parameters: ['linecount', 'fill_with?'], secrets: 'kept',
    apply: (input, given) => {
      const [items, size, filling] = [listOf(input, 'batch'), whole(given.number('linecount'), 'batch'), given.value('fill_with')]
      return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => {
        const part = items.slice(index * size, (index + 1) * size)
        return filling === undefined ? part : [...part, ...Array.from({ length: Math.min(size, 1000) - part.length }, () => filling)]
      })
    },
  },
  {
    name: 'slice', summary: 'The items of a list in so many lists, as even as can be; `fill_with` makes them so.',
    example: { expression: '[1, 2, 3] | slice(2)', gives: [[1, 2], [3]] },
    parameters: ['slices', 'fill_with?'], secrets: 'kept',
    apply: (input, given) => {
      const [items, count, filling] = [listOf(input, 'slice'), Math.min(whole(given.number('slices'), 'slice'), 1000), given.value('fill_with')]
      const [size, longer] = [Math.floor(items.length / count), items.length % count]
      return Array.from({ length: count }, (_, index) => {
        const part = items.slice(index * size + Math.min(index, longer), (index + 1) * size + Math.min(index + 1, longer))
        return filling !== undefined && index >= longer ? [...part, filling] : part
      })
    },
  },
  {
    name: 'dictsort', summary: 'The keys and values of a map as pairs, in the order of the keys, or of the values with `by=\'value\'`.',
    example: { expression: "{'b': 1, 'a': 2} | dictsort", gives: [['a', 2], ['b', 1]] },
    parameters: ['case_sensitive?', 'by?', 'reverse?'], secrets: 'kept',
    apply: (input, given) => {
      const by = given.text('by', 'key')
      if (by !== 'key' && by !== 'value') throw wrongType('dictsort puts in order by key or value', "write by='value'")
      const keyOf = (pair: readonly unknown[]): unknown => (given.flag('case_sensitive') ? pair[by === 'key' ? 0 : 1] : foldedCase(pair[by === 'key' ? 0 : 1]))
      const sign = given.flag('reverse') ? -1 : 1
      return Object.entries(mapOf(input, 'dictsort')).toSorted((one, other) => sign * order(keyOf(one), keyOf(other)))
    },
  },
  {
    name: 'subelements', summary: 'Each item of a list with each item of a list in it, as pairs.',
    example: {
      expression: "[{'name': 'app', 'keys': ['k1', 'k2']}] | subelements('keys') | map('last')", gives: ['k1', 'k2'],
    },
    parameters: ['subelements', 'skip_missing?'], secrets: 'kept',
    apply: (input, given) => {
      const path = given.text('subelements')
      return listOf(input, 'subelements').flatMap((item) => {
        const inner = given.flag('skip_missing') ? memberAlong(item, path) ?? [] : attributeOf(item, path)
        return listOf(inner, 'subelements').map((one) => [item, one])
      })
    },
  },
  {
    name: 'extract', summary: 'What a map holds under the input as its key, or a list at that index; `morekeys` go further in.',
    example: { expression: "['b', 'a'] | map('extract', {'a': 1, 'b': 2})", gives: [2, 1] },
    parameters: ['container', 'morekeys?'], secrets: 'kept',
    apply: (input, given) => {
      const more = given.value('morekeys')
      const keys = [input, ...(more === undefined ? [] : Array.isArray(more) ? more : [more])]
      return keys.reduce<unknown>((value, key) => {
        const member = memberOf(value, key)
        if (member === undefined) throw templateError('undefined-attribute', `${isMap(value) ? 'the map' : kindInWords(value)} holds nothing under such a key`, {
          hint: 'choose the keys that are there first: | select(\'in\', MAP)',
        })
        return member
      }, given.value('container'))
    },
  },
]
