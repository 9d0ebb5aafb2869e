import { ProvisionError } from '../core/errors.js'
import { endOf } from './line-place.js'
import type { Splice } from './splice.js'
import { childrenOf, isComment, isElement, parseFragment, type Comment, type Element, type Node, type XmlSource } from './xml.js'
import { indentAt } from './xml-layout.js'

/** What becomes of a comment that is opened: the nodes that take its place, and what is written in place of its marks. */
interface Opening { readonly nodes: readonly Node[]; readonly splices: readonly Splice[] }

const commentsIn = (node: Node): readonly Comment[] => childrenOf(node).flatMap((child) => (isComment(child) ? [child] : commentsIn(child)))

/** The comments that would make something match if they were opened, each with how that is written; the tree stays as it is. */
export const openingsOf = (source: XmlSource, matches: () => boolean): readonly { readonly comment: Comment; readonly opening: Opening }[] =>
  commentsIn(source.document).flatMap((comment) => {
    const opening = openingOf(source, comment)
    if (opening === undefined) return []
    const before = openInTree(comment, opening)
    const found = matches()
    before()
    return found ? [{ comment, opening }] : []
  })

/** Puts the nodes of a comment into the tree in its place; gives the way back. */
export const openInTree = (comment: Comment, { nodes }: Opening): (() => void) => {
  const parent = comment.parentNode
  for (const node of nodes) parent?.insertBefore(node, comment)
  parent?.removeChild(comment)
  return () => {
    parent?.insertBefore(comment, nodes[0] ?? null)
    for (const node of nodes) parent?.removeChild(node)
  }
}

const openingOf = (source: XmlSource, comment: Comment): Opening | undefined => {
  const parent = comment.parentNode
  const { from, to } = source.rangeOf(comment)
  const inner = source.text.slice(from + 4, to - 3)
  if (parent === null || !isElement(parent) || !/<|\/$/.test(inner)) return undefined
  // `<!--Name>text</Name-->`: only the marks stand between this and an element
  const bare = elementsOf(`<${inner}>`, parent)
  if (bare !== undefined) return { nodes: bare, splices: [{ from: from + 1, to: from + 4, text: '' }, { from: to - 3, to: to - 1, text: '' }] }
  const first = inner.indexOf('<')
  const last = inner.lastIndexOf('>') + 1
  const nodes = first < 0 || last <= first ? undefined : elementsOf(inner.slice(first, last), parent)
  return nodes === undefined ? undefined : beside(source, comment, { first: from + 4 + first, last: from + 4 + last }, nodes)
}

/** The block alone is opened; words around it stay in comments of their own. */
const beside = (source: XmlSource, comment: Comment, { first, last }: { first: number; last: number }, nodes: readonly Node[]): Opening => {
  const { text, document } = source
  const { from, to } = source.rangeOf(comment)
  const before = text.slice(from + 4, first)
  const behind = text.slice(last, to - 3)
  const line = endOf(text) + (indentAt(text, from) ?? '')
  const said = (words: string): readonly Comment[] => (words.trim() === '' ? [] : [document.createComment(words)])
  return {
    nodes: [...said(before), ...nodes, ...said(behind)],
    splices: [
      before.trim() === '' ? { from, to: first, text: '' } : { from: from + 4 + before.trimEnd().length, to: first, text: ` -->${line}` },
      behind.trim() === '' ? { from: last, to, text: '' } : { from: last, to: last + behind.length - behind.trimStart().length, text: `${line}<!-- ` },
    ],
  }
}

const elementsOf = (text: string, inside: Element): readonly Node[] | undefined => {
  try {
    const nodes = parseFragment(text, inside)
    return nodes.some(isElement) ? nodes.map((node) => (inside.ownerDocument ?? node.ownerDocument)?.importNode(node, true) ?? node) : undefined
  } catch (error) {
    if (error instanceof ProvisionError) return undefined // words, not elements
    throw error
  }
}

/** An element with the marks of a comment around it. */
export const closeInComment = (source: XmlSource, element: Element): readonly Splice[] => {
  const { from, to } = source.rangeOf(element)
  const text = source.text.slice(from, to)
  if (text.includes('--')) throw new ProvisionError('cannot-comment', `<${element.tagName}> holds a comment or --, which may not stand in a comment`, { hint: 'remove it with `state: absent`, or comment out what it holds' })
  element.parentNode?.replaceChild(source.document.createComment(text), element)
  return [{ from, to: from, text: '<!-- ' }, { from: to, to, text: ' -->' }]
}
