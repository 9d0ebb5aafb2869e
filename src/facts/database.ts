import type { HostFact } from '../core/fact.js'
import { script } from '../core/shell.js'
import { sqlText } from '../core/sql.js'
import { dialectOf, rowsOf, runSql, serverKey, sqlClient, type DatabaseServer } from './database-server.js'
import { oneByOne } from './one-by-one.js'

/** A database of a server, or that there is none. */
export type DatabaseState =
  | { readonly exists: false }
  | { readonly exists: true; readonly charset: string; readonly collation: string; /** PostgreSQL only. */ readonly owner?: string }

interface DatabaseSubject { readonly server: DatabaseServer; readonly name: string }

const kind = oneByOne<DatabaseState, DatabaseSubject>({
  name: 'database',
  summary: 'Whether a server has a database, with its character set, collation and, on PostgreSQL, owner.',
  script: ({ server, name }) => script(sqlClient(server, { timeout: 30 }), runSql(dialectOf(server) === 'mysql'
    ? `SELECT default_character_set_name, default_collation_name FROM information_schema.schemata
WHERE HEX(schema_name) = HEX(IF(@@lower_case_table_names = 1, LOWER(${String(sqlText(name, 'mysql'))}), ${String(sqlText(name, 'mysql'))}))`
    : `SELECT pg_encoding_to_char(encoding), datcollate, pg_get_userbyid(datdba) FROM pg_database WHERE datname = ${String(sqlText(name, 'postgresql'))}`)),
  parse: ({ server }, answer) => {
    const [row] = rowsOf(server, answer)
    if (row === undefined) return { exists: false }
    const [charset = '', collation = '', owner] = row
    return { exists: true, charset: charsetName(charset), collation: charsetName(collation), ...(owner === undefined ? {} : { owner }) }
  },
})

/** A database on a server as this host reaches it: `database:regdb@mariadb`. */
export const database = (server: DatabaseServer, name: string): HostFact<DatabaseState, DatabaseSubject> =>
  ({ key: `database:${name}@${serverKey(server)}`, kind, subject: { server, name } })
export const databaseKind = kind

/** MySQL's and MariaDB's `utf8` is `utf8mb3`; newer servers say so. */
export const charsetName = (name: string): string => name.replace(/^utf8(?=_|$)/, 'utf8mb3')

/** What `CREATE DATABASE` makes of what is not said. */
export interface DatabaseDefault {
  /** As this server spells it, which is how it must be asked for it. */
  readonly charset: string
  readonly collation: string
  readonly owner?: string
  /** The server turns names of tables to lower case. */
  readonly lowers: boolean
}
interface DefaultSubject { readonly server: DatabaseServer; readonly charset: string | undefined }

const defaultKind = oneByOne<DatabaseDefault | null, DefaultSubject>({
  name: 'database-default',
  summary: 'The character set, collation and owner that a new database gets where they are not said; nothing when the server does not know the character set.',
  script: ({ server, charset }) => script(sqlClient(server, { timeout: 30 }), runSql(dialectOf(server) === 'postgresql'
    ? "SELECT pg_encoding_to_char(encoding), datcollate, current_user FROM pg_database WHERE datname = 'template0'"
    : `${charset === undefined
      ? 'SELECT @@character_set_server, @@collation_server, @@lower_case_table_names <> 0'
      : `SELECT character_set_name, default_collate_name, @@lower_case_table_names <> 0 FROM information_schema.character_sets WHERE character_set_name IN (${names(charset)})`};
SHOW VARIABLES LIKE 'character_set_collations'`)),
  parse: ({ server, charset }, answer) => {
    const [[name, collation = '', last = ''] = [], [, others = ''] = []] = rowsOf(server, answer)
    if (name === undefined || name === 'character_set_collations') return null
    if (server.type === 'postgresql') return { charset: name, collation, owner: last, lowers: true }
    const chosen = others.split(',').find((pair) => charset !== undefined && pair.startsWith(`${name}=`))?.slice(name.length + 1)
    return { charset: name, collation: chosen ?? collation, lowers: last === '1' }
  },
})

/** What a new database gets, for this character set or where none is said: `database-default:latin1@mariadb`. */
export const databaseDefault = (server: DatabaseServer, charset?: string): HostFact<DatabaseDefault | null, DefaultSubject> =>
  ({ key: `database-default:${charset ?? ''}@${serverKey(server)}`, kind: defaultKind, subject: { server, charset } })
export const databaseDefaultKind = defaultKind

const names = (charset: string): string => [...new Set([charset, charsetName(charset)])].map((name) => String(sqlText(name, 'mysql'))).join(', ')
