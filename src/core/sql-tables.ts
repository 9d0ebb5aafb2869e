import { sqlStatements, type SqlStatement } from './sql-statements.js'
import type { Lexicon, SqlToken } from './sql-tokens.js'

/** What a script leaves behind. */
export interface CreatedTables {
  /** Tables that are there after the script, as the server spells them. */
  readonly tables: readonly string[]
  /** The script does nothing but make and fill tables of its database: what else the server holds stays as it was. */
  readonly certain: boolean
}

/** The tables that a script creates, read statement by statement; comments, strings and bodies of procedures are passed over. */
export const createdTables = (script: string, lexicon: Lexicon): CreatedTables => tablesOf(sqlStatements(script, lexicon), lexicon)

/** The tables that these statements create, one after the other. */
export const tablesOf = (statements: Iterable<SqlStatement>, lexicon: Lexicon): CreatedTables => {
  const tables = new Set<string>()
  let certain = true
  for (const { tokens } of statements) certain = apply(tokens, tables, lexicon) && certain
  return { tables: [...tables].sort(), certain }
}

/** The tables whose creation stands anywhere in batches, also behind conditions and without delimiters between statements; what else they do is not followed. */
export const tablesInBatches = (batches: Iterable<SqlStatement>): CreatedTables => {
  const tables = new Set<string>()
  for (const { tokens } of batches) {
    tokens.forEach(({ text, type }, at) => {
      if (type !== 'word' || text.toUpperCase() !== 'TABLE' || tokens[at - 1]?.text.toUpperCase() !== 'CREATE') return
      const named = nameAt(tokens, at + 1, 'standard')
      if (named !== undefined) tables.add(named.name)
    })
  }
  return { tables: [...tables].sort(), certain: false }
}

const HARMLESS = new Set(['INSERT', 'REPLACE', 'UPDATE', 'DELETE', 'SET', 'COMMIT', 'START', 'BEGIN', 'END', 'COMMENT', 'LOCK', 'UNLOCK', 'ANALYZE'])
const HARMLESS_KINDS = new Set(['INDEX', 'UNIQUE', 'FULLTEXT', 'SPATIAL', 'SEQUENCE', 'TRIGGER', 'PROCEDURE', 'FUNCTION', 'VIEW', 'TYPE'])

/** What one statement does to the tables; false when it may do more than this reader sees. */
const apply = (statement: readonly SqlToken[], tables: Set<string>, lexicon: Lexicon): boolean => {
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
    const named = nameAt(statement, at, lexicon)
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

const nameAt = (statement: readonly SqlToken[], at: number, lexicon: Lexicon): { name: string; next: number; foreign: boolean } | undefined => {
  const spelled = (token: SqlToken | undefined): string | undefined =>
    token === undefined || token.type === 'other' ? undefined : token.type === 'word' && lexicon === 'postgresql' ? token.text.toLowerCase() : token.text
  const first = spelled(statement[at])
  if (first === undefined) return undefined
  if (statement[at + 1]?.text !== '.') return { name: first, next: at + 1, foreign: false }
  const second = spelled(statement[at + 2])
  return second === undefined ? undefined : { name: second, next: at + 3, foreign: lexicon === 'mysql' || first !== 'public' }
}
