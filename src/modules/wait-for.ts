import { z } from 'zod'
import { every, type Change } from '../core/change.js'
import { canonicalName } from '../core/certificate-names.js'
import type { Claim } from '../core/claim.js'
import { becomes } from '../core/fact.js'
import { defineModule } from '../core/module.js'
import { activeGate, activeKind } from '../facts/active.js'
import { connectionGate, connectionKind } from '../facts/connection.js'
import type { Gate } from '../facts/gate.js'
import { httpGate, httpKind } from '../facts/http.js'
import { journalGate, journalKind } from '../facts/journal.js'
import { ldapGate, ldapKind } from '../facts/ldap.js'
import { portGate, portKind } from '../facts/port.js'
import { sqlGate, sqlKind } from '../facts/sql.js'
import { tlsGate, tlsKind } from '../facts/tls.js'
import { absolutePath, text } from './arguments.js'
import { databaseName, password, serverArgument } from './database-arguments.js'
import { pollUntil } from './poll.js'

const number = z.int().min(1).max(65535)
const port = z.union([
  number,
  z.strictObject({
    port: number.describe('TCP port.'),
    host: z.string().regex(/^[A-Za-z0-9_.:-]+$/).optional().describe('Connect to it on this host. Without: something must listen on it on the host itself.'),
  }),
])
const unitName = z.string().regex(/^[A-Za-z0-9:_.@\\-]+\.(service|socket|target|mount|path|timer)$/, 'expected the name of a unit with its suffix, such as nginx.service')
const oneOrMore = <S extends z.ZodType>(schema: S): z.ZodType<readonly z.output<S>[], z.input<S> | z.input<S>[]> =>
  z.union([schema.transform((one): readonly z.output<S>[] => [one]), z.array(schema).min(1)])

const http = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('The URL, asked from the host with curl. Redirections are not followed.'),
  status: z.int().min(100).max(599).default(200).describe('The status that it must answer.'),
  contains: z.string().min(1).optional().describe('Text that the answer must contain. Any answer when unset.'),
  method: z.enum(['GET', 'HEAD', 'OPTIONS', 'POST']).default('GET').describe('How it is asked.'),
  headers: z.record(z.string().regex(/^[A-Za-z0-9-]+$/), text).optional().describe('Headers to send, by name.'),
  user: z.string().regex(/^[^:\r\n]+$/).optional().describe('User of basic authentication.'),
  password: password.optional().describe('Password of that user.'),
  ca: absolutePath.optional().describe("PEM file on the host with the authority to trust. Without: the host's own authorities."),
  insecure: z.boolean().default(false).describe('Trust any certificate.'),
  together: z.strictObject({
    requests: z.int().min(1).max(100).describe('How often it is asked, each time with the right status.'),
    contain: z.array(z.string().min(1)).min(1).describe('Texts, each of which at least one answer holds, headers included.'),
  }).optional().describe('Several requests, whose answers are looked at together: whether a load balancer reaches every node.'),
})
const sql = z.strictObject({
  server: serverArgument,
  database: databaseName.optional().describe('The database to ask in.'),
  query: z.string().min(1).describe('A query; the first value that it answers is compared.'),
  equals: z.union([z.string(), z.number()]).optional().describe('The value that it must be.'),
  'at-least': z.int().optional().describe('The number that it must reach.'),
}).refine((question) => (question.equals === undefined) !== (question['at-least'] === undefined), 'say `equals` or `at-least`')
const ldap = z.strictObject({
  url: z.string().regex(/^ldaps?:\/\/[^/\s]+$/, 'expected ldap:// or ldaps:// and a host').describe('The directory, asked from the host with ldapsearch.'),
  bind: z.string().min(1).optional().describe('The distinguished name that logs in. Nobody when unset.'),
  password: password.optional().describe('Password of that name.'),
  base: z.string().describe('Where it is searched, a distinguished name; an empty one is the entry that the directory has of itself.'),
  filter: z.string().regex(/^\(.*\)$/, 'expected a filter in parentheses').optional().describe('Which entry must be there at the base or below it, such as `(uid=app)`. That of the base itself when unset.'),
  ca: absolutePath.optional().describe("PEM file on the host with the authority to trust. Without: what the host's ldap.conf says."),
})
const journal = z.strictObject({
  unit: unitName.describe('The unit whose journal is read, from its current start on.'),
  text: z.string().min(1).optional().describe('A text that it must have logged.'),
  texts: z.array(z.string().min(1)).min(1).optional().describe('Several texts that it must have logged, in any order.'),
}).refine((question) => question.text !== undefined || question.texts !== undefined, 'say `text` or `texts`')

const certificateName = z.string().regex(/^[A-Za-z0-9_.:*-]+$/, 'expected a DNS name or an address')
const tls = z.strictObject({
  host: z.string().regex(/^[A-Za-z0-9_.:-]+$/).default('127.0.0.1').describe('The host that serves it.'),
  port: number.describe('Its TCP port.'),
  name: certificateName.describe('The name that is asked for, for which the certificate must be valid.'),
  names: z.array(certificateName).default([]).describe('More names and addresses for which it must be valid.'),
  ca: absolutePath.describe('PEM file on the host with the authority to trust.'),
  certificate: absolutePath.optional().describe('PEM file on the host with the certificate that must be served. Any trusted one when unset.'),
  days: z.int().min(0).default(14).describe('Days within which it must not end.'),
})

const args = z.strictObject({
  port: port.optional().describe('A TCP port that something listens on.'),
  ports: z.array(port).min(1).optional().describe('Several ports.'),
  http: oneOrMore(http).optional().describe('A URL that answers, or several.'),
  sql: oneOrMore(sql).optional().describe('A query that answers a value, or several.'),
  ldap: oneOrMore(ldap).optional().describe('An entry of a directory, or several.'),
  journal: oneOrMore(journal).optional().describe('Text that a unit logs since its current start, or several.'),
  active: oneOrMore(unitName).optional().describe('A unit that runs, or several.'),
  tls: oneOrMore(tls).optional().describe('A port that serves a certificate as it should be, or several. Asked with openssl.'),
  unit: unitName.optional().describe('A unit that must stay alive: when it dies or starts anew, waiting ends at once. Units of `journal` are watched in any case.'),
  timeout: z.int().min(1).default(120).describe('Seconds until waiting fails.'),
  interval: z.int().min(1).default(1).describe('Seconds between two looks.'),
  stable: z.int().min(0).default(0).describe('Seconds that everything must hold without a break once it has been waited for.'),
}).refine((all) => [all.port, all.ports, all.http, all.sql, all.ldap, all.journal, all.active, all.tls].some((condition) => condition !== undefined), 'say what to wait for: port, ports, http, sql, ldap, journal, active or tls')
type Args = z.output<typeof args>

export const waitFor = defineModule({
  name: 'wait-for',
  kind: 'state',
  looks: true,
  summary: 'Units run, ports listen, certificates are served, URLs, queries and directories answer, and units have logged what they should: all of it, or the step fails.',
  args,
  examples: [
    `wait-for: { port: 8290, timeout: 60 }`,
    `wait-for: { unit: app.service, ports: [8290, 8253], http: { url: 'http://127.0.0.1:9201/healthz', contains: ready }, journal: { unit: app.service, text: joined the cluster } }`,
    `wait-for: { sql: { server: { type: mariadb, host: 10.0.0.5, user: app, password: '{{ app_password }}' }, database: regdb, query: SELECT COUNT(*) FROM nodes, at-least: 2 } }`,
    `wait-for: { ldap: { url: 'ldaps://db1', bind: 'cn=app,dc=example,dc=com', password: '{{ directory_password }}', base: 'ou=people,dc=example,dc=com', filter: (uid=keeper), ca: /etc/ssl/app/ca.pem } }`,
  ],
  needs: (wait) => Object.fromEntries(gatesOf(wait).map(({ fact }) => [fact.key, fact])),
  mayDisturb: () => moving,
  claims: ({ http: urls = [] }) => urls.flatMap(({ url, insecure }): Claim[] => (insecure || !url.startsWith('https:') ? [] : [{ claims: 'trust', url, name: canonicalName(new URL(url).hostname.replace(/^\[(.*)\]$/, '$1')) }])),
  check(wait, facts): readonly Change[] {
    const closed = gatesOf(wait).filter(({ fact }) => facts[fact.key] !== true)
    if (closed.length === 0) return []
    const all = gatesOf(wait)
    const units = [...new Set([...(wait.unit === undefined ? [] : [wait.unit]), ...(wait.journal ?? []).map(({ unit }) => unit)])]
    return [{
      summary: summaryOf(closed),
      actions: [{ do: 'exec', script: pollUntil(all, units, wait).text }],
      predicts: all.map(({ fact }) => becomes(fact, true)),
      disturbs: moving,
      confirm: pollUntil(all, [], { timeout: 0, interval: 1, stable: 0 }).text,
    }]
  },
})

/** Time passes: whatever else was not yet there may be now. */
const moving = [portKind, connectionKind, httpKind, sqlKind, ldapKind, journalKind, activeKind, tlsKind].map(every)

const gatesOf = ({ port: one, ports = [], http: urls = [], sql: queries = [], ldap: entries = [], journal: logs = [], active = [], tls: served = [] }: Args): readonly Gate[] => [
  ...[...(one === undefined ? [] : [one]), ...ports].map((entry) => {
    const { port: number, host } = typeof entry === 'number' ? { port: entry } : entry
    return host === undefined ? portGate(number) : connectionGate({ host, port: number })
  }),
  ...urls.map(httpGate),
  ...queries.map(({ equals, 'at-least': atLeast = 0, ...question }) => sqlGate({ ...question, wanted: equals === undefined ? { atLeast } : { equals: String(equals) } })),
  ...entries.map(ldapGate),
  ...active.map(activeGate),
  ...served.map(({ name, names, ...question }) => tlsGate({ ...question, name, names: [...new Set([name, ...names])] })),
  ...logs.flatMap(({ unit, text: one, texts = [] }) => [...(one === undefined ? [] : [one]), ...texts].map((text) => journalGate({ unit, text }))),
]

/** What is not yet there, as far as it fits on a line. */
const summaryOf = (closed: readonly Gate[]): string => {
  const labels = closed.map(({ label, brief = label }) => brief)
  const whole = `wait for ${labels.join(', ')}`
  if (whole.length <= 60) return whole
  const more = closed.length === 1 ? '' : ` and ${closed.length - 1} more`
  const room = 60 - 'wait for '.length - more.length
  const [first = ''] = labels
  return `wait for ${first.length <= room ? first : `${first.slice(0, room - 1)}…`}${more}`
}
