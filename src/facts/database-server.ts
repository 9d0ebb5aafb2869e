import { ProvisionError } from '../core/errors.js'
import { concat, mapText, type Secret, type Text } from '../core/secret.js'
import { emit, script, sh, type Script } from '../core/shell.js'
import type { Dialect } from '../core/sql.js'
import type { Answer } from './one-by-one.js'

/** A database server as the host reaches it: by default its local socket, as its administrator. */
export interface DatabaseServer {
  readonly type: 'mariadb' | 'mysql' | 'postgresql'
  /** Socket file of MySQL and MariaDB, directory of the socket of PostgreSQL. */
  readonly socket?: string | undefined
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly user?: string | undefined
  readonly password?: Secret | undefined
}

export const dialectOf = ({ type }: DatabaseServer): Dialect => (type === 'postgresql' ? 'postgresql' : 'mysql')

/** The server in the key of a fact: `mariadb`, `postgresql://admin@10.0.0.5:5432`. */
export const serverKey = ({ type, socket, host, port, user }: DatabaseServer): string => {
  const place = `${host ?? socket ?? ''}${port === undefined ? '' : `:${port}`}`
  return place === '' && user === undefined ? type : `${type}://${user === undefined ? '' : `${user}@`}${place}`
}

interface ClientOptions {
  readonly database?: string | undefined
  /** Seconds until the client is ended. */
  readonly timeout?: number | undefined
}

/**
 * Defines the shell function `sql`, which runs the SQL on its input and prints rows with tabs between columns; arguments are passed on to the client.
 * A password reaches the client through a pipe on descriptor 3, never through an argument, the environment or a file.
 */
export const sqlClient = (server: DatabaseServer, { database, timeout }: ClientOptions = {}): Script => {
  const limit = timeout === undefined ? sh`` : sh`timeout ${timeout} `
  return server.type === 'postgresql' ? postgresqlClient(server, database, limit) : mysqlClient(server, database, limit)
}

/** Runs one piece of SQL by the function `sql`. */
export const runSql = (sql: Text): Script => sh`${emit(sql)} | sql`

const mysqlClient = (server: DatabaseServer, database: string | undefined, limit: Script): Script => {
  const { type, socket, host, port, user, password } = server
  const [first, second] = type === 'mysql' ? ['mysql', 'mariadb'] : ['mariadb', 'mysql']
  const options = [
    '--batch', '--raw', '--skip-column-names', '--connect-timeout=10', '--default-character-set=utf8mb4',
    ...(host === undefined ? [] : ['--protocol=tcp', `--host=${host}`]), ...(socket === undefined ? [] : [`--socket=${socket}`]),
    ...(port === undefined ? [] : [`--port=${port}`]), ...(user === undefined ? [] : [`--user=${user}`]),
  ]
  const last = database === undefined ? sh`"$@"` : sh`"$@" ${database}`
  const secret = password === undefined ? undefined : mapText(password, (text) => `password="${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"\n`)
  return script(
    sh`if command -v ${first} >/dev/null; then client=${first}; elif command -v ${second} >/dev/null; then client=${second}
else echo ${`neither ${first} nor ${second} is on this host`} >&2; exit 127; fi`,
    secret === undefined
      ? sh`sql() { ${limit}"$client" ${options} ${last}; }`
      : sh`sql() { { ${emit(concat(['[client]\n', secret]))} | ${limit}"$client" --defaults-extra-file=/dev/fd/3 ${options} ${last} 3<&0 0<&4 4<&-; } 4<&0; }`,
  )
}

const postgresqlClient = (server: DatabaseServer, database: string | undefined, limit: Script): Script => {
  const { socket, host, port, user, password } = server
  const options = [
    '--no-psqlrc', '--no-password', '--quiet', '--no-align', '--tuples-only', '--field-separator=\t', '--set=ON_ERROR_STOP=1', `--dbname=${database ?? 'postgres'}`,
    ...(host ?? socket ? [`--host=${host ?? socket ?? ''}`] : []), ...(port === undefined ? [] : [`--port=${port}`]), ...(user === undefined ? [] : [`--username=${user}`]),
  ]
  const secret = password === undefined ? undefined : concat(['[provision]\npassword=', password, '\n'])
  const administrator = host === undefined && user === undefined
  return script(
    sh`command -v psql >/dev/null || { echo 'psql is not on this host' >&2; exit 127; }
cd /; export PGCONNECT_TIMEOUT=10 PGCLIENTENCODING=UTF8`,
    // the server lets its administrator in by the name of the system's user
    administrator && sh`as_server() { "$@"; }
if [ "$(id -u)" = 0 ]; then
  if command -v setpriv >/dev/null; then as_server() { setpriv --reuid=postgres --regid=postgres --init-groups -- "$@"; }
  elif command -v runuser >/dev/null; then as_server() { runuser -u postgres -- "$@"; }
  else as_server() { su -s /bin/sh -c '"$@"' -- postgres sh "$@"; }; fi
fi`,
    secret === undefined
      ? sh`sql() { ${administrator ? sh`as_server ` : sh``}${limit}psql ${options} "$@"; }`
      : sh`sql() { { ${emit(secret)} | PGSERVICEFILE=/dev/fd/3 PGSERVICE=provision ${limit}psql ${options} "$@" 3<&0 0<&4 4<&-; } 4<&0; }`,
  )
}

/** The lines of an answer; throws when the server could not be asked. */
export const rowsOf = (server: DatabaseServer, { stdout, stderr, exit }: Answer): readonly (readonly string[])[] => {
  if (exit === 127) {
    throw new ProvisionError('no-database-client', `${stderr.trim()}: the server cannot be asked`, { hint: `install the package ${server.type}-client on this host before this step` })
  }
  if (exit !== 0) {
    throw new ProvisionError('database-refused', `${serverKey(server)} did not answer`, {
      output: stderr.trim(),
      hint: 'see that the server runs, and that this user may administer it over this socket or address',
    })
  }
  return stdout.split('\n').filter((line) => line !== '').map((line) => line.split('\t'))
}
