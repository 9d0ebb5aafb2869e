import { yamlText, yamlValue } from '../../../yaml/notation.js'
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

/** The same data with the keys of every map in order. */
const sorted = (value: unknown): unknown => {
  if (isList(value)) return value.map(sorted)
  if (!isMap(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([key, item]) => [key, sorted(item)]))
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

const urlParts = (text: string): Readonly<Record<string, string | number | null>> => {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw templateError('not-a-url', 'the text is not a URL', { hint: 'write it with its scheme, such as https://host.example:8443/path' })
  }
  return {
    scheme: url.protocol.slice(0, -1), username: url.username || null, password: url.password || null, hostname: url.hostname, port: url.port === '' ? null : Number(url.port),
    path: url.pathname, query: url.search.slice(1), fragment: url.hash.slice(1),
  }
}

/** Filters that write values in the notation of something else, and read them. */
export const encodingFilters: readonly Filter[] = [
  {
    name: 'to_json', summary: 'The value as JSON, on one line or indented.',
    example: { expression: "{'a': [1, true]} | to_json", gives: '{"a":[1,true]}' },
    parameters: ['indent?', 'sort_keys?'], secrets: 'shaped',
    apply: (input, given) => JSON.stringify(given.flag('sort_keys') ? sorted(input) : input, null, given.number('indent', 0)),
  },
  {
    name: 'to_nice_json', summary: 'The value as JSON for people: indented, and its keys in order.',
    example: { expression: "{'b': 1, 'a': [2]} | to_nice_json(indent=2)", gives: '{\n  "a": [\n    2\n  ],\n  "b": 1\n}' },
    parameters: ['indent?', 'sort_keys?'], secrets: 'shaped',
    apply: (input, given) => JSON.stringify(given.flag('sort_keys', true) ? sorted(input) : input, null, given.number('indent', 4)),
  },
  {
    name: 'from_json', summary: 'The value that a JSON text stands for.', example: { expression: "'[1, 2]' | from_json", gives: [1, 2] },
    parameters: [], secrets: 'hidden', apply: (input) => parsedJson(plainText(input)),
  },
  {
    name: 'to_yaml', summary: 'The value as YAML, its keys in order; the innermost lists and maps on one line.',
    example: { expression: "{'b': [1, 2], 'a': 'x'} | to_yaml", gives: 'a: x\nb: [1, 2]\n' },
    parameters: ['indent?', 'sort_keys?'], secrets: 'shaped',
    apply: (input, given) => yamlText(input, { flow: true, indent: given.number('indent', 2), sorted: given.flag('sort_keys', true) }),
  },
  {
    name: 'to_nice_yaml', summary: 'The value as YAML for people: everything on lines of its own, and its keys in order.',
    example: { expression: "{'b': [1, 2], 'a': {'c': 'x'}} | to_nice_yaml(indent=2)", gives: 'a:\n  c: x\nb:\n- 1\n- 2\n' },
    parameters: ['indent?', 'sort_keys?'], secrets: 'shaped',
    apply: (input, given) => yamlText(input, { flow: false, indent: given.number('indent', 4), sorted: given.flag('sort_keys', true) }),
  },
  {
    name: 'from_yaml', summary: 'The value that a YAML text stands for.', example: { expression: "'a: [1, true]' | from_yaml", gives: { a: [1, true] } },
    parameters: [], secrets: 'hidden',
    apply: (input) => {
      const read = yamlValue(plainText(input))
      if (read !== undefined) return read.value
      // The parser's own message cites the text, which may be secret.
      throw templateError('not-yaml', 'the text is not YAML', { hint: 'look at what made it: from_yaml needs one document of plain values, each key once' })
    },
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
    name: 'urlencode', summary: 'A text as a part of a URL, or a map as its query; / stays as it is.',
    example: { expression: "'a b/c&d' | urlencode", gives: 'a%20b/c%26d' },
    parameters: [], secrets: 'hidden',
    apply: (input) => (isMap(input)
      ? new URLSearchParams(Object.entries(input).map(([key, value]): [string, string] => [key, plainText(value)])).toString()
      : encodeURIComponent(plainText(input)).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`).replaceAll('%2F', '/')),
  },
  {
    name: 'urlsplit', summary: 'The parts of a URL as a map, or one of them: scheme, username, password, hostname, port, path, query or fragment.',
    example: { expression: "'https://esb.example:8243/api?x=1' | urlsplit('hostname')", gives: 'esb.example' },
    parameters: ['query?'], secrets: 'hidden',
    apply: (input, given) => {
      const parts = urlParts(plainText(input))
      const wanted = given.text('query', '')
      if (wanted === '') return parts
      if (!Object.hasOwn(parts, wanted)) throw wrongType('a URL has no such part', `write ${Object.keys(parts).join(', ')}`)
      return parts[wanted]
    },
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
]
