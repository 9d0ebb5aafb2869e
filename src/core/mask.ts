import { quote } from './shell.js'

const DOTS = '••••••••'

/** Lines of a secret that are shorter say nothing, and would dot out too much. */
const LINE = 8

/** Replaces every known secret in foreign text by dots: as it is, line by line, and as programs like to repeat it. */
export const maskOf = (secrets: readonly string[]): ((text: string) => string) => {
  const forms = new Set(secrets.flatMap((secret) => [secret, ...secret.split('\n').filter((line) => line.length >= LINE)]).flatMap(formsOf))
  const longestFirst = [...forms].filter((form) => form !== '').toSorted((one, other) => other.length - one.length)
  return (text) => longestFirst.reduce((masked, form) => masked.replaceAll(form, DOTS), text)
}

/** A text as itself and as files write it, each also quoted for a shell and in base64; and in a URL. */
const formsOf = (secret: string): readonly string[] => [
  ...(secret.includes('\0') ? [] : [quote(secret)]), encodeURIComponent(Buffer.from(secret).toString()),
  ...[...new Set(writings.map((write) => write(secret)))].flatMap((text) => [text, text.replaceAll("'", `'\\''`), ...(secret.length >= LINE ? base64Forms(text) : [])]),
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
