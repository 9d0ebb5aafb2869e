import { ProvisionError } from '../core/errors.js'
import type { HostFact } from '../core/fact.js'
import { concat, mapText, type Secret, type Text } from '../core/secret.js'
import { emit, script, sh, type Script } from '../core/shell.js'
import { JDBC_PROGRAM } from './jdbc-program.js'
import { oneByOne } from './one-by-one.js'

/** A database as this host reaches it through a JDBC driver. */
export interface JdbcDatabase {
  readonly url: string
  readonly user?: string | undefined
  readonly password?: Secret | undefined
  /** Absolute paths of the driver's jars. */
  readonly jars: readonly string[]
  /** The class of a driver whose jar names none. */
  readonly class?: string | undefined
  readonly 'java-home'?: string | undefined
}

/** Names of tables are in capitals, since drivers spell them as their servers store them. */
export type JdbcState =
  | { readonly exists: false }
  | { readonly exists: true; readonly product: string; readonly version: string; readonly tables: readonly string[] }

/** The file or folder of a database that lives in the process of its driver. */
export const embeddedIn = (url: string): { readonly type: 'h2' | 'derby'; readonly path: string; readonly options: string } | undefined => {
  const [, h2, path = '', options = ''] = /^jdbc:(?:(h2):(?:file:)?|derby:(?:directory:)?)(\/(?!\/)[^;]*)(;.*)?$/i.exec(url) ?? []
  return path === '' ? undefined : { type: h2 === undefined ? 'derby' : 'h2', path, options }
}

/** The URL under which a driver makes a database that is not there, or never does. */
export const creatingUrl = (url: string, creates: boolean): string => {
  if (/^jdbc:h2:/i.test(url)) return `${url.replace(/;IFEXISTS=[^;]*/i, '')}${creates ? '' : ';IFEXISTS=TRUE'}`
  if (/^jdbc:derby:/i.test(url)) return `${url.replace(/;create=[^;]*/i, '')}${creates ? ';create=true' : ''}`
  return url
}

/** What an embedded database wants to be told before its process ends. */
const farewellTo = (url: string): string | undefined => (/^jdbc:derby:(?!\/\/)/i.test(url) ? 'jdbc:derby:;shutdown=true' : undefined)

/** The program's input: one line each, a word and a text in base64. */
export const jdbcInput = (database: JdbcDatabase, url: string, more: Readonly<Record<string, string | undefined>> = {}): Text => {
  const { user, password, class: driver } = database
  const lines = Object.entries<Text | undefined>({ url, user, password, class: driver, farewell: farewellTo(url), ...more })
  return concat(lines.flatMap(([word, text]) => (text === undefined ? [] : [jdbcLine(word, text)])))
}

/** One line of that input. */
export const jdbcLine = (word: string, text: Text): Text => mapText(text, (plain) => `${word} ${Buffer.from(plain).toString('base64')}\n`)

/**
 * Compiles the program in a directory that goes with the shell, and defines the function `jdbc`, which runs it there on its input: what a driver writes beside itself, such as logs, goes too.
 */
export const jdbcClient = ({ jars, 'java-home': home }: JdbcDatabase, timeout?: number): Script => {
  const [java, javac] = home === undefined ? ['java', 'javac'] : [`${home}/bin/java`, `${home}/bin/javac`]
  return script(
    sh`command -v ${javac} >/dev/null || { echo ${`${javac} is not on this host`} >&2; exit 127; }
for jar in ${jars}; do [ -r "$jar" ] || { printf 'there is no driver at %s\\n' "$jar" >&2; exit 126; }; done
work=$(mktemp -d) || exit 1
trap 'cd / && rm -rf -- "$work"' EXIT
cd "$work" && mkdir classes && ${emit(JDBC_PROGRAM)} > Jdbc.java || exit 1
said=$(${javac} -J-XX:TieredStopAtLevel=1 -nowarn -d classes Jdbc.java 2>&1) || { printf '%s\\n' "$said" >&2; exit 1; }`,
    sh`jdbc() { ${timeout === undefined ? sh`` : sh`timeout ${timeout} `}${java} -XX:TieredStopAtLevel=1 -cp classes:${jars.join(':')} Jdbc; }`,
  )
}

/** A copy is looked at of what an embedded driver would else alter, lock, or find locked by the process that serves it. */
const copied = (url: string): { readonly url: string; readonly copy: Script } => {
  const embedded = embeddedIn(url)
  if (embedded === undefined) return { url, copy: sh`` }
  const { type, path, options } = embedded
  return type === 'h2'
    ? { url: `jdbc:h2:./copy${options}`, copy: sh`for file in ${path}.*.db; do [ ! -f "$file" ] || cp -- "$file" "copy.\${file#${path}.}" || exit 1; done` }
    : { url: `jdbc:derby:copy${options}`, copy: sh`[ ! -d ${path} ] || { cp -R -- ${path} copy && rm -f copy/*.lck; } || exit 1` }
}

const kind = oneByOne<JdbcState, JdbcDatabase>({
  name: 'jdbc',
  summary: 'The product, version and tables of a database that is reached through a JDBC driver, or that there is none.',
  beyond: true,
  script: (database) => {
    const { url, copy } = copied(creatingUrl(database.url, false))
    return script(jdbcClient(database, 60), copy, sh`${emit(jdbcInput(database, url))} | jdbc`)
  },
  parse: (database, { stdout, stderr, exit }) => {
    if (exit === 127) throw new ProvisionError('no-java-compiler', stderr.trim(), { hint: 'install a JDK before this step, not only a runtime, or name another one as `java-home`' })
    if (exit === 126) throw new ProvisionError('no-driver', stderr.trim(), { hint: 'put the step that brings the jar, such as `jdbc-driver`, before this one' })
    if (exit !== 0) throw new ProvisionError('jdbc-failed', `${jdbcKey(database)} could not be asked`, { output: stderr.trim(), hint: 'see what the driver says; it must fit the Java of this host' })
    const rows = stdout.split('\n').filter((line) => line !== '').map((line) => line.split('\t'))
    const refused = rows.filter(([what]) => what === 'refused')
    if (refused.some(([, state = '', code = '']) => ABSENT.has(state) || ABSENT.has(`${state} ${code}`))) return { exists: false }
    if (refused.length > 0) throw refusal(database, refused)
    const [, product = '', version = ''] = rows.find(([what]) => what === 'product') ?? []
    return { exists: true, product, version, tables: [...new Set(rows.flatMap(([what, table = '']) => (what === 'table' ? [table.toUpperCase()] : [])))].sort() }
  },
})

/** What drivers say of a database that is not there, as SQLState, or with the vendor's code where that alone tells. */
const ABSENT: ReadonlySet<string> = new Set([
  '90146', '90013', // H2
  'XJ004', '08004 40000', // Derby, embedded and at an address
  '3D000', // PostgreSQL
  '42000 1049', // MySQL, MariaDB
  'S0001 4060', // SQL Server
])

const refusal = (database: JdbcDatabase, refused: readonly (readonly string[])[]): ProvisionError => {
  const output = refused.map(([, state = '', code = '', message = '']) => `SQLState ${state}, code ${code}: ${message}`).join('\n')
  const [, state = ''] = refused[0] ?? []
  if (state.startsWith('28')) return new ProvisionError('database-refused', `${jdbcKey(database)}: the user or its password is refused`, { output, hint: 'give the user and password of an account that may log in from this host' })
  if (/No suitable driver|the jars hold no class/.test(output)) return new ProvisionError('no-driver', `the jars hold no driver for ${database.url}`, { output, hint: 'name the jar of this database\'s driver, and its `class` where the jar names none' })
  return new ProvisionError('database-refused', `${jdbcKey(database)} did not let this host in`, { output, hint: 'see that the server runs, listens at this address, and knows this database and user' })
}

const jdbcKey = ({ url, user }: JdbcDatabase): string => `jdbc:${user === undefined ? '' : `${user}@`}${url.replace(/^jdbc:/, '')}`

/** A database through its JDBC driver: `jdbc:app@postgresql://10.0.0.5:5432/regdb`. */
export const jdbc = (database: JdbcDatabase): HostFact<JdbcState, JdbcDatabase> => ({ key: jdbcKey(database), kind, subject: database })
export const jdbcKind = kind
