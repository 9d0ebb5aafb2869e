import { counted } from '../core/counted.js'
import { z } from 'zod'
import { below, type Change, type Disturbance } from '../core/change.js'
import { ProvisionError } from '../core/errors.js'
import { becomes } from '../core/fact.js'
import { defineModule } from '../core/module.js'
import { script, sh } from '../core/shell.js'
import { sqlName, sqlText } from '../core/sql.js'
import { createdTables, type CreatedTables } from '../core/sql-tables.js'
import { database as databaseOn, type DatabaseState } from '../facts/database.js'
import { dialectOf, runSql, sqlClient, type DatabaseServer } from '../facts/database-server.js'
import { serverFiles, tables as tablesOf, tablesSql, type TablesState } from '../facts/tables.js'
import { databaseName, serverArgument } from './database-arguments.js'
import { hasRun, nameOf, scriptSource, textOf } from './script-source.js'
import { runEffects } from './unit-actions.js'

const args = z.strictObject({
  script: scriptSource.describe('The SQL script; it need not lie on the database host.'),
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
  risks: () => ['data', 'irreversible'],
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
    const there = new Set(now.tables)
    if (hasRun(nameOf(args.script), args.database, wanted, (table) => there.has(table) || (now.lowers && there.has(table.toLowerCase())))) return []
    return [run(args, text, created, now, state, wanted)]
  },
})

/** A script that does more than make tables may do whatever the server may, which writes where things that run do, and its own configuration. */
const anything = (server: DatabaseServer): readonly Disturbance[] => [...serverFiles(server), ...runEffects(true), ...(server.host === undefined ? [below('/etc/postgresql'), below('/etc/mysql')] : [])]

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
    summary: `run ${nameOf(args.script)} in ${database}`,
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
