import { sha256 } from '../../../core/digest.js'
import type { Filter } from '../filter.js'
import { templateError } from '../origin.js'
import { isList, isMap, kindInWords, wrongType } from '../values.js'
import { plainText } from './texts.js'

const xml: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }

const short: Readonly<Record<string, string>> = { '\b': '\\b', '\t': '\\t', '\n': '\\n', '\f': '\\f', '\r': '\\r', '"': '\\"', '\\': '\\\\' }
const tomlString = (text: string): string =>
  // Exactly what TOML forbids in a basic string.
  `"${text.replace(/["\\\u0000-\u001f\u007f]/g, (character) => short[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`)}"`

const toml = (value: unknown): string => {
  if (isList(value)) return `[${value.map(toml).join(', ')}]`
  if (isMap(value)) return `{ ${Object.entries(value).map(([key, item]) => `${/^[\w-]+$/.test(key) ? key : tomlString(key)} = ${toml(item)}`).join(', ')} }`
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return tomlString(value)
  throw wrongType(`TOML has no way to write ${kindInWords(value)}`, 'leave the key out of the file with {% if %}')
}

const decoded = (text: string): string => {
  const bare = text.replace(/\s+/g, '')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(bare) || bare.length % 4 !== 0) throw templateError('not-base64', 'the text is not Base64', {
    hint: 'look for characters that are missing at its end',
  })
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(bare, 'base64'))
  } catch (cause) {
    throw templateError('not-base64', 'what the Base64 stands for is not UTF-8 text', {
      hint: 'put such bytes in a file and use the copy module', cause,
    })
  }
}

const parsedJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message cites the text, which may be secret.
    throw templateError('not-json', 'the text is not JSON', {
      hint: 'look at what made it: from_json needs one whole JSON value and nothing else',
    })
  }
}

/** Filters that write values in the notation of something else, and read them. */
export const encodingFilters: readonly Filter[] = [
  {
    name: 'to_json', summary: 'The value as JSON, on one line or indented.',
    example: { expression: "{'a': [1, true]} | to_json", gives: '{"a":[1,true]}' },
    parameters: ['indent?'], secrets: 'shaped', apply: (input, given) => JSON.stringify(input, null, given.number('indent', 0)),
  },
  {
    name: 'from_json', summary: 'The value that a JSON text stands for.', example: { expression: "'[1, 2]' | from_json", gives: [1, 2] },
    parameters: [], secrets: 'hidden', apply: (input) => parsedJson(plainText(input)),
  },
  {
    name: 'to_toml', summary: 'The value as TOML writes it behind a key: texts quoted and escaped, lists and maps inline.',
    example: { expression: "'say \"hi\"' | to_toml", gives: '"say \\"hi\\""' },
    parameters: [], secrets: 'shaped', apply: (input) => toml(input),
  },
  {
    name: 'escape_xml', aliases: ['escape', 'e'], summary: 'The text with & < > and quotes as XML entities, for elements and attributes.',
    example: { expression: "'a < b & c' | escape_xml", gives: 'a &lt; b &amp; c' },
    parameters: [], secrets: 'shaped', apply: (input) => plainText(input).replace(/[&<>"']/g, (character) => xml[character] ?? character),
  },
  {
    name: 'b64encode', summary: 'The UTF-8 bytes of a text in Base64.', example: { expression: "'admin' | b64encode", gives: 'YWRtaW4=' },
    parameters: [], secrets: 'hidden', apply: (input) => Buffer.from(plainText(input)).toString('base64'),
  },
  {
    name: 'b64decode', summary: 'The text whose UTF-8 bytes the Base64 stands for.',
    example: { expression: "'YWRtaW4=' | b64decode", gives: 'admin' },
    parameters: [], secrets: 'hidden', apply: (input) => decoded(plainText(input)),
  },
  {
    name: 'hash', summary: 'The SHA-256 of a text as hexadecimal digits.',
    example: { expression: "'admin' | hash('sha256')", gives: '8c6976e5b5410415bde908bd4dee15dfb167a9c873fc4bb8a81f6f2ab448a918' },
    parameters: ['algorithm?'], secrets: 'hidden',
    apply: (input, given) => {
      if (given.text('algorithm', 'sha256') !== 'sha256') throw wrongType('hash knows only sha256', "write | hash('sha256')")
      return sha256(plainText(input))
    },
  },
]
