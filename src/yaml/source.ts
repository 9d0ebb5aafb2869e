import type { Place } from '../core/errors.js'

/** A text file that the reader wrote, and where each of its characters stands. */
export interface Source {
  readonly file: string
  readonly text: string
  /** Whether the text is secret, so that no place and no message may show a part of it. */
  readonly secret: boolean
  placeAt(offset: number): Place
}

/** Knows the line and column of every character of the text; places of a secret text do not show their line. */
export const sourceOf = (text: string, file: string, secret = false): Source => {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  const lineOf = (offset: number): number => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return low
  }
  const placeAt = (offset: number): Place => {
    const line = lineOf(offset)
    const start = starts[line] ?? 0
    const place = { file, line: line + 1, column: offset - start + 1 }
    return secret ? place : { ...place, text: text.slice(start, (starts[line + 1] ?? text.length + 1) - 1).replace(/\r$/, '') }
  }
  return { file, text, secret, placeAt }
}
