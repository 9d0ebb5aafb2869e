import type { Readable } from 'node:stream'
import type { Secret, Text } from './secret.js'

/** What a frame said: its exit status and both streams, decoded as UTF-8. */
export interface Output { readonly stdout: string; readonly stderr: string; readonly exit: number }

export interface ExecOptions {
  /** What the script reads on standard input; a stream must give exactly `length` bytes. */
  readonly stdin?: Text | Uint8Array | { readonly stream: Readable; readonly length: number }
  /** Milliseconds after which the frame is ended and the exec rejects with code `timed-out`. */
  readonly timeout?: number
  /** Called with each piece of output as it arrives. */
  readonly onOutput?: (text: string, stream: 'stdout' | 'stderr') => void
  /** Called with the number of input bytes sent so far. */
  readonly onProgress?: (sent: number) => void
  readonly signal?: AbortSignal
}

/** The code of the error when there is nobody of this name on the host (yet) to become. */
export const noSuchBecomeUser = 'no-such-become-user'

/** Who a session acts as on the host. */
export interface Become { readonly user: string; readonly method: 'sudo' | 'su'; readonly password?: Secret }

/** One POSIX shell on a host, as one user; frames run one after the other. */
export interface Session {
  /** The user that frames run as. */
  readonly user: string
  /** Runs one script. A lost connection rejects with code `connection-lost`, never resolves. */
  exec(script: Text, options?: ExecOptions): Promise<Output>
}

/** Who answers at the other end of an open connection. */
export interface Peer {
  readonly address: string
  readonly port: number
  /** Who logged in. */
  readonly user: string
  /** Type and fingerprint. */
  readonly hostKey: string
  /** What says that the key is the host's: the inventory, or a known_hosts file. */
  readonly trusted: 'pinned' | 'known'
}

/** The only door to a host: one connection, one session a user. */
export interface Transport {
  readonly host: string
  /** Frames sent so far, session starts included. */
  readonly roundTrips: number
  /** Nothing while it is closed, and where no connection is needed. */
  readonly peer?: Peer | undefined
  open(): Promise<void>
  /** The session of this user, started when first asked for; without `become`, of the login user. */
  session(become?: Become): Promise<Session>
  close(): Promise<void>
}
