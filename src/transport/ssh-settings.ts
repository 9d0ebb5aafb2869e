import type { Secret } from '../core/secret.js'

/** A private key: a file, or the key itself out of the vault. */
export type SshIdentity =
  | { readonly path: string; readonly passphrase?: Secret
      /** One of OpenSSH's own: passed over when it does not exist. */
      readonly standard?: boolean }
  | { readonly name: string; readonly content: Secret; readonly passphrase?: Secret }

/** Everything needed to reach one host. */
export interface SshSettings {
  /** The name in the inventory. */
  readonly host: string
  readonly hostname: string
  readonly port: number
  readonly user: string
  readonly identities: readonly SshIdentity[]
  /** Offer no key of the agent but those named by `identities`. */
  readonly identitiesOnly: boolean
  /** Path of the agent's socket. */
  readonly agent?: string
  readonly password?: Secret
  /** Files of known host keys; a new key belongs into the first. */
  readonly knownHosts: readonly string[]
  readonly hostKeyAlias?: string
  /** Host key fingerprints (`SHA256:…`) that replace the files. */
  readonly pinned: readonly string[]
  /** The hosts to go through, the first one first. */
  readonly jumps: readonly SshSettings[]
  /** Milliseconds between signs of life, and how many may stay unanswered. */
  readonly keepalive: { readonly interval: number; readonly count: number }
  /** Milliseconds for the TCP connection, and again for key exchange and log-in. */
  readonly connectTimeout: number
  /** Milliseconds that a shell may take to start. */
  readonly startTimeout: number
}

/** What holds when nobody says otherwise. */
export const sshDefaults = { port: 22, keepalive: { interval: 15_000, count: 3 }, connectTimeout: 20_000, startTimeout: 30_000 } as const
