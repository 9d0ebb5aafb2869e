import { split } from 'shlex'

/** The words of a line as a shell splits it, quotes taken away; undefined when a quote stays open. */
export const wordsOf = (line: string): readonly string[] | undefined => {
  try {
    return split(line)
  } catch {
    return undefined
  }
}

/** A line without the comment that a `#` outside of quotes begins, as Python's shlex cuts it. */
export const withoutComment = (line: string): string => {
  for (const { 0: piece, index } of line.matchAll(/\\.|"(?:[^"\\]|\\.)*"|'[^']*'|#/g)) if (piece === '#') return line.slice(0, index)
  return line
}
