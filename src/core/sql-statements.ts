import { sqlPieceAt, type Lexicon, type SqlToken } from './sql-tokens.js'

/**
 * What ends a statement. `;` does anywhere (MySQL's DELIMITER may say another); `/` does on a line of its own, and there `;` ends what is no block of a procedural language;
 * `GO` on a line of its own ends a batch, in which `;` has no meaning for us.
 */
export const DELIMITERS = [';', '/', 'GO'] as const
export type Delimiter = typeof DELIMITERS[number]

/** One statement as its server takes it, without its delimiter. */
export interface SqlStatement {
  /** Where it begins in the script, from 1. */
  readonly line: number
  readonly text: string
  readonly tokens: readonly SqlToken[]
}

/** Cuts a script into its statements, past delimiters in comments, texts and quoted names; what is only comment is left out. */
export function* sqlStatements(script: string, lexicon: Lexicon, delimiter: Delimiter = ';'): Generator<SqlStatement> {
  let mark = ';'
  let start: number | undefined
  let tokens: SqlToken[] = []
  let line = 1
  let counted = 0
  const lineAt = (place: number): number => {
    for (; counted < place; counted++) if (script[counted] === '\n') line++
    return line
  }
  const statement = (end: number): SqlStatement[] => {
    const found = start === undefined || tokens.length === 0 ? [] : [{ line: lineAt(start), text: script.slice(start, end).trimEnd(), tokens }]
    start = undefined
    tokens = []
    return found
  }
  for (let at = 0; at < script.length;) {
    const { length, times } = delimiterAt(script, at, delimiter, mark, tokens)
    if (length > 0) {
      const found = statement(at)
      for (let time = 0; time < times; time++) yield* found
      at += length
      continue
    }
    const { token, executed, end } = sqlPieceAt(script, at, lexicon)
    if (lexicon === 'mysql' && tokens.length === 0 && token?.type === 'word' && token.text.toUpperCase() === 'DELIMITER') {
      const rest = /[^\n]*/y
      rest.lastIndex = end
      const word = rest.exec(script)?.[0] ?? ''
      mark = word.trim() || ';'
      start = undefined
      at = end + word.length
      continue
    }
    if (token !== undefined || executed === true) start ??= at
    if (token !== undefined) tokens.push(token)
    at = end
  }
  yield* statement(script.length)
}

interface Found { readonly length: number; /** How often what stands before it is run. */ readonly times: number }
const NONE: Found = { length: 0, times: 0 }

const delimiterAt = (script: string, at: number, delimiter: Delimiter, mark: string, tokens: readonly SqlToken[]): Found => {
  switch (delimiter) {
    case ';': return script.startsWith(mark, at) ? { length: mark.length, times: 1 } : NONE
    case '/': return script[at] === ';' && !isBlock(tokens) ? { length: 1, times: 1 } : ownLine(script, at, /\/[ \t]*(?=\r?\n|\r?$)/y)
    case 'GO': return ownLine(script, at, /GO(?:[ \t]+(?<times>\d+))?[ \t]*;?[ \t]*(?:--[^\n]*)?(?=\r?\n|\r?$)/iy)
    default: return delimiter satisfies never
  }
}

const ownLine = (script: string, at: number, pattern: RegExp): Found => {
  pattern.lastIndex = at
  const match = pattern.exec(script)
  if (match === null || script.slice(script.lastIndexOf('\n', at - 1) + 1, at).trim() !== '') return NONE
  return { length: match[0].length, times: Number(match.groups?.times ?? 1) }
}

const PROCEDURAL = new Set(['TRIGGER', 'PROCEDURE', 'FUNCTION', 'PACKAGE', 'TYPE'])

/** A block of a procedural language: the `;` in it are its own. */
const isBlock = (tokens: readonly SqlToken[]): boolean => {
  const words = tokens.slice(0, 5).map(({ type, text }) => (type === 'word' ? text.toUpperCase() : ''))
  const [first] = words
  if (first === 'BEGIN' || first === 'DECLARE') return true
  if (first !== 'CREATE') return false
  const kind = words.slice(1).find((word) => !['OR', 'REPLACE', 'EDITIONABLE', 'NONEDITIONABLE'].includes(word))
  return PROCEDURAL.has(kind ?? '')
}
