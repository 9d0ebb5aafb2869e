const DOTS = '••••••••'

/** A value that never prints: `reveal()` is the only way to the text, everything else shows dots. */
export class Secret {
  readonly #value: string
  /** The text with the secret parts as dots, line by line, safe to print. */
  readonly shown: string
  constructor(value: string, shown: string = value.split('\n').map((line) => (line === '' ? '' : DOTS)).join('\n') || DOTS) {
    this.#value = value
    this.shown = shown
  }
  reveal(): string { return this.#value }
  toString(): string { return this.shown }
  toJSON(): string { return this.shown }
  [Symbol.for('nodejs.util.inspect.custom')](): string { return `Secret(${this.shown})` }
}

/** Text that may hold secret parts. */
export type Text = string | Secret
export const reveal = (text: Text): string => (text instanceof Secret ? text.reveal() : text)
export const shown = (text: Text): string => (text instanceof Secret ? text.shown : text)

/** Texts one after the other; secret as soon as one part is. */
export const concat = (parts: readonly Text[]): Text =>
  parts.some((part) => part instanceof Secret)
    ? new Secret(parts.map(reveal).join(''), parts.map(shown).join(''))
    : parts.map(reveal).join('')

/** The same change made to the text and to what of it is shown; a secret stays one. */
export const mapText = (text: Text, change: (text: string) => string): Text =>
  text instanceof Secret ? new Secret(change(text.reveal()), change(text.shown)) : change(text)

/** Whether there is a secret anywhere in plain data. */
export const holdsSecret = (value: unknown): boolean => value instanceof Secret || (typeof value === 'object' && value !== null && Object.values(value).some(holdsSecret))
