import type { Become, Session } from '../core/transport.js'
import { asLoginUser, asOtherUser } from './become.js'
import { ShellSession } from './session.js'
import { Shell } from './shell.js'
import { freshToken } from './shell-loop.js'
import type { OpenWire } from './wire.js'

export interface SessionsOptions {
  readonly host: string
  /** The user who logs in. */
  readonly user: string
  readonly open: OpenWire
  readonly startTimeout: number
  readonly onNotice: (text: string) => void
}

/** The sessions of one host, one a user, each started when first asked for. */
export class Sessions {
  readonly #sessions = new Map<string, ShellSession>()
  #roundTrips = 0

  constructor(private readonly options: SessionsOptions) {}

  get roundTrips(): number { return this.#roundTrips }

  async of(become?: Become): Promise<Session> {
    const other = become !== undefined && become.user !== this.options.user ? become : undefined
    const key = other === undefined ? '' : `${other.method} ${other.user}`
    const session = this.#sessions.get(key) ?? this.#create(other)
    this.#sessions.set(key, session)
    try {
      await session.start()
    } catch (error) {
      // Another call may come with another password.
      this.#sessions.delete(key)
      throw error
    }
    return session
  }

  close(): void {
    for (const session of this.#sessions.values()) session.close()
    this.#sessions.clear()
  }

  #create(become: Become | undefined): ShellSession {
    const { host, user, open, startTimeout, onNotice } = this.options
    const begin = () => {
      const ready = freshToken()
      return { ready, ...(become === undefined ? asLoginUser(host, user, ready) : asOtherUser(host, become, ready)) }
    }
    return new ShellSession({
      host,
      user: become?.user ?? user,
      startTimeout,
      start: async () => {
        const { command, ...how } = begin()
        return Shell.start(await open(command), { host, timeout: startTimeout, ...how })
      },
      startOnce: async () => {
        const { command, answer } = begin()
        return answer === undefined ? Shell.unannounced(await open(command), host) : undefined
      },
      onRoundTrip: () => { this.#roundTrips += 1 },
      onNotice,
    })
  }
}
