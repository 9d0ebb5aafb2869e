import { counted } from '../core/counted.js'
import { z } from 'zod'
import { below, type Change, type Disturbance } from '../core/change.js'
import { ProvisionError } from '../core/errors.js'
import { becomes, type LocalFact } from '../core/fact.js'
import { defineModule } from '../core/module.js'
import { script, sh } from '../core/shell.js'
import { sqlName, sqlText } from '../core/sql.js'
import { createdTables, type CreatedTables } from '../core/sql-tables.js'
import { database as databaseOn, type DatabaseState } from '../facts/database.js'
import { dialectOf, runSql, sqlClient, type DatabaseServer } from '../facts/database-server.js'
import { localText } from '../facts/local-file.js'
import { serverFiles, tables as tablesOf, tablesSql, type TablesState } from '../facts/tables.js'
import { zipEntry } from '../facts/zip-entry.js'
import { databaseName, serverArgument } from './database-arguments.js'
import { runEffects } from './unit-actions.js'

const args = z.strictObject({
  script: z.union([
    z.strictObject({
      archive: z.string().min(1).describe('Zip or tar.gz on this machine.'),
      entry: z.string().min(1).describe('Path of the script inside it.'),
    }),
    z.strictObject({ src: z.string().min(1).describe('SQL file on this machine, as given or relative to the playbook.') }),
  ]).describe('The SQL script; it need not lie on the database host.'),
  database: databaseName.describe('The database it runs in.'),
  server: serverArgument,
  tables: z.array(z.string().min(1)).min(1).optional()
    .describe('Tables that tell whether the script has run: none, it runs; all, it is done; some, the step stops. Without: those that the script creates.'),
  session: z.string().min(1).optional().describe("SQL for the script's session alone, run before it, such as \"SET sql_mode=''\"."),
  role: databaseName.optional().describe("PostgreSQL: the role that shall own the tables. Without: the database's owner."),
}).refine(({ server, role }) => role === undefined || server.type === 'postgresql', { message: 'only tables of PostgreSQL have an owner', path: ['role'] })
type Args = z.output<typeof args>

export const databaseScript = defineModule({
  name: 'database-script',
  kind: 'state',
  summary: 'A SQL script has run in a database, once: judged by the tables it creates.',
  args,
  examples: [
    `database-script: { script: { archive: dist/app-1.0.zip, entry: app-1.0/dbscripts/mysql.sql }, database: regdb, server: { type: mariadb } }`,
    `database-script: { script: { src: schema.sql }, database: regdb, server: { type: postgresql }, tables: [first_table, last_table] }`,
  ],
  needs: ({ script: source, database, server }) => ({ now: tablesOf(server, database), database: databaseOn(server, database), text: textOf(source) }),
  mayDisturb: ({ server }) => anything(server),
  check(args, { now, database: state, text }): readonly Change[] {
    if (!now.exists || !state.exists) {
      throw new ProvisionError('no-database', `there is no database ${args.database} on this server`, { hint: `put a step \`database: { name: ${args.database} }\` before this one` })
    }
    const created = createdTables(text, dialectOf(args.server))
    const wanted = args.tables ?? created.tables
    if (wanted.length === 0) throw new ProvisionError('no-tables', `${nameOf(args)} creates no table, so nothing tells whether it has run`, { hint: 'name tables that tell it, as `tables: […]`' })
    const there = new Set(now.tables)
    const isThere = (table: string): boolean => there.has(table) || (now.lowers && there.has(table.toLowerCase()))
    const missing = wanted.filter((table) => !isThere(table))
    if (missing.length === 0) return []
    if (missing.length < wanted.length) throw partial(args, wanted.filter(isThere), missing)
    return [run(args, text, created, now, state, wanted)]
  },
})

const textOf = (source: Args['script']): LocalFact<string> =>
  'archive' in source ? zipEntry(source.archive, source.entry) : localText(source.src)

/** A script that does more than make tables may do whatever the server may, which writes where things that run do, and its own configuration. */
const anything = (server: DatabaseServer): readonly Disturbance[] => [...serverFiles(server), ...runEffects(true), ...(server.host === undefined ? [below('/etc/postgresql'), below('/etc/mysql')] : [])]

/** What a reader calls the script. */
const nameOf = ({ script: source }: Args): string => {
  const path = 'archive' in source ? source.entry : source.src
  return path.slice(path.lastIndexOf('/') + 1)
}

const partial = (args: Args, present: readonly string[], missing: readonly string[]): ProvisionError =>
  new ProvisionError('partial-schema', `${args.database} has ${present.length} of the ${counted(present.length + missing.length, 'table')} of ${nameOf(args)}`, {
    hint: 'the script stopped half way, or the tables are those of another version; it is never run again on top: drop the database (or these tables) if nothing in it is needed, else bring it to the full schema by hand',
    output: `present: ${present.join(' ')}\nmissing: ${missing.join(' ')}`,
  })

type There<T> = T & { exists: true }

const run = (
  args: Args, text: string, created: CreatedTables, now: There<TablesState>, state: There<DatabaseState>, wanted: readonly string[],
): Change => {
  const { database, server, session } = args
  const dialect = dialectOf(server)
  const role = args.role ?? state.owner
  const fact = tablesOf(server, database)
  const made = created.tables.map((table) => (now.lowers && dialect === 'mysql' ? table.toLowerCase() : table))
  const client = sqlClient(server, { database })
  const start = [...(role === undefined ? [] : [`SET ROLE ${sqlName(role, 'postgresql')}`]), ...(session === undefined ? [] : [session])]
  const options = dialect === 'mysql'
    ? start.map((sql) => `--init-command=${sql}`)
    : ['--single-transaction', ...start.map((sql) => `--command=${sql}`), '--file=-']
  const names = wanted.flatMap((table) => [...new Set([table, ...(now.lowers ? [table.toLowerCase()] : [])])]).map((table) => String(sqlText(table, dialect)))
  return {
    summary: `run ${nameOf(args)} in ${database}`,
    diff: { lines: [
      { sign: ' ', text: `${counted(now.tables.length, 'table')} before` },
      ...created.tables.map((table) => ({ sign: '+' as const, text: `table ${table}` })),
    ] },
    actions: [{
      do: 'exec',
      script: script(client, sh`sql ${options} || {
printf 'the script stopped; tables in %s now:\\n' ${database}
${runSql(tablesSql(server, database))} | cut -f 2
exit 1
} >&2`).text,
      stdin: text,
    }],
    predicts: created.certain ? [becomes(fact, { ...now, tables: [...new Set([...now.tables, ...made])].sort() })] : [],
    disturbs: created.certain ? serverFiles(server) : anything(server),
    confirm: script(client, sh`[ "$(${runSql(dialect === 'mysql'
      ? `SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = ${String(sqlText(database, dialect))} AND table_name IN (${names.join(', ')})`
      : `SELECT COUNT(DISTINCT lower(relname)) FROM pg_class WHERE relkind IN ('r', 'p') AND pg_table_is_visible(oid) AND relname IN (${names.join(', ')})`)})" -ge ${wanted.length} ]`).text,
  }
}
