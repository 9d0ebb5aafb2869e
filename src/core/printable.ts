/** Foreign text on one line, without control characters and terminal sequences. */
export const oneLine = (text: string): string => withoutControls(text).replace(/[\n\t]/g, ' ')

/** Foreign text without control characters and terminal sequences, at most so many of its last lines. */
export const printable = (text: string, lines = 40): string =>
  withoutControls(text).trim().split('\n').slice(-lines).join('\n')

/** Foreign text in which characters that nobody sees, or that turn the direction of others, are told by their numbers: what people read is what there is. Ends of lines and tabs stay. */
export const visible = (text: string): string =>
  text.replace(/[^\P{Cc}\n\t]|[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu, (sign) => `⟨U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`)

const withoutControls = (text: string): string =>
  text.replace(/\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/g, '')
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n\t]/gu, '')
