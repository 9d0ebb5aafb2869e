import type { Become, Peer, Session, Transport } from '../core/transport.js'
import { connectSsh, type JumpHosts } from './jump-hosts.js'
import { reachError } from './reach-error.js'
import { Sessions } from './sessions.js'
import type { SshConnection } from './ssh.js'
import type { SshSettings } from './ssh-settings.js'

export interface SshOptions {
  readonly onNotice?: (text: string) => void
  /** Given to all transports of a program, so that those behind one jump host share a connection to it. */
  readonly jumpHosts?: JumpHosts
}

/** A host reached over SSH: one connection, opened again by `open` after it was lost. */
export class SshTransport implements Transport {
  readonly host: string
  readonly #sessions: Sessions
  #connection: SshConnection | undefined

  constructor(private readonly settings: SshSettings, private readonly options: SshOptions = {}) {
    this.host = settings.host
    this.#sessions = new Sessions({
      host: settings.host, user: settings.user, startTimeout: settings.startTimeout, onNotice: options.onNotice ?? (() => {}),
      open: async (command) => this.#current().exec(command),
    })
  }

  get roundTrips(): number { return this.#sessions.roundTrips }

  get peer(): Peer | undefined {
    const { hostname: address, port, user, pinned } = this.settings
    return this.#connection === undefined ? undefined : { address, port, user, hostKey: this.#connection.hostKey, trusted: pinned.length > 0 ? 'pinned' : 'known' }
  }

  async open(): Promise<void> {
    if (this.#connection !== undefined && this.#connection.lost === undefined) return
    await this.#connection?.close()
    this.#connection = undefined
    this.#connection = await connectSsh(this.settings, this.options.jumpHosts)
  }

  session(become?: Become): Promise<Session> { return this.#sessions.of(become) }

  async close(): Promise<void> {
    this.#sessions.close()
    const connection = this.#connection
    this.#connection = undefined
    await connection?.close()
  }

  #current(): SshConnection {
    const connection = this.#connection
    if (connection === undefined) throw reachError('connection-lost', `there is no connection to ${this.host}`, { hint: 'open it first' })
    if (connection.lost !== undefined) throw connection.lost
    return connection
  }
}
