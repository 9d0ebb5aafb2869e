import { parse as parseToml, stringify, TomlError } from 'smol-toml'
import { parseTOML, type AST } from 'toml-eslint-parser'
import type { Text } from '../core/secret.js'
import { editData, found, isMap, type DataEdit, type DataFormat, type DataPath } from './data-edit.js'
import { endOf, lineAround, newLine } from './line-place.js'
import { withItem, withoutItem } from './list-item.js'
import { malformed } from './malformed.js'
import type { Splice } from './splice.js'

/** A TOML text with values set or removed. */
export const editToml = (before: Text, edits: readonly DataEdit[], file: string): Text => editData(toml, before, edits, file)

/** The keys of a dotted key as TOML reads it; undefined when it is none. */
export const tomlKey = (text: string): readonly string[] | undefined => {
  try {
    const keys: string[] = []
    let value: unknown = parseToml(`${text} = 0`)
    while (isMap(value)) {
      const [[key, inner] = [], ...more] = Object.entries(value)
      if (key === undefined || more.length > 0) return undefined
      keys.push(key)
      value = inner
    }
    return keys
  } catch {
    return undefined // the only question here
  }
}

const parse = (text: string, file: string): unknown => {
  try {
    return copied(parseToml(text.replace(/^\uFEFF/, ''), { integersAsBigInt: 'asNeeded' }))
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    throw malformed(file, 'TOML', error, error.message.split('\n')[0]?.replace(/^Invalid TOML document: /, '') ?? '')
  }
}

/** Maps of the parser's own making become plain ones. */
const copied = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(copied)
  return isMap(value) ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copied(inner)])) : value
}

interface Entry { readonly node: AST.TOMLKeyValue; readonly path: DataPath; readonly base: DataPath }
interface Layout { readonly text: string; readonly entries: readonly Entry[]; readonly tables: readonly AST.TOMLTable[] }

const keysOf = ({ keys }: AST.TOMLKey): readonly string[] => keys.map((key) => (key.type === 'TOMLBare' ? key.name : key.value))
const starts = (path: DataPath, with_: DataPath): boolean => with_.every((step, index) => path[index] === step)
const equal = (one: DataPath, other: DataPath): boolean => one.length === other.length && starts(one, other)

const layoutOf = (text: string): Layout => {
  const { body } = parseTOML(text).body[0]
  const tables = body.filter((node): node is AST.TOMLTable => node.type === 'TOMLTable')
  const entriesOf = (nodes: readonly AST.TOMLKeyValue[], base: DataPath): readonly Entry[] => nodes.map((node) => ({ node, base, path: [...base, ...keysOf(node.key)] }))
  const top = body.filter((node): node is AST.TOMLKeyValue => node.type === 'TOMLKeyValue')
  return { text, tables, entries: [...entriesOf(top, []), ...tables.flatMap((table) => entriesOf(table.body, table.resolvedKey))] }
}

/** The innermost value written in one piece that lies at a path or on the way to it, and what is left of the path. */
const innermost = ({ entries }: Layout, path: DataPath): { readonly node: AST.TOMLContentNode; readonly rest: DataPath } | undefined => {
  const entry = entries.find((one) => starts(path, one.path))
  return entry === undefined ? undefined : descend(entry.node.value, path.slice(entry.path.length))
}

const descend = (node: AST.TOMLContentNode, rest: DataPath): { readonly node: AST.TOMLContentNode; readonly rest: DataPath } => {
  const [step, ...below] = rest
  if (node.type === 'TOMLArray' && typeof step === 'number' && node.elements[step] !== undefined) return descend(node.elements[step], below)
  if (node.type !== 'TOMLInlineTable') return { node, rest }
  const inner = node.body.find((one) => starts(rest, keysOf(one.key)))
  return inner === undefined ? { node, rest } : descend(inner.value, rest.slice(inner.key.keys.length))
}

const set = (text: string, path: DataPath, value: unknown): readonly Splice[] => {
  const layout = layoutOf(text)
  const inner = innermost(layout, path)
  if (inner === undefined) return [addLine(layout, path, value)]
  const { node, rest } = inner
  const [from, to] = node.range
  if (rest.length === 0 || (node.type !== 'TOMLInlineTable' && node.type !== 'TOMLArray')) return [{ from, to, text: written(nested(rest, value), text.slice(from, to)) }]
  const [, ...below] = rest
  const items = node.type === 'TOMLArray' ? node.elements : node.body
  const item = node.type === 'TOMLArray' ? written(nested(below, value)) : `${rest.map(keyText).join('.')} = ${written(value)}`
  const last = items.at(-1)
  if (last === undefined) return [{ from, to, text: node.type === 'TOMLArray' ? `[${item}]` : `{ ${item} }` }]
  return withItem(text, last.range, item)
}

const nested = (path: DataPath, value: unknown): unknown => path.reduceRight<unknown>((inner, step) => (typeof step === 'number' ? [inner] : { [step]: inner }), value)

/** A line for a key that is not there: beside keys that begin alike, at the end of its table, or below a new header. */
const addLine = (layout: Layout, path: DataPath, value: unknown): Splice => {
  const { text, entries, tables } = layout
  const line = (base: DataPath, indent: string): string => `${indent}${path.slice(base.length).map(keyText).join('.')} = ${written(value)}`
  const indentOf = (node: AST.TOMLNode): string => /[ \t]*$/.exec(text.slice(0, node.range[0]))?.[0] ?? ''
  const parent = path.slice(0, -1)
  const beside = entries.filter(({ path: other, base }) => starts(path, base) && other.length > base.length + 1 && starts(path, other.slice(0, base.length + 1))).at(-1)
    ?? entries.filter(({ base }) => equal(base, parent)).at(-1)
  if (beside !== undefined) return newLine(text, line(beside.base, indentOf(beside.node)), lineAround(text, ...beside.node.range).to)
  const table = tables.findLast(({ resolvedKey }) => equal(resolvedKey, parent))
  if (table !== undefined) return newLine(text, line(parent, indentOf(table)), lineAround(text, ...table.key.range).to)
  const end = endOf(text)
  if (parent.length === 0) {
    const first = tables[0]
    return first === undefined ? newLine(text, line([], '')) : { ...pointAt(beforeComments(text, first.range[0])), text: `${line([], '')}${end}${end}` }
  }
  const last = parent.map((_, index) => tables.findLast(({ resolvedKey }) => starts(resolvedKey, parent.slice(0, index + 1)))).findLast((one) => one !== undefined)
  const after = last === undefined || last === tables.at(-1) ? text.length : endOfTable(text, last)
  const name = parent.filter((step) => typeof step === 'string').map(keyText).join('.')
  const header = typeof parent.at(-1) === 'number' ? `[[${name}]]` : `[${name}]`
  const indent = last === undefined ? '' : indentOf(last)
  const { from, to, text: block } = newLine(text, `${indent}${header}${end}${line(parent, indent)}`, after)
  return { from, to, text: after === 0 || /(^|\n)\r?\n$/.test(text.slice(0, after)) ? block : typeof block === 'string' ? block.replace(`${indent}[`, `${end}${indent}[`) : block }
}

const pointAt = (at: number): { from: number; to: number } => ({ from: at, to: at })

/** Where the comments begin that stand directly above. */
const beforeComments = (text: string, offset: number): number => {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  return start - (/(?:(?<=^|\n)[ \t]*#[^\n]*\n)*$/.exec(text.slice(0, start))?.[0].length ?? 0)
}

const endOfTable = (text: string, { key, body }: AST.TOMLTable): number => lineAround(text, ...(body.at(-1) ?? key).range).to

const remove = (text: string, path: DataPath): readonly Splice[] => {
  const layout = layoutOf(text)
  const inner = innermost(layout, path)
  const whole = layout.entries.filter((entry) => starts(entry.path, path) && !layout.tables.some(({ resolvedKey }) => starts(resolvedKey, path) && equal(resolvedKey, entry.base)))
  const tables = layout.tables.filter(({ resolvedKey }) => starts(resolvedKey, path))
  if (whole.length > 0 || tables.length > 0 || inner === undefined) {
    return [
      ...whole.map(({ node }) => ({ ...lineAround(text, ...node.range), text: '' })),
      ...tables.map((table) => ({ from: lineAround(text, ...table.range).from, to: endOfTable(text, table), text: '' })),
    ]
  }
  const node = inner.node.parent.type === 'TOMLKeyValue' ? inner.node.parent : inner.node
  const { parent } = node
  const items: readonly AST.TOMLNode[] = parent.type === 'TOMLArray' ? parent.elements : parent.type === 'TOMLInlineTable' ? parent.body : []
  return withoutItem(text, items.map(({ range }) => range), items.findIndex((item) => item === node))
}

/** Tables and lists of tables are written by headers, key by key; what is written in one piece is replaced as one. */
const parts = (text: string, data: unknown, path: DataPath, value: unknown): readonly DataEdit[] | undefined => {
  const now = found(data, path)?.value
  if (innermost(layoutOf(text), path)?.rest.length === 0) return undefined
  if (isMap(value) && (now !== undefined || Object.keys(value).length > 0) && (now === undefined || isMap(now))) {
    const gone = isMap(now) ? Object.keys(now).filter((key) => !Object.hasOwn(value, key)) : []
    // plain keys first: what stands below a header belongs to it
    const entries = Object.entries(value).toSorted(([, one], [, other]) => Number(isTable(one)) - Number(isTable(other)))
    const none = entries.length === 0 ? [{ path, value }] : []
    return [...gone.map((key): DataEdit => ({ path: [...path, key], absent: true })), ...none, ...entries.map(([key, inner]): DataEdit => ({ path: [...path, key], value: inner }))]
  }
  if (now !== undefined && !(isTables(value) && Array.isArray(now))) return [{ path, absent: true }, { path, value }]
  if (!isTables(value)) return undefined
  const gone = Array.isArray(now) ? [...now.keys()].slice(value.length).toReversed() : []
  return [...gone.map((index): DataEdit => ({ path: [...path, index], absent: true })), ...value.map((item, index): DataEdit => ({ path: [...path, index], value: item }))]
}

const isTables = (value: unknown): value is readonly unknown[] => Array.isArray(value) && value.length > 0 && value.every((item) => isMap(item) && Object.keys(item).length > 0)
const isTable = (value: unknown): boolean => isMap(value) || isTables(value)

const toml: DataFormat = { parse, set, remove, parts }

const keyText = (key: string | number): string => (typeof key === 'string' && /^[A-Za-z0-9_-]+$/.test(key) ? key : scalar(String(key)))
const scalar = (value: unknown): string => stringify({ v: value }).slice('v = '.length).trimEnd()

/** A value in one piece; a text keeps the quotes that it had where these can hold it. */
const written = (value: unknown, before = ''): string => {
  if (Array.isArray(value)) return `[${value.map((item) => written(item)).join(', ')}]`
  if (isMap(value)) return Object.keys(value).length === 0 ? '{}' : `{ ${Object.entries(value).map(([key, inner]) => `${keyText(key)} = ${written(inner)}`).join(', ')} }`
  if (typeof value === 'string' && before.startsWith("'") && !before.startsWith("'''") && !/['\0-\x08\x0a-\x1f\x7f]/.test(value)) return `'${value}'`
  return scalar(value)
}
