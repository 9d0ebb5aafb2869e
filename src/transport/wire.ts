import type { Readable, Writable } from 'node:stream'
import type { ProvisionError } from '../core/errors.js'

/** How a wire ended: with the exit status of its command, or lost together with the connection. */
export interface WireEnd { readonly exit?: number; readonly lost?: ProvisionError }

/** One running command on a host and its three streams. */
export interface Wire {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Settles once, when the command and all its output have ended or the connection is lost; never rejects. */
  readonly ended: Promise<WireEnd>
  close(): void
}

/** Starts a command on a host through the login shell; a lost connection rejects with code `connection-lost`. */
export type OpenWire = (command: string) => Promise<Wire>
