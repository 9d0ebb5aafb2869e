import { z } from 'zod'
import { below, disturbs, type Change, type Disturbance } from '../core/change.js'
import { ProvisionError } from '../core/errors.js'
import { defineModule } from '../core/module.js'
import { clientAccess } from '../facts/client-access.js'
import { database } from '../facts/database.js'
import { dialectOf, type DatabaseServer } from '../facts/database-server.js'
import { databaseUser as userOn } from '../facts/database-user.js'
import { serverFiles } from '../facts/tables.js'
import { databaseName, password, serverArgument } from './database-arguments.js'
import { accountChanges } from './mysql-accounts.js'
import { roleChanges } from './postgresql-role.js'

const args = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9_.-]{1,32}$/, 'expected at most 32 letters, digits, _, . and -').describe('Name of the user.'),
  server: serverArgument,
  password: password.describe('Its password. The server is given what it stores of it where it takes that, never the text.'),
  addresses: z.array(z.string().regex(/^[A-Za-z0-9_.:%/-]+$/, 'expected an address, a network such as 10.0.0.0/24, or a host name')
    .refine((address) => !/^[\d.]+(\/\d+)?$/.test(address) || z.union([z.ipv4(), z.cidrv4()]).safeParse(address).success, 'expected four numbers up to 255, and a length up to 32')).min(1)
    .describe('Client addresses it may log in from: one account each on MySQL and MariaDB, one line each in pg_hba.conf of PostgreSQL. Accounts at other addresses are left alone.'),
  database: databaseName.optional().describe('The database it may use. Without: it may only log in.'),
  privileges: z.array(z.string().regex(/^[A-Za-z][A-Za-z ]*$/).transform((name) => name.toUpperCase())).min(1).default(['ALL'])
    .describe("MySQL and MariaDB: what it may do in that database, such as [SELECT, INSERT]. Granted in addition to what it has. On PostgreSQL it gets the rights of the database's owner."),
}).refine(({ server, privileges }) => server.type !== 'postgresql' || privileges.join() === 'ALL', { message: 'on PostgreSQL a user gets all rights of its database', path: ['privileges'] })
  .refine(({ server }) => server.type !== 'postgresql' || server.host === undefined, { message: 'run this step on the database host itself: its pg_hba.conf lies there', path: ['server', 'host'] })

/** The arguments of `database-user`. */
export type DatabaseUserArgs = z.output<typeof args>

export const databaseUser = defineModule({
  name: 'database-user',
  kind: 'state',
  summary: 'A user of a database server logs in with this password from these addresses and may use a database.',
  risks: () => ['data'],
  args,
  examples: [
    `database-user: { name: app, password: '{{ app_password }}', addresses: [10.0.0.11, 10.0.0.12], database: regdb, server: { type: mariadb } }`,
    `database-user: { name: app, password: '{{ app_password }}', addresses: [10.0.0.0/24], database: regdb, server: { type: postgresql } }`,
  ],
  needs: ({ name, server, database: used }) => {
    const user = { now: userOn(server, name) }
    const needs = dialectOf(server) === 'mysql' ? user : { ...user, access: clientAccess(server) }
    return used === undefined ? needs : { ...needs, database: database(server, used) }
  },
  mayDisturb: ({ name, server }) => [disturbs(userOn(server, name)), ...serverFiles(server), ...(server.type === 'postgresql' ? accessPlaces(server) : [])],
  check(args, facts): readonly Change[] {
    const used = 'database' in facts ? facts.database : undefined
    if (used?.exists === false) {
      throw new ProvisionError('no-database', `there is no database ${args.database ?? ''} on this server`, { hint: `put a step \`database: { name: ${args.database ?? ''} }\` before this one` })
    }
    return facts.now.dialect === 'mysql'
      ? accountChanges(args, facts.now)
      : roleChanges(args, facts.now, 'access' in facts ? facts.access : undefined, used?.owner)
  },
})

/** Where packages put pg_hba.conf; only the server tells where it really is. */
const accessPlaces = (server: DatabaseServer): readonly Disturbance[] => [disturbs(clientAccess(server)), below('/etc/postgresql'), below('/var/lib/pgsql')]
