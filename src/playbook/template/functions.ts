import { argumentsOf, byName, type Arguments, type Operation } from './operation.js'
import { kindOf, MOST_ITEMS, tooLarge, wrongType } from './values.js'

/** A function that every expression may call. */
export interface GlobalFunction extends Operation { apply(given: Arguments): unknown }

/** All global functions, in the order of the manual. */
export const functions: readonly GlobalFunction[] = [
  {
    name: 'range', summary: 'The whole numbers from the first to just before the second, in steps.',
    example: { expression: 'range(1, 4)', gives: [1, 2, 3] }, parameters: ['start', 'stop?', 'step?'],
    apply: (given) => {
      const only = given.value('stop') === undefined
      const [start, stop, step] = [only ? 0 : given.number('start'), given.number(only ? 'start' : 'stop'), given.number('step', 1)]
      if (step === 0 || ![start, stop, step].every(Number.isInteger)) throw wrongType('range wants whole numbers, and steps other than 0', 'for example range(1, 4)')
      const length = Math.max(0, Math.ceil((stop - start) / step))
      if (length > MOST_ITEMS) throw tooLarge('a range holds more than a million numbers')
      return Array.from({ length }, (_, index) => start + index * step)
    },
  },
]

const table = byName(functions)

export const functionNamed = (name: string): GlobalFunction | undefined => table.get(name)
export const functionNames = (): Iterable<string> => table.keys()

export const applyFunction = (called: GlobalFunction, positional: readonly unknown[], named: ReadonlyMap<string, unknown>): unknown => {
  for (const value of [...positional, ...named.values()]) kindOf(value)
  return called.apply(argumentsOf(called, positional, named))
}
