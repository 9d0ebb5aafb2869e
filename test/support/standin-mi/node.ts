import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { connect } from 'node:tls'
import { eventually, freeOffset, javaHome } from './machine.js'

/** A database as a node's datasource names it. */
export interface Coordinates { readonly url: string; readonly username: string; readonly password: string; readonly driver: string; readonly jar: string | undefined }

export interface Reply { readonly status: number; readonly body: string; readonly node: string | undefined }

const STARTED = /WSO2 Micro Integrator started in \d+\.\d\d seconds/g

/** One unpacked home of the stand-in, with ports of its own, started and stopped by its own script. */
export class StandinNode {
  readonly home: string
  readonly offset: number
  /** Exit codes of the JVMs, as the script saw them. */
  readonly codes: string
  #script: ChildProcess | undefined

  private constructor(home: string, offset: number) {
    this.home = home
    this.offset = offset
    this.codes = join(home, '..', 'codes')
  }

  static async unpack(zip: string): Promise<StandinNode> {
    const directory = mkdtempSync(join(tmpdir(), 'standin-mi-'))
    execFileSync('unzip', ['-q', zip, '-d', directory], { env: { ...process.env, LC_ALL: 'C.UTF-8' } })
    const node = new StandinNode(join(directory, 'wso2mi-4.2.0'), await freeOffset())
    node.configure('')
    const java = join(directory, 'java')
    writeFileSync(java, `#!/bin/sh\n"${javaHome() ?? ''}/bin/java" "$@"\ncode=$?\ncase "$*" in *-version*) ;; *) echo $code >> '${node.codes}';; esac\nexit $code\n`)
    chmodSync(java, 0o755)
    return node
  }

  /** deployment.toml anew: the ports, then what is given. */
  configure(toml: string): void {
    writeFileSync(join(this.home, 'conf/deployment.toml'), `[server]\nhostname = "localhost"\noffset = ${this.offset}\n\n${toml}`)
  }

  /** The datasource of a cluster, the node's own id, and more. */
  cluster(id: string, database: Coordinates, more = ''): void {
    this.configure(`[[datasource]]\nid = "WSO2_COORDINATION_DB"\nurl = "${database.url}"\nusername = "${database.username}"\npassword = "${database.password}"\n`
      + `driver = "${database.driver}"\npool_options.maxActive = 50\npool_options.maxWait = 60000\npool_options.testOnBorrow = true\n\n[cluster_config]\nnode_id = "${id}"\n\n${more}`)
    if (database.jar !== undefined) copyFileSync(database.jar, join(this.home, 'lib', basename(database.jar)))
  }

  task(name: string, interval = 1000): void {
    const directory = join(this.home, 'repository/deployment/server/synapse-configs/default/tasks')
    writeFileSync(join(directory, `${name}.xml`), `<?xml version="1.0" encoding="UTF-8"?>\n<task xmlns="http://ws.apache.org/ns/synapse" name="${name}" `
      + `class="org.apache.synapse.startup.tasks.MessageInjector" group="synapse.simple.quartz">\n  <trigger interval="${interval}"/>\n</task>\n`)
  }

  faults(text: string): void {
    mkdirSync(join(this.home, '.standin'), { recursive: true })
    writeFileSync(join(this.home, '.standin/faults'), text)
  }

  #environment(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
    return { PATH: process.env['PATH'], JAVA_HOME: javaHome(), JAVACMD: join(this.home, '..', 'java'), JVM_MEM_OPTS: '-Xms16m -Xmx64m -XX:TieredStopAtLevel=1', ...more }
  }

  /** The script with a verb, until it returns. */
  call(verb: string, more: Readonly<Record<string, string>> = {}): { readonly code: number | null; readonly stdout: string; readonly milliseconds: number } {
    const begun = Date.now()
    const { status, stdout } = spawnSync('sh', [join(this.home, 'bin/micro-integrator.sh'), ...verb.split(' ')], { env: this.#environment(more), encoding: 'utf8' })
    return { code: status, stdout, milliseconds: Date.now() - begun }
  }

  /** The script in the foreground, as a service manager would run it; resolves to its exit code at its end. */
  run(more: Readonly<Record<string, string>> = {}, options: readonly string[] = []): Promise<number | null> {
    const script = spawn('sh', [join(this.home, 'bin/micro-integrator.sh'), ...options], { env: this.#environment(more), stdio: 'ignore', detached: true })
    this.#script = script
    return new Promise((resolve) => { script.once('exit', (code) => { resolve(code) }) })
  }

  async start(more: Readonly<Record<string, string>> = {}, options: readonly string[] = []): Promise<void> {
    const before = this.starts()
    void this.run(more, options)
    await eventually(`${this.home} starts`, () => (this.starts() > before ? true : undefined))
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
        rmSync(join(this.home, '..'), { recursive: true, force: true })
        return true
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOTEMPTY') return undefined
        throw error
      }
    })
  }

  pid(): number | undefined {
    const file = join(this.home, 'wso2carbon.pid')
    return existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined
  }

  log(): string {
    const file = join(this.home, 'repository/logs/wso2carbon.log')
    return existsSync(file) ? readFileSync(file, 'utf8') : ''
  }

  starts(): number { return this.log().match(STARTED)?.length ?? 0 }

  async logged(text: string): Promise<void> {
    try {
      await eventually(text, () => (this.log().includes(text) ? true : undefined), 40)
    } catch (cause) {
      throw new Error(`'${text}' is missing in the log of ${this.home}:\n${this.log()}`, { cause })
    }
  }

  count(text: string): number { return this.log().split(text).length - 1 }

  jvmCodes(): string[] { return existsSync(this.codes) ? readFileSync(this.codes, 'utf8').trim().split('\n') : [] }

  get(port: 8280 | 8243 | 9191 | 9154, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    const tls = port === 8243 || port === 9154
    return new Promise((resolve, reject) => {
      const send = tls ? httpsRequest : httpRequest
      const request = send({ host: '127.0.0.1', port: port + this.offset, path, headers, agent: false, ...(tls ? { rejectUnauthorized: false } : {}) }, (response) => {
        let body = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => { body += chunk })
        response.on('end', () => {
          const node = response.headers['x-node']
          resolve({ status: response.statusCode ?? 0, body, node: typeof node === 'string' ? node : undefined })
        })
      })
      request.once('error', reject)
      request.end()
    })
  }

  /** The certificate a TLS port serves: its common name and when it ends. */
  certificate(port: 8243 | 9154): Promise<{ readonly name: string; readonly until: Date }> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: port + this.offset, rejectUnauthorized: false }, () => {
        const { subject, valid_to: until } = socket.getPeerCertificate()
        socket.destroy()
        resolve({ name: String(subject.CN), until: new Date(until) })
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
