import { below, type Action, type Change } from '../core/change.js'
import { sha256 } from '../core/digest.js'

import { ProvisionError } from '../core/errors.js'
import { becomes } from '../core/fact.js'
import { sh } from '../core/shell.js'
import { certificateAt, certificateState } from '../facts/certificate.js'
import { fileAt, fileState } from '../facts/file.js'
import type { GivenCertificate } from '../facts/given-certificate.js'
import { privateKeyAt } from '../facts/private-key.js'
import { namesLacking } from '../core/certificate-names.js'
import { publicKeyOfPrivate, readCertificate, type CertificateText } from '../facts/x509.js'
import type { Pair } from './certificate-pair.js'

/** Puts a certificate and key that somebody else issued, where one of them differs. */
export const givenChanges = ({ certificate: text, key }: GivenCertificate, names: readonly string[], pair: Pair, day: string): Change[] => {
  const { path, now, access, keyPath, keyNow, keyAccess } = pair
  const certificate = requireUsable(text, publicKeyOfPrivate(key, 'the provided key'), names, day)
  const digest = sha256(text)
  const keyDigest = sha256(key.reveal())
  const sameKey = keyNow.type === 'key' && keyNow.sha256 === keyDigest
  const same = now.type === 'certificate' && now.file === digest
  if (same && sameKey) return []
  const actions: Action[] = [
    ...(sameKey ? [] : [{ do: 'put' as const, path: keyPath, content: key, ...keyAccess }]),
    ...(same ? [] : [{ do: 'put' as const, path, content: text, ...access }]),
  ]
  return [{
    summary: `${now.type === 'absent' ? 'install' : 'replace'} certificate ${path}`,
    diff: { lines: [
      ...(now.type === 'certificate' && !same ? [{ sign: '-' as const, text: described(now) }] : []),
      ...(sameKey ? [] : [{ sign: '+' as const, text: 'its private key' }]),
      ...(same ? [] : [{ sign: '+' as const, text: described(certificate) }]),
    ] },
    actions,
    predicts: [
      becomes(certificateAt(path), same ? now : certificateState(text, access)),
      becomes(privateKeyAt(keyPath), sameKey ? keyNow : { type: 'key', ...keyAccess, sha256: keyDigest }),
      ...(same ? [] : [becomes(fileAt(path), fileState(Buffer.from(text), access))]),
    ],
    disturbs: [...(same ? [] : [below(path)]), ...(sameKey ? [] : [below(keyPath)])],
    confirm: sh`[ "$(sha256sum < ${keyPath})" = ${`${keyDigest}  -`} ] && [ "$(sha256sum < ${path})" = ${`${digest}  -`} ]`.text,
  }]
}

const described = ({ commonName, names, notAfter, sha256: print }: Partial<CertificateText>): string =>
  `${commonName ?? ''}: ${(names ?? []).join(', ')}; ends on ${notAfter?.slice(0, 10) ?? 'a day not known yet'}; sha256 ${print ?? 'not known yet'}`

const requireUsable = (text: string, publicKey: string, names: readonly string[], day: string): CertificateText => {
  const certificate = readCertificate(text)
  if (certificate === undefined) throw new ProvisionError('not-a-certificate', 'the provided certificate cannot be read', {
    hint: 'give a certificate in PEM, the one of the server first',
  })
  if (certificate.publicKey !== publicKey) throw new ProvisionError('key-mismatch', `the provided key is not the one of the certificate of ${certificate.commonName}`, {
    hint: 'take both from the same place, and put the certificate of the server before those of its authorities',
  })
  const lacking = namesLacking(names, certificate.names)
  if (lacking.length > 0) throw new ProvisionError('names-missing', `the provided certificate is not valid for ${lacking.join(', ')}`, {
    hint: 'ask for one that names them, or correct `names`',
  })
  if (certificate.notAfter.slice(0, 10) <= day) throw new ProvisionError('certificate-ended', `the provided certificate ended on ${certificate.notAfter.slice(0, 10)}`, {
    hint: 'ask for a new one',
  })
  return certificate
}
