import { describe, expect, it } from 'vitest'
import { sqlStatements, type Delimiter } from '../../src/core/sql-statements.js'
import { tablesInBatches, tablesOf } from '../../src/core/sql-tables.js'
import type { Lexicon } from '../../src/core/sql-tokens.js'
import { fixturesOf } from '../support/fixtures.js'

/** A script as a product could ship it for one kind of server, and the statements that its driver gets. */
interface Golden {
  readonly lexicon: Lexicon
  readonly delimiter?: Delimiter
  readonly script: string
  readonly statements: readonly { readonly line: number; readonly text: string }[]
  readonly tables?: readonly string[]
}

const golden = [...fixturesOf<Golden>('test/core').get('sql-statements') ?? []]

describe('sqlStatements', () => {
  it('has a golden list for every kind of server', () => {
    expect(golden.map(({ name }) => name).sort()).toEqual(['db2', 'derby', 'h2', 'informix', 'mssql', 'mysql', 'oracle', 'oracle-rac', 'postgresql'])
  })

  it.each(golden)('$name', ({ data: { script, lexicon, delimiter, statements, tables } }) => {
    const found = [...sqlStatements(script, lexicon, delimiter)]
    expect(found.map(({ line, text }) => ({ line, text }))).toEqual(statements.map(({ line, text }) => ({ line, text: text.trimEnd() })))
    if (tables !== undefined) expect((delimiter === 'GO' ? tablesInBatches(found) : tablesOf(found, lexicon)).tables).toEqual(tables)
  })

  it.each<[Delimiter, string]>([[';', ''], [';', ' -- nothing\n;;\n'], ['/', '/\n/\n'], ['GO', 'GO\ngo\n'], ['GO', '/* GO\n*/'], ['/', '-- a\n/*\n/\n*/']])('finds nothing where nothing is: %s %j', (delimiter, script) => {
    expect([...sqlStatements(script, 'standard', delimiter)]).toEqual([])
  })

  it('takes the lines of scripts with line ends of Windows', () => {
    expect([...sqlStatements('A\r\n/\r\nB\r\n/', 'standard', '/')].map(({ line, text }) => [line, text])).toEqual([[1, 'A'], [3, 'B']])
  })
})
