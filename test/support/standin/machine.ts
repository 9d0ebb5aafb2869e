import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The full path of a program, looked for beside PATH where Debian keeps servers. */
export const program = (name: string): string | undefined => {
  const postgres = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql').map((version) => `/usr/lib/postgresql/${version}/bin`) : []
  return [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', ...postgres].map((directory) => join(directory, name)).find((path) => existsSync(path))
}

/** A driver of Debian's packages libmariadb-java and libpostgresql-jdbc-java. */
export const driverJar = (database: 'mariadb' | 'postgresql'): string | undefined =>
  [`/usr/share/java/${database === 'mariadb' ? 'mariadb-java-client' : 'postgresql'}.jar`].find((path) => existsSync(path))

/** The home of the JDK whose javac is on PATH, when that is a JDK 17. */
export const javaHome = (): string | undefined => {
  const javac = program('javac')
  if (javac === undefined) return undefined
  const version = spawnSync(javac, ['-version'], { encoding: 'utf8' }).stdout
  return /^javac 17\b/.test(version) ? dirname(dirname(realpathSync(javac))) : undefined
}

/** Why the stand-in cannot be built and run here, or undefined. */
export const standinObstacle = (): string | undefined => {
  if (javaHome() === undefined) return 'no JDK 17 (Debian: openjdk-17-jdk-headless)'
  const absent = ['zip', 'unzip', 'ps', 'keytool'].filter((name) => program(name) === undefined)
  return absent.length === 0 ? undefined : `no ${absent.join(', ')} (Debian: zip, unzip, procps)`
}

/** Builds what a stand-in's build.sh makes, or finds it built, and gives the path of one file of it. */
export const buildStandin = (standin: string, file: string): string => {
  const out = join(tmpdir(), `provision-${standin}-${process.getuid?.() ?? 0}`)
  execFileSync(join(dirname(fileURLToPath(import.meta.url)), '..', standin, 'build.sh'), [out], { stdio: 'pipe' })
  return join(out, file)
}

const listenable = (port: number): Promise<boolean> => new Promise((resolve) => {
  const server = createServer()
  server.once('error', () => { resolve(false) })
  server.listen(port, '0.0.0.0', () => { server.close(() => { resolve(true) }) })
})

/** A port of the loopback nobody uses now, below the range the kernel hands out for outgoing connections. */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = 12000 + Math.floor(Math.random() * 18000)
    if (await listenable(port)) return port
  }
}

/** An offset at which all these ports of a node are free. */
export const freeOffset = async (ports: readonly number[]): Promise<number> => {
  for (;;) {
    const offset = 3000 + Math.floor(Math.random() * 18000)
    const free = await Promise.all(ports.map((port) => listenable(port + offset)))
    if (free.every(Boolean)) return offset
  }
}

/** Asks until there is an answer; fails with what was waited for. */
export const eventually = async <T>(what: string, ask: () => T | undefined | Promise<T | undefined>, seconds = 20): Promise<T> => {
  const end = Date.now() + seconds * 1000
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`)
    await new Promise((resolve) => { setTimeout(resolve, 100) })
  }
}
