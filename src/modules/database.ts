import { z } from 'zod'
import { disturbs, type Change } from '../core/change.js'
import { valueDiff } from '../core/diff.js'
import { ProvisionError } from '../core/errors.js'
import { becomes } from '../core/fact.js'
import { defineModule } from '../core/module.js'
import { script, sh } from '../core/shell.js'
import { sqlName, sqlText } from '../core/sql.js'
import { charsetName, database as databaseOn, databaseDefault, type DatabaseDefault, type DatabaseState } from '../facts/database.js'
import { dialectOf, runSql, serverKey, sqlClient } from '../facts/database-server.js'
import { databaseUser, type DatabaseUser } from '../facts/database-user.js'
import { serverFiles, tables } from '../facts/tables.js'
import { databaseName, serverArgument } from './database-arguments.js'

const args = z.strictObject({
  name: databaseName.describe('Name of the database.'),
  server: serverArgument,
  charset: z.string().regex(/^[A-Za-z0-9_-]+$/).optional()
    .describe("Character set, such as latin1, utf8mb4, or PostgreSQL's UTF8. Left alone when unset; a new database gets the server's."),
  collation: z.string().regex(/^[A-Za-z0-9_.@-]+$/).optional()
    .describe("Collation; for PostgreSQL a locale of the host, such as C.UTF-8. Left alone when unset; a new database gets the one usual for its character set."),
  owner: databaseName.optional().describe('PostgreSQL only: the role that owns it, made without login if missing. Left alone when unset.'),
}).refine(({ server, owner }) => owner === undefined || server.type === 'postgresql', { message: 'only databases of PostgreSQL have an owner', path: ['owner'] })
type Args = z.output<typeof args>

export const database = defineModule({
  name: 'database',
  kind: 'state',
  summary: 'A database exists on a server, with this character set.',
  risks: () => ['data'],
  args,
  examples: [
    `database: { name: regdb, server: { type: mariadb }, charset: latin1 }`,
    `database: { name: regdb, server: { type: postgresql }, charset: UTF8, owner: app }`,
  ],
  needs: ({ name, server, charset, owner }) => {
    const needs = { now: databaseOn(server, name), usual: databaseDefault(server, dialectOf(server) === 'mysql' ? charset?.toLowerCase() : undefined) }
    return owner === undefined ? needs : { ...needs, role: databaseUser(server, owner) }
  },
  mayDisturb: ({ name, server, owner }) => [
    disturbs(databaseOn(server, name)), disturbs(tables(server, name)), ...(owner === undefined ? [] : [disturbs(databaseUser(server, owner))]), ...serverFiles(server),
  ],
  check(args, facts): readonly Change[] {
    const { now, usual } = facts
    if (usual === null) {
      throw new ProvisionError('unknown-charset', `${serverKey(args.server)} does not know the character set ${args.charset ?? ''}`, { hint: 'ask it with SHOW CHARACTER SET' })
    }
    const role = 'role' in facts ? facts.role : undefined
    if (!now.exists) return [...makeOwner(args, role), create(args, usual)]
    requireCharset(args, now)
    return args.owner === undefined || args.owner === now.owner ? [] : [...makeOwner(args, role), give(args, now, args.owner)]
  },
})

/** Names of one character set or locale, however they are spelled. */
const same = (wanted: string, now: string): boolean => {
  const plain = (name: string): string => charsetName(name.toLowerCase().replaceAll('-', ''))
  return plain(wanted) === plain(now)
}

const requireCharset = ({ name, charset, collation }: Args, now: DatabaseState & { exists: true }): void => {
  const wrong = charset !== undefined && !same(charset, now.charset) ? ['character set', now.charset, charset] as const
    : collation !== undefined && !same(collation, now.collation) ? ['collation', now.collation, collation] as const : undefined
  if (wrong === undefined) return
  const [what, is, shall] = wrong
  throw new ProvisionError('wrong-charset', `the database ${name} has the ${what} ${is}, not ${shall}`, {
    hint: `tables keep what they were made with, so this is never altered silently: drop ${name} if it is empty, choose another name, or convert it by hand`,
  })
}

const create = (args: Args, usual: DatabaseDefault): Change => {
  const { name, server, owner } = args
  const dialect = dialectOf(server)
  const charset = dialect === 'mysql' || args.charset === undefined ? usual.charset : encodingName(args.charset)
  const collation = args.collation ?? usual.collation
  const state: DatabaseState = {
    exists: true, charset: charsetName(charset), collation: charsetName(collation),
    ...(dialect === 'mysql' ? {} : { owner: owner ?? usual.owner ?? '' }),
  }
  const statement = dialect === 'mysql'
    ? `CREATE DATABASE ${sqlName(name, dialect)} CHARACTER SET ${charset} COLLATE ${collation}`
    : `CREATE DATABASE ${sqlName(name, dialect)} TEMPLATE template0 ENCODING '${charset}' LC_COLLATE '${collation}' LC_CTYPE '${collation}'`
      + (owner === undefined ? '' : ` OWNER ${sqlName(owner, dialect)}`)
  return {
    summary: `create database ${name}`,
    diff: { lines: [['character set', charset], ['collation', collation], ...(owner === undefined ? [] : [['owner', owner]])].map((value) => ({ sign: '+', text: value.join(': ') })) },
    actions: [{ do: 'exec', script: script(sqlClient(server), runSql(statement)).text }],
    predicts: [becomes(databaseOn(server, name), state), becomes(tables(server, name), { exists: true, tables: [], lowers: usual.lowers })],
    disturbs: serverFiles(server),
    confirm: script(sqlClient(server), sh`case $(${runSql(dialect === 'mysql'
      ? `SELECT default_collation_name FROM information_schema.schemata WHERE schema_name = ${String(sqlText(name, dialect))}`
      : `SELECT datcollate FROM pg_database WHERE datname = ${String(sqlText(name, dialect))}`)}) in ${collation}|${collation.replace(/^utf8(mb3)?_/, 'utf8_')}|${charsetName(collation)}) ;; *) false ;; esac`).text,
  }
}

/** An encoding as PostgreSQL will answer it. */
const encodingName = (charset: string): string => (/^(utf-?8|unicode)$/i.test(charset) ? 'UTF8' : charset.toUpperCase())

/** An owner must be there before it can own. */
const makeOwner = ({ owner, server }: Args, role: DatabaseUser | undefined): readonly Change[] => {
  if (owner === undefined || role?.dialect !== 'postgresql' || role.role !== null) return []
  return [{
    summary: `create role ${owner} without login`,
    actions: [{ do: 'exec', script: script(sqlClient(server), runSql(`CREATE ROLE ${sqlName(owner, 'postgresql')} NOLOGIN`)).text }],
    predicts: [becomes(databaseUser(server, owner), { ...role, role: { login: false, verifier: null, memberOf: [] } })],
    disturbs: serverFiles(server),
    confirm: script(sqlClient(server), sh`[ "$(${runSql(`SELECT 1 FROM pg_roles WHERE rolname = ${String(sqlText(owner, 'postgresql'))}`)})" = 1 ]`).text,
  }]
}

const give = ({ name, server }: Args, now: DatabaseState & { exists: true }, owner: string): Change => ({
  summary: `give database ${name} to ${owner}`,
  diff: valueDiff([['owner', now.owner ?? '', owner]]),
  actions: [{ do: 'exec', script: script(sqlClient(server), runSql(`ALTER DATABASE ${sqlName(name, 'postgresql')} OWNER TO ${sqlName(owner, 'postgresql')}`)).text }],
  predicts: [becomes(databaseOn(server, name), { ...now, owner })],
  disturbs: serverFiles(server),
  confirm: script(sqlClient(server), sh`[ "$(${runSql(`SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = ${String(sqlText(name, 'postgresql'))}`)})" = ${owner} ]`).text,
})
