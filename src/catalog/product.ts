import { z } from 'zod'
import { checkYaml } from '../yaml/zod-errors.js'
import type { YamlDocument } from '../yaml/document.js'

const relative = z.string().min(1).regex(/^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))/, 'expected a path below the home, without ..')
const port = z.int().min(1).max(65_535)
const words = z.array(z.string().min(1))
const page = z.string().regex(/^\//, 'expected a path of a URL, from / on')

/** A port of the product before its offset. */
const portSchema = z.strictObject({
  base: port.describe('The number without any offset.'),
  shifts: z.boolean().default(true).describe('Whether the offset of the node is added.'),
  tls: z.boolean().default(false).describe('Whether it is served with the certificate of the node.'),
})

/** How nodes become a cluster, and how that shows. */
const clusterSchema = z.discriminatedUnion('by', [
  z.strictObject({
    by: z.literal('members').describe('Nodes call each other at the addresses of well-known members.'),
    port: port.describe("The member's own port; no offset is added."),
    joined: z.string().describe('What a node logs of another one that came.'),
    left: z.string().describe('What a node logs of another one that went.'),
    pattern: z.string().optional().describe('The clustering pattern that is written where the manager does not serve, so that it leaves scheduled work to the workers; left out: the product has no such parameter.'),
  }),
  z.strictObject({
    by: z.literal('database').describe('Nodes keep heartbeats in the tables of a database.'),
    role: z.string().describe('Which of the databases.'),
    heartbeat: z.number().positive().describe('Seconds between two heartbeats.'),
    expiry: z.number().positive().describe('Seconds after which a node without a heartbeat has left.'),
    joined: z.string().describe('What a node logs when it has joined, before its name.'),
    added: z.string().describe('What a node logs of another one that came, before its name.'),
    removed: z.string().describe('What a node logs of another one that went, before its name.'),
    resolvers: z.record(z.string().regex(/^[a-z]+(-[a-z]+)*$/), z.string().min(1)).describe('Classes that give tasks to nodes, by the names that a playbook calls them.'),
  }),
])

/** A script that makes the tables of a database, and the servers that it is for. */
const scriptSchema = z.strictObject({
  servers: words.min(1).describe('Types of servers, as in the descriptions of databases.'),
  file: relative.describe('Below the top folder of the archive.'),
  tables: z.int().positive().optional().describe('How many tables it makes; left out: no source says it.'),
  session: z.string().optional().describe('A statement before it, in the same session, without which the server refuses the script.'),
  charsets: words.optional().describe('Character sets of the database with which it succeeds; left out: any.'),
})

const databaseSchema = z.strictObject({
  name: z.string().min(1).describe('What it is called where nobody says otherwise.'),
  source: z.string().min(1).describe('What the configuration calls it: the name in the directory of data sources, or an identifier.'),
  'each-node': z.boolean().default(false).describe('One for each node, told apart by its number behind the name.'),
  scripts: z.array(scriptSchema).min(1).describe('In order; those that are not for the server are left out.'),
})

/** What can be installed: one version of a product, in one profile. Everything that follows from that alone, so that who describes a cluster need not say it. */
export const productSchema = z.strictObject({
  title: z.string().min(1).describe('What people call it.'),
  version: z.string().min(1),
  unit: z.string().regex(/^[a-z][a-z0-9-]*$/).describe('What its unit and the link to the version in use are called.'),
  notice: z.string().min(1).optional().describe('What whoever installs it should know first; plans tell it.'),
  archive: z.strictObject({
    file: z.string().regex(/^[^/]+$/).describe('The name of the zip.'),
    folder: z.string().regex(/^[^/]+$/).describe('Its only top folder.'),
  }),
  home: relative.optional().describe('The folder of this profile below the top folder; left out: that itself. All paths start there unless they say otherwise.'),
  java: z.strictObject({
    least: z.int().positive(),
    most: z.int().positive().describe('The newest version that starts it, whatever its scripts say.'),
  }).refine(({ least, most }) => least <= most, 'expected `least` not above `most`'),
  paths: z.strictObject({
    script: relative.describe('What starts it in the foreground.'),
    configuration: relative,
    settings: relative.optional().describe('The TOML file that it reads, or renders its XML from.'),
    drivers: relative.describe('Where JDBC drivers go, below the top folder.'),
    bundles: relative.describe('Where OSGi bundles go, below the top folder.'),
    keystores: relative,
    deployment: relative.describe('Where it looks for what is deployed.'),
    log: relative,
    pid: relative,
  }),
  start: z.strictObject({
    arguments: words.default([]).describe('Of every start.'),
    worker: words.optional().describe('More arguments for a worker; left out: it has no profile for workers.'),
    memory: z.string().regex(/^[A-Z_]+$/).optional().describe("The environment variable with the JVM's memory options; left out: they are written in the script."),
    started: z.string().min(1).describe('What it logs once it serves.'),
    seconds: z.int().positive().default(300).describe('After which a start has failed.'),
  }),
  configuration: z.enum(['xml', 'toml', 'rendered-toml']).describe('Edited XML files; one TOML file that is read; one TOML file of which it renders its XML.'),
  stores: z.strictObject({
    prefix: z.string().default('').describe('What goes before the name of a keystore in the configuration.'),
    management: z.boolean().default(false).describe('Whether those of the management API are said apart; else it follows the others.'),
  }).optional().describe('How one TOML file names keystores; left out: it names none.'),
  vault: z.strictObject({
    padding: z.enum(['pkcs1', 'oaep']).describe('How a text is made ready for RSA: what the product takes where nothing else is said, or what it is told to take.'),
  }).optional().describe('How passwords are encrypted in its configuration; left out: they cannot be.'),
  offset: z.int().min(0).default(0).describe('Where nobody says otherwise; a said one takes its place.'),
  ports: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), portSchema).describe('By what they are for.'),
  serves: z.strictObject({
    http: z.string().default('http'),
    https: z.string().default('https'),
    pages: z.array(page).default([]).describe('Paths that each node answers with 200 over TLS, without anything deployed.'),
    redirect: page.optional().describe('A path from which each node leads to TLS, under the name that it was called by.'),
  }).default({ http: 'http', https: 'https', pages: [] }).describe('At which of its ports services are called.'),
  registry: z.strictObject({
    config: z.string().regex(/^\/_system\/./, 'expected a path below /_system/').describe('Where the configuration of its nodes lies in the shared registry.'),
  }).default({ config: '/_system/config' }).describe('Where nodes of several products share one registry, each has a place of its own.'),
  cluster: clusterSchema,
  databases: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), databaseSchema).describe('By what they are for.'),
  differs: words.default([]).describe('What its documents say and is done otherwise here, each with the reason; plans tell it.'),
}).superRefine((product, issues) => {
  for (const way of ['http', 'https'] as const) {
    const port = product.serves[way]
    if (!Object.hasOwn(product.ports, port)) issues.addIssue({ code: 'custom', path: ['serves', way], message: `expected one of its ports: ${Object.keys(product.ports).join(', ')}` })
  }
  if (product.cluster.by === 'database' && !Object.hasOwn(product.databases, product.cluster.role)) {
    issues.addIssue({ code: 'custom', path: ['cluster', 'role'], message: `expected one of its databases: ${Object.keys(product.databases).join(', ')}` })
  }
})
export type Product = z.output<typeof productSchema>

/** Reads the description of a product; every mistake is thrown at once, with its place. */
export const productIn = (document: YamlDocument): Product => checkYaml(document, productSchema)
