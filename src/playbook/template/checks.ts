import { Secret } from '../../core/secret.js'
import { didYouMean } from '../../core/suggest.js'
import { liesIn } from './filters/addresses.js'
import { type Arguments, argumentsOf, byName, type Operation } from './operation.js'
import { templateError } from './origin.js'
import { patternOf, type PatternFlags } from './pattern.js'
import { equal, holds, isList, isMap, kindInWords, kindOf, order, truthy, wrongType } from './values.js'
import { compareVersions, versionHolds } from './versions.js'

/** A test: what stands behind `is`, and what `select` and its like are given. Always answers true or false. */
export interface Check extends Operation {
  /** Is also given what is undefined or unknown. */
  readonly tolerant?: boolean
  apply(input: unknown, given: Arguments): boolean
}

const wholeNumber = (value: unknown, name: string): number => {
  if (typeof value === 'number' && Number.isInteger(value)) return value
  throw wrongType(`${name} asks about whole numbers, not about ${kindInWords(value)}`, 'turn text into a number with | int')
}

const plainText = (value: unknown, name: string): string => {
  if (value instanceof Secret) return value.reveal()
  if (typeof value === 'string') return value
  throw wrongType(`${name} asks about text, not about ${kindInWords(value)}`, 'turn it into text with | string')
}

const compared = (name: string, aliases: readonly string[], summary: string, expression: string, holdsFor: (input: unknown, other: unknown) => boolean): Check =>
  ({ name, aliases, summary, example: { expression, gives: true }, parameters: ['other'], apply: (input, given) => holdsFor(input, given.value('other')) })

const kind = (name: string, summary: string, expression: string, holdsFor: (input: unknown) => boolean, aliases: readonly string[] = []): Check =>
  ({ name, aliases, summary, example: { expression, gives: true }, parameters: [], apply: holdsFor })

const found = (name: string, summary: string, expression: string, anchored: (pattern: string) => string, aliases: readonly string[] = []): Check => ({
  name, aliases, summary, example: { expression, gives: true }, parameters: ['pattern', 'ignorecase?', 'multiline?'],
  apply: (input, given) => patternOf(given.text('pattern'), flagsOf(given), anchored).test(plainText(input, name)),
})
const flagsOf = (given: Arguments): PatternFlags => ({ ignorecase: given.flag('ignorecase'), multiline: given.flag('multiline') })

const everyIn = (part: unknown, whole: unknown): boolean => {
  if (isList(part) && isList(whole)) return part.every((item) => holds(whole, item))
  throw wrongType(`${kindInWords(part)} and ${kindInWords(whole)} are no two lists`, 'put each value between [ and ]')
}

const itemsOf = (value: unknown, name: string): readonly unknown[] => {
  if (isList(value)) return value
  throw wrongType(`${name} asks about lists, not about ${kindInWords(value)}`, 'put the value between [ and ]')
}

const isCase = (text: string, inCase: (text: string) => string): boolean => inCase(text) === text && text.toLowerCase() !== text.toUpperCase()

/** What a step with `register` gives, as far as tests ask for it. */
const outcomeOf = (value: unknown, name: string): { readonly changed: boolean; readonly exit: unknown; readonly skipped: unknown } => {
  if (isMap(value) && typeof value['changed'] === 'boolean' && 'exit' in value) return { changed: value['changed'], exit: value['exit'], skipped: value['skipped'] }
  throw wrongType(`${name} asks about what a step registered`, 'give the step `register: NAME` and ask about NAME')
}

/** All tests, in the order of the manual. */
export const checks: readonly Check[] = [
  {
    name: 'defined', summary: 'Whether there is such a value, known or not yet.',
    example: { expression: 'missing is defined', gives: false }, parameters: [], tolerant: true, apply: (input) => input !== undefined,
  },
  {
    name: 'undefined', summary: 'Whether there is no such value.',
    example: { expression: 'missing is undefined', gives: true }, parameters: [], tolerant: true, apply: (input) => input === undefined,
  },
  kind('none', 'Whether the value is null.', 'none is none', (input) => input === null, ['null']),
  kind('string', 'Whether the value is text.', "'a' is string", (input) => typeof input === 'string' || input instanceof Secret),
  kind('number', 'Whether the value is a number.', '1.5 is number', (input) => typeof input === 'number'),
  kind('integer', 'Whether the value is a whole number.', '2 is integer', (input) => Number.isInteger(input)),
  kind('boolean', 'Whether the value is true or false.', 'false is boolean', (input) => typeof input === 'boolean'),
  kind('true', 'Whether the value is true itself.', '(1 == 1) is true', (input) => input === true),
  kind('false', 'Whether the value is false itself.', '(1 == 2) is false', (input) => input === false),
  kind('mapping', 'Whether the value is a map.', "{'a': 1} is mapping", isMap),
  kind('sequence', 'Whether the value is a list.', '[1] is sequence', isList, ['list']),
  kind('iterable', 'Whether the value is a list or a map, so that `for` can go over it.', '[1] is iterable', (input) => isList(input) || isMap(input)),
  kind('float', 'Whether the value is a number with a fraction.', '1.5 is float', (input) => typeof input === 'number' && !Number.isInteger(input)),
  kind('truthy', 'Whether the value counts as true.', "'a' is truthy", truthy),
  kind('falsy', 'Whether the value counts as false: false, 0, null, and what is empty.', "'' is falsy", (input) => !truthy(input)),
  kind('all', 'Whether all items of a list count as true.', '[1, true] is all', (input) => itemsOf(input, 'all').every(truthy)),
  kind('any', 'Whether some item of a list counts as true.', '[0, true] is any', (input) => itemsOf(input, 'any').some(truthy)),
  kind('lower', 'Whether a text has no letter in upper case, and letters.', "'esb' is lower", (input) => isCase(plainText(input, 'lower'), (text) => text.toLowerCase())),
  kind('upper', 'Whether a text has no letter in lower case, and letters.', "'ESB' is upper", (input) => isCase(plainText(input, 'upper'), (text) => text.toUpperCase())),
  kind('abs', 'Whether a path starts with /.', "'/etc' is abs", (input) => plainText(input, 'abs').startsWith('/')),
  kind('changed', 'Whether a registered step changed something.', "{'changed': true, 'exit': 0} is changed", (input) => outcomeOf(input, 'changed').changed),
  kind('failed', 'Whether a registered step failed: its exit code is not 0.', "{'changed': false, 'exit': 1} is failed", (input) => outcomeOf(input, 'failed').exit !== 0, ['failure']),
  kind('succeeded', 'Whether a registered step did not fail.', "{'changed': false, 'exit': 0} is succeeded", (input) => outcomeOf(input, 'succeeded').exit === 0, ['success', 'successful']),
  kind('skipped', 'Whether a registered step was skipped.', "{'changed': false, 'exit': 0, 'skipped': true} is skipped", (input) => outcomeOf(input, 'skipped').skipped === true, ['skip']),
  {
    name: 'in_network', summary: 'Whether an address, or a whole network, lies in a network.',
    example: { expression: "'10.0.3.7' is in_network('10.0.0.0/16')", gives: true }, parameters: ['network'],
    apply: (input, given) => liesIn(plainText(input, 'in_network'), given.text('network')),
  },
  kind('even', 'Whether a whole number is even.', '2 is even', (input) => wholeNumber(input, 'even') % 2 === 0),
  kind('odd', 'Whether a whole number is odd.', '3 is odd', (input) => wholeNumber(input, 'odd') % 2 !== 0),
  {
    name: 'divisibleby', summary: 'Whether a whole number can be divided by another.',
    example: { expression: '9 is divisibleby 3', gives: true }, parameters: ['divisor'],
    apply: (input, given) => {
      if (given.number('divisor') === 0) throw wrongType('nothing can be divided by zero')
      return wholeNumber(input, 'divisibleby') % given.number('divisor') === 0
    },
  },
  found('match', 'Whether a regular expression matches at the start of the text.', "'ei-6.1.1' is match('ei-')", (pattern) => `^(?:${pattern})`),
  found('search', 'Whether a regular expression matches anywhere in the text.', "'started in 12 s' is search('in [0-9]+ s')", (pattern) => pattern, ['regex']),
  {
    name: 'version', aliases: ['version_compare'], summary: 'Whether a version is as another in this order: ==, !=, <, <=, >, >= or eq, ne, lt, le, gt, ge; their numbers and words count one by one.',
    example: { expression: "'2.9.1' is version('2.10', '<')", gives: true }, parameters: ['version', 'operator?'],
    apply: (input, given) => versionHolds(given.text('operator', '=='), compareVersions(plainText(input, 'version'), given.text('version'))),
  },
  compared('in', [], 'Whether the value is an item of a list, a key of a map or a part of a text.', '1 is in [1, 2]', (input, other) => holds(other, input)),
  compared('contains', [], 'Whether a list, a map or a text holds the value.', '[1, 2] is contains(1)', holds),
  compared('subset', ['issubset'], 'Whether all items of the list are in the other.', '[1] is subset([1, 2])', everyIn),
  compared('superset', ['issuperset'], 'Whether the list has all items of the other.', '[1, 2] is superset([1])', (input, other) => everyIn(other, input)),
  compared('equalto', ['eq', '=='], 'Whether both values are the same.', '1 is equalto(1)', equal),
  compared('ne', ['!='], 'Whether the values differ.', '1 is ne(2)', (input, other) => !equal(input, other)),
  compared('lt', ['<', 'lessthan'], 'Whether the value comes before the other.', '1 is lt(2)', (input, other) => order(input, other) < 0),
  compared('le', ['<='], 'Whether the value comes before the other or equals it.', '1 is le(1)', (input, other) => order(input, other) <= 0),
  compared('gt', ['>', 'greaterthan'], 'Whether the value comes after the other.', '2 is gt(1)', (input, other) => order(input, other) > 0),
  compared('ge', ['>='], 'Whether the value comes after the other or equals it.', '2 is ge(2)', (input, other) => order(input, other) >= 0),
]

const table = byName(checks)

/** The test of a name or an alias. */
export const checkNamed = (name: string): Check => {
  const check = table.get(name)
  if (check !== undefined) return check
  const meant = didYouMean(name, table.keys())
  throw templateError('unknown-test', `there is no test ${name}`, {
    hint: meant === undefined ? '`provision docs filters` lists them' : `did you mean ${meant}?`,
  })
}

/** Asks a test about a value; `undefined` means that there is no value. */
export const applyCheck = (check: Check, input: unknown, positional: readonly unknown[], named: ReadonlyMap<string, unknown>): boolean => {
  for (const value of check.tolerant === true ? [] : [input]) kindOf(value)
  for (const value of [...positional, ...named.values()]) kindOf(value)
  return check.apply(input, argumentsOf(check, positional, named))
}
