import { createHash, createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto'
import { canonicalName } from '../core/certificate-names.js'
import { sha256 } from '../core/digest.js'
import { ProvisionError } from '../core/errors.js'
import type { Secret } from '../core/secret.js'

// Node's parser is used here although facts are free of Node: reading a certificate is as pure as taking a digest,
// and the library that issues them takes a tenth of a second to load, which every run would pay.

/** What a certificate says, as plain data. */
export interface CertificateText {
  readonly commonName: string
  /** DNS names in lower case and IP addresses in their shortest form, sorted. */
  readonly names: readonly string[]
  /** It may sign others. */
  readonly authority: boolean
  /** Its key: `rsa3072`, `ec256`, or another type by its name. */
  readonly key: string
  /** The id of the key that signed it, `self`, or the digest of a name where no id is given. */
  readonly issuer: string
  /** The id of its own key. */
  readonly keyId: string
  /** ISO 8601. */
  readonly notAfter: string
  /** The fingerprint. */
  readonly sha256: string
  /** SHA-256 of the public key. */
  readonly publicKey: string
}

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/

/** Reads the first certificate of a text; `undefined` when it holds none. */
export const readCertificate = (text: string): CertificateText | undefined => {
  const [pem] = PEM.exec(text) ?? []
  if (pem === undefined) return undefined
  let certificate: X509Certificate
  let publicKey: KeyObject
  try {
    certificate = new X509Certificate(pem)
    publicKey = certificate.publicKey
  } catch {
    return undefined // not a certificate: an answer, not a fault
  }
  const keyId = extension(certificate.raw, SUBJECT_KEY_ID) ?? keyIdOf(publicKey)
  const authorityId = extension(certificate.raw, AUTHORITY_KEY_ID)
  const signedItself = authorityId === undefined ? certificate.checkIssued(certificate) : authorityId === keyId
  return {
    commonName: (/^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? '').replace(/\\(.)/g, '$1'),
    names: namesOf(certificate.subjectAltName ?? ''),
    authority: certificate.ca,
    key: keyName(publicKey),
    issuer: signedItself ? 'self' : authorityId ?? sha256(certificate.issuer),
    keyId,
    notAfter: new Date(certificate.validTo).toISOString(),
    sha256: sha256(certificate.raw),
    publicKey: publicKeyOf(publicKey),
  }
}

/** SHA-256 of the public half of a private key in PEM; throws `unusable-key`, which never cites the key. */
export const publicKeyOfPrivate = (key: Secret, whose: string): string => {
  try {
    return publicKeyOf(createPublicKey(createPrivateKey(key.reveal())))
  } catch {
    throw new ProvisionError('unusable-key', `${whose} cannot be read`, { hint: 'give an unencrypted private key in PEM' })
  }
}

const publicKeyOf = (key: KeyObject): string => sha256(key.export({ type: 'spki', format: 'der' }))

const namesOf = (text: string): string[] =>
  text.split(', ').flatMap((name) => /^(?:DNS|IP Address):(.*)$/.exec(name)?.[1] ?? []).map(canonicalName).sort()

const curves: Readonly<Record<string, string>> = { prime256v1: 'ec256', secp384r1: 'ec384', secp521r1: 'ec521' }
const keyName = ({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string => {
  if (type === 'rsa') return `rsa${details?.modulusLength ?? 0}`
  return curves[details?.namedCurve ?? ''] ?? details?.namedCurve ?? type ?? 'unknown'
}

const SUBJECT_KEY_ID = Buffer.from('0603551d0e', 'hex')
const AUTHORITY_KEY_ID = Buffer.from('0603551d23', 'hex')
const OCTETS = 0x04
const SEQUENCE = 0x30
const KEY_IDENTIFIER = 0x80

/** The key identifier inside one of the two extensions that hold one, which Node's parser leaves out. */
const extension = (der: Buffer, oid: Buffer): string | undefined => {
  const at = der.indexOf(oid)
  if (at < 0) return undefined
  const critical = der[at + oid.length] === 0x01 ? 3 : 0
  const value = inside(der.subarray(at + oid.length + critical), OCTETS)
  const id = oid === SUBJECT_KEY_ID ? inside(value, OCTETS) : inside(inside(value, SEQUENCE), KEY_IDENTIFIER)
  return id?.toString('hex')
}

/** The content of a DER element, if it is the one expected. */
const inside = (der: Buffer | undefined, tag: number): Buffer | undefined => {
  if (der === undefined || der[0] !== tag) return undefined
  const first = der[1] ?? 0
  const long = first > 0x7f ? first - 0x80 : 0
  const length = long === 0 ? first : der.readUIntBE(2, long)
  return der.subarray(2 + long, 2 + long + length)
}

/** The usual key identifier: SHA-1 of the key's bits (RFC 5280, 4.2.1.2). */
const keyIdOf = (key: KeyObject): string => {
  const body = inside(key.export({ type: 'spki', format: 'der' }), SEQUENCE) ?? Buffer.alloc(0)
  const algorithm = inside(body, SEQUENCE) ?? Buffer.alloc(0)
  const bits = inside(body.subarray(algorithm.length + (algorithm.length > 0x7f ? 3 : 2)), 0x03) ?? Buffer.alloc(0)
  return createHash('sha1').update(bits.subarray(1)).digest('hex')
}
