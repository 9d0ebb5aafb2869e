import { isDeepStrictEqual } from 'node:util'
import { parseLines, Pair, stringify } from 'dot-properties'
import { concat, reveal, Secret, type Text } from '../core/secret.js'
import { lineAround, newLine } from './line-place.js'
import { malformed, placeIn, wentWrong } from './malformed.js'
import { spliced, type Splice } from './splice.js'

/** What shall be so of a key in a file of Java properties: its value, or that it is not there. */
export type PropertyEdit = { readonly key: string; readonly value: Text } | { readonly key: string; readonly absent: true }

interface Property { readonly key: string; readonly value: string; readonly at: readonly [from: number, keyEnd: number, valueFrom: number, to: number] }

/** A text with keys set or removed, each proved by parsing the outcome again; the same text when all is as it shall be. */
export const editProperties = (before: Text, edits: readonly PropertyEdit[], file: string): Text => edits.reduce<Text>((text, edit) => {
  const source = reveal(text)
  const properties = propertiesOf(source, file)
  const splices = 'absent' in edit
    ? properties.filter(({ key }) => key === edit.key).map(({ at: [from, , , to] }) => ({ ...lineAround(source, from, to), text: '' }))
    : present(source, properties, edit.key, edit.value)
  if (splices.length === 0) return text
  const edited = spliced(text, splices)
  if (!isDeepStrictEqual(pairsOf(propertiesOf(reveal(edited), file)), wanted(properties, edit))) throw wentWrong(file, `the edit of ${edit.key}`)
  return edited
}, before)

const pairsOf = (properties: readonly Property[]): readonly (readonly [string, string])[] => properties.map(({ key, value }) => [key, value])

const wanted = (properties: readonly Property[], edit: PropertyEdit): readonly (readonly [string, string])[] => {
  const pairs = pairsOf(properties)
  if ('absent' in edit) return pairs.filter(([key]) => key !== edit.key)
  const last = pairs.findLastIndex(([key]) => key === edit.key)
  const pair = [edit.key, reveal(edit.value)] as const
  return last < 0 ? [...pairs, pair] : pairs.with(last, pair)
}

const propertiesOf = (text: string, file: string): readonly Property[] => parseLines(text, true).flatMap((line) => {
  if (!(line instanceof Pair)) return []
  const [from = 0, keyEnd = 0, valueFrom = 0, to = 0]: readonly number[] = line.range
  for (const { 1: escaped, index } of text.slice(from, to).matchAll(/\\(u[0-9A-Fa-f]{4}|[^])?/g)) {
    if (escaped === 'u') throw malformed(file, 'properties', placeIn(text, from + index), 'four hexadecimal digits follow \\u')
  }
  return [{ key: line.key, value: line.value, at: [from, keyEnd, valueFrom, to] }]
})

/** Where a key is repeated, the last one counts. */
const present = (source: string, properties: readonly Property[], key: string, value: Text): readonly Splice[] => {
  const found = properties.findLast((one) => one.key === key)
  if (found === undefined) {
    const [, keyEnd, valueFrom] = properties[0]?.at ?? []
    const separator = source.slice(keyEnd, valueFrom)
    return [newLine(source, concat([writtenKey(key), /^[ \t]*[=: ][ \t]*$/.test(separator) ? separator : '=', valueText(value)]))]
  }
  if (found.value === reveal(value)) return []
  const [, keyEnd, from, to] = found.at
  return [{ from, to, text: concat([keyEnd === from ? '=' : '', valueText(value)]) }]
}

/** Beyond ASCII all is escaped: Java reads these files as Latin-1, or as UTF-8 where it is new enough. */
const ascii = (text: string): string => text.replace(/[^\0-\x7f]/g, (letter) => [...Array(letter.length).keys()].map((index) => `\\u${letter.charCodeAt(index).toString(16).padStart(4, '0')}`).join(''))
const writtenKey = (key: string): string => ascii(stringify([[key, '']], { lineWidth: null, keySep: '', latin1: false }))
const escaped = (value: string): string => stringify([['', value]], { lineWidth: null, keySep: '', latin1: false }).replace(/^[=:]/, '\\$&')
const valueText = (value: Text): Text => (value instanceof Secret ? new Secret(ascii(escaped(value.reveal())), escaped(value.shown)) : ascii(escaped(value)))
