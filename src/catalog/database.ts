import { z } from 'zod'
import { DELIMITERS } from '../core/sql-statements.js'
import { checkYaml } from '../yaml/zod-errors.js'
import type { YamlDocument } from '../yaml/document.js'

const words = z.array(z.string().min(1))
const count = z.int().positive()

/** Names in braces that a text of the description may hold. */
const placeholders = (names: readonly string[]): z.ZodType<string> =>
  z.string().min(1).refine((text) => [...text.matchAll(/\{(\w+)\}/g)].every(([, name = '']) => names.includes(name)), `expected no other names in braces than ${names.map((name) => `{${name}}`).join(', ')}`)

/** A type of database: what follows from it alone, whoever uses it for what. */
export const databaseTypeSchema = z.strictObject({
  title: z.string().min(1).describe('What people call it.'),
  server: z.string().regex(/^[a-z][a-z0-9-]*$/).describe('What the scripts of products name as their servers.'),
  client: z.enum(['mariadb', 'mysql', 'postgresql']).optional().describe('The client through which steps make databases, accounts and tables; left out: nothing but the JDBC driver reaches it.'),
  embedded: z.boolean().default(false).describe('Whether it lives in the process of each node, so that nodes cannot share it.'),
  url: placeholders(['host', 'port', 'database', 'addresses', 'folder']).describe('Where the driver finds a database: {host}, {port} and {database}; {addresses} of several hosts; the {folder} of an embedded one.'),
  address: placeholders(['host', 'port']).optional().describe('What stands in {addresses} for each host.'),
  port: z.int().min(1).max(65_535).optional().describe('The usual one; left out: it listens nowhere.'),
  driver: z.strictObject({
    class: z.string().regex(/^[\w.]+$/),
    jars: words.min(1).describe('What its jars are called, with * for versions.'),
  }),
  validation: z.string().min(1).describe('What a pool asks to see that a connection lives.'),
  pool: z.strictObject({
    maxActive: count, maxWait: count.describe('Milliseconds.'), testOnBorrow: z.boolean(), validationInterval: count.describe('Milliseconds.'),
  }).prefault({ maxActive: 50, maxWait: 60_000, testOnBorrow: true, validationInterval: 30_000 } as const),
  delimiter: z.enum(DELIMITERS).default(';').describe('What ends a statement in its scripts.'),
  charset: z.string().min(1).optional().describe('Of new databases; left out: its own.'),
  collation: z.string().min(1).optional(),
  accounts: z.array(placeholders(['user', 'password', 'database', 'client'])).default([])
    .describe('The statements that make a database and the account for it, where no step does so; of {user}, {password}, {database}, and the {client} that connects.'),
  advice: words.default([]).describe('What its administrator should know or do first.'),
}).superRefine((type, issues) => {
  if (type.url.includes('{addresses}') !== (type.address !== undefined)) issues.addIssue({ code: 'custom', path: ['address'], message: 'expected together with {addresses} in its URL' })
  if (type.embedded === (type.port !== undefined)) issues.addIssue({ code: 'custom', path: ['port'], message: 'expected of what is not embedded, and of nothing else' })
})
export type DatabaseType = z.output<typeof databaseTypeSchema>

/** Reads the description of a type of database; every mistake is thrown at once, with its place. */
export const databaseTypeIn = (document: YamlDocument): DatabaseType => checkYaml(document, databaseTypeSchema)
