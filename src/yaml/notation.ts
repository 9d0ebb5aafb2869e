import { Document, isCollection, parseDocument, visit } from 'yaml'

/** How values are written. */
export interface YamlNotation {
  /** Innermost lists and maps on one line. */
  readonly flow: boolean
  readonly indent: number
  /** Keys of maps in their order. */
  readonly sorted: boolean
}

/** Data as a YAML document, read the same by YAML 1.1 and 1.2: what either could take for another kind of value is in quotes. */
export const yamlText = (value: unknown, { flow, indent, sorted }: YamlNotation): string => {
  const document = new Document(value, { version: '1.1', aliasDuplicateObjects: false, sortMapEntries: sorted })
  if (flow) visit(document, { Collection: (_, node) => { if (!node.items.some(holdsCollection)) node.flow = true } })
  return document.toString({
    indent: Math.max(1, Math.min(20, indent)), indentSeq: false, lineWidth: 0, singleQuote: true, flowCollectionPadding: false, nullStr: 'null',
  })
}

const holdsCollection = (item: unknown): boolean => isCollection(item) || (typeof item === 'object' && item !== null && 'value' in item && isCollection(item.value))

/** The value of a YAML text of plain data, `undefined` where it is none: mistakes, keys that stand twice, tags. */
export const yamlValue = (text: string): { readonly value: unknown } | undefined => {
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'silent', merge: true })
  if (document.errors.length > 0 || document.warnings.length > 0) return undefined
  try {
    return { value: document.toJS({ maxAliasCount: 100 }) as unknown }
  } catch {
    return undefined // aliases that stand for more than was written
  }
}
