import { below, type Change } from '../core/change.js'
import { ProvisionError } from '../core/errors.js'
import { becomes } from '../core/fact.js'
import { grant } from '../core/grant.js'
import { reveal } from '../core/secret.js'
import { script, sh, type Script } from '../core/shell.js'
import { certificateAt } from '../facts/certificate.js'
import { daysAfter } from '../facts/clock.js'
import { privateKeyAt } from '../facts/private-key.js'
import { namesLacking } from '../core/certificate-names.js'
import { publicKeyOfPrivate, readCertificate, type CertificateText } from '../facts/x509.js'
import type { CertificateArgs } from './certificate.js'
import type { Pair } from './certificate-pair.js'
import type { Access } from './file-access.js'

/** A new key and certificate, if there is a reason for them. */
export const issueChanges = (args: CertificateArgs, names: readonly string[], pair: Pair, day: string): Change[] => {
  const { authority, days } = args
  const commonName = args['common-name'] ?? args.names[0] ?? ''
  const lastDay = daysAfter(day, args['renew-within'])
  const signer = authority === undefined ? undefined : requireAuthority(reveal(authority.certificate), publicKeyOfPrivate(authority.key, "the authority's key"), lastDay)
  const wanted: Wanted = { commonName, names, authority: args['is-authority'], key: args['key-type'], issuer: signer?.keyId ?? 'self', lastDay }
  const reasons = reasonsToIssue(pair, wanted)
  if (reasons === undefined) return []
  const { path, keyPath, access, keyAccess } = pair
  const { lastDay: _lastDay, ...known } = wanted
  return [{
    summary: `${pair.now.type === 'absent' ? 'issue' : 'renew'} certificate ${path}`,
    diff: { lines: [
      ...reasons.map((text) => ({ sign: '-' as const, text })),
      { sign: '+', text: `${commonName}${names.length === 0 ? '' : `: ${names.join(', ')}`}` },
      { sign: '+', text: `${args['key-type']}, ${days} days, ${signer === undefined ? 'self-signed' : `issued by ${signer.commonName}`}` },
    ] },
    actions: [{
      do: 'exec',
      stdin: { issue: {
        commonName, names, days, key: args['key-type'], isAuthority: args['is-authority'],
        ...(authority === undefined ? {} : { authority: { certificate: reveal(authority.certificate), key: authority.key } }),
      } },
      script: script(
        sh`umask 077; set -C`,
        sh`pem() { while IFS= read -r line; do printf '%s\\n' "$line"; case $line in '-----END '*) return 0 ;; esac; done; return 1; }`,
        sh`rm -f -- ${newOf(keyPath)} ${newOf(path)}`,
        sh`pem > ${newOf(keyPath)} && pem > ${newOf(path)} &&`,
        give(newOf(keyPath), keyAccess), give(newOf(path), access),
        sh`mv -f -- ${newOf(keyPath)} ${keyPath} && mv -f -- ${newOf(path)} ${path} || { rm -f -- ${newOf(keyPath)} ${newOf(path)}; exit 1; }`,
      ).text,
    }],
    predicts: [becomes(certificateAt(path), { type: 'certificate', ...access, ...known }), becomes(privateKeyAt(keyPath), { type: 'key', ...keyAccess })],
    disturbs: [below(path), below(keyPath)],
  }]
}

interface Wanted extends Pick<CertificateText, 'commonName' | 'names' | 'authority' | 'key' | 'issuer'> {
  /** A certificate that ends on this day or before is renewed. */
  readonly lastDay: string
}

/** Why there must be a new one, `undefined` when there need not be; what is not known of a certificate that is only planned is as it shall be. */
const reasonsToIssue = ({ now, keyNow }: Pair, wanted: Wanted): string[] | undefined => {
  if (now.type === 'absent') return keyNow.type === 'absent' ? [] : ['a key is there without its certificate']
  const end = now.notAfter?.slice(0, 10) ?? ''
  const lacking = namesLacking(wanted.names, now.names)
  const reasons = [
    keyNow.type === 'absent' && 'its key is missing',
    keyNow.type === 'other' && 'its key cannot be read',
    keyNow.type === 'key' && keyNow.publicKey !== undefined && now.publicKey !== undefined && keyNow.publicKey !== now.publicKey && 'the key is not the one of the certificate',
    end !== '' && end <= wanted.lastDay && `it ends on ${end}`,
    lacking.length > 0 && `it lacks ${lacking.join(', ')}`,
    now.commonName !== wanted.commonName && `its common name is ${now.commonName}`,
    now.authority !== wanted.authority && (now.authority ? 'it may sign others' : 'it may not sign others'),
    now.issuer !== undefined && now.issuer !== wanted.issuer && (now.issuer === 'self' ? 'it is self-signed' : 'another authority issued it'),
    !isStrong(now.key, wanted.key) && `its key is ${now.key}`,
  ].filter((reason) => reason !== false)
  return reasons.length === 0 ? undefined : reasons
}

/** Of the same type, and no smaller. */
const isStrong = (key: string, wanted: string): boolean => {
  const [, type, size = ''] = /^([a-z]+)(\d+)$/.exec(key) ?? []
  const [, wantedType, wantedSize = ''] = /^([a-z]+)(\d+)$/.exec(wanted) ?? []
  return type === wantedType && Number(size) >= Number(wantedSize)
}

/** The authority can sign, and will for longer than until the next renewal: else there would be no end of renewing. */
const requireAuthority = (text: string, publicKey: string, lastDay: string): CertificateText => {
  const certificate = readCertificate(text)
  if (certificate === undefined) throw new ProvisionError('not-a-certificate', "the authority's certificate cannot be read", {
    hint: 'give a certificate in PEM, from -----BEGIN CERTIFICATE----- on',
  })
  if (!certificate.authority) throw new ProvisionError('not-an-authority', `the certificate of ${certificate.commonName} may not sign others`, {
    hint: 'make one with `is-authority: true`',
  })
  if (certificate.publicKey !== publicKey) throw new ProvisionError('key-mismatch', `the authority's key is not the one of the certificate of ${certificate.commonName}`, {
    hint: 'take both from the same place',
  })
  if (certificate.notAfter.slice(0, 10) <= lastDay) {
    throw new ProvisionError('authority-ends', `the authority ${certificate.commonName} ends on ${certificate.notAfter.slice(0, 10)}`, {
      hint: 'make a new authority and let everybody trust it before this day',
    })
  }
  return certificate
}

const newOf = (path: string): string => `${path.slice(0, path.lastIndexOf('/') + 1)}.${path.slice(path.lastIndexOf('/') + 1)}.provision-new`
const give = (path: string, access: Access): Script => sh`${grant(path, access)} &&`
