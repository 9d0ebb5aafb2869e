import { quote } from '../../../core/shell.js'
import type { Filter } from '../filter.js'
import { formatted } from './format.js'
import { isList, limited, textOf, wrongType } from '../values.js'

/** The text of a value that holds no secret, as `hidden` and `shaped` filters get it. */
export const plainText = (value: unknown): string => String(textOf(value))

const change = (name: string, summary: string, example: Filter['example'], of: (text: string) => string): Filter =>
  ({ name, summary, example, parameters: [], secrets: 'hidden', apply: (input) => of(plainText(input)) })

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1).toLowerCase()

const commentStyles = { plain: '# ', c: '// ', erlang: '% ' }
const isStyle = (name: string): name is keyof typeof commentStyles => Object.hasOwn(commentStyles, name)

/** Filters that turn text into text. */
export const textFilters: readonly Filter[] = [
  change('lower', 'The text in lower case.', { expression: "'ESB' | lower", gives: 'esb' }, (text) => text.toLowerCase()),
  change('upper', 'The text in upper case.', { expression: "'esb' | upper", gives: 'ESB' }, (text) => text.toUpperCase()),
  change('capitalize', 'The text with its first letter in upper case and the others in lower case.', { expression: "'mY node' | capitalize", gives: 'My node' }, capitalized),
  change('title', 'The text with each word capitalized.', { expression: "'load balancer' | title", gives: 'Load Balancer' }, (text) => text.replace(/[^\s-]+/g, capitalized)),
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
    name: 'comment', summary: 'The text as a comment of a configuration file, between two empty comment lines; `decoration` is what stands before each line.',
    example: { expression: "'kept by provision' | comment", gives: '#\n# kept by provision\n#' },
    parameters: ['style?', 'decoration?'], secrets: 'shaped',
    apply: (input, given) => {
      const style = given.text('style', 'plain')
      if (!isStyle(style)) throw wrongType('comment has no such style', `write ${Object.keys(commentStyles).join(', ')}`)
      const decoration = given.text('decoration', commentStyles[style])
      return ['', ...plainText(input).split('\n'), ''].map((line) => `${decoration}${line}`.trimEnd()).join('\n')
    },
  },
  {
    name: 'center', summary: 'The text in the middle of so many letters, with blanks around it.',
    example: { expression: "'esb' | center(8)", gives: '  esb   ' },
    parameters: ['width?'], secrets: 'hidden',
    apply: (input, given) => {
      const text = plainText(input)
      const letters = [...text].length
      const width = Math.max(letters, Math.min(1000, given.number('width', 80)))
      // of an odd number of blanks Python puts the one more to the left where the width is odd
      const left = Math.floor((width - letters) / 2) + ((width - letters) & width & 1)
      return `${' '.repeat(left)}${text}${' '.repeat(width - letters - left)}`
    },
  },
  {
    name: 'format', summary: 'The text with values in the places of `%s`, `%d`, `%05.1f`, `%x` and their like, as printf has them; `%(name)s` takes one that is given by name.',
    example: { expression: "'%s-%02d' | format('node', 7)", gives: 'node-07' },
    parameters: [], rest: true, secrets: 'hidden', apply: (input, given) => formatted(plainText(input), given.more, given.named),
  },
  {
    name: 'wordcount', summary: 'How many words a text has.', example: { expression: "'one two' | wordcount", gives: 2 },
    parameters: [], secrets: 'hidden', apply: (input) => plainText(input).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0,
  },
  {
    name: 'string', summary: 'A number or true and false as text.', example: { expression: '8243 | string', gives: '8243' },
    parameters: [], secrets: 'kept', apply: (input) => textOf(input),
  },
]
