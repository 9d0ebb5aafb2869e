import type { Filter } from '../filter.js'
import type { Arguments } from '../operation.js'
import { patternOf, type Match, type Pattern, type PatternFlags } from '../pattern.js'
import { wrongType } from '../values.js'
import { plainText } from './texts.js'

const flagsOf = (given: Arguments): PatternFlags => ({ ignorecase: given.flag('ignorecase'), multiline: given.flag('multiline') })
const patternIn = (given: Arguments): Pattern => patternOf(given.text('pattern'), flagsOf(given))

/** A group as it is asked for: its number, `\1` or `\g<name>`. */
const groupOf = ({ groups, named }: Match, asked: unknown): string | undefined => {
  if (typeof asked === 'number') return groups[asked] ?? undefined
  const [, digits, name] = (typeof asked === 'string' ? /^\\(?:(\d+)|g<(\w+)>)$/.exec(asked) : null) ?? []
  if (digits !== undefined) return groups[Number(digits)] ?? undefined
  if (name !== undefined) return (/^\d+$/.test(name) ? groups[Number(name)] : Object.hasOwn(named, name) ? named[name] : undefined) ?? undefined
  throw wrongType('a group is asked for by its number or name', "for example | regex_search('a(b)', '\\\\1')")
}

const searched = (input: string, given: Arguments): unknown => {
  const unknown = [...given.named.keys()].find((name) => !['pattern', 'group', 'ignorecase', 'multiline'].includes(name))
  if (unknown !== undefined) throw wrongType(`regex_search has no parameter ${unknown}`, 'it takes a pattern, groups, ignorecase=true and multiline=true')
  const match = patternIn(given).first(input)
  if (match === undefined) return undefined
  const asked = [...(given.named.has('group') ? [given.named.get('group')] : []), ...given.more]
  // As in Ansible, groups that are asked for in its way come as a list.
  if (asked.some((one) => typeof one === 'string')) return asked.map((one) => groupOf(match, one) ?? '')
  return groupOf(match, asked[0] ?? 0)
}

const special = { python: /[\\^$.|?*+()[\]{}\s&~#-]/g, posix_basic: /[\][.^$*\\]/g }
const isDialect = (name: string): name is keyof typeof special => Object.hasOwn(special, name)

/** Filters that look for regular expressions. */
export const patternFilters: readonly Filter[] = [
  {
    name: 'regex_replace', summary: 'The text with all matches of a regular expression replaced; \\1 stands for its first group.',
    example: { expression: "'ei-6.1.1.zip' | regex_replace('^ei-([0-9.]+)\\\\.zip$', '\\\\1')", gives: '6.1.1' },
    parameters: ['pattern', 'replacement?', 'ignorecase?', 'multiline?'], secrets: 'hidden',
    apply: (input, given) => patternIn(given).replace(plainText(input), given.text('replacement', '')),
  },
  {
    name: 'regex_search', summary: 'The first match of a regular expression, or one group of it, or a list of groups named \\1 or \\g<name>; undefined when nothing matches.',
    example: { expression: "'port 8243 open' | regex_search('[0-9]+')", gives: '8243' },
    parameters: ['pattern'], rest: true, secrets: 'hidden', apply: (input, given) => searched(plainText(input), given),
  },
  {
    name: 'regex_findall', summary: 'All matches of a regular expression as a list; of one group where it has one, lists of groups where it has several.',
    example: { expression: "'a1 b22' | regex_findall('[0-9]+')", gives: ['1', '22'] },
    parameters: ['pattern', 'multiline?', 'ignorecase?'], secrets: 'hidden',
    apply: (input, given) => patternIn(given).all(plainText(input)).map(({ groups: [whole = '', ...groups] }) => (
      groups.length > 1 ? groups.map((group) => group ?? '') : groups.length === 1 ? groups[0] ?? '' : whole)),
  },
  {
    name: 'regex_escape', summary: 'The text so that a regular expression finds it as it is; `posix_basic` is for grep and sed without -E.',
    example: { expression: "'a.b*' | regex_escape", gives: 'a\\.b\\*' },
    parameters: ['re_type?'], secrets: 'hidden',
    apply: (input, given) => {
      const dialect = given.text('re_type', 'python')
      if (!isDialect(dialect)) throw wrongType('regex_escape has no such dialect', 'write python or posix_basic')
      return plainText(input).replace(special[dialect], '\\$&')
    },
  },
]
