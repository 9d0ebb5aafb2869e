import { concat, type Text } from '../core/secret.js'
import { endOf } from './line-place.js'
import type { Splice } from './splice.js'
import { childrenOf, isComment, isElement, isText, type Element, type Node, type XmlSource } from './xml.js'
import { indentAt, indented, unitOf } from './xml-layout.js'

/** What stands between the tags, to be replaced; an element without an end tag gets one. */
const inside = (source: XmlSource, element: Element): { readonly from: number; readonly to: number; readonly fill: (text: Text) => Splice } => {
  const { to, content } = source.rangeOf(element)
  if (content !== undefined) return { ...content, fill: (text) => ({ ...content, text }) }
  const from = source.text.slice(0, to - 2).trimEnd().length
  return { from, to: from, fill: (text) => ({ from, to, text: concat(['>', text, `</${element.tagName}>`]) }) }
}

/** An element's whole content: elements below it on lines of their own, text between the tags. */
export const fillWith = (source: XmlSource, element: Element, content: Text, holdsElements: boolean): readonly Splice[] => {
  const indent = indentAt(source.text, source.rangeOf(element).from)
  const { fill } = inside(source, element)
  if (!holdsElements || indent === undefined) return [fill(indented(content, indent ?? '', endOf(source.text)))]
  return [fill(lines(source, indent, content))]
}

const lines = ({ text }: XmlSource, indent: string, content: Text): Text => {
  const end = endOf(text)
  const deeper = indent + unitOf(text)
  return concat([end, deeper, indented(content, deeper, end), end, indent])
}

/** An element's text; comments and instructions beside it stay. The tree is changed alike. */
export const setText = (source: XmlSource, element: Element, value: Text, plain: string): readonly Splice[] => {
  const { from, to, fill } = inside(source, element)
  const solid = childrenOf(element).filter((child) => !isText(child))
  for (const child of childrenOf(element)) if (isText(child)) element.removeChild(child)
  if (solid.length === 0) {
    element.appendChild(source.document.createTextNode(plain))
    return [fill(value)]
  }
  const edges = [from, ...solid.flatMap((node) => [source.rangeOf(node).from, source.rangeOf(node).to]), to]
  const gaps = [...solid, undefined].map((_, index) => ({ from: edges[index * 2] ?? from, to: edges[index * 2 + 1] ?? to }))
  const said = gaps.findIndex((gap) => source.text.slice(gap.from, gap.to).trim() !== '')
  const at = said < 0 ? gaps.length - 1 : said
  element.insertBefore(source.document.createTextNode(plain), solid[at] ?? null)
  return gaps.map((gap, index) => ({ ...gap, text: index === at ? value : '' }))
}

/** A new child at the end of an element. */
export const append = (source: XmlSource, parent: Element, child: Text): readonly Splice[] => {
  const { text } = source
  const { from, to, fill } = inside(source, parent)
  const end = endOf(text)
  const own = indentAt(text, source.rangeOf(parent).from)
  const content = text.slice(from, to)
  if (content.trim() === '') return [fill(own === undefined ? indented(child, '', end) : lines(source, own, child))]
  const trimmed = content.trimEnd()
  if (!content.slice(trimmed.length).includes('\n')) return [{ from: to, to, text: indented(child, own ?? '', end) }]
  const last = childrenOf(parent).findLast(isElement) ?? childrenOf(parent).findLast(isComment)
  const indent = (last === undefined ? undefined : indentAt(text, source.rangeOf(last).from)) ?? (own ?? '') + unitOf(text)
  const at = from + trimmed.length
  return [{ from: at, to: at, text: concat([end, indent, indented(child, indent, end)]) }]
}

/** A new child before another one. */
export const insertBefore = (source: XmlSource, other: Node, child: Text): readonly Splice[] => {
  const { from } = source.rangeOf(other)
  const indent = indentAt(source.text, from)
  const end = endOf(source.text)
  const text = indented(child, indent ?? '', end)
  return [{ from, to: from, text: indent === undefined ? text : concat([text, end, indent]) }]
}

/** A new child after another one and after what is said of it on the same line; tells too what it stands before in the tree. */
export const insertAfter = (source: XmlSource, other: Node, child: Text): { readonly splices: readonly Splice[]; readonly next: Node | null } => {
  const { text } = source
  let { to } = source.rangeOf(other)
  let next = other.nextSibling
  for (let node = next; node !== null; node = node.nextSibling) {
    if (isText(node) && /^[ \t]*$/.test(node.nodeValue ?? '')) continue
    if (!isComment(node) || text.slice(to, source.rangeOf(node).to).includes('\n')) break
    to = source.rangeOf(node).to
    next = node.nextSibling
  }
  const indent = indentAt(text, source.rangeOf(other).from)
  const end = endOf(text)
  const block = indented(child, indent ?? '', end)
  return { next, splices: [{ from: to, to, text: indent === undefined ? block : concat([end, indent, block]) }] }
}

/** An attribute's place in the start tag; without one, where a new one goes and the white space before it. */
export const attributeAt = (source: XmlSource, element: Element, name: string): { readonly from: number; readonly to: number; readonly quote: string } | { readonly at: number; readonly space: string } => {
  const { from, to, content } = source.rangeOf(element)
  const tag = source.text.slice(from, content?.from ?? to)
  let last = { end: 1 + element.tagName.length, space: ' ' }
  for (const { 0: whole, 1: space = '', 2: found, 3: quoted = '', index } of tag.slice(last.end).matchAll(/(\s+)([^\s=/>"']+)\s*=\s*("[^"]*"|'[^']*')/g)) {
    const begin = 1 + element.tagName.length + index
    if (found === name) return { from: from + begin, to: from + begin + whole.length, quote: quoted.slice(0, 1) }
    last = { end: begin + whole.length, space }
  }
  return { at: from + last.end, space: last.space }
}
