import './reflect-metadata.js'
import { createPrivateKey, randomBytes, webcrypto, type KeyObject } from 'node:crypto'
import type { Issue } from '../core/change.js'
import { exitCode, ProvisionError } from '../core/errors.js'
import { Secret } from '../core/secret.js'

/** A new key (PKCS #8) and its certificate, with the authority's when one signed, as PEM. */
export interface Issued { readonly key: Secret; readonly certificate: string; readonly authority?: string }

const HOUR = 3_600_000
const DAY = 24 * HOUR
const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: new Uint8Array([1, 0, 1]) }
const algorithms = {
  rsa2048: { ...RSA, modulusLength: 2048 },
  rsa3072: { ...RSA, modulusLength: 3072 },
  ec256: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
} as const

/** Makes a key and an X.509 v3 certificate: for servers and clients, or an authority of its own. */
export const issue = async (issue: Issue): Promise<Issued> => {
  // Loading the library takes longer than anything else here; only who issues pays for it.
  const x509 = await import('@peculiar/x509')
  const keys = await webcrypto.subtle.generateKey(algorithms[issue.key], true, ['sign', 'verify'])
  const authority = issue.authority === undefined ? undefined : {
    certificate: new x509.X509Certificate(issue.authority.certificate),
    ...await signingKey(issue.authority.key),
  }
  const ownId = await x509.SubjectKeyIdentifierExtension.create(keys.publicKey)
  const issuerId = authority === undefined ? ownId.keyId
    : authority.certificate.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId
      ?? (await x509.SubjectKeyIdentifierExtension.create(authority.certificate.publicKey)).keyId
  const { KeyUsageFlags: usage } = x509
  const notBefore = new Date(Date.now() - HOUR) // hosts whose clock is behind accept it too
  const notAfter = new Date(Date.now() + issue.days * DAY)
  const subject = new x509.Name([{ CN: [{ utf8String: issue.commonName }] }])
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject,
    issuer: authority?.certificate.subjectName ?? subject,
    notBefore,
    notAfter: authority !== undefined && authority.certificate.notAfter < notAfter ? authority.certificate.notAfter : notAfter,
    publicKey: keys.publicKey,
    signingKey: authority?.key ?? keys.privateKey,
    signingAlgorithm: authority?.algorithm ?? algorithms[issue.key],
    extensions: [
      ...(issue.isAuthority === true
        ? [new x509.BasicConstraintsExtension(true, undefined, true), new x509.KeyUsagesExtension(usage.keyCertSign | usage.cRLSign, true)]
        : [
            new x509.BasicConstraintsExtension(false, undefined, true),
            new x509.KeyUsagesExtension(issue.key === 'ec256' ? usage.digitalSignature : usage.digitalSignature | usage.keyEncipherment, true),
            new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
          ]),
      ...(issue.names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(issue.names.map((value) => ({ type: isAddress(value) ? 'ip' : 'dns', value })))]),
      ownId,
      new x509.AuthorityKeyIdentifierExtension(issuerId),
    ],
  })
  return {
    key: new Secret(pem('PRIVATE KEY', await webcrypto.subtle.exportKey('pkcs8', keys.privateKey))),
    certificate: pem('CERTIFICATE', certificate.rawData),
    ...(authority === undefined ? {} : { authority: pem('CERTIFICATE', authority.certificate.rawData) }),
  }
}

/** What an action with content to be issued reads: key, certificate and authority, one after the other. */
export const issued = async (wanted: Issue): Promise<Secret> => {
  const { key, certificate, authority = '' } = await issue(wanted)
  return new Secret(`${key.reveal()}${certificate}${authority}`)
}

const signingKey = async (secret: Secret): Promise<{ readonly key: webcrypto.CryptoKey; readonly algorithm: Parameters<typeof webcrypto.subtle.sign>[0] & { name: string; hash: string } }> => {
  let key: KeyObject
  try {
    key = createPrivateKey(secret.reveal())
  } catch {
    // The library's own error is not passed on: what it cites could be the key.
    throw new ProvisionError('unusable-key', "the authority's key cannot be read", {
      hint: 'give an unencrypted private key in PEM', exit: exitCode.input,
    })
  }
  const algorithm = algorithmOf(key)
  return { key: await webcrypto.subtle.importKey('pkcs8', key.export({ type: 'pkcs8', format: 'der' }), algorithm, false, ['sign']), algorithm }
}

const curves: Readonly<Record<string, { readonly namedCurve: string; readonly hash: string }>> = {
  prime256v1: { namedCurve: 'P-256', hash: 'SHA-256' }, secp384r1: { namedCurve: 'P-384', hash: 'SHA-384' }, secp521r1: { namedCurve: 'P-521', hash: 'SHA-512' },
}
const algorithmOf = ({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): { readonly name: string; readonly hash: string; readonly namedCurve?: string } => {
  if (type === 'rsa') return { name: RSA.name, hash: RSA.hash }
  const curve = curves[details?.namedCurve ?? '']
  if (type === 'ec' && curve !== undefined) return { name: 'ECDSA', ...curve }
  throw new ProvisionError('unusable-key', `the authority's key is of the type ${type ?? 'unknown'}${details?.namedCurve === undefined ? '' : ` ${details.namedCurve}`}`, {
    hint: 'use an RSA key, or an elliptic curve key on P-256, P-384 or P-521', exit: exitCode.input,
  })
}

const isAddress = (name: string): boolean => /^[\d.]+$/.test(name) || name.includes(':')

/** Sixteen random bytes that read as a positive number without a leading zero. */
const serialNumber = (): string => {
  const bytes = randomBytes(16)
  return Buffer.from([(bytes[0] ?? 0) & 0x3f | 0x40, ...bytes.subarray(1)]).toString('hex')
}

const pem = (label: string, der: ArrayBuffer): string =>
  `-----BEGIN ${label}-----\n${(Buffer.from(der).toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END ${label}-----\n`
