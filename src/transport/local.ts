import { spawn } from 'node:child_process'
import { userInfo } from 'node:os'
import type { Become, Session, Transport } from '../core/transport.js'
import { reachError } from './reach-error.js'
import { Sessions } from './sessions.js'
import type { OpenWire } from './wire.js'

export interface LocalOptions {
  /** The name of this machine in the inventory. */
  readonly host?: string
  /** What interprets the start command: a POSIX shell. */
  readonly shell?: string
  readonly env?: NodeJS.ProcessEnv
  /** Milliseconds that a shell may take to start. */
  readonly startTimeout?: number
  readonly onNotice?: (text: string) => void
}

/** Milliseconds in which the last output of an ended shell is read. */
const LAST_OUTPUT = 300

const openProcess = (host: string, { shell = '/bin/sh', env }: LocalOptions): OpenWire => (command) => new Promise((resolve, reject) => {
  // Its own process group, so that a script which signals its group does not reach this program.
  const child = spawn(shell, ['-c', command], { stdio: ['pipe', 'pipe', 'pipe'], detached: true, ...(env === undefined ? {} : { env }) })
  // A shell that ended takes no more input; that it ended is told by `ended`.
  child.stdin.on('error', () => {})
  const ended = new Promise<{ readonly exit?: number }>((settle) => {
    const end = (code: number | null): void => settle(code === null ? {} : { exit: code })
    child.once('close', end)
    // A background process may keep the streams open for ever.
    child.once('exit', (code) => { setTimeout(end, LAST_OUTPUT, code).unref() })
  })
  const { stdin, stdout, stderr } = child
  child.once('spawn', () => resolve({ stdin, stdout, stderr, ended, close: () => { stdin.end() } }))
  child.once('error', (cause) => reject(reachError('unreachable', `${host}: cannot start ${shell}`, { cause })))
})

/** This machine, by a shell of its own. */
export class LocalTransport implements Transport {
  readonly host: string
  readonly #sessions: Sessions

  constructor(options: LocalOptions = {}) {
    this.host = options.host ?? 'localhost'
    const open = openProcess(this.host, options)
    const { startTimeout = 30_000, onNotice = () => {} } = options
    this.#sessions = new Sessions({ host: this.host, user: userInfo().username, open, startTimeout, onNotice })
  }

  get roundTrips(): number { return this.#sessions.roundTrips }
  async open(): Promise<void> {}
  session(become?: Become): Promise<Session> { return this.#sessions.of(become) }
  async close(): Promise<void> { this.#sessions.close() }
}
