import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { driverJar, eventually, freePort, program } from './machine.js'
import type { Coordinates } from './node.js'

/** A real database server of this test alone: loopback, files of its own, an account that may do nothing else. */
export interface TestDatabase {
  /** A new database, with what of the distribution's scripts is asked for; the charset counts for MariaDB alone. */
  create(name: string, script?: string, charset?: string): Coordinates
  /** Rows of a query, fields by tab; undefined when the query fails. */
  query(name: string, sql: string): string[][] | undefined
  /** A script's exit code and what it said. */
  script(name: string, file: string): { readonly code: number | null; readonly stderr: string }
  stop(): Promise<void>
  start(): Promise<void>
  destroy(): Promise<void>
}

const USER = 'standin'
const PASSWORD = 'pw/1'

/** The numbers of `nobody`, when this process is root; servers refuse to run as root. */
const servant = (): { readonly uid: number; readonly gid: number } | Record<string, never> => {
  if (process.getuid?.() !== 0) return {}
  const fields = /^nobody:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'))
  return { uid: Number(fields?.[1]), gid: Number(fields?.[2]) }
}

const directoryOfServant = (name: string): string => {
  const directory = mkdtempSync(join(tmpdir(), `standin-${name}-`))
  const { uid, gid } = servant()
  if (uid !== undefined && gid !== undefined) chownSync(directory, uid, gid)
  return directory
}

const rowsOf = (stdout: string): string[][] => stdout.split('\n').filter((line) => line !== '').map((line) => line.split('\t'))

interface Engine {
  readonly serve: (directory: string, port: number) => ChildProcess
  readonly client: (directory: string, port: number, database: string) => readonly [command: string, args: readonly string[]]
  readonly batch: readonly string[]
  readonly accounts: readonly string[]
  readonly creation: (name: string, charset: string) => readonly string[]
  readonly coordinates: (port: number, name: string) => Coordinates
  readonly maintenance: string
  /** Fast, without waiting for clients. */
  readonly quit: NodeJS.Signals
  /** What makes a script's tables the account's. */
  readonly asAccount: string
}

const run = async (name: string, prepare: (directory: string) => void, engine: Engine): Promise<TestDatabase> => {
  const directory = directoryOfServant(name)
  const port = await freePort()
  prepare(directory)
  let server: ChildProcess | undefined
  const execute = (database: string, sql: string) => {
    const [command, args] = engine.client(directory, port, database)
    return spawnSync(command, [...args, ...engine.batch, sql], { encoding: 'utf8' })
  }
  const start = async (): Promise<void> => {
    server = engine.serve(directory, port)
    await eventually(`${name} answers`, () => (execute(engine.maintenance, 'SELECT 1').status === 0 ? true : undefined))
  }
  const stop = async (): Promise<void> => {
    const running = server
    if (running === undefined) return
    running.kill(engine.quit)
    await eventually(`${name} ends`, () => (running.exitCode !== null || running.signalCode !== null ? true : undefined), 30)
    server = undefined
  }
  const must = (sql: string): void => {
    const { status, stderr } = execute(engine.maintenance, sql)
    if (status !== 0) throw new Error(`${sql}: ${stderr}`)
  }
  const script = (database: string, file: string) => {
    const [command, args] = engine.client(directory, port, database)
    const { status, stderr } = spawnSync(command, [...args], { input: engine.asAccount + readFileSync(file, 'utf8'), encoding: 'utf8' })
    return { code: status, stderr }
  }
  await start()
  engine.accounts.forEach(must)
  return {
    create: (database, file, charset = 'latin1') => {
      engine.creation(database, charset).forEach(must)
      if (file !== undefined) {
        const { code, stderr } = script(database, file)
        if (code !== 0) throw new Error(`${file}: ${stderr}`)
      }
      return engine.coordinates(port, database)
    },
    query: (database, sql) => {
      const { status, stdout } = execute(database, sql)
      return status === 0 ? rowsOf(stdout) : undefined
    },
    script, stop, start,
    destroy: async () => {
      await stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Why a test with this server and its driver cannot run here, or undefined. */
export const databaseObstacle = (kind: 'mariadb' | 'postgresql'): string | undefined => {
  const programs = kind === 'mariadb' ? ['mariadbd', 'mariadb-install-db', 'mariadb'] : ['postgres', 'initdb', 'psql']
  const absent = programs.filter((name) => program(name) === undefined)
  if (absent.length > 0) return `no ${absent.join(', ')} (Debian: ${kind === 'mariadb' ? 'mariadb-server' : 'postgresql'})`
  return driverJar(kind) === undefined ? `no JDBC driver (Debian: ${kind === 'mariadb' ? 'libmariadb-java' : 'libpostgresql-jdbc-java'})` : undefined
}

/** MariaDB with the strict mode of MySQL 8. */
export const startMariadb = (): Promise<TestDatabase> => run('mariadb', (directory) => {
  const options = ['--no-defaults', `--datadir=${directory}/data`, '--auth-root-authentication-method=normal', '--skip-test-db']
  execFileSync(program('mariadb-install-db') ?? '', options, { ...servant(), stdio: 'pipe', cwd: directory })
}, {
  serve: (directory, port) => spawn(program('mariadbd') ?? '', ['--no-defaults', `--datadir=${directory}/data`, `--socket=${directory}/socket`, `--port=${port}`,
    '--bind-address=127.0.0.1', `--pid-file=${directory}/pid`, '--skip-log-bin', '--innodb-buffer-pool-size=16M', '--innodb-flush-log-at-trx-commit=0',
    '--sql-mode=STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE'], { ...servant(), stdio: 'ignore' }),
  client: (directory, _port, database) => ['mariadb', ['--no-defaults', '-uroot', `--socket=${directory}/socket`, '-N', '-B', database]],
  batch: ['-e'],
  accounts: [`CREATE USER ${USER}@'127.0.0.1' IDENTIFIED BY '${PASSWORD}'`],
  creation: (name, charset) => [`CREATE DATABASE ${name} CHARACTER SET ${charset}`, `GRANT ALL ON ${name}.* TO ${USER}@'127.0.0.1'`],
  coordinates: (port, name) =>
    ({ url: `jdbc:mysql://127.0.0.1:${port}/${name}`, username: USER, password: PASSWORD, driver: 'org.mariadb.jdbc.Driver', jar: driverJar('mariadb') }),
  maintenance: 'mysql', quit: 'SIGTERM', asAccount: '',
})

/** PostgreSQL, with a password asked for over TCP. */
export const startPostgres = (): Promise<TestDatabase> => run('postgresql', (directory) => {
  const options = ['-D', `${directory}/data`, '-U', 'postgres', '--auth-local=trust', '--auth-host=scram-sha-256', '--no-sync', '-E', 'UTF8', '--locale=C.UTF-8']
  execFileSync(program('initdb') ?? '', options, { ...servant(), stdio: 'pipe', cwd: directory })
}, {
  serve: (directory, port) => spawn(program('postgres') ?? '', ['-D', `${directory}/data`, '-p', String(port), '-k', directory, '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off'],
    { ...servant(), stdio: 'ignore', cwd: directory }),
  client: (directory, port, database) =>
    ['psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-h', directory, '-p', String(port), '-U', 'postgres', '-d', database, '-At', '-F', '\t']],
  batch: ['-c'],
  accounts: [`CREATE ROLE ${USER} LOGIN PASSWORD '${PASSWORD}'`],
  creation: (name) => [`CREATE DATABASE ${name} OWNER ${USER}`],
  coordinates: (port, name) =>
    ({ url: `jdbc:postgresql://127.0.0.1:${port}/${name}`, username: USER, password: PASSWORD, driver: 'org.postgresql.Driver', jar: driverJar('postgresql') }),
  maintenance: 'postgres', quit: 'SIGINT', asAccount: `SET ROLE ${USER};\n`,
})
