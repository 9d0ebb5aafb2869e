import type { HostFact } from '../core/fact.js'
import { Secret } from '../core/secret.js'
import { script, sh } from '../core/shell.js'
import { sqlText } from '../core/sql.js'
import { dialectOf, rowsOf, runSql, serverKey, sqlClient, type DatabaseServer } from './database-server.js'
import { oneByOne } from './one-by-one.js'

/** One account of MySQL or MariaDB: a user from one address. */
export interface Account {
  /** Server plug-in that checks the password. */
  readonly plugin: string
  /** What the server stores of the password, one character a byte. */
  readonly verifier: Secret
  /** Privileges by database, as `SHOW GRANTS` spells both; `*` is all databases. */
  readonly grants: Readonly<Record<string, readonly string[]>>
}
export interface Role { readonly login: boolean; readonly verifier: Secret | null; /** Roles whose rights it has, in order. */ readonly memberOf: readonly string[] }

/** A user of a database server: accounts by client address, or a role of PostgreSQL. */
export type DatabaseUser =
  | { readonly dialect: 'mysql'; readonly accounts: Readonly<Record<string, Account>>; /** `_` in a grant is an underscore, not any character. */ readonly literalNames: boolean }
  | { readonly dialect: 'postgresql'; readonly role: Role | null; /** Identifies the cluster of databases. */ readonly system: string }

interface UserSubject { readonly server: DatabaseServer; readonly name: string }

const kind = oneByOne<DatabaseUser, UserSubject>({
  name: 'database-user',
  summary: "A user of a database server: accounts by client address with their privileges, or a role.",
  script: ({ server, name }) => script(sqlClient(server, { timeout: 30 }), dialectOf(server) === 'mysql'
    ? sh`commands=$(${runSql(MYSQL_ACCOUNTS.replaceAll('NAME', () => String(sqlText(name, 'mysql'))))}) || exit
printf '%s\n' "$commands" | sql`
    : runSql(POSTGRESQL_ROLE.replaceAll('NAME', () => String(sqlText(name, 'postgresql'))))),
  parse: ({ server }, answer) => (dialectOf(server) === 'mysql' ? accountsOf(rowsOf(server, answer)) : roleOf(rowsOf(server, answer))),
})

/** The first question answers with the second: SHOW GRANTS takes no expression for an account. */
const MYSQL_ACCOUNTS = `SELECT CONCAT('SHOW VARIABLES LIKE ', QUOTE('partial_revokes'), ';');
SELECT CONCAT('SELECT ', QUOTE('account'), ', ', QUOTE(host), ', ', QUOTE(plugin), ', ', QUOTE(HEX(authentication_string)), '; SHOW GRANTS FOR ', QUOTE(user), '@', QUOTE(host), ';')
FROM mysql.user WHERE user = NAME AND host <> '' ORDER BY host`

const POSTGRESQL_ROLE = `SELECT 'system', system_identifier FROM pg_control_system();
SELECT 'role', rolcanlogin, COALESCE(rolpassword, '') FROM pg_authid WHERE rolname = NAME;
SELECT 'member', o.rolname FROM pg_roles u JOIN pg_roles o ON o.oid <> u.oid AND pg_has_role(u.oid, o.oid, 'USAGE') WHERE u.rolname = NAME ORDER BY o.rolname;`

const GRANT = /^GRANT (.+?) ON (?:`((?:[^`]|``)+)`|(\*))\.\* TO /

const accountsOf = (rows: readonly (readonly string[])[]): DatabaseUser => {
  const accounts: Record<string, { plugin: string; verifier: Secret; grants: Record<string, readonly string[]> }> = {}
  let literalNames = false
  let grants: Record<string, readonly string[]> = {}
  for (const [first = '', second = '', plugin = '', verifier = ''] of rows) {
    if (first === 'partial_revokes') literalNames = second === 'ON'
    else if (first === 'account') {
      grants = {}
      accounts[second] = { plugin, verifier: new Secret(Buffer.from(verifier, 'hex').toString('latin1')), grants }
    } else {
      const last = Object.values(accounts).at(-1)
      if (last !== undefined && / IDENTIFIED VIA .* OR /.test(first)) last.plugin += ' or another'
      const [, privileges = '', database, all] = GRANT.exec(first) ?? []
      const name = database?.replaceAll('``', '`') ?? all
      if (name !== undefined && privileges !== 'USAGE') grants[name] = [...(grants[name] ?? []), ...privileges.split(', ')].sort()
    }
  }
  return { dialect: 'mysql', accounts, literalNames }
}

const roleOf = (rows: readonly (readonly string[])[]): DatabaseUser => {
  const [, login, verifier = ''] = rows.find(([what]) => what === 'role') ?? []
  return {
    dialect: 'postgresql',
    system: rows.find(([what]) => what === 'system')?.[1] ?? '',
    role: login === undefined ? null : {
      login: login === 't',
      verifier: verifier === '' ? null : new Secret(verifier),
      memberOf: rows.flatMap(([what, role = '']) => (what === 'member' ? [role] : [])).sort(),
    },
  }
}

/** A user of a database server: `database-user:app@mariadb`. */
export const databaseUser = (server: DatabaseServer, name: string): HostFact<DatabaseUser, UserSubject> =>
  ({ key: `database-user:${name}@${serverKey(server)}`, kind, subject: { server, name } })
export const databaseUserKind = kind
