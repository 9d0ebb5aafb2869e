import type { Change } from '../core/change.js'
import { ProvisionError } from '../core/errors.js'
import { becomes } from '../core/fact.js'
import { matchesCachingSha2, nativeVerifier } from '../core/password-verifier.js'
import { concat, Secret, type Text } from '../core/secret.js'
import { script, sh, type Script } from '../core/shell.js'
import { sqlName, sqlText } from '../core/sql.js'
import { runSql, sqlClient } from '../facts/database-server.js'
import { databaseUser, type Account, type DatabaseUser } from '../facts/database-user.js'
import { serverFiles } from '../facts/tables.js'
import type { DatabaseUserArgs } from './database-user.js'

type Accounts = DatabaseUser & { dialect: 'mysql' }

/** What is missing for one account per address: the account, its password, its privileges. */
export const accountChanges = (args: DatabaseUserArgs, now: Accounts): readonly Change[] => {
  const changes: Change[] = []
  let after = now
  for (const address of new Set(args.addresses.map(hostPart))) {
    const account = after.accounts[address]
    const wanted: Account = { ...withPassword(args, account, address), grants: granted(args, account?.grants ?? {}, after.literalNames) }
    if (account !== undefined && isRight(account, wanted) && wanted.grants === account.grants) continue
    after = { ...after, accounts: { ...after.accounts, [address]: wanted } }
    changes.push(change(args, address, account, wanted, after))
  }
  return changes
}

const isRight = (account: Account, wanted: Account): boolean => account.verifier.reveal() === wanted.verifier.reveal()

/** A network as MySQL and MariaDB both write it in an account: address and netmask. */
export const hostPart = (address: string): string => {
  const [, ip = '', length] = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(address) ?? []
  if (length === undefined) return address
  const mask = Array.from({ length: 4 }, (_, index) => 256 - 2 ** (8 - Math.min(8, Math.max(0, Number(length) - 8 * index))))
  const network = ip.split('.').map((part, index) => Number(part) & (mask[index] ?? 0))
  return Number(length) === 32 ? ip : `${network.join('.')}/${mask.join('.')}`
}

/** The account with the right password: as it is when it has that already. */
const withPassword = ({ name, server, password }: DatabaseUserArgs, account: Account | undefined, address: string): { plugin: string; verifier: Secret } => {
  const plugin = account?.plugin ?? (server.type === 'mariadb' ? 'mysql_native_password' : 'caching_sha2_password')
  const text = password.reveal()
  switch (plugin) {
    case 'mysql_native_password': return { plugin, verifier: new Secret(nativeVerifier(text)) }
    case 'caching_sha2_password':
      return account !== undefined && matchesCachingSha2(account.verifier.reveal(), text) ? { plugin, verifier: account.verifier } : { plugin, verifier: UNKNOWABLE }
    default:
      throw new ProvisionError('other-authentication', `the account ${name}@${address} is checked by the plug-in ${plugin}, whose password cannot be compared`, {
        hint: `drop the account (DROP USER ${String(sqlText(name, 'mysql'))}@${String(sqlText(address, 'mysql'))}) so that it is made anew, or leave this step out`,
      })
  }
}

/** A verifier whose salt only the server will know. */
const UNKNOWABLE = new Secret('')

const granted = ({ database, privileges }: DatabaseUserArgs, grants: Account['grants'], literalNames: boolean): Account['grants'] => {
  if (database === undefined) return grants
  const wanted = privileges.map((privilege) => (privilege === 'ALL' ? 'ALL PRIVILEGES' : privilege))
  const held = ['*', database, escaped(database)].flatMap((place) => grants[place] ?? [])
  if (held.includes('ALL PRIVILEGES') || wanted.every((privilege) => held.includes(privilege))) return grants
  const place = literalNames ? database : escaped(database)
  const all = wanted.includes('ALL PRIVILEGES') ? ['ALL PRIVILEGES'] : [...new Set([...(grants[place] ?? []), ...wanted])].sort()
  return { ...grants, [place]: all }
}

/** In a grant `_` stands for any character unless it is escaped. */
const escaped = (database: string): string => database.replaceAll('_', '\\_')

const change = (args: DatabaseUserArgs, address: string, before: Account | undefined, wanted: Account, after: Accounts): Change => {
  const { name, server, password, database = '', privileges } = args
  const account = `${String(sqlText(name, 'mysql'))}@${String(sqlText(address, 'mysql'))}`
  const knowable = Object.values(after.accounts).every(({ verifier }) => verifier !== UNKNOWABLE)
  const passwordRight = before !== undefined && isRight(before, wanted)
  const place = Object.keys(wanted.grants).find((key) => wanted.grants[key] !== before?.grants[key])
  const identified: Text = server.type === 'mariadb'
    ? concat(['IDENTIFIED BY PASSWORD ', sqlText(wanted.verifier, 'mysql')]) // what is stored, so that the password reaches neither log nor binary log
    : wanted.plugin === 'mysql_native_password' && before !== undefined
      ? concat(['IDENTIFIED WITH mysql_native_password AS ', sqlText(wanted.verifier, 'mysql')])
      : concat(['IDENTIFIED BY ', sqlText(password, 'mysql')])
  const statements = concat([
    ...(passwordRight ? [] : [`CREATE USER IF NOT EXISTS ${account} `, identified, `;\nALTER USER ${account} `, identified, ';\n']),
    ...(place === undefined ? [] : [`GRANT ${privileges.join(', ')} ON ${sqlName(place, 'mysql')}.* TO ${account};\n`]),
  ])
  const user = databaseUser(server, name)
  return {
    summary: before === undefined ? `create account ${name}@${address}`
      : passwordRight ? `grant ${privileges.join(', ')} on ${database} to ${name}@${address}` : `set the password of ${name}@${address}`,
    diff: { lines: [
      ...(before === undefined ? [{ sign: '+' as const, text: `account ${name}@${address}` }] : []),
      ...(passwordRight ? [] : [{ sign: '+' as const, text: `password ${String(password)}` }]),
      ...(place === undefined ? [] : [{ sign: '+' as const, text: `grant ${privileges.join(', ')} on ${database}` }]),
    ] },
    actions: [{ do: 'exec', script: script(sqlClient(server), quietly(runSql(statements))).text }],
    predicts: knowable ? [becomes(user, after)] : [],
    disturbs: [...(knowable ? [] : [user.key]), ...serverFiles(server)],
    ...(knowable ? { confirm: confirmation(args, address, wanted, place).text } : {}),
  }
}

/** The client repeats a statement that fails, and this one holds a secret: only what the server says is passed on. */
const quietly = (run: Script): Script => sh`said=$(${run} 2>&1) || { printf '%s\\n' "$said" | while IFS= read -r line; do
case $line in 'ERROR 1064'*) echo 'ERROR 1064: the server did not understand the statement' ;; 'ERROR '*) printf '%s\\n' "$line" ;; esac
done >&2; exit 1; }`

const confirmation = ({ name, server }: DatabaseUserArgs, address: string, wanted: Account, place: string | undefined): Script => {
  const where = `user = ${String(sqlText(name, 'mysql'))} AND host = ${String(sqlText(address, 'mysql'))}`
  return script(sqlClient(server), sh`[ "$(${runSql(concat([
    `SELECT (SELECT COUNT(*) FROM mysql.user WHERE ${where} AND HEX(authentication_string) = HEX(`, sqlText(wanted.verifier, 'mysql'), '))',
    ...(place === undefined ? [] : [` + (SELECT COUNT(*) FROM mysql.db WHERE ${where} AND db = ${String(sqlText(place, 'mysql'))}) - 1`]),
  ]))})" = 1 ]`)
}
