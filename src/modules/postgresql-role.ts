import type { Change } from '../core/change.js'
import { sha256 } from '../core/digest.js'
import { textDiff } from '../core/diff.js'
import { ProvisionError } from '../core/errors.js'
import { becomes } from '../core/fact.js'
import { matchesScram, scramSalt, scramVerifier } from '../core/password-verifier.js'
import { concat, Secret } from '../core/secret.js'
import { script, sh } from '../core/shell.js'
import { sqlName, sqlText } from '../core/sql.js'
import { clientAccess, type ClientAccess } from '../facts/client-access.js'
import { runSql, sqlClient } from '../facts/database-server.js'
import { databaseUser, type DatabaseUser, type Role } from '../facts/database-user.js'
import { fileAt } from '../facts/file.js'
import { serverFiles } from '../facts/tables.js'
import type { DatabaseUserArgs } from './database-user.js'

type Roles = DatabaseUser & { dialect: 'postgresql' }

/** What is missing for a role to log in, use its database, and be let in from each address. */
export const roleChanges = (args: DatabaseUserArgs, now: Roles, access: ClientAccess | undefined, owner: string | undefined): readonly Change[] => {
  const role = withLogin(args, now)
  const member = membership(args, role, owner)
  return [
    ...(role === now.role ? [] : [changeRole(args, now, role)]),
    ...(member === role || owner === undefined ? [] : [joinOwner(args, now, member, owner)]),
    ...(access === undefined ? [] : letIn(args, access)),
  ]
}

const withLogin = ({ name, password }: DatabaseUserArgs, { role, system }: Roles): Role => {
  const text = password.reveal()
  const stored = role?.verifier?.reveal() ?? ''
  const verifier = role !== null && role.verifier !== null && matchesScram(stored, text)
    ? role.verifier
    : new Secret(scramVerifier(text, scramSalt(system, name, stored))) // our own salt, so that the plan can tell what will be stored
  if (role?.login === true && role.verifier === verifier) return role
  return { login: true, verifier, memberOf: role?.memberOf ?? [] }
}

/** The rights over a database, and over what others make in it, are those of its owner. */
const membership = ({ name, database, server }: DatabaseUserArgs, role: Role, owner: string | undefined): Role => {
  if (owner === undefined || owner === name || role.memberOf.includes(owner)) return role
  if (owner === 'postgres' || owner === server.user) {
    throw new ProvisionError('no-owner', `the database ${database ?? ''} belongs to the administrator ${owner}, whose rights nobody shall get`, { hint: `say \`owner: ${name}\` at its step \`database\`` })
  }
  return { ...role, memberOf: [...role.memberOf, owner].sort() }
}

const changeRole = ({ name, server }: DatabaseUserArgs, now: Roles, role: Role): Change => {
  const isNew = now.role === null
  const verifier = role.verifier ?? new Secret('')
  const passwordRight = now.role?.verifier === role.verifier
  const statement = concat([`${isNew ? 'CREATE' : 'ALTER'} ROLE ${sqlName(name, 'postgresql')} LOGIN`, ...(passwordRight ? [] : [' PASSWORD ', sqlText(verifier, 'postgresql')])])
  return {
    summary: isNew ? `create role ${name}` : passwordRight ? `let role ${name} log in` : `set the password of role ${name}`,
    diff: { lines: [...(isNew ? [{ sign: '+' as const, text: `role ${name}` }] : []), ...(passwordRight ? [] : [{ sign: '+' as const, text: `password ${String(verifier)}` }])] },
    // terse: an error does not repeat the statement
    actions: [{ do: 'exec', script: script(sqlClient(server), sh`${runSql(statement)} --set=VERBOSITY=terse`).text }],
    predicts: [becomes(databaseUser(server, name), { ...now, role })],
    disturbs: serverFiles(server),
    confirm: script(sqlClient(server), sh`[ "$(${runSql(concat([
      `SELECT COUNT(*) FROM pg_authid WHERE rolcanlogin AND rolname = ${String(sqlText(name, 'postgresql'))} AND rolpassword = `, sqlText(verifier, 'postgresql')]))})" = 1 ]`).text,
  }
}

const joinOwner = ({ name, server, database = '' }: DatabaseUserArgs, now: Roles, role: Role, owner: string): Change => ({
  summary: `grant the rights of ${owner} over ${database} to ${name}`,
  actions: [{ do: 'exec', script: script(sqlClient(server), runSql(`GRANT ${sqlName(owner, 'postgresql')} TO ${sqlName(name, 'postgresql')}`)).text }],
  predicts: [becomes(databaseUser(server, name), { ...now, role })],
  disturbs: serverFiles(server),
  confirm: script(sqlClient(server), sh`[ "$(${runSql(`SELECT pg_has_role(${String(sqlText(name, 'postgresql'))}, ${String(sqlText(owner, 'postgresql'))}, 'USAGE')`)})" = t ]`).text,
})

/** The managed lines of pg_hba.conf for this user and database; the server reads them again, and the old file comes back if it cannot. */
const letIn = (args: DatabaseUserArgs, access: ClientAccess): readonly Change[] => {
  const { name, server, database, addresses } = args
  const content = withBlock(access.content, `${name} on ${database ?? 'all'}`, addresses.map((address) =>
    `host  ${database === undefined ? 'all' : `"${database}"`}  "${name}"  ${network(address)}  scram-sha-256`))
  if (content === access.content) return []
  const { path, mode, owner, group } = access
  return [{
    summary: `let ${name} connect to ${database ?? 'all databases'} from ${addresses.length === 1 ? addresses[0] ?? '' : `${addresses.length} addresses`}`,
    diff: textDiff(access.content, content),
    actions: [{
      do: 'put', path, content, mode, owner, group,
      validateAfter: script(sqlClient(server), sh`wrong=$(${runSql("SELECT 'line ' || line_number || ': ' || error FROM pg_hba_file_rules WHERE error IS NOT NULL")}) || exit
[ -z "$wrong" ] || { printf '%s\\n' "$wrong" >&2; exit 1; }
${runSql('SELECT pg_reload_conf()')} >/dev/null`).text,
    }],
    predicts: [becomes(clientAccess(server), { ...access, content })],
    disturbs: [fileAt(path).key],
    confirm: sh`[ "$(sha256sum < ${path})" = ${`${sha256(content)}  -`} ]`.text,
  }]
}

const BEGIN = '# BEGIN provision: '
const END = '# END provision: '

const withBlock = (content: string, title: string, inside: readonly string[]): string => {
  const lines = content.replace(/\n$/, '').split('\n')
  const start = lines.indexOf(`${BEGIN}${title}`)
  const end = lines.indexOf(`${END}${title}`, start)
  const block = [`${BEGIN}${title}`, ...inside, `${END}${title}`]
  const kept = start < 0 || end < 0 ? [...lines, ...block] : [...lines.slice(0, start), ...block, ...lines.slice(end + 1)]
  return `${kept.join('\n')}\n`
}

/** One address as a network of one. */
const network = (address: string): string =>
  /^\d+\.\d+\.\d+\.\d+$/.test(address) ? `${address}/32` : address.includes(':') && !address.includes('/') ? `${address}/128` : address
