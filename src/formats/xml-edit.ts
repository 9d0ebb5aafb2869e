import { ProvisionError } from '../core/errors.js'
import { concat, mapText, reveal, type Text } from '../core/secret.js'
import { wentWrong } from './malformed.js'
import { spliced, type Splice } from './splice.js'
import { childrenOf, escapeXml, isComment, isElement, isText, meaningOf, meaningOfAll, parseFragment, parseXml, selectXml, type Element, type Node, type XmlSource } from './xml.js'
import { closeInComment, openInTree, openingsOf } from './xml-comments.js'
import { wholeLine } from './xml-layout.js'
import { append, attributeAt, fillWith, insertAfter, insertBefore, setText } from './xml-places.js'

/** What shall be so of the nodes that an XPath matches: their text or an attribute, a child, all that they hold, or that they are gone. */
export interface XmlEdit {
  readonly xpath: string
  readonly state: 'present' | 'absent' | 'commented'
  readonly all: boolean
  /** What matches may stand in a comment, which is opened then. */
  readonly uncomment: boolean
  readonly attribute?: string | undefined
  readonly value?: Text | undefined
  readonly content?: Text | undefined
  readonly child?: Text | undefined
  /** The child that this one takes the place of, as an XPath from its parent. */
  readonly match?: string | undefined
  readonly before?: string | undefined
  readonly after?: string | undefined
}

type Namespaces = Readonly<Record<string, string>>
interface Context { readonly source: XmlSource; readonly file: string; readonly namespaces: Namespaces }
type Act = (context: Context) => readonly Splice[]

/** A text with edits made one after the other, each proved by parsing the outcome again; the same text when all is as it shall be. */
export const editXml = (before: Text, edits: readonly XmlEdit[], file: string, namespaces: Namespaces = {}): Text => {
  let text = before
  let source = parseXml(reveal(text), file)
  for (const edit of edits) {
    for (const act of actsOf(edit)) {
      // an act changes the tree as it changes the text: parsed again, they must say the same
      const splices = act({ source, file, namespaces })
      if (splices.length === 0) continue
      text = spliced(text, splices)
      const wanted = meaningOf(source.document)
      source = reread(reveal(text), file, edit)
      if (meaningOf(source.document) !== wanted) throw wentWrong(file, `the edit of ${edit.xpath}`)
    }
  }
  return text
}

const reread = (text: string, file: string, { xpath }: XmlEdit): XmlSource => {
  try {
    return parseXml(text, file)
  } catch (error) {
    throw error instanceof ProvisionError ? wentWrong(file, `the edit of ${xpath}`) : error
  }
}

const actsOf = (edit: XmlEdit): readonly Act[] => {
  if (edit.state === 'absent') return [remove(edit)]
  if (edit.state === 'commented') return [commentOut(edit)]
  return [
    ...(edit.uncomment ? [open(edit)] : []),
    ...(edit.value === undefined ? [] : [setValue(edit, edit.value)]),
    ...(edit.content === undefined ? [] : [setContent(edit, edit.content)]),
    ...(edit.child === undefined ? [] : [haveChild(edit, edit.child)]),
  ]
}

/** What an edit is about: one node, several with `all`, none only where the edit is content with that. */
const matched = ({ xpath, all }: XmlEdit, { source, file, namespaces }: Context): readonly Node[] => {
  const nodes = selectXml(source.document, xpath, namespaces)
  if (nodes.length > 1 && !all) throw new ProvisionError('several-matches', `${xpath} matches ${nodes.length} places in ${file}`, { hint: 'make the XPath narrower, or write `all: true` for all of them' })
  // what stands within another match goes with it
  return nodes.filter((node) => !nodes.some((other) => other !== node && isWithin(node, other)))
}

const isWithin = (node: Node, other: Node): boolean => {
  for (let up = node.parentNode; up !== null; up = up.parentNode) if (up === other) return true
  return false
}

const needed = (edit: XmlEdit, context: Context): readonly Node[] => {
  const nodes = matched(edit, context)
  if (nodes.length === 0) throw noMatch(edit.xpath, context)
  return nodes
}

const noMatch = (xpath: string, { source, file, namespaces }: Context): ProvisionError => {
  const ours = source.document.documentElement?.namespaceURI ?? null
  const hint = openingsOf(source, () => selectXml(source.document, xpath, namespaces).length > 0).length > 0 ? 'a comment holds it: write `uncomment: true` to open that first'
    : ours !== null && !Object.values(namespaces).includes(ours) ? `the elements of this file are in the namespace ${ours}: write \`namespaces: { x: ${ours} }\` and /x:name in the XPath`
    : 'mend the XPath, or name the parent and give the missing element as `child`'
  return new ProvisionError('no-match', `${xpath} matches nothing in ${file}`, { hint })
}

const elements = (edit: XmlEdit, context: Context): readonly Element[] => needed(edit, context).map((node) => {
  if (!isElement(node)) throw new ProvisionError('not-an-element', `${edit.xpath} matches something that is no element in ${context.file}`, { hint: 'let the XPath end at the element' })
  return node
})

const setValue = (edit: XmlEdit, value: Text): Act => (context) => needed(edit, context).flatMap((node) => {
  const attribute = attributeOf(node)
  if (attribute !== undefined) return setAttribute(context.source, attribute.element, attribute.name, value)
  if (!isElement(node)) throw new ProvisionError('not-an-element', `${edit.xpath} matches neither an element nor an attribute in ${context.file}`, { hint: 'let the XPath end at the element or @attribute' })
  if (edit.attribute !== undefined) return setAttribute(context.source, node, edit.attribute, value)
  if (childrenOf(node).some(isElement)) throw new ProvisionError('has-children', `<${node.tagName}> in ${context.file} holds elements, not text`, { hint: 'give its whole content as `content`, or let the XPath end at the element with the text' })
  if (node.textContent === reveal(value)) return []
  return setText(context.source, node, mapText(value, (text) => escapeXml(text)), reveal(value))
})

const attributeOf = (node: Node): { readonly element: Element; readonly name: string } | undefined =>
  node.nodeType === 2 && 'ownerElement' in node && isElement(node.ownerElement as Node) // an attribute's owner is an element
    ? { element: node.ownerElement as Element, name: node.nodeName } : undefined

const setAttribute = (source: XmlSource, element: Element, name: string, value: Text): readonly Splice[] => {
  if (element.getAttributeNode(name)?.value === reveal(value)) return []
  const place = attributeAt(source, element, name)
  const [prefix] = name.includes(':') ? name.split(':') : []
  const namespace = prefix === 'xmlns' ? 'http://www.w3.org/2000/xmlns/' : prefix === undefined ? null : element.lookupNamespaceURI(prefix)
  if (prefix !== undefined && namespace === null) throw new ProvisionError('undeclared-prefix', `<${element.tagName}> knows no namespace ${prefix}`, { hint: `set the attribute xmlns:${prefix} before` })
  if (namespace === null) element.setAttribute(name, reveal(value))
  else element.setAttributeNS(namespace, name, reveal(value))
  if ('at' in place) return [{ from: place.at, to: place.at, text: concat([place.space, name, '="', mapText(value, (text) => escapeXml(text, '"')), '"']) }]
  const start = source.text.indexOf(place.quote, place.from) + 1
  return [{ from: start, to: place.to - 1, text: mapText(value, (text) => escapeXml(text, place.quote)) }]
}

const setContent = (edit: XmlEdit, content: Text): Act => (context) => elements(edit, context).flatMap((element) => {
  const nodes = fragmentOf(content, element, 'content')
  if (meaningOfAll(childrenOf(element)) === meaningOfAll(nodes)) return []
  for (const child of childrenOf(element)) element.removeChild(child)
  for (const node of nodes) element.appendChild(node)
  return fillWith(context.source, element, content, nodes.some(isElement))
})

const haveChild = (edit: XmlEdit, child: Text): Act => (context) => elements(edit, context).flatMap((parent) => {
  const wanted = fragmentOf(child, parent, 'child').filter((node) => !isText(node) || (node.nodeValue ?? '').trim() !== '')
  const [element, ...more] = wanted
  if (element === undefined || !isElement(element) || more.length > 0) throw new ProvisionError('malformed-edit', '`child` is not exactly one element', { hint: 'write one edit for each element' })
  const meaning = meaningOf(element)
  const { source } = context
  if (edit.match === undefined) {
    if (childrenOf(parent).some((one) => isElement(one) && meaningOf(one) === meaning)) return []
    return insert(edit, context, parent, element, child)
  }
  const [found, another] = childMatches(parent, edit.match, context)
  if (found === undefined) return insert(edit, context, parent, element, child)
  if (another !== undefined) throw new ProvisionError('several-matches', `${edit.match} matches several children of <${parent.tagName}> in ${context.file}`, { hint: 'make `match` narrower' })
  if (isElement(found) && meaningOf(found) === meaning) return []
  const splices = replace(source, found, child)
  parent.replaceChild(element, found)
  return splices
})

const replace = (source: XmlSource, found: Node, child: Text): readonly Splice[] => {
  const [splice] = insertBefore(source, found, child)
  const range = source.rangeOf(found)
  return splice === undefined ? [] : [{ ...range, text: mapText(splice.text, (text) => text.trimEnd()) }]
}

const childMatches = (parent: Element, expression: string, { namespaces }: Context): readonly Node[] =>
  selectXml(parent, expression, namespaces).filter((node) => node.parentNode === parent && (isElement(node) || isComment(node)))

const insert = ({ before, after }: XmlEdit, context: Context, parent: Element, element: Element, child: Text): readonly Splice[] => {
  const { source } = context
  const anchor = before ?? after
  if (anchor === undefined) {
    const splices = append(source, parent, child)
    parent.appendChild(element)
    return splices
  }
  const found = childMatches(parent, anchor, context)
  const other = before === undefined ? found.at(-1) : found[0]
  if (other === undefined) throw new ProvisionError('no-match', `${anchor} matches no child of <${parent.tagName}> in ${context.file}`, { hint: 'mend `before` or `after`, or leave it out to append' })
  if (before !== undefined) {
    parent.insertBefore(element, other)
    return insertBefore(source, other, child)
  }
  const { splices, next } = insertAfter(source, other, child)
  parent.insertBefore(element, next)
  return splices
}

const fragmentOf = (text: Text, inside: Element, argument: string): readonly Node[] => {
  try {
    return parseFragment(reveal(text), inside).map((node) => inside.ownerDocument?.importNode(node, true) ?? node)
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error
    throw new ProvisionError('malformed-edit', `\`${argument}\` is not well-formed XML: ${error.message.replace(/^.*column \d+: /, '')}`, { hint: 'mend it; & is written &amp;, < is written &lt;' })
  }
}

const remove = (edit: XmlEdit): Act => (context) => matched(edit, context).flatMap((node) => {
  const { source } = context
  const attribute = edit.attribute === undefined ? attributeOf(node) : isElement(node) ? { element: node, name: edit.attribute } : undefined
  if (attribute !== undefined) {
    const place = attributeAt(source, attribute.element, attribute.name)
    if ('at' in place) return []
    attribute.element.removeAttribute(attribute.name)
    return [{ from: place.from, to: place.to, text: '' }]
  }
  if ((!isElement(node) && !isComment(node)) || node === source.document.documentElement) {
    throw new ProvisionError('cannot-remove', `what ${edit.xpath} matches in ${context.file} cannot be removed`, { hint: 'elements below the outermost, attributes and comments can' })
  }
  node.parentNode?.removeChild(node)
  return [{ ...wholeLine(source.text, source.rangeOf(node)), text: '' }]
})

const commentOut = (edit: XmlEdit): Act => (context) => {
  const { source, namespaces } = context
  if (matched(edit, context).length > 0) return elements(edit, context).flatMap((element) => closeInComment(source, element))
  if (openingsOf(source, () => selectXml(source.document, edit.xpath, namespaces).length > 0).length === 0) throw noMatch(edit.xpath, context)
  return []
}

const open = (edit: XmlEdit): Act => (context) => {
  const { source, namespaces, file } = context
  if (matched(edit, context).length > 0) return []
  const openings = openingsOf(source, () => selectXml(source.document, edit.xpath, namespaces).length > 0)
  if (openings.length === 0) throw noMatch(edit.xpath, context)
  if (openings.length > 1 && !edit.all) throw new ProvisionError('several-matches', `${openings.length} comments of ${file} hold ${edit.xpath}`, { hint: 'make the XPath narrower, or write `all: true` for all of them' })
  for (const { comment, opening } of openings) openInTree(comment, opening)
  return openings.flatMap(({ opening }) => opening.splices)
}
