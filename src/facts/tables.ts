import { below, type Disturbance } from '../core/change.js'
import type { HostFact } from '../core/fact.js'
import { script, sh } from '../core/shell.js'
import { sqlText } from '../core/sql.js'
import { dialectOf, rowsOf, runSql, serverKey, sqlClient, type DatabaseServer } from './database-server.js'
import { oneByOne } from './one-by-one.js'

/** The tables of a database, or that there is no such database. */
export type TablesState =
  | { readonly exists: false }
  | { readonly exists: true; readonly tables: readonly string[]; /** The server turns names of tables to lower case. */ readonly lowers: boolean }

interface TablesSubject { readonly server: DatabaseServer; readonly database: string }

const kind = oneByOne<TablesState, TablesSubject>({
  name: 'tables',
  summary: 'The names of the tables in a database, in order.',
  script: ({ server, database }) => dialectOf(server) === 'mysql'
    ? script(sqlClient(server, { timeout: 30 }), runSql(`${mysqlTables(database)}
SELECT 'database', @@lower_case_table_names <> 0 FROM information_schema.schemata
WHERE HEX(schema_name) = HEX(IF(@@lower_case_table_names = 1, LOWER(${String(sqlText(database, 'mysql'))}), ${String(sqlText(database, 'mysql'))}));`))
    : script(
      sqlClient(server, { timeout: 30 }),
      sh`there=$(${runSql(`SELECT 'database', 1 FROM pg_database WHERE datname = ${String(sqlText(database, 'postgresql'))}`)}) || exit
[ -n "$there" ] || exit 0
printf '%s\n' "$there"`,
      sqlClient(server, { database, timeout: 30 }),
      runSql(POSTGRESQL_TABLES)),
  parse: ({ server }, answer) => {
    const rows = rowsOf(server, answer)
    const there = rows.find(([what]) => what === 'database')
    if (there === undefined) return { exists: false }
    return { exists: true, tables: rows.flatMap(([what, table = '']) => (what === 'table' ? [table] : [])).sort(), lowers: there[1] === '1' }
  },
})

const mysqlTables = (database: string): string =>
  `SELECT 'table', table_name FROM information_schema.tables WHERE table_schema = ${String(sqlText(database, 'mysql'))} AND table_type <> 'VIEW';`
const POSTGRESQL_TABLES = `SELECT 'table', c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY (current_schemas(false));`

/** The tables of a database: `tables:regdb@mariadb`. */
export const tables = (server: DatabaseServer, name: string): HostFact<TablesState, TablesSubject> =>
  ({ key: `tables:${name}@${serverKey(server)}`, kind, subject: { server, database: name } })
export const tablesKind = kind

/** SQL that prints one line a table: `table`, a tab, the name. */
export const tablesSql = (server: DatabaseServer, database: string): string =>
  dialectOf(server) === 'mysql' ? mysqlTables(database) : POSTGRESQL_TABLES

/** What a change inside a database may alter besides what it predicts: the server's files. */
export const serverFiles = (server: DatabaseServer): readonly Disturbance[] =>
  server.host !== undefined ? [] : [below(`/var/lib/${server.type === 'postgresql' ? 'postgresql' : 'mysql'}`)]
