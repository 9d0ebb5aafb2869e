import { ProvisionError } from '../core/errors.js'
import { shown, Secret } from '../core/secret.js'
import type { ExecOptions, Session, Transport } from '../core/transport.js'

/** One exchange with a host, without input, output and secrets. */
export interface Exchange {
  readonly host: string
  readonly user: string
  readonly script: string
  /** The status, or the code of the error. */
  readonly exit: number | string
  readonly inputBytes: number
  readonly outputBytes: number
  readonly ms: number
}

const bytesOf = (stdin: ExecOptions['stdin']): number => {
  if (stdin === undefined) return 0
  if (typeof stdin === 'string') return Buffer.byteLength(stdin)
  if (stdin instanceof Secret) return Buffer.byteLength(stdin.reveal())
  return stdin.length
}

const recorded = (host: string, session: Session, record: (exchange: Exchange) => void, now: () => number): Session => ({
  user: session.user,
  async exec(script, options) {
    const began = now()
    const tell = (exit: number | string, outputBytes: number): void => {
      const ms = Math.round(now() - began)
      record({ host, user: session.user, script: shown(script), exit, inputBytes: bytesOf(options?.stdin), outputBytes, ms })
    }
    try {
      const output = await session.exec(script, options)
      tell(output.exit, Buffer.byteLength(output.stdout) + Buffer.byteLength(output.stderr))
      return output
    } catch (error) {
      tell(error instanceof ProvisionError ? error.code : 'bug', 0)
      throw error
    }
  },
})

/** A transport that hands each exchange to a callback. */
export const transcribed = (inner: Transport, record: (exchange: Exchange) => void, now: () => number = () => performance.now()): Transport => ({
  host: inner.host,
  get roundTrips() { return inner.roundTrips },
  get peer() { return inner.peer },
  open: () => inner.open(),
  close: () => inner.close(),
  session: async (become) => recorded(inner.host, await inner.session(become), record, now),
})
