import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'

const hash = (name: 'sha1' | 'sha256', ...parts: readonly (string | Uint8Array)[]): Buffer =>
  parts.reduce((digest, part) => digest.update(part), createHash(name)).digest()

/** What MySQL and MariaDB store for `mysql_native_password`: `*` and SHA-1 of SHA-1, which no salt makes different. */
export const nativeVerifier = (password: string): string => `*${hash('sha1', hash('sha1', password)).toString('hex').toUpperCase()}`

/** Whether MySQL's `caching_sha2_password` verifier (`$A$005$`, 20 bytes of salt, 43 of digest; one character a byte) belongs to this password. */
export const matchesCachingSha2 = (verifier: string, password: string): boolean => {
  const parts = /^\$A\$([0-9A-F]{3})\$([\s\S]{20})([./0-9A-Za-z]{43})$/.exec(verifier)
  if (parts === null) return false
  const [, thousands = '', salt = '', digest] = parts
  return sha256Crypt(password, Buffer.from(salt, 'latin1'), Number.parseInt(thousands, 16) * 1000) === digest
}

/** What PostgreSQL stores for a role's password under SCRAM-SHA-256 (RFC 5803). */
export const scramVerifier = (password: string, salt: Uint8Array, iterations = 4096): string => {
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, iterations, 32, 'sha256')
  const keyed = (text: string): Buffer => createHmac('sha256', salted).update(text).digest()
  return `SCRAM-SHA-256$${iterations}:${Buffer.from(salt).toString('base64')}$${hash('sha256', keyed('Client Key')).toString('base64')}:${keyed('Server Key').toString('base64')}`
}

/** Whether a role's stored verifier belongs to this password; one of another kind does not. */
export const matchesScram = (verifier: string, password: string): boolean => {
  const [, iterations, salt] = /^SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$/.exec(verifier) ?? []
  return iterations !== undefined && salt !== undefined && scramVerifier(password, Buffer.from(salt, 'base64'), Number(iterations)) === verifier
}

/** A salt that differs between servers, roles and successive passwords, and tells nothing of the password. */
export const scramSalt = (...parts: readonly string[]): Uint8Array => hash('sha256', JSON.stringify(parts)).subarray(0, 16)

const DIGITS = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The digest part of crypt's SHA-256 scheme (the public specification by U. Drepper), with a salt of any length, as MySQL uses it. */
export const sha256Crypt = (password: string, salt: Uint8Array, rounds: number): string => {
  const key = Buffer.from(password)
  const stretch = (digest: Uint8Array, length: number): Buffer => Buffer.concat(Array.from({ length: Math.ceil(length / 32) }, () => digest)).subarray(0, length)
  const second = hash('sha256', key, salt, key)
  const bits = key.length.toString(2).split('').reverse()
  let digest: Buffer = hash('sha256', key, salt, stretch(second, key.length), ...(key.length === 0 ? [] : bits.map((bit) => (bit === '1' ? second : key))))
  const p = stretch(hash('sha256', ...Array.from({ length: key.length }, () => key)), key.length)
  const s = stretch(hash('sha256', ...Array.from({ length: 16 + (digest[0] ?? 0) }, () => salt)), salt.length)
  for (let round = 0; round < rounds; round++) {
    digest = hash('sha256', round % 2 ? p : digest, ...(round % 3 ? [s] : []), ...(round % 7 ? [p] : []), round % 2 ? digest : p)
  }
  const byte = (index: number): number => digest[index] ?? 0
  const encode = (value: number, length: number): string => Array.from({ length }, (_, index) => DIGITS[(value >> (6 * index)) & 63]).join('')
  const triples = Array.from({ length: 10 }, (_, index) => {
    const [a, b, c] = [[0, 10, 20], [20, 0, 10], [10, 20, 0]][index % 3] ?? []
    return encode((byte((a ?? 0) + index) << 16) | (byte((b ?? 0) + index) << 8) | byte((c ?? 0) + index), 4)
  })
  return triples.join('') + encode((byte(31) << 8) | byte(30), 3)
}
