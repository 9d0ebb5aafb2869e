import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type PeerCertificate } from 'node:tls'
import { eventually } from './machine.js'

/** A database as a node's datasource names it. */
export interface Coordinates { readonly url: string; readonly username: string; readonly password: string; readonly driver: string; readonly jar: string | undefined }

export interface Reply { readonly status: number; readonly body: string; readonly node: string | undefined; readonly headers: IncomingHttpHeaders }

/** Where a distribution is unpacked, and where its own home lies in that. */
export interface Place { readonly directory: string; readonly home: string; readonly offset: number }

/** Unpacks an archive into a directory of its own; gives that directory. */
export const unpackArchive = (zip: string, prefix: string): string => {
  const directory = mkdtempSync(join(tmpdir(), `${prefix}-`))
  execFileSync('unzip', ['-q', zip, '-d', directory], { env: { ...process.env, LC_ALL: 'C.UTF-8' } })
  return directory
}

/** One unpacked home of a stand-in, with ports of its own, started and stopped by its own script. */
export abstract class ScriptedNode {
  readonly directory: string
  readonly home: string
  readonly offset: number
  /** Exit codes of the JVMs, as the script saw them. */
  readonly codes: string
  #script: ChildProcess | undefined

  constructor({ directory, home, offset }: Place) {
    this.directory = directory
    this.home = home
    this.offset = offset
    this.codes = join(directory, 'codes')
  }

  protected abstract readonly script: string
  protected abstract readonly started: RegExp
  protected abstract environment(): NodeJS.ProcessEnv

  /** Puts a `java` between script and JVM that notes the exit codes. */
  protected noteCodes(java: string): string {
    const between = join(this.directory, 'java')
    writeFileSync(between, `#!/bin/sh\n"${java}" "$@"\ncode=$?\ncase "$*" in *-version*) ;; *) echo $code >> '${this.codes}';; esac\nexit $code\n`)
    chmodSync(between, 0o755)
    return between
  }

  faults(text: string): void {
    mkdirSync(join(this.home, '.standin'), { recursive: true })
    writeFileSync(join(this.home, '.standin/faults'), text)
  }

  /** The script with a verb, until it returns. */
  call(verb: string, more: Readonly<Record<string, string>> = {}): { readonly code: number | null; readonly stdout: string; readonly milliseconds: number } {
    const begun = Date.now()
    const { status, stdout } = spawnSync('sh', [join(this.home, this.script), ...verb.split(' ')], { env: { ...this.environment(), ...more }, encoding: 'utf8' })
    return { code: status, stdout, milliseconds: Date.now() - begun }
  }

  /** The script in the foreground, as a service manager would run it; resolves to its exit code at its end. */
  run(more: Readonly<Record<string, string>> = {}, options: readonly string[] = []): Promise<number | null> {
    const script = spawn('sh', [join(this.home, this.script), ...options], { env: { ...this.environment(), ...more }, stdio: 'ignore', detached: true })
    this.#script = script
    return new Promise((resolve) => { script.once('exit', (code) => { resolve(code) }) })
  }

  async start(more: Readonly<Record<string, string>> = {}, options: readonly string[] = []): Promise<void> {
    const before = this.starts()
    void this.run(more, options)
    try {
      await eventually(`${this.home} starts`, () => (this.starts() > before ? true : undefined), 40)
    } catch (cause) {
      throw new Error(this.log(), { cause })
    }
  }

  /** TERM to the JVM, then until the script has ended. */
  async stop(): Promise<void> {
    const script = this.#script
    const pid = this.pid()
    if (pid !== undefined && alive(pid)) process.kill(pid, 'SIGTERM')
    await eventually(`${this.home} stops`, () => ((pid === undefined || !alive(pid)) && (script === undefined || script.exitCode !== null) ? true : undefined))
    this.#script = undefined
  }

  /** Ends whatever of this node is left and takes its files away. */
  async destroy(): Promise<void> {
    const script = this.#script
    if (script?.pid !== undefined && script.exitCode === null && script.signalCode === null) process.kill(-script.pid, 'SIGKILL')
    const pid = this.pid()
    if (pid !== undefined && alive(pid)) process.kill(pid, 'SIGKILL')
    await eventually(`${this.home} ends`, () => (pid === undefined || !alive(pid) ? true : undefined))
    // The shell around a JVM that was killed may still be writing its code.
    await eventually(`${this.home} is gone`, () => {
      try {
        rmSync(this.directory, { recursive: true, force: true })
        return true
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOTEMPTY') return undefined
        throw error
      }
    })
  }

  pid(): number | undefined {
    const file = join(this.home, 'wso2carbon.pid')
    return existsSync(file) ? Number(readFileSync(file, 'utf8').replaceAll('\0', '')) : undefined
  }

  log(): string {
    const file = join(this.home, 'repository/logs/wso2carbon.log')
    return existsSync(file) ? readFileSync(file, 'utf8') : ''
  }

  starts(): number { return this.log().match(this.started)?.length ?? 0 }

  async logged(text: string): Promise<void> {
    try {
      await eventually(text, () => (this.log().includes(text) ? true : undefined), 40)
    } catch (cause) {
      throw new Error(`'${text}' is missing in the log of ${this.home}:\n${this.log()}`, { cause })
    }
  }

  count(text: string): number { return this.log().split(text).length - 1 }

  jvmCodes(): string[] { return existsSync(this.codes) ? readFileSync(this.codes, 'utf8').trim().split('\n') : [] }

  protected request(port: number, tls: boolean, path: string, headers: Readonly<Record<string, string>>): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const send = tls ? httpsRequest : httpRequest
      const request = send({ host: '127.0.0.1', port: port + this.offset, path, headers, agent: false, ...(tls ? { rejectUnauthorized: false } : {}) }, (response) => {
        let body = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => { body += chunk })
        response.on('end', () => {
          const node = response.headers['x-node']
          resolve({ status: response.statusCode ?? 0, body, node: typeof node === 'string' ? node : undefined, headers: response.headers })
        })
      })
      request.once('error', reject)
      request.end()
    })
  }

  /** The certificate a TLS port serves: its common name, when it ends, and the length of its key. */
  certificate(port: number): Promise<{ readonly name: string; readonly until: Date; readonly bits: number | undefined }> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: port + this.offset, rejectUnauthorized: false }, () => {
        const { subject, valid_to: until, bits }: PeerCertificate = socket.getPeerCertificate()
        socket.destroy()
        resolve({ name: String(subject.CN), until: new Date(until), bits })
      })
      socket.once('error', reject)
    })
  }
}

/** Whether a process of this number is there. */
export const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}
