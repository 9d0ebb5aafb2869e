import type { Dialect } from './sql.js'

/** What a script leaves behind. */
export interface CreatedTables {
  /** Tables that are there after the script, as the server spells them. */
  readonly tables: readonly string[]
  /** The script does nothing but make and fill tables of its database: what else the server holds stays as it was. */
  readonly certain: boolean
}

interface Token { readonly type: 'word' | 'name' | 'other'; readonly text: string }

/** The tables that a script creates, read statement by statement; comments, strings and bodies of procedures are passed over. */
export const createdTables = (script: string, dialect: Dialect): CreatedTables => {
  const tables = new Set<string>()
  let certain = true
  for (const statement of statements(script, dialect)) certain = apply(statement, tables, dialect) && certain
  return { tables: [...tables].sort(), certain }
}

const COMMENTS = {
  mysql: /--(?=\s|$)[^\n]*|#[^\n]*|\/\*(?!!)[\s\S]*?(?:\*\/|$)|\/\*!\d*|\*\/|\s+/y, // what stands in /*! … */ is executed
  postgresql: /--[^\n]*|\s+/y,
} as const
const TOKENS = {
  mysql: /(?<word>[A-Za-z_$\u0080-\uffff][\w$\u0080-\uffff]*)|`(?<name>(?:[^`]|``)*)`|'(?:[^'\\]|\\[\s\S]|'')*'?|"(?:[^"\\]|\\[\s\S]|"")*"?|[\s\S]/y,
  postgresql: /[eE]'(?:[^'\\]|\\[\s\S]|'')*'?|\$(?<tag>\w*)\$[\s\S]*?(?:\$\k<tag>\$|$)|(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|"(?<name>(?:[^"]|"")*)"|'(?:[^']|'')*'?|[\s\S]/y,
} as const

function* statements(script: string, dialect: Dialect): Generator<readonly Token[]> {
  let statement: Token[] = []
  let delimiter = ';'
  let at = 0
  const next = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const match = pattern.exec(script)
    if (match !== null) at = pattern.lastIndex
    return match
  }
  while (at < script.length) {
    if (dialect === 'postgresql' && script.startsWith('/*', at)) at = endOfNestedComment(script, at)
    else if (script.startsWith(delimiter, at)) {
      at += delimiter.length
      if (statement.length > 0) yield statement
      statement = []
    } else if (next(COMMENTS[dialect]) === null) {
      const { word, name } = next(TOKENS[dialect])?.groups ?? {}
      if (dialect === 'mysql' && statement.length === 0 && word?.toUpperCase() === 'DELIMITER') delimiter = next(/[^\n]*/y)?.[0].trim() || ';'
      else if (word !== undefined) statement.push({ type: 'word', text: word })
      else if (name !== undefined) statement.push({ type: 'name', text: name.replaceAll(dialect === 'mysql' ? '``' : '""', dialect === 'mysql' ? '`' : '"') })
      else statement.push({ type: 'other', text: script.slice(at - 1, at) })
    }
  }
  if (statement.length > 0) yield statement
}

const endOfNestedComment = (script: string, start: number): number => {
  let depth = 0
  for (let at = start; at < script.length - 1; at++) {
    const pair = script.slice(at, at + 2)
    if (pair === '/*') { depth++; at++ } else if (pair === '*/') { at++; if (--depth === 0) return at + 1 }
  }
  return script.length
}

const HARMLESS = new Set(['INSERT', 'REPLACE', 'UPDATE', 'DELETE', 'SET', 'COMMIT', 'START', 'BEGIN', 'END', 'COMMENT', 'LOCK', 'UNLOCK', 'ANALYZE'])
const HARMLESS_KINDS = new Set(['INDEX', 'UNIQUE', 'FULLTEXT', 'SPATIAL', 'SEQUENCE', 'TRIGGER', 'PROCEDURE', 'FUNCTION', 'VIEW', 'TYPE'])

/** What one statement does to the tables; false when it may do more than this reader sees. */
const apply = (statement: readonly Token[], tables: Set<string>, dialect: Dialect): boolean => {
  const words = statement.map(({ type, text }) => (type === 'word' ? text.toUpperCase() : undefined))
  const [first] = words
  if (first === undefined) return false
  if (HARMLESS.has(first)) return true
  if (first === 'SELECT') return !words.includes('INTO')
  if (first === 'ALTER') return HARMLESS_KINDS.has(words[1] ?? '') || (words[1] === 'TABLE' && !renames(words))
  if (first !== 'CREATE' && first !== 'DROP') return false
  let at = 1
  const skip = (...names: readonly string[]): boolean => {
    const here = words[at]
    if (here === undefined || !names.includes(here)) return false
    at++
    return true
  }
  if (first === 'CREATE' && words[1] === 'OR' && words[2] === 'REPLACE') at = 3
  while (skip('GLOBAL', 'LOCAL', 'UNLOGGED')) { /* words that change nothing here */ }
  const temporary = skip('TEMPORARY', 'TEMP')
  if (!skip('TABLE')) return HARMLESS_KINDS.has(words[at] ?? '') || words[at] === 'DEFINER'
  while (skip('IF', 'NOT', 'EXISTS')) { /* the table is there afterwards either way */ }
  if (temporary) return true
  for (;;) {
    const named = nameAt(statement, at, dialect)
    if (named === undefined) return false
    if (first === 'CREATE') tables.add(named.name)
    else tables.delete(named.name)
    if (named.foreign) return false
    at = named.next
    if (first === 'CREATE' || statement[at]?.text !== ',') return true
    at++
  }
}

const renames = (words: readonly (string | undefined)[]): boolean =>
  words.some((word, index) => word === 'RENAME' && !['COLUMN', 'INDEX', 'KEY', 'CONSTRAINT'].includes(words[index + 1] ?? '') && !words.slice(index + 2, index + 3).includes('TO'))

const nameAt = (statement: readonly Token[], at: number, dialect: Dialect): { name: string; next: number; foreign: boolean } | undefined => {
  const spelled = (token: Token | undefined): string | undefined =>
    token === undefined || token.type === 'other' ? undefined : token.type === 'word' && dialect === 'postgresql' ? token.text.toLowerCase() : token.text
  const first = spelled(statement[at])
  if (first === undefined) return undefined
  if (statement[at + 1]?.text !== '.') return { name: first, next: at + 1, foreign: false }
  const second = spelled(statement[at + 2])
  return second === undefined ? undefined : { name: second, next: at + 3, foreign: dialect === 'mysql' || first !== 'public' }
}
