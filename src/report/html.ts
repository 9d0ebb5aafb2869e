import { sha256 } from '../core/digest.js'
import { visible } from '../core/printable.js'

/** Markup that was composed with `html`, and so may be spliced into other markup as it is. */
export class Markup {
  constructor(readonly text: string) {}
  toString(): string { return this.text }
}

export type MarkupValue = string | number | Markup | false | undefined | readonly MarkupValue[]

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** The one escaping function: any text as text between tags, or as an attribute in double quotes. */
export const escaped = (text: string | number): string => visible(String(text)).replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign)

const splice = (value: MarkupValue): string => {
  if (value instanceof Markup) return value.text
  if (value === undefined || value === false) return ''
  return typeof value === 'object' ? value.map(splice).join('') : escaped(value)
}

/** Composes markup: every value is escaped, lists follow one another, markup is spliced as it is, and what is `false` or `undefined` is left out. Attributes stand in double quotes; none of them is an address, an event or a style. */
export const html = (strings: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup =>
  new Markup(strings.map((string, index) => `${string}${splice(values[index])}`).join(''))

/** A style or script of our own, as it is; nothing of it comes from elsewhere. */
export const asset = (tag: 'style' | 'script', text: string): Markup => {
  if (text.includes('</')) throw new RangeError(`a ${tag} that ends itself`)
  return new Markup(`<${tag}>${text}</${tag}>`)
}

/** A style or script as a page's policy names it: no other is obeyed. */
export const named = (text: string): string => `'sha256-${Buffer.from(sha256(text), 'hex').toString('base64')}'`
