import { getNodeValue, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser'
import type { Text } from '../core/secret.js'
import { editData, type DataEdit, type DataFormat, type DataPath } from './data-edit.js'
import { endOf } from './line-place.js'
import { withItem, withoutItem } from './list-item.js'
import { malformed, placeIn } from './malformed.js'
import type { Splice } from './splice.js'

/** A JSON text with values set or removed; comments and commas at the end of a list are let pass. */
export const editJson = (before: Text, edits: readonly DataEdit[], file: string): Text => editData(json, before, edits, file)

const words = (code: string): string => code.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter}`).toLowerCase()

const parse = (text: string, file: string): unknown => {
  const errors: ParseError[] = []
  const root = parseTree(text.replace(/^\uFEFF/, ' '), errors, { allowTrailingComma: true })
  const [first] = errors
  if (first !== undefined) throw malformed(file, 'JSON', placeIn(text, first.offset), words(printParseErrorCode(first.error)))
  return root === undefined ? undefined : copied(getNodeValue(root))
}

/** The parser makes maps without a prototype. */
const copied = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)))

/** The innermost value that lies at a path or on the way to it, and what is left of the path. */
const innermost = (node: Node, path: DataPath): { readonly node: Node; readonly rest: DataPath } => {
  const [step, ...below] = path
  const inner = typeof step === 'number' ? (node.type === 'array' ? node.children?.[step] : undefined)
    : node.type === 'object' ? node.children?.findLast(({ children }) => children?.[0]?.value === step)?.children?.[1] : undefined
  return inner === undefined ? { node, rest: path } : innermost(inner, below)
}

const rangeOf = ({ offset, length }: Node): readonly [from: number, to: number] => [offset, offset + length]
const rootOf = (text: string): Node | undefined => parseTree(text.replace(/^\uFEFF/, ' '), [], { allowTrailingComma: true })
const nested = (path: DataPath, value: unknown): unknown => path.reduceRight<unknown>((inner, step) => (typeof step === 'number' ? [inner] : { [step]: inner }), value)

const set = (text: string, path: DataPath, value: unknown): readonly Splice[] => {
  const root = rootOf(text)
  if (root === undefined) return []
  const { node, rest } = innermost(root, path)
  const [from, to] = rangeOf(node)
  const [step, ...below] = rest
  const isList = node.type === 'array'
  if (step === undefined || (!isList && node.type !== 'object')) return [{ from, to, text: written(text, from, nested(rest, value)) }]
  const item = (at: number, deeper = ''): string => `${isList ? '' : `${JSON.stringify(step)}: `}${written(text, at, nested(below, value), deeper)}`
  const last = node.children?.at(-1)
  if (last !== undefined) return withItem(text, rangeOf(last), item(rangeOf(last)[0]))
  if (!text.trim().includes('\n')) return [{ from: from + 1, to: from + 1, text: item(from) }]
  const end = endOf(text)
  const [indent, unit] = [indentOf(text, from), unitOf(text)]
  const blank = /^\s*(?=[\]}])/.exec(text.slice(from + 1))?.[0].length ?? 0
  return [{ from: from + 1, to: from + 1 + blank, text: `${end}${indent}${unit}${item(from, unit)}${end}${indent}` }]
}

/** A value as JSON; over several lines where the file is written so. */
const written = (text: string, at: number, value: unknown, deeper = ''): string =>
  JSON.stringify(value, null, text.trim().includes('\n') ? unitOf(text) : undefined).replaceAll('\n', `${endOf(text)}${indentOf(text, at)}${deeper}`)

const unitOf = (text: string): string => /\n([ \t]+)\S/.exec(text)?.[1] ?? '  '
const indentOf = (text: string, at: number): string => /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', at - 1) + 1, at))?.[0] ?? ''

const remove = (text: string, path: DataPath): readonly Splice[] => {
  const root = rootOf(text)
  if (root === undefined) return []
  const { node } = innermost(root, path)
  const item = node.parent?.type === 'property' ? node.parent : node
  const items = item.parent?.children ?? []
  return withoutItem(text, items.map(rangeOf), items.indexOf(item))
}

const json: DataFormat = { parse, set, remove }
