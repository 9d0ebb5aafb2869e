/** How a family of servers reads SQL: what is a comment, a text, a name. */
export type Lexicon = 'mysql' | 'postgresql' | 'standard'

export interface SqlToken { readonly type: 'word' | 'name' | 'other'; readonly text: string }

/** What stands at a place of a script. */
export interface SqlPiece {
  /** Left out of comments and white space. */
  readonly token?: SqlToken
  /** A comment that MySQL executes begins or ends here. */
  readonly executed?: boolean
  /** Where the next piece begins. */
  readonly end: number
}

const COMMENTS = {
  mysql: /--(?=\s|$)[^\n]*|#[^\n]*|\/\*(?!!)[\s\S]*?(?:\*\/|$)|(?<executed>\/\*!\d*|\*\/)|\s+/y, // what stands in /*! … */ is executed
  postgresql: /--[^\n]*|\s+/y,
  standard: /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\s+/y,
} as const
const TOKENS = {
  mysql: /(?<word>[A-Za-z_$\u0080-\uffff][\w$\u0080-\uffff]*)|`(?<name>(?:[^`]|``)*)`|'(?:[^'\\]|\\[\s\S]|'')*'?|"(?:[^"\\]|\\[\s\S]|"")*"?|[\s\S]/y,
  postgresql: /[eE]'(?:[^'\\]|\\[\s\S]|'')*'?|\$(?<tag>\w*)\$[\s\S]*?(?:\$\k<tag>\$|$)|(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|"(?<name>(?:[^"]|"")*)"|'(?:[^']|'')*'?|[\s\S]/y,
  // Oracle quotes texts as q'[…]' too, H2 as $$…$$; SQL Server quotes names in brackets
  standard: /[nN]?[qQ]'(?:\[[\s\S]*?\]'|\{[\s\S]*?\}'|\([\s\S]*?\)'|<[\s\S]*?>'|(?<mark>[^\s\w])[\s\S]*?\k<mark>')|\$\$[\s\S]*?(?:\$\$|$)|(?<word>[A-Za-z_\u0080-\uffff][\w$#\u0080-\uffff]*)|"(?<name>(?:[^"]|"")*)"|\[(?<bracketed>[^\]\n]*)\]|'(?:[^']|'')*'?|[\s\S]/y,
} as const

/** Reads the comment, white space or token at a place of a script that is not at its end. */
export const sqlPieceAt = (script: string, at: number, lexicon: Lexicon): SqlPiece => {
  if (lexicon === 'postgresql' && script.startsWith('/*', at)) return { end: endOfNestedComment(script, at) }
  const comment = matchAt(COMMENTS[lexicon], script, at)
  if (comment !== null) return { end: at + comment[0].length, ...(comment.groups?.executed === undefined ? {} : { executed: true }) }
  const match = matchAt(TOKENS[lexicon], script, at)
  const end = at + (match?.[0].length ?? 1)
  const { word, name, bracketed } = match?.groups ?? {}
  const quote = lexicon === 'mysql' ? '`' : '"'
  const token: SqlToken = word !== undefined ? { type: 'word', text: word }
    : bracketed !== undefined ? { type: 'name', text: bracketed }
    : name !== undefined ? { type: 'name', text: name.replaceAll(quote + quote, quote) } : { type: 'other', text: script.slice(end - 1, end) }
  return { token, end }
}

const matchAt = (pattern: RegExp, script: string, at: number): RegExpExecArray | null => {
  pattern.lastIndex = at
  return pattern.exec(script)
}

const endOfNestedComment = (script: string, start: number): number => {
  let depth = 0
  for (let at = start; at < script.length - 1; at++) {
    const pair = script.slice(at, at + 2)
    if (pair === '/*') { depth++; at++ } else if (pair === '*/') { at++; if (--depth === 0) return at + 1 }
  }
  return script.length
}
