import { concat, Secret, type Text } from '../core/secret.js'

/** A piece of a text, by offsets, and what takes its place. */
export interface Splice { readonly from: number; readonly to: number; readonly text: Text }

/** The text with pieces replaced and all else byte for byte as it was; what was hidden of it stays hidden. */
export const spliced = (text: Text, splices: readonly Splice[]): Text => {
  const kept = keptOf(text)
  const parts: Text[] = []
  let at = 0
  for (const { from, to, text: replacement } of splices.toSorted((one, other) => one.from - other.from || one.to - other.to)) {
    parts.push(...kept(at, from), replacement)
    at = to
  }
  return concat([...parts, ...kept(at, Infinity)])
}

/** A piece of the text as it was: of lines that hide something, whole ones show what they showed, and pieces nothing. */
const keptOf = (text: Text): (from: number, to: number) => readonly Text[] => {
  if (!(text instanceof Secret)) return (from, to) => [text.slice(from, to)]
  const shown = text.shown.split('\n')
  let start = 0
  const lines = text.reveal().split(/(?<=\n)/).map((line, index) => {
    const visible = `${shown[index]}${line.endsWith('\n') ? '\n' : ''}`
    const placed = { start, line, visible }
    start += line.length
    return placed
  })
  return (from, to) => lines.flatMap(({ start: begin, line, visible }): readonly Text[] => {
    const piece = line.slice(Math.max(0, from - begin), Math.max(0, to - begin))
    if (piece === '') return []
    if (line === visible) return [new Secret(piece, piece)]
    return [piece === line ? new Secret(line, visible) : new Secret(piece)]
  })
}
