import type { Filter } from '../filter.js'
import { equal, limited, MOST_ITEMS, tooLarge } from '../values.js'
import { distinct, listOf } from './lists.js'

type Items = readonly unknown[]
const without = (items: Items, others: Items): Items => items.filter((item) => !others.some((other) => equal(item, other)))

const twoLists = (name: string, summary: string, gives: Items, of: (one: Items, other: Items) => Items): Filter => ({
  name, summary, example: { expression: `[1, 2] | ${name}([2, 3])`, gives }, parameters: ['other'], secrets: 'kept',
  apply: (input, given) => limited(distinct(of(listOf(input, name), listOf(given.value('other'), name)))),
})

/** Filters that lay lists beside each other. */
export const setFilters: readonly Filter[] = [
  twoLists('union', 'The items that are in one list or the other, each once.', [1, 2, 3], (one, other) => [...one, ...other]),
  twoLists('intersect', 'The items that are in both lists, each once.', [2], (one, other) => one.filter((item) => other.some((another) => equal(item, another)))),
  twoLists('difference', 'The items of a list that are not in the other, each once.', [1], without),
  twoLists('symmetric_difference', 'The items that are in one of two lists only, each once.', [1, 3], (one, other) => [...without(one, other), ...without(other, one)]),
  {
    name: 'zip', summary: 'The items of several lists side by side, as far as the shortest reaches.',
    example: { expression: "['a', 'b'] | zip([1, 2])", gives: [['a', 1], ['b', 2]] },
    parameters: [], rest: true, secrets: 'kept',
    apply: (input, given) => {
      const lists = [input, ...given.more].map((list) => listOf(list, 'zip'))
      return Array.from({ length: Math.min(...lists.map(({ length }) => length)) }, (_, index) => lists.map((list) => list[index]))
    },
  },
  {
    name: 'zip_longest', summary: 'The items of several lists side by side, as far as the longest reaches; `fillvalue`, or null, stands for what is missing.',
    example: { expression: "['a', 'b'] | zip_longest([1], fillvalue=0)", gives: [['a', 1], ['b', 0]] },
    parameters: [], rest: true, secrets: 'kept',
    apply: (input, given) => {
      const lists = [input, ...given.more].map((list) => listOf(list, 'zip_longest'))
      const missing = given.named.get('fillvalue') ?? null
      return Array.from({ length: Math.max(...lists.map(({ length }) => length)) }, (_, index) => lists.map((list) => (index < list.length ? list[index] : missing)))
    },
  },
  {
    name: 'product', summary: 'Every item of a list with every item of the others.',
    example: { expression: "['a', 'b'] | product([1, 2])", gives: [['a', 1], ['a', 2], ['b', 1], ['b', 2]] },
    parameters: [], rest: true, secrets: 'kept',
    apply: (input, given) => {
      const lists = [input, ...given.more].map((list) => listOf(list, 'product'))
      if (lists.reduce((count, { length }) => count * length, 1) > MOST_ITEMS) throw tooLarge('a list grows beyond a million items')
      return lists.reduce<readonly Items[]>((rows, list) => rows.flatMap((row) => list.map((item) => [...row, item])), [[]])
    },
  },
]
