import { templateError } from './origin.js'
import { wrongType } from './values.js'

/** The numbers and words of a version; points only stand between them. */
const partsOf = (version: string): readonly (number | string)[] =>
  (version.match(/\d+|[a-z]+|[^\da-z.]+/gi) ?? []).map((part) => (/^\d/.test(part) ? Number(part) : part))

/** Negative, zero or positive as one version comes before, with or after another: part for part, numbers by size; the shorter first where one begins with the other. */
export const compareVersions = (one: string, other: string): number => {
  const [left, right] = [partsOf(one.trim()), partsOf(other.trim())]
  for (const [index, a] of left.entries()) {
    const b = right[index]
    if (b === undefined) return 1
    if (typeof a !== typeof b) throw templateError('wrong-type', 'the versions have a number and a word at the same place, which have no order', {
      hint: 'cut them to what can be compared, such as | regex_search(\'^[0-9.]+\')',
    })
    if (a !== b) return a < b ? -1 : 1
  }
  return left.length - right.length
}

const operators: Readonly<Record<string, (order: number) => boolean>> = {
  '==': (order) => order === 0, '=': (order) => order === 0, eq: (order) => order === 0, '!=': (order) => order !== 0, '<>': (order) => order !== 0, ne: (order) => order !== 0,
  '<': (order) => order < 0, lt: (order) => order < 0, '<=': (order) => order <= 0, le: (order) => order <= 0,
  '>': (order) => order > 0, gt: (order) => order > 0, '>=': (order) => order >= 0, ge: (order) => order >= 0,
}

/** Whether an order is what an operator asks for. */
export const versionHolds = (operator: string, order: number): boolean => {
  const holds = Object.hasOwn(operators, operator) ? operators[operator] : undefined
  if (holds === undefined) throw wrongType('version has no such operator', 'write ==, !=, <, <=, > or >=')
  return holds(order)
}
