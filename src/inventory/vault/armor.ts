export const BEGIN = '-----BEGIN AGE ENCRYPTED FILE-----'
export const END = '-----END AGE ENCRYPTED FILE-----'

/** A text this long and cut off can hardly have been anything else: `-----BEGIN`. */
const TELLING = 10

/** Whether a text is meant as a vault text: it starts as one, be it whole or not. Told without the library that opens it. */
export const isVaultText = (text: string): boolean => {
  const start = text.trimStart()
  return start.startsWith(BEGIN) || (start.trimEnd().length >= TELLING && BEGIN.startsWith(start.trimEnd()))
}
