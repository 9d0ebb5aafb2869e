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

/** A text as itself, quoted for a shell, inside JSON, in a URL, and in base64. */
const formsOf = (secret: string): readonly string[] => [
  secret,
  ...(secret.includes('\0') ? [] : [quote(secret)]), secret.replaceAll("'", `'\\''`), JSON.stringify(secret).slice(1, -1), encodeURIComponent(Buffer.from(secret).toString()),
  ...(secret.length >= LINE ? base64Forms(secret) : []),
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
