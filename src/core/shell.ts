import { ProvisionError } from './errors.js'
import { concat, reveal, Secret, type Text } from './secret.js'

/** The one quoting function: any text without NUL as one word of a POSIX shell. */
export const quote = (value: string | number): string => {
  const text = String(value)
  if (text.includes('\0')) throw new ProvisionError('nul-in-value', 'a value for the shell holds a NUL character')
  return /^[A-Za-z0-9_./:@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** Shell text that was composed with `sh`, and so may be spliced into another without quoting again; secret as soon as one value was. */
export class Script {
  constructor(readonly text: Text) {}
  toString(): string { return reveal(this.text) }
}

export type ShellValue = string | number | Script | Secret | readonly (string | number)[]

const splice = (value: ShellValue): Text => {
  if (value instanceof Script) return value.text
  if (value instanceof Secret) return new Secret(quote(value.reveal()), quote(value.shown))
  if (typeof value === 'string' || typeof value === 'number') return quote(value)
  return value.map(quote).join(' ')
}

/** Composes shell text: every value is quoted, lists become several words, `Script`s are spliced as they are. */
export const sh = (strings: TemplateStringsArray, ...values: readonly ShellValue[]): Script =>
  new Script(concat(strings.flatMap((string, index) => {
    const value = values[index]
    return value === undefined ? [string] : [string, splice(value)]
  })))

/** Scripts one after the other, each on its own line; what is `false` or `undefined` is left out. */
export const script = (...parts: readonly (Script | false | undefined)[]): Script =>
  new Script(concat(parts.filter((part) => part instanceof Script).flatMap((part, index) => (index === 0 ? [part.text] : ['\n', part.text]))))

/** Writes text to standard output by a builtin, so that no argument list ever holds it. */
export const emit = (text: Text): Script => sh`printf %s ${text}`
