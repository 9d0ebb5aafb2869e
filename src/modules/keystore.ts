import { z } from 'zod'
import { below } from '../core/change.js'
import type { DiffLine } from '../core/diff.js'
import { ProvisionError } from '../core/errors.js'
import { becomes, type HostFact } from '../core/fact.js'
import { defineModule } from '../core/module.js'
import { certificateAt, type CertificateState } from '../facts/certificate.js'
import { fileAt } from '../facts/file.js'
import { identity } from '../facts/identity.js'
import { keystoreAt, type KeystoreEntry, type KeystoreSubject } from '../facts/keystore.js'
import { privateKeyAt, type PrivateKeyState } from '../facts/private-key.js'
import { program, requireProgram } from '../facts/program.js'
import { readCertificate } from '../facts/x509.js'
import { absolutePath, access, mode } from './arguments.js'
import { changeAccessOf, parentOf, requireDirectory, type Access } from './file-access.js'
import { keystoreScript, type Put } from './keystore-script.js'
import { secret } from './secret-argument.js'

const alias = z.string().regex(/^[!-,.-~][ -~]*$/, 'expected letters, digits and signs of ASCII').transform((name) => name.toLowerCase())
const certificate = absolutePath.describe('Its certificate on the host, in PEM.')

const entry = z.union([
  z.strictObject({
    alias: alias.describe('Name of the entry; keystores know only lower case.'),
    key: absolutePath.describe('The private key on the host, in PEM.'),
    certificate,
    chain: absolutePath.optional().describe("Certificates of its authorities on the host, in PEM; used when the entry is imported."),
  }).describe('A private key with its certificate.'),
  z.strictObject({ alias, certificate }).describe('A trusted certificate.'),
  z.strictObject({
    alias,
    pem: z.string().regex(/-----BEGIN CERTIFICATE-----/, 'expected a certificate in PEM').describe('The certificate itself, in PEM.'),
  }).describe('A trusted certificate, given as text.'),
])

const args = z.strictObject({
  path: absolutePath.describe('The keystore.'),
  type: z.enum(['PKCS12', 'JKS']).default('PKCS12').describe('Its format. One that exists is never converted.'),
  password: secret.refine((password) => /^[ -~]{6,}$/.test(password.reveal()), 'expected at least six characters of ASCII')
    .describe("The keystore's password, and that of every key in it."),
  entries: z.array(entry).default([])
    .describe('Keys and trusted certificates that are in it. One whose certificate has another fingerprint is replaced.'),
  absent: z.array(alias).default([]).describe('Aliases that are not in it.'),
  exact: z.boolean().default(false).describe('Whether every other alias is removed.'),
  'java-home': absolutePath.optional().describe('The Java installation whose bin/keytool is used. Without: keytool is looked for in PATH.'),
  mode: mode.default('0640').describe('Octal mode, in quotes.'),
  owner: access.owner,
  group: access.group,
}).refine(({ entries }) => new Set(entries.map(({ alias: name }) => name)).size === entries.length, { message: 'two entries have the same alias', path: ['entries'] })
  .refine(({ entries, absent }) => !entries.some(({ alias: name }) => absent.includes(name)), { message: 'an alias is both wanted and absent', path: ['absent'] })

type Args = z.output<typeof args>
type Entry = Args['entries'][number]

export const keystore = defineModule({
  name: 'keystore',
  kind: 'state',
  summary: 'A keystore of Java holds these keys and trusted certificates, and follows them when they are renewed. Needs keytool on the host, and openssl for keys.',
  args,
  examples: [
    `keystore: { path: /opt/app/security/keystore.jks, type: JKS, password: '{{ keystore_password }}', entries: [{ alias: app, key: /etc/ssl/app/node1.key, certificate: /etc/ssl/app/node1.pem, chain: /etc/ssl/app/ca.pem }], exact: true, owner: app, group: app }`,
    `keystore: { path: /opt/app/security/truststore.jks, type: JKS, password: '{{ keystore_password }}', entries: [{ alias: our-ca, certificate: /etc/ssl/app/ca.pem }], absent: [shipped] }`,
  ],
  needs: (given) => ({
    now: keystoreAt(subjectOf(given)), folder: fileAt(parentOf(given.path)), who: identity, keytool: program(subjectOf(given).keytool),
    ...(given.entries.some((wanted) => 'key' in wanted) ? { openssl: program('openssl') } : {}),
    ...Object.fromEntries(given.entries.flatMap((wanted) => ('certificate' in wanted ? [[`certificate ${wanted.certificate}` as const, certificateAt(wanted.certificate)]] : []))) as CertificateNeeds, // fromEntries widens the keys
    ...Object.fromEntries(given.entries.flatMap((wanted) => ('key' in wanted ? [[`key ${wanted.key}` as const, privateKeyAt(wanted.key)]] : []))) as KeyNeeds, // the same
  }),
  mayDisturb: ({ path }) => [below(path)],
  check(given, facts) {
    const { now, folder, who, keytool } = facts
    const { path, type } = given
    if (now.type !== 'absent' && now.type !== type) {
      throw new ProvisionError('other-keystore-type', `${path} is a ${now.type} keystore`, {
        hint: `say \`type: ${now.type}\`, or choose another path`,
      })
    }
    const wanted = given.entries.map((entry) => resolved(entry, facts))
    const before = now.type === 'absent' ? {} : now.entries
    const goes = Object.keys(before).filter((name) => given.absent.includes(name) || (given.exact && !wanted.some(({ entry }) => entry.alias === name)))
    const comes = wanted.filter(({ entry, state }) => !isSame(before[entry.alias], state))
    const access: Access = {
      mode: given.mode,
      owner: given.owner ?? (now.type === 'absent' ? who.user : now.owner),
      group: given.group ?? (now.type === 'absent' ? given.owner ?? who.group : now.group),
    }
    if (goes.length === 0 && comes.length === 0) return now.type === 'absent' ? [] : changeAccessOf(given.path, keystoreAt(subjectOf(given)), now, access)
    requireDirectory(folder, path)
    requireProgram(keytool, subjectOf(given).keytool, 'install a JDK before this step, or say `java-home`')
    if (comes.some(({ entry }) => 'key' in entry)) requireProgram(facts.openssl ?? null, 'openssl', 'put a step `package: { name: openssl }` before this one')
    const entries = Object.fromEntries([
      ...Object.entries(before).filter(([name]) => !goes.includes(name)),
      ...comes.map(({ entry, state }): [string, KeystoreEntry] => [entry.alias, state]),
    ])
    return [{
      summary: `${now.type === 'absent' ? 'create' : 'update'} keystore ${path}`,
      diff: { lines: [
        ...[...goes, ...comes.map(({ entry }) => entry.alias)].flatMap((name): DiffLine[] => (before[name] === undefined ? [] : [{ sign: '-', text: described(name, before[name]) }])),
        ...comes.map(({ entry, state }): DiffLine => ({ sign: '+', text: 'certificate' in entry ? `${entry.alias}: ${words[state.type]}, certificate ${entry.certificate}` : described(entry.alias, state) })),
      ] },
      actions: [{ do: 'exec', script: keystoreScript({
        ...subjectOf(given), type, access, exists: now.type !== 'absent',
        remove: [...goes, ...comes.map(({ entry }) => entry.alias).filter((name) => name in before)], put: comes.map(({ entry }): Put => entry),
      }).text }],
      predicts: [becomes(keystoreAt(subjectOf(given)), { type, ...access, entries })],
      disturbs: [below(path)],
    }]
  },
})

type CertificateNeeds = Readonly<Record<`certificate ${string}`, HostFact<CertificateState, string>>>
type KeyNeeds = Readonly<Record<`key ${string}`, HostFact<PrivateKeyState, string>>>

const subjectOf = (given: Args): KeystoreSubject =>
  ({ path: given.path, password: given.password, keytool: given['java-home'] === undefined ? 'keytool' : `${given['java-home']}/bin/keytool` })

interface Found { readonly [certificate: `certificate ${string}`]: CertificateState; readonly [key: `key ${string}`]: PrivateKeyState }

/** What an entry will be, by what is on the host. */
const resolved = (entry: Entry, facts: Found): { readonly entry: Entry; readonly state: KeystoreEntry } => {
  if (!('certificate' in entry)) {
    const certificate = readCertificate(entry.pem)
    if (certificate === undefined) throw new ProvisionError('not-a-certificate', `the certificate of ${entry.alias} cannot be read`, {
      hint: 'give a certificate in PEM',
    })
    return { entry, state: { type: 'certificate', sha256: certificate.sha256 } }
  }
  const certificate = facts[`certificate ${entry.certificate}`]
  if (certificate?.type !== 'certificate') throw new ProvisionError('no-certificate', `there is no certificate at ${entry.certificate}`, {
    hint: 'put the step that makes it before this one',
  })
  const fingerprint = certificate.sha256 === undefined ? {} : { sha256: certificate.sha256 }
  if (!('key' in entry)) return { entry, state: { type: 'certificate', ...fingerprint } }
  const key = facts[`key ${entry.key}`]
  if (key?.type !== 'key') throw new ProvisionError('no-key', `there is no usable private key at ${entry.key}`, {
    hint: 'put the step that makes it before this one',
  })
  if (key.publicKey !== undefined && certificate.publicKey !== undefined && key.publicKey !== certificate.publicKey) {
    throw new ProvisionError('key-mismatch', `the key ${entry.key} is not the one of the certificate ${entry.certificate}`, {
      hint: 'name a key and its own certificate',
    })
  }
  return { entry, state: { type: 'key', ...fingerprint } }
}

/** A certificate that is still to be issued has no fingerprint yet, and so is never the one that a keystore was found with. */
const isSame = (now: KeystoreEntry | undefined, wanted: KeystoreEntry): boolean => now !== undefined && now.type === wanted.type && now.sha256 === wanted.sha256

/** What comes from a file of the host is named by it: a certificate that is still to be issued has another fingerprint in the run than in its plan. */
const described = (name: string, { type, sha256 }: KeystoreEntry): string => `${name}: ${words[type]}${sha256 === undefined ? '' : `, sha256 ${sha256}`}`
const words = { certificate: 'trusted certificate', key: 'private key', secret: 'secret key' }
