import { z } from 'zod'
import { below, byExit } from '../core/change.js'
import { sha256 } from '../core/digest.js'
import type { DiffLine } from '../core/diff.js'
import { ProvisionError } from '../core/errors.js'
import { becomes } from '../core/fact.js'
import { grant } from '../core/grant.js'
import { defineModule } from '../core/module.js'
import { partOf } from '../core/part-file.js'
import { Secret } from '../core/secret.js'
import { emit, script, sh, type Script } from '../core/shell.js'
import { certificateAt } from '../facts/certificate.js'
import { encryptedValuesAt, paddingOptions } from '../facts/encrypted-values.js'
import { fileAt } from '../facts/file.js'
import { identity } from '../facts/identity.js'
import { privateKeyAt } from '../facts/private-key.js'
import { program, requireProgram } from '../facts/program.js'
import { absolutePath, access, mode } from './arguments.js'
import { changeAccessOf, parentOf, requireDirectory, type Access } from './file-access.js'
import { secret } from './secret-argument.js'

const args = z.strictObject({
  path: absolutePath.describe('The file, one line `NAME=VALUE` each, the values encrypted and in base64.'),
  certificate: absolutePath.describe('The certificate on the host that they are encrypted for, in PEM, with an RSA key.'),
  key: absolutePath.describe('Its private key on the host, in PEM, with which they are compared.'),
  padding: z.enum(['oaep', 'pkcs1']).default('oaep').describe("How a value is made ready for RSA: `oaep` as Java's `RSA/ECB/OAEPWithSHA1AndMGF1Padding`, `pkcs1` as its `RSA`."),
  values: z.record(z.string().regex(/^[A-Za-z0-9_.-]+$/, 'expected letters, digits, points, hyphens and underscores'), secret.refine((text) => text.reveal() !== '', 'expected a text that is not empty'))
    .refine((values) => Object.keys(values).length > 0, 'expected at least one value').describe('What they decrypt to, by name. Every other line goes.'),
  mode: mode.default('0640').describe('Octal mode, in quotes.'),
  owner: access.owner,
  group: access.group,
})
type Args = z.output<typeof args>

export const encryptedValues = defineModule({
  name: 'encrypted-values',
  kind: 'state',
  summary: 'A file holds texts that are encrypted for a certificate, and follows them and it when they change. Needs openssl on the host.',
  args,
  examples: [
    `encrypted-values: { path: /etc/app/passwords, certificate: /etc/ssl/app/node1.pem, key: /etc/ssl/app/node1.key, values: { database: '{{ database_password }}' }, owner: app, group: app }`,
  ],
  needs: (given) => ({
    now: encryptedValuesAt(given), folder: fileAt(parentOf(given.path)), who: identity, openssl: program('openssl'),
    certificate: certificateAt(given.certificate), key: privateKeyAt(given.key),
  }),
  mayDisturb: ({ path }) => [below(path)],
  check(given, { now, folder, who, openssl, certificate, key }) {
    const { path } = given
    if (now.type === 'link') throw new ProvisionError('is-a-link', `${path} is a symbolic link`, { hint: 'name the file that it points to' })
    requireDirectory(folder, path)
    requireProgram(openssl, 'openssl', 'put a step `package: { name: openssl }` before this one')
    if (certificate.type !== 'certificate' || key.type !== 'key') {
      throw new ProvisionError('no-certificate', `there is no certificate at ${given.certificate} with its key at ${given.key}`, { hint: 'put the step that makes them before this one' })
    }
    if (certificate.key.startsWith('ec')) throw new ProvisionError('not-rsa', `the key of ${given.certificate} is not one of RSA`, { hint: 'issue it with `key-type: rsa3072`' })
    if (key.publicKey !== undefined && certificate.publicKey !== undefined && key.publicKey !== certificate.publicKey) {
      throw new ProvisionError('key-mismatch', `the key ${given.key} is not the one of the certificate ${given.certificate}`, { hint: 'name a key and its own certificate' })
    }
    const access: Access = {
      mode: given.mode,
      owner: given.owner ?? (now.type === 'absent' ? who.user : now.owner),
      group: given.group ?? (now.type === 'absent' ? given.owner ?? who.group : now.group),
    }
    const before = now.type === 'absent' ? {} : now.values
    const wanted = Object.fromEntries(Object.entries(given.values).map(([name, text]) => [name, new Secret(sha256(text.reveal()))]))
    const goes = Object.keys(before).filter((name) => !(name in wanted))
    const comes = Object.entries(wanted).filter(([name, digest]) => before[name]?.reveal() !== digest.reveal()).map(([name]) => name)
    if (goes.length === 0 && comes.length === 0) return now.type === 'absent' ? [] : changeAccessOf(given.path, encryptedValuesAt(given), now, access)
    return [{
      summary: `${now.type === 'absent' ? 'create' : 'update'} ${path}`,
      diff: { lines: [
        ...[...goes, ...comes.filter((name) => name in before)].map((name): DiffLine => ({ sign: '-', text: `${name}: ${before[name] === null ? 'does not decrypt' : 'another value'}` })),
        ...comes.map((name): DiffLine => ({ sign: '+', text: `${name}: encrypted for ${given.certificate}` })),
      ] },
      actions: [{ do: 'exec', script: encryption(given, access).text }],
      predicts: [becomes(encryptedValuesAt(given), { type: 'file', ...access, values: wanted })],
      disturbs: [below(path)],
      confirm: byExit,
    }]
  },
})

/** Writes the file anew beside its place; texts travel through pipes only, and an empty one is a failure of openssl. */
const encryption = ({ path, certificate, padding, values }: Args, access: Access): Script => {
  const part = partOf(path, 'part')
  return script(
    sh`umask 077; rm -f -- ${part}; trap ${sh`rm -f -- ${part}`.toString()} EXIT`,
    sh`put() { text=$(openssl pkeyutl -encrypt -certin -inkey ${certificate} ${paddingOptions(padding)} | base64 | tr -d '\\n') && [ -n "$text" ] && printf '%s=%s\\n' "$1" "$text" >> ${part}; }`,
    ...Object.entries(values).map(([name, text]) => sh`${emit(text)} | put ${name} || exit 1`),
    sh`${grant(part, access)} && mv -f -- ${part} ${path} || exit 1`,
  )
}
