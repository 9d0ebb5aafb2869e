import { Secret } from '../../../core/secret.js'
import type { Filter } from '../filter.js'
import { templateError } from '../origin.js'
import { isList, isMap, kindInWords, kindOf, wrongType } from '../values.js'
import { plainText } from './texts.js'

/** A number, or the text of one. */
const numberIn = (value: unknown): number | undefined =>
  (typeof value === 'number' ? value : typeof value === 'string' && /^\s*[-+]?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : undefined)

const numeric = (value: unknown): number => {
  const number = numberIn(value)
  if (number === undefined) throw notANumber(value)
  return number
}

const notANumber = (value: unknown): Error =>
  templateError('not-a-number', `${typeof value === 'string' ? 'the text' : kindInWords(value)} is not a number`, {
    hint: 'give the number to use instead: | int(0)',
  })

const digits = (text: string, base: number): number | undefined => {
  const bare = text.trim().replace(base === 16 ? /^([-+]?)0x/i : base === 8 ? /^([-+]?)0o/i : base === 2 ? /^([-+]?)0b/i : /^([-+]?)/, '$1')
  const allowed = '0123456789abcdefghijklmnopqrstuvwxyz'.slice(0, base)
  return new RegExp(`^[-+]?[${allowed}]+$`, 'i').test(bare) ? Number.parseInt(bare, base) : undefined
}

const roundings = { common: (value: number) => Math.sign(value) * Math.round(Math.abs(value)), ceil: Math.ceil, floor: Math.floor }
const isRounding = (name: string): name is keyof typeof roundings => Object.hasOwn(roundings, name)

/** Each 1024 times the one before. */
const steps = ['', ...'KMGTPEZY']

const finite = (name: string, number: number): number => {
  if (Number.isFinite(number)) return number
  throw wrongType(`${name} has no result here`, 'look at the size and the sign of the numbers')
}

const words: Readonly<Record<string, boolean>> = { true: true, yes: true, on: true, 1: true, false: false, no: false, off: false, 0: false }

/** Filters that make numbers and booleans. */
export const numberFilters: readonly Filter[] = [
  {
    name: 'int', summary: 'A whole number, from a number or from text in a base; what is none is a mistake unless a default is given.',
    example: { expression: "'8243' | int", gives: 8243 },
    parameters: ['default?', 'base?'], secrets: 'hidden',
    apply: (input, given) => {
      if (typeof input === 'number') return Math.trunc(input)
      if (typeof input === 'boolean') return input ? 1 : 0
      const base = given.number('base', 10)
      const number = typeof input !== 'string' || !Number.isInteger(base) || base < 2 || base > 36 ? undefined
        : digits(input, base) ?? (base === 10 && /^\s*[-+]?\d+\.\d+\s*$/.test(input) ? Math.trunc(Number(input)) : undefined)
      if (number !== undefined && !Number.isSafeInteger(number)) throw templateError('not-a-number', 'the number is too large to be exact', {
        hint: 'keep it as text',
      })
      if (number === undefined && given.value('default') === undefined) throw notANumber(input)
      return number ?? given.value('default')
    },
  },
  {
    name: 'float', summary: 'A number with a fraction, from a number or text; what is none is a mistake unless a default is given.',
    example: { expression: "'0.5' | float", gives: 0.5 },
    parameters: ['default?'], secrets: 'hidden',
    apply: (input, given) => {
      const number = numberIn(input)
      if (number === undefined && given.value('default') === undefined) throw notANumber(input)
      return number ?? given.value('default')
    },
  },
  {
    name: 'abs', summary: 'A number without its sign.', example: { expression: '-3 | abs', gives: 3 },
    parameters: [], secrets: 'hidden', apply: (input) => Math.abs(numeric(input)),
  },
  {
    name: 'round', summary: 'A number rounded to some digits behind the point; `method` is common, ceil or floor.',
    example: { expression: '2.75 | round(1, method=\'floor\')', gives: 2.7 },
    parameters: ['precision?', 'method?'], secrets: 'hidden',
    apply: (input, given) => {
      const method = given.text('method', 'common')
      if (!isRounding(method)) throw wrongType('round has no such method', 'write common, ceil or floor')
      const precision = Math.trunc(given.number('precision', 0))
      // Moving the point in the decimal text keeps 1.005 from becoming 1.00499….
      const moved = (value: number, by: number): number => {
        const [mantissa, exponent = '0'] = String(value).split('e')
        return Number(`${mantissa}e${Number(exponent) + by}`)
      }
      return moved(roundings[method](moved(numeric(input), precision)), -precision) + 0
    },
  },
  {
    name: 'log', summary: 'The logarithm of a number, natural or to a base.', example: { expression: '8 | log(2)', gives: 3 },
    parameters: ['base?'], secrets: 'hidden',
    apply: (input, given) => {
      const base = given.value('base') === undefined ? undefined : given.number('base')
      return finite('log', base === 10 ? Math.log10(numeric(input)) : base === 2 ? Math.log2(numeric(input)) : Math.log(numeric(input)) / Math.log(base ?? Math.E))
    },
  },
  {
    name: 'pow', summary: 'A number to a power.', example: { expression: '2 | pow(10)', gives: 1024 },
    parameters: ['exponent'], secrets: 'hidden', apply: (input, given) => finite('pow', numeric(input) ** given.number('exponent')),
  },
  {
    name: 'root', summary: 'The square root of a number, or another root.', example: { expression: '27 | root(3)', gives: 3 },
    parameters: ['base?'], secrets: 'hidden',
    apply: (input, given) => {
      const base = given.number('base', 2)
      return finite('root', base === 2 ? Math.sqrt(numeric(input)) : base === 3 ? Math.cbrt(numeric(input)) : numeric(input) ** (1 / base))
    },
  },
  {
    name: 'human_readable', summary: 'A number of bytes (of bits with `isbits`) for people, in steps of 1024; `unit` is the letter of one step.',
    example: { expression: '1536 | human_readable', gives: '1.50 KB' },
    parameters: ['isbits?', 'unit?'], secrets: 'hidden',
    apply: (input, given) => {
      const [bytes, one] = [numeric(input), given.flag('isbits') ? 'bits' : 'Bytes']
      const unit = given.text('unit', '').toUpperCase()
      const wanted = unit === '' ? steps.findLastIndex((_, index) => Math.abs(bytes) >= 1024 ** index) : steps.indexOf(unit === 'B' ? '' : unit.charAt(0))
      if (wanted < 0 && unit !== '') throw wrongType('human_readable has no such unit', 'write B, K, M, G, T, P, E, Z or Y')
      const step = Math.max(0, wanted)
      return `${(bytes / 1024 ** step).toFixed(2)} ${step === 0 ? one : `${steps[step]}${one.charAt(0)}`}`
    },
  },
  {
    name: 'human_to_bytes', summary: 'The number of bytes that a text such as 2G or 1.5 MB stands for, in steps of 1024; `default_unit` is for a number alone.',
    example: { expression: "'1.5 MB' | human_to_bytes", gives: 1572864 },
    parameters: ['default_unit?'], secrets: 'hidden',
    apply: (input, given) => {
      const [, number, letter = ''] = /^\s*(\d+(?:\.\d+)?)\s*([KMGTPEZY]?)(?:i?B(?:ytes)?)?\s*$/i.exec(plainText(input)) ?? []
      const step = steps.indexOf((letter === '' ? given.text('default_unit', '').replace(/^B$/i, '') : letter).toUpperCase().charAt(0))
      if (number === undefined || step < 0) throw templateError('not-a-number', 'the text is no number of bytes', {
        hint: 'write a number and one of K, M, G, T, P, E, Z, Y, such as 512M',
      })
      return Math.round(Number(number) * 1024 ** step)
    },
  },
  {
    name: 'bool', summary: 'True or false, from true, yes, on, 1 or false, no, off, 0 in any case; anything else is a mistake.',
    example: { expression: "'yes' | bool", gives: true },
    parameters: [], secrets: 'hidden',
    apply: (input) => {
      if (typeof input === 'boolean') return input
      const word = plainText(input).toLowerCase()
      if (!Object.hasOwn(words, word)) throw wrongType('the value is neither true nor false', 'write true or false, or compare it with ==')
      return words[word]
    },
  },
  {
    name: 'sum', summary: 'The sum of a list of numbers, or of one attribute of its items.',
    example: { expression: '[1, 2, 3] | sum', gives: 6 },
    parameters: ['attribute?', 'start?'], secrets: 'hidden',
    apply: (input, given, tools) => {
      const attribute = given.value('attribute')
      const items = attribute === undefined ? input : tools.filter('map', input, [], new Map([['attribute', attribute]]))
      if (!isList(items)) throw wrongType(`sum wants a list, not ${kindInWords(items)}`, 'put the value between [ and ]')
      return items.reduce((sum: number, item) => sum + numeric(item), given.number('start', 0))
    },
  },
  {
    name: 'length', aliases: ['count'], summary: 'How many items a list, keys a map or characters a text has.',
    example: { expression: "['a', 'b'] | length", gives: 2 },
    parameters: [], secrets: 'kept',
    apply: (input) => {
      if (input instanceof Secret) return new Secret(String(input.reveal().length))
      if (isList(input) || typeof input === 'string') return input.length
      if (isMap(input)) return Object.keys(input).length
      throw wrongType(`${kindInWords(input)} has no length`, kindOf(input) === 'number' ? 'turn it into text with | string' : undefined)
    },
  },
]
