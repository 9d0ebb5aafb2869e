import { z } from 'zod'
import { below, type Change, type FileState } from '../core/change.js'
import type { Claim } from '../core/claim.js'
import { sha256 } from '../core/digest.js'
import type { Diff } from '../core/diff.js'
import { defineModule } from '../core/module.js'
import { reveal } from '../core/secret.js'
import { becomes } from '../core/fact.js'
import { certificateAt, certificateState } from '../facts/certificate.js'
import { today } from '../facts/clock.js'
import { fileAt } from '../facts/file.js'
import { givenCertificate } from '../facts/given-certificate.js'
import { identity } from '../facts/identity.js'
import { constant } from '../facts/local-file.js'
import { privateKeyAt } from '../facts/private-key.js'
import { canonicalName } from '../core/certificate-names.js'
import { readCertificate } from '../facts/x509.js'
import { absolutePath, access, mode, text } from './arguments.js'
import { changePairAccess, pairOf } from './certificate-pair.js'
import { givenChanges } from './certificate-given.js'
import { issueChanges } from './certificate-issue.js'
import { file, fileClaim, unitsOf } from './file.js'
import { parentOf, requireDirectory, type Access } from './file-access.js'
import { secret } from './secret-argument.js'

const args = z.strictObject({
  path: absolutePath.describe('The certificate, in PEM. Readable by everybody.'),
  key: absolutePath.describe('Its private key, in PEM (PKCS #8).'),
  chain: absolutePath.optional().describe("Where the authority's certificate goes too, for those who must trust it."),
  'common-name': z.string().min(1).max(64).optional().describe('Common name. The first of `names` when unset.'),
  names: z.array(z.string().regex(/^[A-Za-z0-9*:][A-Za-z0-9.:*_-]*$/, 'expected a DNS name or IP address')).default([])
    .describe('DNS names and IP addresses that it is valid for: every name that a client may connect to.'),
  days: z.int().min(1).max(36500).default(397)
    .describe('Days that a new certificate is valid for; an authority that ends earlier ends it earlier.'),
  'renew-within': z.int().min(0).default(30).describe('Days before its end at which a certificate is renewed, with a new key.'),
  'key-type': z.enum(['rsa3072', 'rsa2048', 'ec256']).default('rsa3072')
    .describe('Type and size of a new key. A smaller or other one is replaced.'),
  authority: z.strictObject({
    certificate: text.describe("The authority's certificate, in PEM."),
    key: secret.describe("The authority's private key, in PEM; it never leaves this machine."),
  }).optional().describe('Who signs. Self-signed when unset.'),
  'is-authority': z.boolean().default(false).describe('The certificate may sign others.'),
  provided: z.strictObject({
    certificate: z.string().min(1).describe('The certificate on this machine, in PEM, with intermediate ones below it.'),
    key: text.describe('Its private key: a secret with the PEM text, or the path of a file on this machine.'),
  }).optional().describe('A certificate that somebody else issued, instead of a new one.'),
  owner: access.owner,
  group: access.group,
  mode: mode.default('0600').describe('Octal mode of the key, in quotes.'),
}).refine(({ path, key, chain }) => new Set([path, key, chain]).size === 3 || (chain === undefined && path !== key), {
  message: 'the certificate, its key and the chain are different files', path: ['key'],
})
  .refine(({ provided, names, 'common-name': name }) => provided !== undefined || names.length > 0 || name !== undefined, {
    message: 'name at least one DNS name or IP address', path: ['names'],
  })
  .refine(({ chain, authority }) => chain === undefined || authority !== undefined, {
    message: 'there is no chain without an authority', path: ['chain'],
  })
  .refine(({ provided, authority, 'is-authority': isAuthority }) => provided === undefined || (authority === undefined && !isAuthority), {
    message: 'a provided certificate was signed by somebody else: leave out authority and is-authority', path: ['provided'],
  })
  .refine(({ days, 'renew-within': within }) => within < days, {
    message: 'a new certificate would be renewed at once: must be less than days', path: ['renew-within'],
  })

/** The arguments of `certificate`. */
export type CertificateArgs = z.output<typeof args>

export const certificate = defineModule({
  name: 'certificate',
  kind: 'state',
  summary: 'A private key and its certificate are in place, issued by this machine or provided, and renewed before their end. A new key is made here, sent once and kept nowhere else.',
  args,
  examples: [
    `certificate: { path: /etc/ssl/app/node1.pem, key: /etc/ssl/app/node1.key, chain: /etc/ssl/app/ca.pem, names: [node1.example.org, 10.0.0.11], authority: { certificate: '{{ ca.certificate }}', key: '{{ ca.key }}' }, owner: app, group: app }`,
    `certificate: { path: /etc/ssl/site.pem, key: /etc/ssl/site.key, names: [site.example.org], key-type: ec256, days: 90 }`,
    `certificate: { path: /etc/ssl/site.pem, key: /etc/ssl/site.key, provided: { certificate: files/site.pem, key: '{{ site_key }}' } }`,
  ],
  needs: ({ path, key, chain, provided }) => ({
    now: certificateAt(path), key: privateKeyAt(key), chain: chain === undefined ? constant(ABSENT) : fileAt(chain),
    folder: fileAt(parentOf(path)), keyFolder: fileAt(parentOf(key)), chainFolder: chain === undefined ? constant(ABSENT) : fileAt(parentOf(chain)),
    who: identity, day: today, given: provided === undefined ? constant(null) : givenCertificate(provided),
  }),
  mayDisturb: ({ path, key, chain }) => [below(path), below(key), ...(chain === undefined ? [] : [below(chain), ...unitsOf(chain)])],
  claims: ({ path, key, chain, names, provided, authority, 'is-authority': isAuthority, 'common-name': name, owner, group, mode: keyMode }): readonly Claim[] => [
    fileClaim(path, { owner, group }, `the certificate of ${key}`), fileClaim(key, { mode: keyMode, owner, group }, `the key of ${path}`),
    ...(chain === undefined || authority === undefined ? [] : [fileClaim(chain, { owner, group }, sha256(reveal(authority.certificate)))]),
    // what somebody else issued says its names itself, and an authority is shown to nobody
    ...(provided !== undefined || isAuthority ? [] : [{ claims: 'certificate', path, names: (names.length > 0 ? names : [name ?? '']).map(canonicalName) } as const]),
  ],
  check(args, { now, key, chain, folder, keyFolder, chainFolder, who, day, given }) {
    requireDirectory(folder, args.path)
    requireDirectory(keyFolder, args.key)
    const pair = pairOf(args, now, key, who)
    const names = [...new Set(args.names.map(canonicalName))].sort()
    const changes = given === null ? issueChanges(args, names, pair, day) : givenChanges(given, names, pair, day)
    const put = changes.length > 0 ? changes : changePairAccess(pair)
    if (args.chain === undefined || args.authority === undefined) return put
    return [...put, ...chainChanges(args.chain, reveal(args.authority.certificate), pair.access, { now: chain, parent: chainFolder, who })]
  },
})

const ABSENT: FileState = { type: 'absent' }

/** The authority's certificate is a file like any other, and what it says is known. */
const chainChanges = (path: string, content: string, access: Access, facts: Parameters<typeof file.check>[1]): Change[] =>
  file.check({ path, content, state: 'present', ...access }, facts)
    .map((change) => ({
      ...change,
      ...(change.actions.some((action) => action.do === 'put') ? { diff: chainDiff(facts.now, content) } : {}),
      predicts: [...change.predicts, becomes(certificateAt(path), certificateState(content, access))],
    }))

/** Whose certificate it is says more than its Base64. */
const chainDiff = (now: FileState, content: string): Diff => ({ lines: [
  ...(now.type === 'file' ? [{ sign: '-' as const, text: described(reveal(now.content ?? '')) }] : []),
  { sign: '+', text: described(content) },
] })

const described = (pem: string): string => {
  const certificate = readCertificate(pem)
  return certificate === undefined ? 'no certificate' : `authority ${certificate.commonName}, until ${certificate.notAfter.slice(0, 10)}, sha256 ${certificate.sha256}`
}
