import { z } from 'zod'
import { below, byExit, disturbs, every, type Change, type Disturbance } from '../core/change.js'
import { counted } from '../core/counted.js'
import { ProvisionError } from '../core/errors.js'
import { becomes } from '../core/fact.js'
import { defineModule } from '../core/module.js'
import { concat } from '../core/secret.js'
import { script, sh } from '../core/shell.js'
import { DELIMITERS, sqlStatements, type SqlStatement } from '../core/sql-statements.js'
import { tablesInBatches, tablesOf, type CreatedTables } from '../core/sql-tables.js'
import type { Lexicon } from '../core/sql-tokens.js'
import { creatingUrl, embeddedIn, jdbc, jdbcClient, jdbcInput, jdbcLine, type JdbcState } from '../facts/jdbc.js'
import { tablesKind } from '../facts/tables.js'
import { absolutePath } from './arguments.js'
import { password } from './database-arguments.js'
import { hasRun, nameOf, scriptSource, textOf } from './script-source.js'

const args = z.strictObject({
  script: scriptSource.describe('The SQL script; it need not lie on the host.'),
  url: z.string().regex(/^jdbc:[a-z][a-z0-9-]*:\S+$/, 'expected a URL that begins with jdbc: and the name of a driver')
    .refine((url) => !/[;?&:](password|pwd)=/i.test(url), 'a password in a URL would show everywhere: say it as `password`')
    .refine((url) => !/^jdbc:(h2|derby):/i.test(url) || /^jdbc:(h2:(tcp|ssl):|derby:\/\/)/i.test(url) || embeddedIn(url) !== undefined, 'an embedded database has an absolute path here')
    .describe('The database, as its driver takes it. One inside the process of its driver has an absolute path.'),
  user: z.string().min(1).optional().describe('Log in as this user. Without: as the driver does.'),
  password: password.optional().describe('Password of that user. Without: none is offered.'),
  jars: z.array(absolutePath.refine((path) => !path.includes(':'), 'a path of a jar has no colon')).min(1).describe('The jars of the driver on this host.'),
  class: z.string().regex(/^[A-Za-z_$][\w$.]*$/).optional().describe('Class of the driver. Without: the one that the jar names itself.'),
  'java-home': absolutePath.optional().describe('The JDK that compiles and runs the program through which this is done; version 8 or newer. Without: javac and java are looked for in PATH.'),
  delimiter: z.enum(DELIMITERS).default(';')
    .describe('What ends a statement: `;`; `/` on a line of its own, as in scripts of Oracle and DB2, where `;` ends what is no block of a procedural language; `GO` on a line of its own, as in scripts of SQL Server.'),
  create: z.boolean().default(false).describe('Whether the driver of H2 or Derby makes a database that is not there.'),
  tables: z.array(z.string().min(1)).min(1).optional()
    .describe('Tables that tell whether the script has run: none, it runs; all, it is done; some, the step stops. Without: those that the script creates. Capitals and small letters are not told apart.'),
  session: z.string().min(1).optional().describe("SQL for the script's session alone, run before it, such as \"SET sql_mode=''\"."),
}).refine(({ url, create }) => !create || /^jdbc:(h2|derby):/i.test(url), { message: 'only databases of H2 and Derby are made by their driver', path: ['create'] })
type Args = z.output<typeof args>

export const jdbcScript = defineModule({
  name: 'jdbc-script',
  kind: 'state',
  summary: 'A SQL script has run, once, in a database that is reached through a JDBC driver: judged by the tables it creates. For servers without a client on the host. Needs a JDK there.',
  risks: () => ['data', 'irreversible'],
  args,
  examples: [
    `jdbc-script: { script: { archive: dist/app-1.0.zip, entry: app-1.0/dbscripts/h2.sql }, url: 'jdbc:h2:tcp://10.0.0.5:9092/regdb', user: app, password: '{{ app_password }}', jars: [/opt/app/lib/h2.jar] }`,
    `jdbc-script: { script: { src: schema.sql }, url: 'jdbc:oracle:thin:@10.0.0.5:1521/REG', user: app, password: '{{ app_password }}', jars: [/opt/app/lib/ojdbc8.jar], delimiter: '/', java-home: /opt/java/jdk-8 }`,
    `jdbc-script: { script: { src: schema.sql }, url: 'jdbc:derby:/opt/app/database/reg', jars: [/opt/app/lib/derby.jar], create: true }`,
  ],
  needs: (given) => ({ now: jdbc(given), text: textOf(given.script) }),
  mayDisturb: (given) => reached(given),
  check(given, { now, text }): readonly Change[] {
    if (!now.exists && !given.create) {
      throw new ProvisionError('no-database', `there is no database at ${given.url}`, {
        hint: /^jdbc:(h2|derby):/i.test(given.url) ? 'say `create: true`, so that the driver makes it, or make it before this step' : 'make it, with its user, before this step',
      })
    }
    const lexicon = lexiconOf(given.url)
    const statements = [...sqlStatements(text, lexicon, given.delimiter)]
    if (statements.length === 0) throw new ProvisionError('empty-script', `${nameOf(given.script)} has no statement`, { hint: 'name the script that makes the tables' })
    const created = given.delimiter === 'GO' ? tablesInBatches(statements) : tablesOf(statements, lexicon)
    const wanted = [...new Set((given.tables ?? created.tables).map((table) => table.toUpperCase()))]
    const there = new Set(now.exists ? now.tables : [])
    if (hasRun(nameOf(given.script), given.url, wanted, (table) => there.has(table))) return []
    return [run(given, statements, created, now, wanted)]
  },
})

const lexiconOf = (url: string): Lexicon => (/^jdbc:(mysql|mariadb):/i.test(url) ? 'mysql' : /^jdbc:postgresql:/i.test(url) ? 'postgresql' : 'standard')

/** The database, which others may ask by its own client, and the files of one in the process of its driver; a server at an address keeps its own. */
const reached = (given: Args): readonly Disturbance[] => {
  const embedded = embeddedIn(given.url)
  return [disturbs(jdbc(given)), every(tablesKind), ...(embedded === undefined ? [] : [below(embedded.type === 'derby' ? embedded.path : embedded.path.replace(/[^/]+$/, '').replace(/(.)\/$/, '$1'))])]
}

const run = (given: Args, statements: readonly SqlStatement[], created: CreatedTables, now: JdbcState, wanted: readonly string[]): Change => {
  const before = now.exists ? now.tables : []
  const after = [...new Set([...before, ...created.tables.map((table) => table.toUpperCase())])].sort()
  return {
    summary: `run ${nameOf(given.script)} in ${shortened(given.url)}`,
    diff: { lines: [
      { sign: ' ', text: now.exists ? `${counted(before.length, 'table')} before, ${now.product} ${now.version}` : 'no database before' },
      { sign: ' ', text: counted(statements.length, 'statement') },
      ...created.tables.map((table) => ({ sign: '+' as const, text: `table ${table}` })),
    ] },
    actions: [{
      do: 'exec',
      script: script(jdbcClient(given), sh`jdbc`).text,
      stdin: concat([
        jdbcInput(given, creatingUrl(given.url, given.create), { session: given.session, wanted: wanted.join('\n') }),
        ...statements.map(({ line, text }) => jdbcLine(String(line), text)),
      ]),
    }],
    predicts: created.certain && now.exists ? [becomes(jdbc(given), { ...now, tables: after })] : [],
    disturbs: reached(given),
    // the program looks for the tables itself before it ends
    confirm: byExit,
  }
}

/** As much of a URL as a line has room for. */
const shortened = (url: string): string => {
  const plain = url.replace(/^jdbc:/, '').replace(/[;?].*$/, '')
  return plain.length <= 36 ? plain : `…${plain.slice(-35)}`
}
