import { isAlias, isCollection, isMap, isPair, isScalar, isSeq, parseDocument, stringify, type Document, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml'
import { ProvisionError } from '../core/errors.js'
import type { Text } from '../core/secret.js'
import { editData, type DataEdit, type DataFormat, type DataPath } from './data-edit.js'
import { endOf, lineAround, newLine } from './line-place.js'
import { withItem, withoutItem } from './list-item.js'
import { malformed, placeIn } from './malformed.js'
import type { Splice } from './splice.js'

/** A YAML text of one document with values set or removed; anchors and aliases stay. */
export const editYaml = (before: Text, edits: readonly DataEdit[], file: string): Text => editData(yaml, before, edits, file)

const documentOf = (text: string): Document.Parsed => parseDocument(text, { prettyErrors: false, logLevel: 'error' })

const parse = (text: string, file: string): unknown => {
  const document = documentOf(text)
  const [first] = document.errors
  if (first !== undefined) throw malformed(file, 'YAML', placeIn(text, first.pos[0]), first.code.toLowerCase().replaceAll('_', ' '))
  try {
    return document.toJS({ maxAliasCount: 1000 }) as unknown // data of any shape
  } catch {
    throw malformed(file, 'YAML', { line: 1, column: 1 }, 'its aliases lead nowhere or too far')
  }
}

type Collection = YAMLMap | YAMLSeq
interface Found { readonly node: Node | null; readonly rest: DataPath; readonly holder?: Pair | undefined; readonly parent?: Collection | undefined; readonly item?: unknown }

const isKey = (key: unknown, step: string | number): boolean => isScalar(key) && String(key.value) === step

/** The innermost value that lies at a path or on the way to it, what holds it, and what is left of the path. */
const innermost = (found: Found): Found => {
  const { node, rest: [step, ...below] } = found
  if (isAlias(node) && step !== undefined) throw new ProvisionError('behind-an-alias', `*${node.source} stands on the way to ${step}`, { hint: 'edit the value at the anchor, or give the value with the alias as a whole' })
  if (isMap(node) && typeof step === 'string') {
    const pair = node.items.find(({ key }) => isKey(key, step))
    return pair === undefined ? found : innermost({ node: asNode(pair.value), rest: below, holder: pair, parent: node, item: pair })
  }
  if (!isSeq(node) || typeof step !== 'number' || node.items[step] === undefined) return found
  return innermost({ node: asNode(node.items[step]), rest: below, parent: node, item: node.items[step] })
}

/** A parsed document holds nodes wherever something stands. */
const asNode = (value: unknown): Node | null => (isScalar(value) || isAlias(value) || isCollection(value) ? value : null)

/** Nothing behind a colon or dash. */
const isEmpty = (node: Node): boolean => isScalar(node) && node.source === '' && node.type === 'PLAIN'

/** Where something is written: an item of a map with its key, blanks behind it left out. */
const rangeOf = (text: string, item: unknown): readonly [from: number, to: number] => {
  if (isPair(item)) {
    const [from, keyEnd] = rangeOf(text, item.key)
    const value = asNode(item.value)
    const colon = text.indexOf(':', keyEnd) + 1
    return [from, value === null ? keyEnd : Math.max(rangeOf(text, value)[1], isEmpty(value) ? colon : 0)]
  }
  const [from, to] = asNode(item)?.range ?? [0, 0]
  // what else counts as white space may be a part of the value
  return [from, from + text.slice(from, to).replace(/[ \t\r\n]+$/, '').length]
}

const set = (text: string, path: DataPath, value: unknown): readonly Splice[] => {
  const document = documentOf(text)
  const { node, rest, holder, parent } = innermost({ node: document.contents, rest: path })
  const [step, ...below] = rest
  if (step !== undefined && isCollection(node) && node.items.length > 0) return [...added(text, node as Collection, step, nested(below, value))] // maps and lists are all there is
  const inside = nested(rest, value)
  if (node === null || (isEmpty(node) && holder === undefined && parent === undefined)) return [newLine(text, block(text, inside, ''))]
  if (parent?.flow === true || (isCollection(node) && node.flow === true) || !isTall(inside)) return [inPlace(text, node, holder, parent?.flow === true, inside)]
  const from = holder === undefined ? rangeOf(text, node)[0] : text.indexOf(':', rangeOf(text, holder.key)[1]) + 1
  const indent = columnOf(text, holder === undefined ? rangeOf(text, node)[0] : rangeOf(text, holder.key)[0])
  const [, to] = rangeOf(text, node)
  if (holder === undefined) return [{ from, to, text: block(text, inside, indent).trimStart() }]
  const deeper = Array.isArray(inside) ? indent : indent + unitOf(text)
  return [{ from, to: Math.max(from, to), text: endOf(text) + block(text, inside, deeper) }]
}

/** A value that takes the place of another on its line. */
const inPlace = (text: string, node: Node, holder: Pair | undefined, flow: boolean, value: unknown): Splice => {
  const [from, to] = rangeOf(text, node)
  const write = flow || isTall(value) ? JSON.stringify(value) : line(value, text.slice(from, to))
  if (holder === undefined) return { from, to, text: write }
  const colon = text.indexOf(':', rangeOf(text, holder.key)[1]) + 1
  // an empty value, or one that begins on a line below
  if (isEmpty(node)) return { from: colon, to: colon, text: ` ${write}` }
  return text.slice(colon, from).includes('\n') && isCollection(node) ? { from: colon, to, text: ` ${write}` } : { from, to, text: write }
}

/** A new item of a map or list. */
const added = (text: string, node: Collection, step: string | number, value: unknown): readonly Splice[] => {
  const last = node.items.at(-1)
  const range = rangeOf(text, last)
  if (node.flow === true) return withItem(text, range, isSeq(node) ? JSON.stringify(value) : `${JSON.stringify(step)}: ${JSON.stringify(value)}`)
  const indent = columnOf(text, isSeq(node) ? dashOf(text, range[0]) : range[0])
  const item = isSeq(node) ? [value] : { [step]: value }
  return [newLine(text, block(text, item, indent), lineAround(text, ...range).to)]
}

const nested = (path: DataPath, value: unknown): unknown => path.reduceRight<unknown>((inner, step) => (typeof step === 'number' ? [inner] : { [step]: inner }), value)
/** Whether a value takes lines of its own. */
const isTall = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.keys(value).length > 0
const dashOf = (text: string, from: number): number => text.lastIndexOf('-', from - 1)
const columnOf = (text: string, from: number): string => text.slice(text.lastIndexOf('\n', from - 1) + 1, from).replace(/[^ ]/g, ' ')
const unitOf = (text: string): string => /\n( +)[^\s#-]/.exec(text)?.[1] ?? '  '

/** Texts that older readers take for something else, such as yes, stand in quotes. */
const style = { lineWidth: 0, blockQuote: false, compat: 'yaml-1.1' } as const
const line = (value: unknown, before: string): string => {
  if (typeof value === 'string' && before.startsWith("'") && !/[\n\r\t\0-\x1f\x7f-\x9f]/.test(value)) return `'${value.replaceAll("'", "''")}'`
  return typeof value === 'string' && before.startsWith('"') ? JSON.stringify(value) : stringify(value, style).replace(/\n+$/, '')
}
const block = (text: string, value: unknown, indent: string): string =>
  stringify(value, { ...style, indent: unitOf(text).length, indentSeq: !/(?:^|\n)( *)[^\s#][^\n]*:[ \t]*\r?\n\1- /.test(text) }).replace(/\n+$/, '').split('\n').map((one) => indent + one).join(endOf(text))

const remove = (text: string, path: DataPath): readonly Splice[] => {
  const { parent, item } = innermost({ node: documentOf(text).contents, rest: path })
  if (parent === undefined) return []
  const index = (parent.items as readonly unknown[]).indexOf(item)
  const ranges = parent.items.map((one) => rangeOf(text, one))
  if (parent.flow === true) return withoutItem(text, ranges, index)
  const starts = ranges.map(([from]) => (isSeq(parent) ? dashOf(text, from) : from))
  const [from = 0, next] = [starts[index], starts[index + 1]]
  const [, to] = ranges[index] ?? [0, 0]
  if (parent.items.length === 1) return [{ from, to, text: isSeq(parent) ? '[]' : '{}' }]
  if (text.slice(lineAround(text, from, from).from, from).trim() === '') return [{ ...lineAround(text, from, to), text: '' }]
  return [{ from, to: next ?? to, text: '' }]
}

const yaml: DataFormat = { parse, set, remove }
