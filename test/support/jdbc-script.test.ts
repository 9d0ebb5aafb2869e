import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { jdbc, type JdbcState } from '../../src/facts/jdbc.js'
import { reveal, Secret } from '../../src/core/secret.js'
import { jdbcScript } from '../../src/modules/jdbc-script.js'
import { databaseObstacle, startMariadb, startPostgres, type TestDatabase } from './standin/databases.js'
import { eventually, freePort, javaHome } from './standin/machine.js'

/** Real drivers and servers on this machine: what `jdbc-script` finds, does and says. */

const jar = (name: string): string => `/usr/share/java/${name}.jar`
const obstacle = javaHome() === undefined ? 'no JDK 17 (Debian: openjdk-17-jdk-headless)'
  : ['h2', 'derby', 'derbynet', 'derbyclient'].some((name) => !existsSync(jar(name))) ? 'no H2 and Derby (Debian: libh2-java libderby-java libderbyclient-java)'
    : databaseObstacle('mariadb') ?? databaseObstacle('postgresql')
if (obstacle !== undefined) console.log(`skipped: scripts through JDBC drivers: ${obstacle}`)

interface Access { readonly url: string; readonly user: string; readonly password: Secret; readonly jars: readonly string[]; readonly create?: boolean; readonly session?: string }
const SCRIPT = `-- of any server
CREATE TABLE REG_PATH (ID INTEGER NOT NULL, PATH VARCHAR(200) DEFAULT 'a;''b', PRIMARY KEY (ID));
CREATE TABLE REG_LOG (ID INTEGER NOT NULL, PRIMARY KEY (ID));
INSERT INTO REG_PATH VALUES (1, '/');`
const BROKEN = 'CREATE TABLE UM_ONE (ID INTEGER);\n\nCREATE TABLE UM_TWO (ID INTEGER,);\nCREATE TABLE UM_THREE (ID INTEGER)'

const sh = (script: string, input = ''): { status: number | null; stdout: string; stderr: string } => spawnSync('sh', ['-c', script], { input, encoding: 'utf8' })
const ask = (access: Access): JdbcState => {
  const { kind, subject } = jdbc(access)
  const [reply = ''] = kind.split(sh(reveal(kind.script([subject]).text)).stdout, [subject])
  return kind.parse(subject, reply)
}
const apply = (access: Access, text: string, now: JdbcState): { status: number | null; stdout: string; stderr: string } | undefined => {
  const args = jdbcScript.args.parse({ ...access, script: { src: 'schema.sql' } })
  const [action] = jdbcScript.check(args, { now, text })[0]?.actions ?? []
  return action?.do === 'exec' ? sh(reveal(action.script), reveal(action.stdin as Secret)) : undefined // what this module gives its script
}

describe.skipIf(obstacle !== undefined)('scripts through the drivers of', { timeout: 180_000 }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'jdbc-script-'))
  const password = new Secret('it\'s "h2"')
  const servers: ChildProcess[] = []
  const databases: TestDatabase[] = []
  const accesses = new Map<string, () => Access>()

  beforeAll(async () => {
    const [h2, derby] = [await freePort(), await freePort()]
    servers.push(
      spawn('java', ['-cp', jar('h2'), 'org.h2.tools.Server', '-tcp', '-tcpPort', String(h2), '-baseDir', directory, '-ifNotExists'], { stdio: 'ignore' }),
      spawn('java', [`-Dderby.system.home=${directory}`, '-cp', `${jar('derby')}:${jar('derbynet')}`, 'org.apache.derby.drda.NetworkServerControl', 'start', '-noSecurityManager', '-p', String(derby)], { stdio: 'ignore' }),
    )
    databases.push(await startMariadb(), await startPostgres())
    const [mariadb, postgresql] = databases.map((database) => database.create('regdb'))
    const native = (given: typeof mariadb): Access => ({ url: given?.url ?? '', user: given?.username ?? '', password: new Secret(given?.password ?? ''), jars: [given?.jar ?? ''] })
    accesses.set('H2, embedded', () => ({ url: `jdbc:h2:${directory}/embedded/reg`, user: 'sa', password, jars: [jar('h2')], create: true }))
    accesses.set('H2, remote', () => ({ url: `jdbc:h2:tcp://127.0.0.1:${h2}/remote`, user: 'sa', password, jars: [jar('h2')], create: true }))
    accesses.set('Derby, embedded', () => ({ url: `jdbc:derby:${directory}/derby-embedded`, user: 'app', password, jars: [jar('derby')], create: true }))
    accesses.set('Derby, remote', () => ({ url: `jdbc:derby://127.0.0.1:${derby}/derby-remote`, user: 'app', password, jars: [jar('derbyclient')], create: true }))
    accesses.set('MariaDB', () => native(mariadb))
    accesses.set('PostgreSQL', () => native(postgresql))
    for (const port of [h2, derby]) await eventually(`port ${port} listens`, () => (spawnSync('bash', ['-c', `: < /dev/tcp/127.0.0.1/${port}`]).status === 0 ? true : undefined))
  }, 180_000)
  afterAll(async () => {
    for (const server of servers) server.kill()
    await Promise.all(databases.map((database) => database.destroy()))
    rmSync(directory, { recursive: true, force: true })
  })

  it.each([
    ['H2, embedded', false], ['H2, remote', false], ['Derby, embedded', true], ['Derby, remote', true], ['MariaDB', false], ['PostgreSQL', true],
  ])('%s', (name, takesBack) => {
    const access = accesses.get(name)?.() ?? expect.unreachable(name)
    const before = ask(access)
    expect(before).toMatchObject(access.create === true ? { exists: false } : { exists: true, tables: [] })

    // a script that fails says where, and what it left
    const failed = apply(access, BROKEN, before)
    expect(failed).toMatchObject({ status: 1, stderr: expect.stringContaining('statement 2 of 3, line 3: SQLState 42') })
    const half = ask(access)
    expect(half).toMatchObject({ exists: true, tables: takesBack ? [] : ['UM_ONE'] })
    expect(failed?.stderr).toContain(takesBack ? 'what it had done was taken back' : 'tables now:\n')

    expect(apply(access, SCRIPT, half)).toMatchObject({ status: 0, stderr: '' })
    const after = ask(access)
    expect(after).toMatchObject({ tables: ['REG_LOG', 'REG_PATH', ...(takesBack ? [] : ['UM_ONE'])] })
    expect(apply(access, SCRIPT, after), 'a second time').toBeUndefined()
    if (!takesBack) expect(() => apply(access, BROKEN, after)).toThrow('has 1 of the 3 tables of schema.sql')
    if (!name.startsWith('Derby')) expect(() => ask({ ...access, password: new Secret('wrong') })).toThrow('the user or its password is refused')
  })
})
