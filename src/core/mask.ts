import { Secret } from './secret.js'
import { quote } from './shell.js'

const DOTS = '••••••••'

/** Lines of a secret that are shorter say nothing, and would dot out too much. */
const LINE = 8

/** What marks the place where a text was cut off. */
const CUT = '…'

/** A secret of fewer characters would be found in any text. */
export const SHORTEST = 4

/** The secrets that are known so far: who makes one tells of it, and from then on no text shows it. */
export class KnownSecrets {
  readonly #texts = new Set<string>()
  readonly #forms = new Forms()

  /** Takes the secrets in a value; of a text that is secret in part, the parts have been told of where it was made. */
  learn(value: unknown): void {
    if (value instanceof Secret) {
      if (WHOLE.test(value.shown)) this.#take(value.reveal())
    } else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) this.learn(inner)
  }

  /** Replaces every known secret in foreign text by dots: as it is, line by line, and as programs like to repeat it; also what of one is left where a text was cut. */
  readonly mask = (text: string): string => this.#forms.mask(text)

  #take(text: string): void {
    if (text.length < SHORTEST || this.#texts.has(text)) return
    this.#texts.add(text)
    this.#forms.add(text)
  }
}

/** Plain data with the secrets in its texts as dots; what is in the open of a text that is secret in part may hold other secrets. */
export const maskedValue = (value: unknown, mask: (text: string) => string): unknown => {
  if (typeof value === 'string') return mask(value)
  if (value instanceof Secret) return new Secret(value.reveal(), mask(value.shown))
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((inner) => maskedValue(inner, mask))
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, maskedValue(inner, mask)]))
}

/** What is shown of a text that is secret from its beginning to its end. */
const WHOLE = /^[•\n]*$/

/** Forms by how they begin, so that a text is gone through once, however many there are. */
class Forms {
  readonly #all = new Set<string>()
  /** By the key of their first characters, longest first. */
  readonly #beginning = new Map<number, string[]>()
  readonly #begins = new Uint8Array(KEYS)

  add(secret: string): void {
    for (const text of [secret, ...secret.split('\n').filter((line) => line.length >= LINE)]) for (const form of formsOf(text)) this.#take(form)
  }

  mask(text: string): string {
    const begins = this.#begins
    let masked = ''
    let end = 0
    let key = 0
    for (let next = 0; next < text.length; next++) {
      key = keyWith(key, text.charCodeAt(next))
      if (begins[key] === 0 || next < BEGINNING - 1) continue
      const at = next - BEGINNING + 1
      const length = this.#lengthAt(text, at, key)
      if (length === 0) continue
      // where secrets overlap nothing of either is left
      if (at >= end) masked += `${text.slice(end, at)}${DOTS}`
      end = Math.max(end, at + length)
    }
    return end === 0 ? text : masked + text.slice(end)
  }

  #take(form: string): void {
    if (form.length < BEGINNING || this.#all.has(form)) return
    this.#all.add(form)
    const key = keyOf(form)
    this.#begins[key] = 1
    const same = this.#beginning.get(key) ?? []
    const place = same.findIndex((other) => other.length < form.length)
    same.splice(place === -1 ? same.length : place, 0, form)
    this.#beginning.set(key, same)
  }

  #lengthAt(text: string, at: number, key: number): number {
    const forms = this.#beginning.get(key) ?? []
    const whole = forms.find((form) => text.startsWith(form, at))?.length ?? 0
    const cut = text.indexOf(CUT, at + BEGINNING)
    return cut > at + whole && forms.some((form) => form.startsWith(text.slice(at, cut))) ? cut - at : whole
  }
}

/** As many characters of a form decide whether it is looked for at a place. */
const BEGINNING = SHORTEST
const KEYS = 2 ** 16
/** The key of the last four characters, from the key before and one more: what came earlier has been shifted out. */
const keyWith = (key: number, unit: number): number => ((key << 4) ^ unit) & (KEYS - 1)
const keyOf = (text: string): number => {
  let key = 0
  for (let at = 0; at < BEGINNING; at++) key = keyWith(key, text.charCodeAt(at))
  return key
}

/** How deep a text is quoted in a script: a word of a command that a shell is handed as a word. */
const NESTED = 3
const quotedForms = (text: string): readonly string[] => {
  const forms = [text]
  for (let depth = 0; depth < NESTED && text.includes("'"); depth++) forms.push((forms.at(-1) ?? '').replaceAll("'", `'\\''`))
  return forms
}

/** A text as itself and as files write it, each also quoted for a shell and in base64; and in a URL. */
const formsOf = (secret: string): readonly string[] => [
  ...(secret.includes('\0') ? [] : [quote(secret)]), encodeURIComponent(Buffer.from(secret).toString()),
  ...[...new Set(writings.map((write) => write(secret)))].flatMap((text) => [...quotedForms(text), ...(secret.length >= LINE ? base64Forms(text) : [])]),
]

const xml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#13;')
const xmlAttribute = (text: string): string => xml(text).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')
const backslashes = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\f', '\\f').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')

/** How formats write a text: as it is, between quotes (JSON, TOML, YAML), in XML, in properties with and without letters beyond ASCII. */
const writings: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => JSON.stringify(text).slice(1, -1),
  (text) => text.replaceAll("'", "''"),
  xml,
  (text) => xmlAttribute(text).replaceAll('"', '&quot;'),
  (text) => xmlAttribute(text).replaceAll("'", '&apos;'),
  backslashes,
  (text) => backslashes(text).replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
]

/** What is sure to stand in the base64 of any text that holds it: it may begin at the first, second or third of three bytes. */
const base64Forms = (secret: string): readonly string[] => {
  const bytes = Buffer.from(secret)
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64').replace(/=+$/, '')
    const whole = Math.floor((before + bytes.length) / 3) * 4
    return text.slice(before === 0 ? 0 : before + 1, whole)
  })
}
