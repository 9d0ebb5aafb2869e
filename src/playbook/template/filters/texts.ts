import { quote } from '../../../core/shell.js'
import type { Filter } from '../filter.js'
import { templateError } from '../origin.js'
import { isList, limited, textOf, wrongType } from '../values.js'

/** The text of a value that holds no secret, as `hidden` and `shaped` filters get it. */
export const plainText = (value: unknown): string => String(textOf(value))

/** A regular expression of the reader. */
export const pattern = (text: string, flags: string): RegExp => {
  try {
    return new RegExp(text, flags)
  } catch (cause) {
    throw templateError('not-a-pattern', 'the text is not a regular expression', {
      hint: 'look for brackets that are not closed, and escape . ( ) [ ] { } + * ? ^ $ | with \\', cause,
    })
  }
}

/** Python's way to write what a group matched, `\1` or `\g<name>`, in JavaScript's. */
const replacement = (text: string): string =>
  text.replaceAll('$', '$$$$').replace(/\\(?:g<(\w+)>|(\d)|\\)/g, (_, name: string | undefined, digit: string | undefined) => {
    const group = name ?? digit
    if (group === undefined) return '\\'
    return group === '0' ? '$&' : /^\d+$/.test(group) ? `$${group}` : `$<${group}>`
  })

const change = (name: string, summary: string, example: Filter['example'], of: (text: string) => string): Filter =>
  ({ name, summary, example, parameters: [], secrets: 'hidden', apply: (input) => of(plainText(input)) })

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1).toLowerCase()

/** Filters that turn text into text. */
export const textFilters: readonly Filter[] = [
  change('lower', 'The text in lower case.', { expression: "'ESB' | lower", gives: 'esb' }, (text) => text.toLowerCase()),
  change('upper', 'The text in upper case.', { expression: "'esb' | upper", gives: 'ESB' }, (text) => text.toUpperCase()),
  change('capitalize', 'The text with its first letter in upper case and the others in lower case.', { expression: "'mY node' | capitalize", gives: 'My node' }, capitalized),
  change('title', 'The text with each word capitalized.', { expression: "'load balancer' | title", gives: 'Load Balancer' }, (text) => text.replace(/[^\s-]+/g, capitalized)),
  change('basename', 'The last part of a path.', { expression: "'/opt/dist/app.zip' | basename", gives: 'app.zip' }, (text) => text.replace(/\/+$/, '').split('/').at(-1) ?? ''),
  change('dirname', 'A path without its last part.', { expression: "'/opt/dist/app.zip' | dirname", gives: '/opt/dist' }, (text) =>
    text.replace(/\/*[^/]*\/*$/, '') || (text.startsWith('/') ? '/' : '')),
  {
    name: 'trim', summary: 'The text without blanks and newlines at both ends, or without the characters given.',
    example: { expression: "'  a ' | trim", gives: 'a' },
    parameters: ['chars?'], secrets: 'hidden',
    apply: (input, given) => {
      const chars = given.text('chars', '')
      if (chars === '') return plainText(input).trim()
      const letters = [...plainText(input)]
      const first = letters.findIndex((letter) => !chars.includes(letter))
      return first < 0 ? '' : letters.slice(first, letters.findLastIndex((letter) => !chars.includes(letter)) + 1).join('')
    },
  },
  {
    name: 'replace', summary: 'The text with one part replaced by another wherever it occurs, or as often as said.',
    example: { expression: "'a.b.c' | replace('.', '-')", gives: 'a-b-c' },
    parameters: ['old', 'new', 'count?'], secrets: 'hidden',
    apply: (input, given) => {
      const parts = plainText(input).split(given.text('old'))
      const count = Math.min(given.number('count', Infinity), parts.length - 1)
      const replaced = parts.slice(0, count + 1).join(given.text('new'))
      return [replaced, ...parts.slice(count + 1)].join(given.text('old'))
    },
  },
  {
    name: 'regex_replace', summary: 'The text with all matches of a regular expression replaced; \\1 stands for its first group.',
    example: { expression: "'ei-6.1.1.zip' | regex_replace('^ei-([0-9.]+)\\\\.zip$', '\\\\1')", gives: '6.1.1' },
    parameters: ['pattern', 'replacement', 'ignorecase?', 'multiline?'], secrets: 'hidden',
    apply: (input, given) => plainText(input).replace(
      pattern(given.text('pattern'), `g${given.flag('ignorecase') ? 'i' : ''}${given.flag('multiline') ? 'm' : ''}`), replacement(given.text('replacement'))),
  },
  {
    name: 'regex_search', summary: 'The first match of a regular expression, or one group of it; undefined when nothing matches.',
    example: { expression: "'port 8243 open' | regex_search('[0-9]+')", gives: '8243' },
    parameters: ['pattern', 'group?', 'ignorecase?'], secrets: 'hidden',
    apply: (input, given) => pattern(given.text('pattern'), given.flag('ignorecase') ? 'i' : '').exec(plainText(input))?.[given.number('group', 0)],
  },
  {
    name: 'regex_findall', summary: 'All matches of a regular expression as a list, or of its first group if it has one.',
    example: { expression: "'a1 b22' | regex_findall('[0-9]+')", gives: ['1', '22'] },
    parameters: ['pattern', 'ignorecase?'], secrets: 'hidden',
    apply: (input, given) => [...plainText(input).matchAll(pattern(given.text('pattern'), given.flag('ignorecase') ? 'gi' : 'g'))]
      .map((match) => (match.length > 1 ? match[1] ?? '' : match[0])),
  },
  {
    name: 'split', summary: 'The parts of a text between separators, or between blanks when none is given.',
    example: { expression: "'a,b' | split(',')", gives: ['a', 'b'] },
    parameters: ['separator?'], secrets: 'hidden',
    apply: (input, given) => {
      const separator = given.text('separator', '')
      const text = plainText(input)
      return separator === '' ? text.split(/\s+/).filter((part) => part !== '') : text.split(separator)
    },
  },
  {
    name: 'join', summary: 'The items of a list as one text, with a separator between them.',
    example: { expression: "[1, 2, 3] | join(', ')", gives: '1, 2, 3' },
    parameters: ['separator?', 'attribute?'], secrets: 'shaped',
    apply: (input, given, tools) => {
      if (!isList(input)) throw wrongType('join wants a list', 'put the value between [ and ]')
      const attribute = given.value('attribute')
      const items = attribute === undefined ? input : tools.filter('map', input, [], new Map([['attribute', attribute]]))
      return isList(items) ? limited(items.map(plainText).join(given.text('separator', ''))) : undefined
    },
  },
  {
    name: 'indent', summary: 'The text with blanks before each line but the first; `first` indents that too, `blank` also empty lines.',
    example: { expression: "'a\\nb' | indent(2)", gives: 'a\n  b' },
    parameters: ['width?', 'first?', 'blank?'], secrets: 'shaped',
    apply: (input, given) => {
      const width = ' '.repeat(Math.max(0, Math.min(1000, given.number('width', 4))))
      return plainText(input).split('\n').map((line, index) => ((index === 0 ? given.flag('first') : line !== '' || given.flag('blank')) ? width + line : line)).join('\n')
    },
  },
  {
    name: 'quote', summary: 'A value as one word of a POSIX shell, or a list as several words.',
    example: { expression: "\"it's\" | quote", gives: "'it'\\''s'" },
    parameters: [], secrets: 'shaped',
    apply: (input) => (isList(input) ? input : [input]).map((item) => quote(plainText(item))).join(' '),
  },
  {
    name: 'string', summary: 'A number or true and false as text.', example: { expression: '8243 | string', gives: '8243' },
    parameters: [], secrets: 'kept', apply: (input) => textOf(input),
  },
]
