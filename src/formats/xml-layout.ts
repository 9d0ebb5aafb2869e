import { mapText, reveal, type Text } from '../core/secret.js'

/** By how much a level is indented: as the first indented tag is. */
export const unitOf = (text: string): string => /\n([ \t]+)</.exec(text)?.[1] ?? '    '

/** The white space before an offset if nothing else stands before it on its line. */
export const indentAt = (text: string, offset: number): string | undefined => {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset)
  return /^\uFEFF?[ \t]*$/.test(line) ? line.replace('\uFEFF', '') : undefined
}

/** A block moved to another depth: its first line stands where it is put, the others below it with this indentation. */
export const indented = (block: Text, indent: string, end: string): Text => {
  const [, ...below] = linesOf(reveal(block))
  const least = Math.min(...below.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length))
  return mapText(block, (text) => {
    const [first, ...rest] = linesOf(text)
    return [first, ...rest.map((line) => (line.trim() === '' ? '' : indent + line.replace(new RegExp(`^\\s{0,${least}}`), '')))].join(end)
  })
}

const linesOf = (text: string): readonly string[] => text.trim().split(/\r?\n/)

/** A piece of a text together with its line when it stands there alone. */
export const wholeLine = (text: string, { from, to }: { readonly from: number; readonly to: number }): { readonly from: number; readonly to: number } => {
  const indent = indentAt(text, from)
  const rest = /^[ \t]*(?:\r?\n|$)/.exec(text.slice(to))
  return indent === undefined || rest === null ? { from, to } : { from: from - indent.length, to: to + rest[0].length }
}
