import { isAlias, isMap, isScalar, isSeq, parseDocument, visit, type Document, type ParsedNode, type Scalar, type YAMLMap } from 'yaml'
import { type Place, type ProvisionError, ProvisionErrors } from '../core/errors.js'
import { suggestion } from '../core/suggest.js'
import { olderValue } from './older.js'
import { type Source, sourceOf } from './source.js'
import { syntaxError } from './syntax.js'
import { bracesOnLine, bracesTrap, numberTrap, yamlError } from './traps.js'
import { VaultText } from './vault-text.js'

/** The way from the top of a document to one value: keys of maps, indexes of lists. */
export type YamlPath = readonly (string | number)[]

/** A YAML file as plain values that remember where they stand. */
export interface YamlDocument {
  readonly file: string
  /** What was read, without a byte-order mark before it. */
  readonly text: string
  /** Maps as objects, lists as arrays, `!vault` values as `VaultText`; `null` for an empty file. */
  readonly value: unknown
  /** The encrypted values, in the order of the file. */
  readonly vaultTexts: readonly VaultText[]
  /** Where a value (or its key) stands; of a path that does not exist, where its nearest ancestor stands. */
  placeOf(path: YamlPath, part?: 'key' | 'value'): Place
}

export interface YamlOptions {
  /** The text was encrypted: places show no line, and messages cite nothing. */
  readonly secret?: boolean
  /** The text is YAML 1.1 as Ansible reads it: `yes` is true, `0644` is octal, and what is odd in it is not a trap but meant so. */
  readonly older?: boolean
}

/** Reads one YAML document; every mistake in it is thrown at once, as `ProvisionErrors`. */
export const parseYaml = (whole: string, file: string, { secret = false, older = false }: YamlOptions = {}): YamlDocument => {
  const text = whole.replace(/^\uFEFF/, '')
  const source = sourceOf(text, file, secret)
  const { document, mistakes } = parseForgiving(source, older)
  const lost = new Set(mistakes.map(({ at }) => at?.line))
  const reading = new Reading(source, older, (mistake) => {
    // What else seems wrong on a line that the parser could not read is the same mistake.
    if (!lost.has(mistake.at?.line)) mistakes.push(mistake)
  })
  const value = document.contents === null ? null : reading.valueOf(document.contents)
  if (mistakes.length > 0) throw new ProvisionErrors(inOrder(mistakes))
  return {
    file, text, value,
    vaultTexts: reading.vaultTexts,
    placeOf: (path, part = 'value') => source.placeAt(reading.offsetOf(document.contents, path, part)),
  }
}

const inOrder = (mistakes: readonly ProvisionError[]): readonly ProvisionError[] =>
  mistakes.toSorted((a, b) => (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0))

type Parsed = Document.Parsed<ParsedNode>

/** Parses again with each unquoted `{{` blotted out, because the parser loses its way there and would report what is no mistake. */
const parseForgiving = (source: Source, older: boolean): { readonly document: Parsed; readonly mistakes: ProvisionError[] } => {
  const mistakes: ProvisionError[] = []
  let text = source.text
  for (;;) {
    const document = parseDocument(text, { prettyErrors: false, uniqueKeys: false, resolveKnownTags: false, logLevel: 'error', ...(older ? { version: '1.1' as const } : {}) })
    const braces = document.errors.map((error) => bracesBefore(source, text, error.pos[0])).find((found) => found !== undefined)
    if (braces === undefined) {
      mistakes.push(...syntaxMistakes(document, source))
      return { document, mistakes }
    }
    mistakes.push(bracesTrap(braces.written, source.placeAt(braces.from), source.secret))
    text = text.slice(0, braces.from) + 'x'.repeat(braces.written.length) + text.slice(braces.from + braces.written.length)
  }
}

const bracesBefore = (source: Source, text: string, offset: number): { readonly from: number; readonly written: string } | undefined => {
  const start = offset - source.placeAt(offset).column + 1
  const end = text.indexOf('\n', start)
  const found = bracesOnLine(text.slice(start, end < 0 ? undefined : end))
  return found === undefined || start + found.from > offset ? undefined : { from: start + found.from, written: found.written }
}

/** One mistake a line, and none after the first unexpected token: what follows it is the same mistake told again. */
const syntaxMistakes = (document: Parsed, source: Source): readonly ProvisionError[] => {
  const lost = document.errors.findIndex((error) => error.code === 'UNEXPECTED_TOKEN')
  const told = lost < 0 ? document.errors : document.errors.slice(0, lost + 1)
  const lines = new Set<number>()
  return told.flatMap((error) => {
    const at = source.placeAt(openQuote(document, error.code, error.pos[0]) ?? error.pos[0])
    if (lines.has(at.line)) return []
    lines.add(at.line)
    return [/\{\{/.test(unquoted(at.text ?? '')) ? yamlError('yaml-braces', 'the text with {{ }} on this line is not in quotes', at, 'put the whole value in quotes, as in "{{ name }}/file"') : syntaxError(error.code, at)]
  })
}

/** A line without what stands in quotes or behind a #. */
const unquoted = (line: string): string => line.replace(/"(?:[^"\\]|\\.)*"|'[^']*'/g, '').replace(/(^|\s)#.*/, '')

/** Where the quote starts that the parser found open at the end of the file. */
const openQuote = (document: Parsed, code: string, end: number): number | undefined => {
  if (code !== 'MISSING_CHAR') return undefined
  let start: number | undefined
  visit(document, {
    Scalar(_, { type, range }) {
      if (type?.startsWith('QUOTE') === true && range && range[0] < end && range[1] >= end) start = range[0]
    },
  })
  return start
}

type Node = ParsedNode

/** Values that aliases may add to a file; a handful of lines can otherwise stand for billions. */
const ALIASED_VALUES = 100_000

const coreTags = new Set(['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`))

/** One reading of a document: its values, its anchors, and the mistakes that the parser lets pass. */
class Reading {
  readonly vaultTexts: VaultText[] = []
  readonly #anchors = new Map<string, Node>()
  readonly #targets = new Map<Node, Node>()
  readonly #known = new Map<Node, { readonly value: unknown; readonly size: number }>()
  #size = 0
  #aliasedSize = 0
  /** Within what Ansible's `!unsafe` keeps from being evaluated. */
  #isUnsafe = false

  constructor(readonly source: Source, readonly older: boolean, readonly report: (mistake: ProvisionError) => void) {}

  valueOf(node: Node | null): unknown {
    this.#size += 1
    if (node === null) return null
    if (isAlias(node)) return this.#aliased(node, node.source)
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node)
    const before = this.#size
    const outer = this.#isUnsafe
    this.#isUnsafe ||= this.older && node.tag === '!unsafe'
    const value = isScalar(node) ? this.#scalar(node) : this.#collection(node)
    this.#isUnsafe = outer
    if (node.anchor !== undefined) this.#known.set(node, { value, size: this.#size - before + 1 })
    return value
  }

  #aliased(node: Node, name: string): unknown {
    const target = this.#anchors.get(name)
    const known = target && this.#known.get(target)
    if (target === undefined || known === undefined) {
      const hint = target === undefined ? suggestion(name, [...this.#anchors.keys()], 'anchors above') : 'name something outside of it'
      return this.#mistake('yaml-alias', target === undefined ? `no anchor &${name} stands above` : `*${name} stands inside of &${name} itself`, node, hint)
    }
    this.#targets.set(node, target)
    this.#size += known.size
    this.#aliasedSize += known.size
    if (this.#aliasedSize > ALIASED_VALUES) return this.#mistake('yaml-alias', 'the aliases make this file too large', node, 'write the values out')
    return known.value
  }

  #scalar(node: Scalar.Parsed): unknown {
    this.#checkTag(node)
    const [from, , to] = node.range
    const at = this.source.placeAt(from)
    if (node.tag === '!vault') return this.#vaultText(node, from, to)
    const value = this.#plain(node)
    if (this.#isUnsafe && typeof value === 'string') return this.source.secret ? value : asItStands(value) // what is secret is not evaluated anyway
    // a whole number loses the point that Ansible would print
    if (node.tag === undefined && typeof value === 'number' && (!this.older || (Number.isInteger(value) && node.source.includes('.')))) {
      const trap = numberTrap(node.source, value, at, this.source.secret)
      if (trap !== undefined) this.report(trap)
    }
    return value
  }

  #plain(node: Scalar.Parsed): unknown {
    return this.older && node.tag === undefined && node.type === 'PLAIN' ? olderValue(node.source, node.value) : node.value
  }

  #vaultText(node: Scalar.Parsed, from: number, to: number): VaultText {
    const tag = this.source.text.lastIndexOf('!vault', from)
    const end = node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED' ? to : node.range[1]
    const vaultText = new VaultText(String(node.value), this.source.placeAt(tag), [tag, end])
    this.vaultTexts.push(vaultText)
    return vaultText
  }

  #collection(node: Exclude<Node, Scalar.Parsed>): unknown {
    if (isMap(node)) return this.#map(node)
    if (!isSeq(node)) return null
    this.#checkTag(node)
    return node.items.map((item) => this.valueOf(item))
  }

  #map(node: YAMLMap.Parsed<ParsedNode, ParsedNode | null>): unknown {
    this.#checkTag(node)
    if (startsWithBraces(node)) {
      const [from, to] = node.range
      this.report(bracesTrap(this.source.text.slice(from, to), this.source.placeAt(from), this.source.secret))
      return null
    }
    const seen = new Map<string, Node>()
    const own: [string, unknown][] = []
    const merged: [string, unknown][] = []
    for (const { key, value } of node.items) {
      if (isMerge(key)) {
        merged.push(...this.#merged(value))
        continue
      }
      const name = this.#key(key, seen)
      const read = this.valueOf(value)
      if (name !== undefined) own.push([name, read])
    }
    return Object.fromEntries([...merged.toReversed(), ...own])
  }

  /** The name of a map's key, if it is text and the first of its name. */
  #key(key: Node, seen: Map<string, Node>): string | undefined {
    if (isMap(key) && key.flow) {
      const [from, to] = key.range
      this.report(bracesTrap(this.source.text.slice(from, to), this.source.placeAt(from), this.source.secret))
      return undefined
    }
    const name = isScalar(key) ? this.#plain(key) : undefined
    if (!isScalar(key) || typeof name !== 'string') {
      const written = this.source.text.slice(key.range[0], key.range[1])
      const citable = isScalar(key) && key.value !== null && !this.source.secret
      this.#mistake('yaml-key', citable ? `the key ${written} is not text` : 'a key is not text', key, citable ? `write '${written}'` : 'write each key as plain text')
      return undefined
    }
    const first = seen.get(name)
    if (first !== undefined) {
      this.#mistake('yaml-duplicate-key', `the key "${name}" stands here twice`, key, `take one away: the first is on line ${this.source.placeAt(first.range[0]).line}`)
      return undefined
    }
    if (name === '__proto__') this.#mistake('yaml-key', 'the key "__proto__" cannot be used', key, 'choose another name')
    seen.set(name, key)
    return name
  }

  #merged(value: Node | null): readonly [string, unknown][] {
    const read = this.valueOf(value)
    const maps: readonly unknown[] = Array.isArray(read) ? read : [read]
    if (value !== null && !maps.every((map) => typeof map === 'object' && map !== null && !(map instanceof VaultText))) {
      this.#mistake('yaml-merge', 'only maps can be merged with <<', value, 'write <<: *anchor, with the anchor at a map')
    }
    return maps.flatMap((map) => (typeof map === 'object' && map !== null ? Object.entries(map).toReversed() : []))
  }

  #checkTag(node: Exclude<Node, { readonly source: string; readonly tag?: never }>): void {
    const { tag } = node
    if (tag === undefined || coreTags.has(tag) || (tag === '!vault' && isScalar(node)) || (tag === '!unsafe' && this.older) || tag === '!') return
    this.#mistake('yaml-tag', `the tag ${tag.replace('tag:yaml.org,2002:', '!!')} is not known here`, node, suggestion(tag, ['!vault'], 'the only tag'))
  }

  #mistake(code: string, message: string, node: Node, hint?: string): null {
    this.report(yamlError(code, message, this.source.placeAt(node.range[0]), hint))
    return null
  }

  /** Where the value or the key at the end of a path starts. */
  offsetOf(top: Node | null, path: YamlPath, part: 'key' | 'value'): number {
    let node = top
    let offset = top?.range[0] ?? 0
    for (const [depth, step] of path.entries()) {
      const entry = this.#entryOf(node, step)
      if (entry === undefined) return offset
      const last = depth === path.length - 1
      node = entry.value
      offset = startOf(this.source, last && part === 'key' || isEmpty(entry.value) ? entry.key : entry.value) ?? offset
    }
    return offset
  }

  #entryOf(node: Node | null, step: string | number): { readonly key: Node | null; readonly value: Node | null } | undefined {
    const target = node === null ? null : this.#targets.get(node) ?? node
    if (isSeq(target)) {
      const item = target.items[Number(step)]
      return item === undefined ? undefined : { key: item, value: item }
    }
    if (!isMap(target)) return undefined
    const { items } = target
    const own = items.find(({ key }) => isScalar(key) && this.#plain(key) === String(step) && !isMerge(key))
    if (own !== undefined) return own
    const sources = items.filter(({ key }) => isMerge(key)).flatMap(({ value }) => (isSeq(value) ? value.items : [value]))
    return sources.map((source) => this.#entryOf(source, step)).find((entry) => entry !== undefined)
  }
}

/** A text that is never evaluated: one with braces in it becomes the expression that gives it. */
const asItStands = (text: string): string =>
  (/\{[{%#]/.test(text) ? `{{ '${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}' }}` : text)

/** A value that is not there: `key:` and nothing behind it. */
const isEmpty = (node: Node | null): boolean => node === null || (isScalar(node) && node.value === null && node.source === '')

const startOf = ({ text }: Source, node: Node | null): number | undefined =>
  node !== null && isScalar(node) && node.tag === '!vault' ? text.lastIndexOf('!vault', node.range[0]) : node?.range[0]

const isMerge = (key: Node): boolean => isScalar(key) && key.source === '<<' && key.type === 'PLAIN'

/** Whether a map is what YAML makes of an unquoted `{{ x }}`: a bracketed map whose first key is one too. */
const startsWithBraces = (node: YAMLMap<ParsedNode, ParsedNode | null>): boolean => {
  const first = node.items[0]?.key
  return node.flow === true && isMap(first) && first.flow === true
}
