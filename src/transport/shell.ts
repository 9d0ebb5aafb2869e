import type { ProvisionError } from '../core/errors.js'
import { reveal, type Text } from '../core/secret.js'
import type { ExecOptions, Output } from '../core/transport.js'
import { feed, inputOf } from './input.js'
import { type MarkedText, markedText } from './marked-text.js'
import { reachError } from './reach-error.js'
import { envelope } from './shell-loop.js'
import type { Wire, WireEnd } from './wire.js'

/** What a command that was to become a shell said before it was ready. */
export interface Refusal { readonly stdout: string; readonly stderr: string; readonly exit: number | undefined }

export interface StartOptions {
  readonly host: string
  /** The word that announces the loop; everything before it is noise of the login. */
  readonly ready: string
  readonly timeout: number
  /** Given all that came on standard error so far, says what to write (a password that was asked for), or throws. */
  readonly answer?: (stderr: string) => Text | undefined
  /** Makes the error of a command that ended before it was ready. */
  readonly refused: (refusal: Refusal) => ProvisionError
}

const lastBytes = 16_384
const ignore = (): void => {}

/** Where what comes from the wire goes just now. */
interface Frame { readonly stdout: (chunk: Buffer) => void; readonly stderr: (chunk: Buffer) => void; readonly ended: (end: WireEnd) => void }
const idle: Frame = { stdout: ignore, stderr: ignore, ended: ignore }

/** One shell loop on a host: runs frames, one at a time, until its wire ends. */
export class Shell {
  #frame: Frame = idle
  #end: WireEnd | undefined

  private constructor(
    private readonly wire: Wire,
    private readonly host: string,
    readonly pid: number | undefined,
    private readonly exact: boolean,
  ) {
    // Read at all times: output of a stray background process between frames would otherwise fill the wire.
    wire.stdout.on('data', (chunk: Buffer) => this.#frame.stdout(chunk))
    wire.stderr.on('data', (chunk: Buffer) => this.#frame.stderr(chunk))
    void wire.ended.then((end) => {
      this.#end = end
      this.#frame.ended(end)
    })
  }

  /** Waits until the loop says that it is ready. */
  static async start(wire: Wire, options: StartOptions): Promise<Shell> {
    let stdout = ''
    let stderr = ''
    const said = await new Promise<RegExpExecArray>((resolve, reject) => {
      const late = (): void => reject(reachError('session-timed-out', `${options.host} did not start a shell within ${options.timeout / 1000} s`,
        { hint: 'look at what the login scripts of this user do', output: stdout + stderr }))
      const timer = setTimeout(late, options.timeout)
      const line = new RegExp(`${options.ready} (\\d+) ?(\\S*)\\n`)
      wire.stdout.on('data', (chunk: Buffer) => {
        stdout = (stdout + chunk.toString()).slice(-lastBytes)
        const match = line.exec(stdout)
        if (match === null) return
        clearTimeout(timer)
        resolve(match)
      })
      wire.stderr.on('data', (chunk: Buffer) => {
        stderr = (stderr + chunk.toString()).slice(-lastBytes)
        try {
          const answer = options.answer?.(stderr)
          if (answer !== undefined) wire.stdin.write(`${reveal(answer)}\n`)
        } catch (error) {
          clearTimeout(timer)
          reject(error)
        }
      })
      void wire.ended.then((end) => {
        clearTimeout(timer)
        reject(end.lost ?? options.refused({ stdout, stderr, exit: end.exit }))
      })
    }).catch((error: unknown) => {
      wire.close()
      throw error
    }).finally(() => {
      wire.stdout.removeAllListeners('data')
      wire.stderr.removeAllListeners('data')
    })
    return new Shell(wire, options.host, Number(said[1]), said[2] !== '')
  }

  /** A loop that is given its only frame at once and nothing else, for hosts that hand on output only at the end of a command. */
  static unannounced(wire: Wire, host: string): Shell {
    return new Shell(wire, host, undefined, true)
  }

  get ended(): boolean { return this.#end !== undefined }

  /** Runs one frame. After a rejection the shell is out of step and must be closed. */
  async run(script: Text, options: ExecOptions = {}, last = false): Promise<Output> {
    const program = Buffer.from(reveal(script).replace(/\n+$/, ''))
    const input = inputOf(options.stdin)
    const marks = envelope(program.length, input.length, this.exact)
    const out = markedText(marks.begin, marks.end, (text) => options.onOutput?.(text, 'stdout'))
    const err = markedText(marks.begin, marks.end, (text) => options.onOutput?.(text, 'stderr'))
    const over = new AbortController()
    try {
      return await new Promise<Output>((resolve, reject) => {
        const take = (stream: MarkedText) => (chunk: Buffer): void => {
          try {
            stream.push(chunk)
          } catch (error) {
            reject(error)
          }
          if (out.tail !== undefined && err.tail !== undefined) resolve({ stdout: out.text, stderr: err.text, exit: Number(out.tail) })
        }
        const ended = (end: WireEnd): void => reject(end.lost ?? this.#endedInside(end, out.text + err.text))
        this.#frame = { stdout: take(out), stderr: take(err), ended }
        if (this.#end !== undefined) return ended(this.#end)
        this.wire.stdin.write(Buffer.concat([Buffer.from(marks.header), program, Buffer.from(marks.afterScript)]))
        feed(this.wire.stdin, input, over.signal, options.onProgress).then(() => {
          if (over.signal.aborted) return
          if (marks.afterInput !== '') this.wire.stdin.write(marks.afterInput)
          if (last) this.wire.stdin.end()
        }).catch(reject)
      })
    } finally {
      over.abort()
      this.#frame = idle
    }
  }

  #endedInside(end: WireEnd, output: string): ProvisionError {
    const status = end.exit === undefined ? '' : ` with status ${end.exit}`
    return reachError('connection-lost', `the shell on ${this.host} ended in the middle of a script${status}`,
      { hint: 'whether the script was done is not known', output: output.slice(-lastBytes) })
  }

  close(): void { this.wire.close() }
}
