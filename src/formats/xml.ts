import { createRequire } from 'node:module'
import type * as Xmldom from '@xmldom/xmldom'
import type { Comment, Document, Element, Node } from '@xmldom/xmldom'
import type * as Saxes from 'saxes'
import type xpath from 'xpath'
import { ProvisionError } from '../core/errors.js'
import { malformed } from './malformed.js'

export type { Comment, Element, Node } from '@xmldom/xmldom'

/** The libraries come with the first file: to load them takes a fifth of the time that the program takes to start. */
const require = createRequire(import.meta.url)
const libraries = {
  get tree() { return require('@xmldom/xmldom') as typeof Xmldom }, // what is required has no type
  get strict() { return require('saxes') as typeof Saxes },
  get xpath() { return require('xpath') as typeof xpath },
}

/** Where an element, a comment or an instruction stands in the text; of an element also its content, which one without an end tag has not. */
export interface XmlRange { readonly from: number; readonly to: number; readonly content?: { readonly from: number; readonly to: number } }

/** A parsed document and where its parts stand. */
export interface XmlSource {
  readonly text: string
  readonly document: Document
  rangeOf(node: Node): XmlRange
}

export const isElement = (node: Node): node is Element => node.nodeType === 1
export const isComment = (node: Node): node is Comment => node.nodeType === 8
/** Text, also as CDATA. */
export const isText = (node: Node): boolean => node.nodeType === 3 || node.nodeType === 4
export const childrenOf = (node: Node): readonly Node[] => [...node.childNodes]

/** Everything that has a range, in the order in which it begins. */
const rangedIn = (node: Node): readonly Node[] => childrenOf(node).flatMap((child) => {
  if (isElement(child)) return [child, ...rangedIn(child)]
  return isComment(child) || (child.nodeType === 7 && child.nodeName !== 'xml') ? [child] : []
})

/** Parses a document that is well-formed, namespaces included. */
export const parseXml = (text: string, file: string): XmlSource => {
  const ranges = rangesOf(text, file)
  const document = domOf(text.replace(/^\uFEFF/, ''), file)
  const nodes = rangedIn(document)
  if (nodes.length !== ranges.length) throw malformed(file, 'XML', { line: 1, column: 1 }, 'its parts cannot be told apart')
  orderByPlace(document)
  const byNode = new Map(nodes.map((node, index) => [node, ranges[index]]))
  return {
    text, document,
    rangeOf(node) {
      const range = byNode.get(node)
      if (range === undefined) throw new Error(`no range of ${node.nodeName}`)
      return range
    },
  }
}

const domOf = (text: string, file: string): Document => new libraries.tree.DOMParser({
  locator: false,
  onError: (_level, message) => { throw malformed(file, 'XML', { line: 1, column: 1 }, message) },
}).parseFromString(text, 'text/xml')

/** The tree finds out by walking which of two nodes comes first, and XPath asks that of every node that it sorts: a second for a file of 32 KiB. */
const orderByPlace = (document: Document): void => {
  const places = new Map<Node, number>()
  const walking: (this: Node, other: Node) => number = document.compareDocumentPosition
  const position = function (this: Node, other: Node): number {
    const [mine, its] = [places.get(this), places.get(other)]
    // what an edit puts in has no place yet
    if (mine === undefined || its === undefined) return walking.call(this, other)
    return mine === its ? 0 : its < mine ? 2 : 4
  }
  const place = (node: Node): void => {
    places.set(node, places.size)
    node.compareDocumentPosition = position
    if (isElement(node)) for (const attribute of node.attributes) place(attribute)
    for (let child = node.firstChild; child !== null; child = child.nextSibling) place(child)
  }
  place(document)
}

/** A second parser, which is strict and tells positions. */
const rangesOf = (text: string, file: string): readonly XmlRange[] => {
  const parser = new libraries.strict.SaxesParser({ xmlns: true })
  const ranges: { from: number; to: number; content?: { from: number; to: number } }[] = []
  const open: number[] = []
  let hasDoctype = false
  parser.on('doctype', () => { hasDoctype = true })
  parser.on('error', ({ message }) => {
    const [, line = '1', column = '1', why = message] = /^(\d+):(\d+): (.*?)\.?$/s.exec(message) ?? []
    if (why === 'undefined entity' && hasDoctype) {
      throw new ProvisionError('entities-in-doctype', `entities declared in a DOCTYPE are not supported: ${file} uses one in line ${line}, column ${column}`, {
        hint: 'write what the entity stands for in its place, edit the file by `line`, or give it whole by `copy` or `template`',
      })
    }
    throw malformed(file, 'XML', { line: Number(line), column: Number(column) }, why)
  })
  // an event comes when the end has been read, and no `<` stands within a tag
  parser.on('opentag', ({ isSelfClosing }) => {
    const to = parser.position
    open.push(ranges.length)
    ranges.push({ from: text.lastIndexOf('<', to - 1), to, ...(isSelfClosing ? {} : { content: { from: to, to } }) })
  })
  parser.on('closetag', () => {
    const range = ranges[open.pop() ?? -1]
    if (range === undefined) return
    range.to = parser.position
    if (range.content !== undefined) range.content.to = text.lastIndexOf('<', range.to - 1)
  })
  // here the last `>` has not been read yet
  parser.on('comment', () => { ranges.push({ from: text.lastIndexOf('<!--', parser.position - 3), to: parser.position + 1 }) })
  parser.on('processinginstruction', () => { ranges.push({ from: text.lastIndexOf('<?', parser.position - 2), to: parser.position }) })
  parser.write(text).close()
  return ranges
}

/** What an XPath matches, in the order of the document; `namespaces` are the prefixes that it may use. */
export const selectXml = (node: Node, expression: string, namespaces: Readonly<Record<string, string>>): readonly Node[] => {
  try {
    return libraries.xpath.parse(expression).select({ node, namespaces })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ProvisionError('bad-xpath', `${expression} is not an XPath 1.0 that finds nodes: ${why}`, { cause, hint: /resolve/i.test(why) ? 'say in `namespaces` what each prefix stands for' : 'mend the expression' })
  }
}

/** The nodes of a piece of XML as it would be read inside an element; throws what the parser finds wrong with it. */
export const parseFragment = (text: string, inside: Element): readonly Node[] => {
  const declared = new Map<string, string>()
  for (let node: Node | null = inside; node !== null && isElement(node); node = node.parentNode) {
    for (const { name, value } of node.attributes) if (/^xmlns(:|$)/.test(name) && !declared.has(name)) declared.set(name, value)
  }
  const scope = [...declared].map(([name, value]) => ` ${name}="${escapeXml(value, '"')}"`).join('')
  const whole = `<fragment${scope}>${text}</fragment>`
  const { document } = parseXml(whole, 'this')
  return document.documentElement === null ? [] : childrenOf(document.documentElement)
}

/** Text as it is written between tags, or between these quotes in one. */
export const escapeXml = (text: string, quote?: string): string => {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#13;')
  if (quote === undefined) return escaped
  return escaped.replaceAll(quote, quote === '"' ? '&quot;' : '&apos;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')
}

/** What a node says, apart from white space and from how it is written: equal texts mean the same. */
export const meaningOf = (node: Node): string => JSON.stringify(isElement(node) ? elementOf(node) : contentOf(node))

const elementOf = (element: Element): unknown => [
  element.namespaceURI, element.localName,
  [...element.attributes].map(({ namespaceURI, localName, name, value }) => [namespaceURI ?? '', localName ?? name, value]).sort(([ns = '', name = ''], [otherNs = '', other = '']) => (ns + name < otherNs + other ? -1 : 1)),
  contentOf(element),
]

/** What stands in an element or document, as `meaningOf` compares it. */
const contentOf = (node: Node): readonly unknown[] => listOf(childrenOf(node))

/** The same of nodes beside each other. */
export const meaningOfAll = (nodes: readonly Node[]): string => JSON.stringify(listOf(nodes))

const listOf = (nodes: readonly Node[]): readonly unknown[] => {
  const parts: unknown[] = []
  let text = ''
  const flush = (): void => {
    const words = text.replace(/\s+/g, ' ').trim()
    if (words !== '') parts.push(words)
    text = ''
  }
  for (const node of nodes) {
    if (isText(node)) {
      text += node.nodeValue ?? ''
      continue
    }
    flush()
    if (isElement(node)) parts.push(elementOf(node))
    else parts.push([node.nodeName, (node.nodeValue ?? '').replace(/\s+/g, ' ').trim()])
  }
  flush()
  return parts
}
