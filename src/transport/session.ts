import { exitCode, ProvisionError } from '../core/errors.js'
import { reveal, type Text } from '../core/secret.js'
import type { ExecOptions, Output, Session } from '../core/transport.js'
import { reachError } from './reach-error.js'
import type { Shell } from './shell.js'
import { endTree } from './shell-loop.js'

/** How a session gets its shells. */
export interface ShellSource {
  readonly host: string
  readonly user: string
  /** Milliseconds that a shell may take to start. */
  readonly startTimeout: number
  /** Starts a shell and waits until it is ready. */
  start(): Promise<Shell>
  /** Opens a shell that is given one frame and nothing else; undefined where that cannot be (a password must be asked for first). */
  startOnce(): Promise<Shell | undefined>
  /** Called for each start and each frame. */
  onRoundTrip(): void
  onNotice(text: string): void
}

const ENDING = 10_000
/** A promise that another one outran; what it says was said already, or comes too late to matter. */
const outrun = (promise: Promise<unknown>): void => { promise.catch(() => {}) }

/** Rejects when the time is over or the caller gives up. */
const cutShort = (host: string, { timeout, signal }: Pick<ExecOptions, 'timeout' | 'signal'>) => {
  let timer: NodeJS.Timeout | undefined
  let stop = (): void => {}
  const promise = new Promise<never>((_resolve, reject) => {
    stop = () => reject(new ProvisionError('interrupted', `interrupted on ${host}`, { exit: exitCode.interrupted }))
    if (signal?.aborted === true) return stop()
    signal?.addEventListener('abort', stop, { once: true })
    if (timeout !== undefined) {
      timer = setTimeout(() => reject(new ProvisionError('timed-out', `a script on ${host} did not end within ${timeout / 1000} s`,
        { hint: 'give the step a longer `timeout`, or look at what it waits for' })), timeout)
    }
  })
  outrun(promise)
  return { promise, dispose: (): void => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  } }
}

/** The session of one user on one host: frames wait for each other, and a shell that was lost or ended is replaced on next use. */
export class ShellSession implements Session {
  readonly user: string
  #shell: Shell | undefined
  #tail: Promise<unknown> = Promise.resolve()
  #once = false
  #closed = false

  constructor(private readonly source: ShellSource) { this.user = source.user }

  /** Starts the shell if there is none; falls back to a shell a frame where none keeps running. */
  async start(): Promise<void> {
    if (this.#closed) throw reachError('connection-lost', `the session on ${this.source.host} was closed`)
    if (this.#once || (this.#shell !== undefined && !this.#shell.ended)) return
    this.source.onRoundTrip()
    try {
      this.#shell = await this.source.start()
    } catch (error) {
      if (!(error instanceof ProvisionError) || error.code !== 'session-timed-out') throw error
      await this.#fallBack(error)
    }
  }

  exec(script: Text, options: ExecOptions = {}): Promise<Output> {
    const turn = this.#tail.then(() => this.#run(script, options))
    this.#tail = turn.catch(() => {})
    return turn
  }

  close(): void {
    this.#closed = true
    this.#shell?.close()
    this.#shell = undefined
  }

  async #run(script: Text, options: ExecOptions): Promise<Output> {
    if (reveal(script).includes('\0')) {
      throw new ProvisionError('nul-in-script', 'a script holds a NUL character', { hint: 'give bytes as its input' })
    }
    const cut = cutShort(this.source.host, options)
    try {
      const next = this.#next()
      outrun(next)
      const shell = await Promise.race([next, cut.promise])
      this.source.onRoundTrip()
      const frame = shell.run(script, options, this.#once)
      outrun(frame)
      try {
        return await Promise.race([frame, cut.promise])
      } catch (error) {
        await this.#abandon(shell)
        throw error
      } finally {
        if (this.#once) shell.close()
      }
    } finally {
      cut.dispose()
    }
  }

  async #next(): Promise<Shell> {
    await this.start()
    const shell = this.#once ? await this.source.startOnce() : this.#shell
    if (shell === undefined) throw reachError('session-refused', `${this.source.host} keeps no shell running`)
    return shell
  }

  /** The shell is out of step: what it still runs is ended by the shell that takes its place. */
  async #abandon(shell: Shell): Promise<void> {
    this.#shell = undefined
    if (!shell.ended && shell.pid !== undefined) {
      const { promise, dispose } = cutShort(this.source.host, { timeout: ENDING })
      try {
        const ended = this.#endTree(shell.pid)
        outrun(ended)
        await Promise.race([ended, promise])
      } catch (error) {
        if (!(error instanceof ProvisionError)) throw error
        this.source.onNotice(`what an interrupted script started on ${this.source.host} may still run: ${error.message}`)
      } finally {
        dispose()
      }
    }
    shell.close()
  }

  async #endTree(pid: number): Promise<void> {
    this.source.onRoundTrip()
    const successor = await this.source.start()
    this.source.onRoundTrip()
    await successor.run(endTree(pid))
    this.#shell = successor
  }

  async #fallBack(error: ProvisionError): Promise<void> {
    const shell = await this.source.startOnce()
    if (shell === undefined) throw error
    const cut = cutShort(this.source.host, { timeout: this.source.startTimeout })
    try {
      const frame = shell.run(':', {}, true)
      outrun(frame)
      await Promise.race([frame, cut.promise])
    } catch {
      // That the fallback fails too says nothing new: the first error is the one to mend.
      throw error
    } finally {
      cut.dispose()
      shell.close()
    }
    this.#once = true
    this.source.onNotice(`${this.source.host} keeps no shell running for ${this.user}: every script starts its own,`
      + ' which is slower and cannot be ended from here')
  }
}
