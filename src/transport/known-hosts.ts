import { createHash, createHmac } from 'node:crypto'
import { matchesPatterns } from './host-pattern.js'

/** One line of a known_hosts file. */
export interface KnownHost {
  readonly file: string
  readonly line: number
  readonly marker?: 'cert-authority' | 'revoked'
  /** Comma-separated patterns, or one hashed name. */
  readonly names: string
  readonly type: string
  /** The public key as in the file, base64. */
  readonly key: string
}

const parseLine = (raw: string, line: number, file: string): readonly KnownHost[] => {
  const words = raw.trim().split(/\s+/)
  if (words[0] === undefined || words[0] === '' || words[0].startsWith('#')) return []
  const marker = words[0] === '@cert-authority' ? 'cert-authority' : words[0] === '@revoked' ? 'revoked' : undefined
  if (marker !== undefined) words.shift()
  const [names, type, key] = words
  if (names === undefined || type === undefined || key === undefined || names.startsWith('@')) return []
  return [{ file, line, ...(marker === undefined ? {} : { marker }), names, type, key }]
}

/** The lines that hold keys; OpenSSH too passes over lines that it cannot read. */
export const parseKnownHosts = (text: string, file: string): readonly KnownHost[] =>
  text.split('\n').flatMap((raw, index) => parseLine(raw, index + 1, file))

/** The name under which known_hosts lists a server: the port belongs to it unless it is 22. */
export const knownName = (host: string, port: number): string => (port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`)

const covers = ({ names }: KnownHost, name: string): boolean => {
  if (!names.startsWith('|')) return matchesPatterns(names.toLowerCase().split(','), name)
  const [, version, salt, hash] = names.split('|')
  if (version !== '1' || salt === undefined || hash === undefined) return false
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash
}

/** The fingerprint as OpenSSH prints it. */
export const fingerprint = (key: Buffer): string => `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`

/** The type that an SSH public key names itself. */
export const keyType = (key: Buffer): string => key.subarray(4, 4 + key.readUInt32BE(0)).toString('latin1')

/** What known_hosts files say of a key that a server showed. */
export type HostKeyVerdict =
  | { readonly status: 'known' }
  | { readonly status: 'unknown'; readonly authorityOnly: boolean }
  | { readonly status: 'changed'; readonly entries: readonly KnownHost[] }
  | { readonly status: 'revoked'; readonly entry: KnownHost }

export const judgeHostKey = (entries: readonly KnownHost[], name: string, key: Buffer): HostKeyVerdict => {
  const shown = key.toString('base64')
  const here = entries.filter((entry) => covers(entry, name))
  const revoked = here.find((entry) => entry.marker === 'revoked' && entry.key === shown)
  if (revoked !== undefined) return { status: 'revoked', entry: revoked }
  const plain = here.filter(({ marker }) => marker === undefined)
  if (plain.some((entry) => entry.key === shown)) return { status: 'known' }
  if (plain.length > 0) return { status: 'changed', entries: plain }
  return { status: 'unknown', authorityOnly: here.some(({ marker }) => marker === 'cert-authority') }
}

const algorithms: readonly { readonly type: string; readonly names: readonly string[] }[] = [
  { type: 'ssh-ed25519', names: ['ssh-ed25519'] },
  { type: 'ecdsa-sha2-nistp256', names: ['ecdsa-sha2-nistp256'] },
  { type: 'ecdsa-sha2-nistp384', names: ['ecdsa-sha2-nistp384'] },
  { type: 'ecdsa-sha2-nistp521', names: ['ecdsa-sha2-nistp521'] },
  { type: 'ssh-rsa', names: ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'] },
]

/** Host key algorithms with those first whose keys are known, so that a server of several keys shows one that can be checked. */
export const preferredAlgorithms = (entries: readonly KnownHost[], name: string): readonly string[] => {
  const known = new Set(entries.filter((entry) => entry.marker === undefined && covers(entry, name)).map(({ type }) => type))
  const first = algorithms.filter(({ type }) => known.has(type))
  return [...first, ...algorithms.filter(({ type }) => !known.has(type))].flatMap(({ names }) => names)
}
