import { ProvisionError } from '../core/errors.js'
import type { Transport } from '../core/transport.js'

export interface Patience {
  /** How often to try in all. */
  readonly tries: number
  /** Milliseconds before the second try; doubled for each further one. */
  readonly delay: number
  readonly longest: number
  readonly onNotice: (text: string) => void
  /** A number from 0 to 1, so that many hosts do not come back at the same moment. */
  readonly random: () => number
}

/** Tries a few times over a quarter of a minute. */
export const usualPatience: Patience = { tries: 4, delay: 1000, longest: 10_000, onNotice: () => {}, random: Math.random }

/** A transport that tries to open again when the host does not answer; what an answer refused (a key, a password) is not tried twice. */
export const patient = (inner: Transport, patience: Partial<Patience> = {}): Transport => {
  const { tries, delay, longest, onNotice, random } = { ...usualPatience, ...patience }
  return {
    host: inner.host,
    get roundTrips() { return inner.roundTrips },
    get peer() { return inner.peer },
    session: (become) => inner.session(become),
    close: () => inner.close(),
    async open() {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await inner.open()
        } catch (error) {
          if (!(error instanceof ProvisionError) || error.code !== 'unreachable' || attempt >= tries) throw error
          const wait = Math.min(longest, delay * 2 ** (attempt - 1)) * (0.5 + random() / 2)
          onNotice(`${error.message}; trying again in ${(wait / 1000).toFixed(1)} s (${attempt} of ${tries})`)
          await new Promise((resolve) => setTimeout(resolve, wait))
        }
      }
    },
  }
}
