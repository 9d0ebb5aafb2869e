import { createHash, createHmac } from 'node:crypto'
import type { Secret } from './secret.js'

/** SHA-256 of a text's UTF-8 bytes or of bytes, as 64 hexadecimal digits. A pure function, though Node's. */
export const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')

const names = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const
/** A digest by its usual name. */
export type DigestName = (typeof names)[number]
/** Whether a text names a digest. */
export const isDigestName = (text: string): text is DigestName => names.some((name) => name === text)

/** A digest of a text's UTF-8 bytes as hexadecimal digits; MD5 and SHA-1 tell files apart, and protect nothing. */
export const digestOf = (name: DigestName, text: string): string => createHash(name).update(text).digest('hex')

/** HMAC-SHA-256 of a text under a key, as 64 hexadecimal digits: equal for equal texts, and tells nothing of them to who has no key. */
export const keyedDigest = (key: Secret, text: string): string => createHmac('sha256', key.reveal()).update(text).digest('hex')
