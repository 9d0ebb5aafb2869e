import { Secret } from '../../core/secret.js'
import type { BinaryOperator, Comparison } from './tree.js'
import { templateError } from './origin.js'
import { equal, isList, joined, kindInWords, limited, order, textOf, wrongType } from './values.js'

/** The result of an arithmetic operator, `~`, or `+` between texts or lists. */
export const combine = (operator: BinaryOperator, left: unknown, right: unknown): unknown => {
  if (operator === '~') return joined([textOf(left), textOf(right)])
  if (operator === '+') {
    if (isText(left) && isText(right)) return joined([left, right])
    if (isList(left) && isList(right)) return limited([...left, ...right])
  }
  const [one, other] = [numberOf(left), numberOf(right)]
  if (one === undefined || other === undefined) {
    const toNumber = 'turn text into a number with | int'
    throw wrongType(`${operator} does not work between ${kindInWords(left)} and ${kindInWords(right)}`, operator === '+' ? `join texts with ~, or ${toNumber}` : toNumber)
  }
  const result = calculate(operator, one, other)
  return left instanceof Secret || right instanceof Secret ? new Secret(String(result)) : result
}

const isText = (value: unknown): value is string | Secret => typeof value === 'string' || value instanceof Secret

/** A number; a secret counts as one when its text is. */
const numberOf = (value: unknown): number | undefined => {
  if (typeof value === 'number') return value
  return value instanceof Secret && /^[-+]?\d+(\.\d+)?$/.test(value.reveal()) ? Number(value.reveal()) : undefined
}

const calculate = (operator: Exclude<BinaryOperator, '~'>, one: number, other: number): number => {
  const result = calculated(operator, one, other)
  if (Number.isFinite(result)) return result
  if (other === 0) throw templateError('wrong-type', `${operator} by zero has no result`, { hint: 'ask first whether the divisor is 0' })
  throw templateError('wrong-type', `the result of ${operator} is not a number that can be written`, {
    hint: 'look at the size of the numbers',
  })
}

const calculated = (operator: Exclude<BinaryOperator, '~'>, one: number, other: number): number => {
  switch (operator) {
    case '+': return one + other
    case '-': return one - other
    case '*': return one * other
    case '/': return one / other
    case '//': return Math.floor(one / other)
    // The sign of the divisor, as in Jinja: -1 % 3 is 2.
    case '%': return one - other * Math.floor(one / other)
    case '**': return one ** other
    default: return operator satisfies never
  }
}

/** A number with the sign turned, or as it is. */
export const signed = (value: unknown, negative: boolean): unknown => {
  const number = numberOf(value)
  if (number === undefined) throw wrongType(`${kindInWords(value)} has no sign`, 'turn text into a number with | int')
  const result = negative ? 0 - number : number
  return value instanceof Secret ? new Secret(String(result)) : result
}

export const compare = (operator: Comparison, left: unknown, right: unknown): boolean => {
  switch (operator) {
    case '==': return equal(left, right)
    case '!=': return !equal(left, right)
    case '<': return order(left, right) < 0
    case '>': return order(left, right) > 0
    case '<=': return order(left, right) <= 0
    case '>=': return order(left, right) >= 0
    default: return operator satisfies never
  }
}
