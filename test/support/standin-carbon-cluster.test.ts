import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { databaseObstacle, startMariadb, startPostgres, type TestDatabase } from './standin/databases.js'
import { eventually, freePort, program, standinObstacle } from './standin/machine.js'
import type { Coordinates } from './standin/node.js'
import { built, CarbonNode, type Profile } from './standin-carbon/node.js'

const obstacle = standinObstacle() ?? databaseObstacle('mariadb')
if (obstacle !== undefined) console.log(`skipped: cluster of the stand-in of Carbon: ${obstacle}`)
const noSubversion = program('svnserve') === undefined
if (noSubversion) console.log('skipped: Subversion of the stand-in of Carbon: no svnserve (Debian: subversion)')

describe.skipIf(obstacle !== undefined)('cluster of the stand-in of Carbon', { timeout: 120_000 }, () => {
  const nodes: CarbonNode[] = []
  let database: TestDatabase
  const unpack = async (profile: Profile): Promise<CarbonNode> => {
    const node = await CarbonNode.unpack(profile)
    nodes.push(node)
    return node
  }
  const scripts = (node: CarbonNode, file: string) => join(node.home, 'dbscripts', file)
  const tables = (name: string) => Number(database.query(name, `SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = '${name}'`)?.[0]?.[0])
  /** ESB 4.9 has no script for today's servers: its own runs where dates of zero are taken. */
  const lenient = (name: string, node: CarbonNode, file = 'mysql.sql'): Coordinates => {
    const relaxed = join(node.directory, 'relaxed.sql')
    writeFileSync(relaxed, `SET sql_mode = '';\n${execFileSync('cat', [scripts(node, file)], { encoding: 'utf8' })}`)
    return database.create(name, relaxed)
  }

  beforeAll(async () => {
    built('wso2esb-4.9.0.zip')
    database = await startMariadb()
  }, 120_000)
  afterEach(() => Promise.all(nodes.splice(0).map((node) => node.destroy())))
  afterAll(() => database.destroy(), 60_000)

  // wso2.md a.0.8, a.1: manager and worker of ESB 4.9 over four databases
  it('joins a manager and a worker that know one another, tells of who comes and goes, and keeps the console to the manager', async () => {
    const [manager, worker] = [await unpack('esb'), await unpack('esb')]
    const [users, registry] = [lenient('users', manager), lenient('registry', manager)]
    expect(database.script('users', scripts(manager, 'identity/mysql.sql')).code).toBe(0)
    manager.databases(lenient('local1', manager), users, { registry, readOnly: false })
    worker.databases(lenient('local2', worker), users, { registry, readOnly: true })
    manager.cluster('esb.domain', [worker.member()])
    worker.cluster('esb.domain', [manager.member()])
    manager.edit('carbon.xml', '<ServerURL>', '<HostName>esb.example</HostName><MgtHostName>mgt.esb.example</MgtHostName><ServerURL>')
    await manager.start()
    expect(manager.log()).toContain('Elected this member')
    expect(manager.log()).toContain('localMemberHost is configured to use the loopback address.')
    expect(manager.log()).not.toContain('Member joined')
    await worker.start({}, ['-DworkerNode=true'])
    await manager.logged(`]: /${worker.member()}`)
    expect(manager.log()).toMatch(new RegExp(`INFO {org\\.wso2\\.carbon\\.core\\.clustering\\.hazelcast\\.wka\\.WKABasedMembershipScheme} -  Member joined \\[[0-9a-f-]{36}]: /${worker.member()} {`))
    expect(worker.log()).toContain(`Added member: Host:127.0.0.1, Port: ${manager.memberPort}`)
    expect(worker.log()).not.toContain('Elected this member')
    expect(manager.log()).toContain('Mgt Console URL  : https://mgt.esb.example:')
    expect(worker.log()).not.toContain('Mgt Console URL')
    expect((await manager.get(9443, '/carbon/admin/login.jsp')).status).toBe(200)
    expect((await worker.get(9443, '/carbon/admin/login.jsp')).status).toBe(404)
    expect(database.query('registry', 'SELECT REG_PATH_VALUE FROM REG_PATH ORDER BY 1')).toEqual([['/_system/config'], ['/_system/governance']])
    expect(database.query('users', 'SELECT UM_USER_NAME FROM UM_USER')).toEqual([['admin']])

    await worker.stop()
    await manager.logged('Member left [')
    expect(manager.log()).toContain(`WKA member ${worker.member()} left cluster.`)
    await worker.start({}, ['-DworkerNode=true'])
    await eventually('the worker again', () => (manager.count('Member joined [') === 2 ? true : undefined))
  })

  // wso2.md b.4 (1), f.7 (7): "started" is not "clustered"
  it('starts two nodes that look for one another at wrong addresses or in another domain, and joins neither', async () => {
    const [first, second, third] = [await unpack('ei'), await unpack('ei'), await unpack('ei')]
    first.cluster('one.domain', [`127.0.0.1:${await freePort()}`])
    second.cluster('one.domain', ['192.0.2.1:4100'])
    third.cluster('other.domain', [first.member(), second.member()])
    await Promise.all([first.start(), second.start(), third.start()])
    await new Promise((resolve) => { setTimeout(resolve, 1500) })
    for (const node of [first, second, third]) {
      expect(node.log()).toContain('Cluster initialization completed')
      expect(node.log()).not.toMatch(/Member joined|Added member/)
    }
  })

  it('starts a node that cannot listen on the address it says is its own, and moves off a port that is taken, where nobody finds it', async () => {
    const [lost, first, second] = [await unpack('ei'), await unpack('ei'), await unpack('ei')]
    lost.cluster('one.domain', [first.member()], '192.0.2.1')
    first.cluster('one.domain', [second.member()])
    second.cluster('one.domain', [])
    second.edit('axis2/axis2.xml', new RegExp(`(?<=localMemberPort">)${second.memberPort}`), String(first.memberPort))
    await Promise.all([lost.start(), first.start()])
    await second.start()
    expect(lost.log()).toContain('Cannot listen as a cluster member on 192.0.2.1:')
    expect(second.log()).toContain(`Local member: [`)
    expect(second.log()).toContain(`Port:${first.memberPort + 1}`)
    expect(first.log()).not.toContain('Member joined')
  })

  it('finds a third node through the one it knows, goes on without it, and tells of a node that was killed', async () => {
    const [known, second, third] = [await unpack('ei'), await unpack('ei'), await unpack('business-process')]
    known.cluster('one.domain', [])
    second.cluster('one.domain', [known.member()])
    third.cluster('one.domain', [known.member()])
    await known.start()
    await Promise.all([second.start(), third.start()])
    await eventually('two members', () => (known.count('Member joined [') === 2 ? true : undefined))
    await second.logged(`Added member: Host:127.0.0.1, Port: ${third.memberPort}`)
    await third.logged(`Added member: Host:127.0.0.1, Port: ${second.memberPort}`)
    process.kill(known.pid() ?? 0, 'SIGKILL')
    await eventually('its end on both', () => (second.count('Member left [') === 1 && third.count('Member left [') === 1 ? true : undefined))
    expect(second.count('Elected this member') + third.count('Elected this member')).toBe(1)
  })

  // wso2.md a.0.5, f.4: what each script leaves behind on today's servers
  it('leaves five of thirty-nine tables of mysql.sql in strict mode, all of mysql5.7.sql, which may not run twice', async () => {
    const [esb, ei] = [await unpack('esb'), await unpack('ei')]
    for (const [node, name] of [[esb, 'strict_esb'], [ei, 'strict_ei']] as const) {
      database.create(name)
      const { code, stderr } = database.script(name, scripts(node, 'mysql.sql'))
      expect(code).not.toBe(0)
      expect(stderr).toMatch(/ERROR 1067 .*'REG_CREATED_TIME'/)
      expect(tables(name)).toBe(5)
    }
    database.create('whole', scripts(ei, 'mysql5.7.sql'), 'utf8mb4')
    expect(tables('whole')).toBe(39)
    expect(database.script('whole', scripts(ei, 'mysql5.7.sql')).stderr).toContain('ERROR 1061')
    const before = tables('whole')
    expect(database.script('whole', scripts(ei, 'identity/mysql.sql')).code).toBe(0)
    expect(tables('whole')).toBeGreaterThan(before)
    lenient('relaxed', esb)
    expect(tables('relaxed')).toBe(39)
  })

  // wso2.md a.0.2 on -Dsetup, b.1 (16), f.7 (6)
  it('sets up what is missing once, by the type that the driver tells, and takes half a schema for a whole one', async () => {
    const node = await unpack('ei')
    const empty = database.create('setup')
    node.datasource('jdbc/WSO2CarbonDB', empty)
    void node.run({}, ['-Dsetup'])
    await node.logged('Unsupported database: MariaDB')
    expect(tables('setup')).toBe(0)
    await node.stop()
    node.datasource('jdbc/WSO2CarbonDB', { ...empty, url: `${empty.url}?useMysqlMetadata=true&tcpKeepAlive=true` })
    void node.run({}, ['-Dsetup'])
    await node.logged('Failed to execute')
    expect(node.log()).toMatch(/dbscripts\/mysql\.sql: .*REG_CREATED_TIME/)
    expect(tables('setup')).toBe(5)
    await node.stop()
    expect(node.starts()).toBe(0)
    copyFileSync(scripts(node, 'mysql5.7.sql'), scripts(node, 'mysql.sql'))
    database.create('again')
    node.edit('datasources/master-datasources.xml', '/setup?', '/again?')
    await node.start({}, ['-Dsetup'])
    expect(tables('again')).toBe(39)
    await node.stop()
    await node.start({}, ['-Dsetup'])
    expect(node.count('Database already exists. Not creating a new database.')).toBe(3)
    await node.stop()
    // The first table is there, so the script is not run again, and the sixth is missed.
    node.datasource('jdbc/WSO2UMDB', { ...empty, url: `${empty.url.replace(/setup$/, 'again')}?useMysqlMetadata=true` })
    node.edit('user-mgt.xml', 'jdbc/WSO2CarbonDB', 'jdbc/WSO2UMDB')
    node.edit('datasources/master-datasources.xml', '/again?useMysqlMetadata=true&amp;tcp', '/setup?useMysqlMetadata=true&amp;tcp')
    void node.run({}, ['-Dsetup'])
    await node.logged("Table 'setup.REG_RESOURCE' doesn't exist")
    expect(tables('setup')).toBe(5)
    expect(node.starts()).toBe(2)
  })

  // wso2.md b.1 (22), b.5 (8), a.0.3
  it('writes nothing through a mount that is only read, warns of a strange cache id, and keeps the first password of the administrator', async () => {
    const node = await unpack('ei')
    const [local, registry] = ['own', 'mounted'].map((name) => database.create(name, scripts(node, 'mysql5.7.sql')))
    if (local === undefined || registry === undefined) throw new Error('two databases were made')
    node.databases(local, local, { registry, readOnly: true, cacheId: 'somebody@elsewhere' })
    node.edit('user-mgt.xml', '<Password>admin</Password>', '<Password>f&amp;rst</Password>')
    node.edit('carbon.xml', /<Offset>\d+/, '<Offset>0')
    const login = (password: string) => execFileSync('curl', ['-sk', '-o', '/dev/null', '-w', '%{redirect_url}', '--data-urlencode', 'username=admin', '--data-urlencode', `password=${password}`,
      `https://127.0.0.1:${9443 + node.offset}/carbon/admin/login_action.jsp`], { encoding: 'utf8' })
    await node.start({}, [`-DportOffset=${node.offset}`])
    expect(node.log()).toMatch(/WARN .*The cache id of \/_system\/config is 'somebody@elsewhere', its data source is 'standin@jdbc:mysql:/)
    expect(database.query('mounted', 'SELECT COUNT(*) FROM REG_PATH')).toEqual([['0']])
    expect(login('f&rst')).toMatch(/index\.jsp\?loginStatus=true$/)
    await node.stop()
    node.edit('user-mgt.xml', 'f&amp;rst', 'second')
    await node.start({}, [`-DportOffset=${node.offset}`])
    expect(login('second')).toMatch(/login\.jsp\?loginStatus=false$/)
    expect(login('f&rst')).toMatch(/loginStatus=true$/)
  })

  it('never joins when the fault asks for that, and still starts; takes members as ranges', async () => {
    const [first, second] = [await unpack('esb'), await unpack('esb')]
    first.cluster('one.domain', [second.member('127.0.0.1-3')], '127.0.0.2')
    second.cluster('one.domain', [first.member('127.0.0.2')])
    await second.start({ STANDIN_FAULT: 'never_join' })
    await first.start()
    await new Promise((resolve) => { setTimeout(resolve, 1500) })
    expect(first.log() + second.log()).not.toMatch(/Member joined|Added member/)
    await second.stop()
    await second.start()
    await first.logged(`]: /${second.member()}`)
  })

  it('leaves no started line with a wrong password or without tables', async () => {
    const [locked, bare, partial] = [await unpack('esb'), await unpack('esb'), await unpack('ei')]
    locked.datasource('jdbc/WSO2CarbonDB', { ...database.create('locked'), password: 'wrong' })
    bare.datasource('jdbc/WSO2CarbonDB', database.create('bare'))
    partial.datasource('jdbc/WSO2CarbonDB', database.create('part'))
    database.script('part', scripts(partial, 'mysql.sql'))
    for (const node of [locked, bare, partial]) void node.run()
    await locked.logged('Access denied for user')
    await bare.logged("Table 'bare.UM_TENANT' doesn't exist")
    await partial.logged("Table 'part.UM_TENANT' doesn't exist")
    expect([locked, bare, partial].map((node) => node.starts())).toEqual([0, 0, 0])
  })

  // wso2.md a.3: two more databases, of which Activiti's makes itself
  it('starts the business-process profile on its own databases, and not without the tables of BPEL', async () => {
    const node = await unpack('business-process')
    const named = (name: string, file?: string) => { const { url, ...rest } = database.create(name, file); return { ...rest, url: `${url}?useMysqlMetadata=true` } }
    node.datasource('jdbc/WSO2CarbonDB', named('bps_local', scripts(node, 'mysql5.7.sql')))
    node.datasource('bpsds', named('bps'), 'datasources/bps-datasources.xml')
    node.datasource('jdbc/ActivitiDB', named('activiti'), 'datasources/activiti-datasources.xml')
    void node.run()
    await node.logged("Table 'bps.ODE_SCHEMA_VERSION' doesn't exist")
    expect(node.starts()).toBe(0)
    await node.stop()
    expect(database.script('bps', scripts(node, 'bps/bpel/create/mysql.sql')).code).toBe(0)
    node.edit('bps.xml', /<!-- Of its own on every node:\n/, '<tns:NodeId>node-1</tns:NodeId><tns:UseDistributedLock>true</tns:UseDistributedLock><!-- \n')
    await node.start()
    expect(node.log()).toContain('Node id node-1, distributed lock true')
    expect(tables('bps')).toBe(41)
    expect(database.query('activiti', "SELECT VALUE_ FROM ACT_GE_PROPERTY WHERE NAME_ = 'schema.version'")).toHaveLength(1)
  })

  // wso2.md a.4, b.4 (5), f.7 (8): esb.toml as the document has it forms no cluster
  it('renders esb.toml, is silent and alone without a membership scheme, and joins with one', async () => {
    const [first, second] = [await unpack('toml'), await unpack('toml')]
    const shared = database.create('shared', scripts(first, 'mysql.sql'))
    for (const [node, other] of [[first, second], [second, first]] as const) {
      node.driver(shared)
      node.edit('esb.toml', /# \[clustering][\s\S]*/, `[clustering]\ndomain = "toml.domain"\nlocal_member_host = "127.0.0.1"\nlocal_member_port = ${node.memberPort}\nmembers = ["${node.member()}", "${other.member()}"]\n\n`
        + `[database.shared_db]\ntype = "mariadb"\nurl = "${shared.url}"\nusername = "${shared.username}"\npassword = "${shared.password}"\n\n[database.shared_db.pool_options]\nmax_active = 50\n`)
    }
    await Promise.all([first.start(), second.start()])
    for (const node of [first, second]) {
      expect(node.log()).not.toMatch(/[Cc]luster /)
      expect(readFileSync(node.conf('axis2/axis2.xml'), 'utf8')).toMatch(/<clustering [^>]*enable="false"/)
      expect(readFileSync(node.conf('datasources/master-datasources.xml'), 'utf8')).toContain('<maxActive>50</maxActive>')
    }
    expect(database.query('shared', 'SELECT REG_PATH_VALUE FROM REG_PATH ORDER BY 1')?.[0]).toEqual(['/_system/config'])
    await second.stop()
    await first.stop()
    for (const node of [first, second]) node.edit('esb.toml', '[clustering]\n', '[clustering]\nmembership_scheme = "wka"\n')
    await first.start()
    await second.start()
    await first.logged(`]: /${second.member()}`)
    await second.stop()
    second.edit('esb.toml', '[clustering]', '[clustering] // two nodes')
    expect(await second.run()).toBe(0)
    expect(second.log()).toMatch(/FATAL .*Error while parsing \S+\/esb\.toml: line \d+: /)
  })
})

const noPostgres = standinObstacle() ?? databaseObstacle('postgresql')
if (noPostgres !== undefined) console.log(`skipped: stand-in of Carbon on PostgreSQL: ${noPostgres}`)

// wso2.md a.0.5: forty tables, of which a second run makes none
describe.skipIf(noPostgres !== undefined)('stand-in of Carbon on PostgreSQL', { timeout: 120_000 }, () => {
  it('starts on the tables of postgresql.sql, and sets up an empty database with it', async () => {
    const [database, node] = [await startPostgres(), await CarbonNode.unpack('esb')]
    try {
      const file = join(node.home, 'dbscripts/postgresql.sql')
      const made = database.create('made', file)
      expect(database.script('made', file).code).not.toBe(0)
      node.datasource('jdbc/WSO2CarbonDB', made)
      node.datasource('jdbc/WSO2UMDB', database.create('empty'))
      node.edit('user-mgt.xml', '<Property name="dataSource">jdbc/WSO2CarbonDB', '<Property name="dataSource">jdbc/WSO2UMDB')
      await node.start({}, ['-Dsetup'])
      for (const name of ['made', 'empty']) expect(database.query(name, "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'public'")).toEqual([['40']])
      expect(database.query('empty', 'SELECT UM_USER_NAME FROM UM_USER')).toEqual([['admin']])
    } finally {
      await node.destroy()
      await database.destroy()
    }
  })
})

// wso2.md a.1 (18-21): AutoCommit on the manager alone
describe.skipIf(obstacle !== undefined || noSubversion)('deployment synchroniser of the stand-in of Carbon', { timeout: 120_000 }, () => {
  const nodes: CarbonNode[] = []
  let repository = ''
  let server: ChildProcess | undefined
  let url = ''

  beforeAll(async () => {
    repository = mkdtempSync(join(tmpdir(), 'standin-svn-'))
    execFileSync('svnadmin', ['create', repository])
    writeFileSync(join(repository, 'conf/svnserve.conf'), '[general]\nanon-access = none\nauth-access = write\npassword-db = passwd\n')
    writeFileSync(join(repository, 'conf/passwd'), '[users]\nrepouser = s ecret\n')
    const port = await freePort()
    url = `svn://127.0.0.1:${port}/`
    server = spawn('svnserve', ['--daemon', '--foreground', '--root', repository, '--listen-host', '127.0.0.1', '--listen-port', String(port)], { stdio: 'ignore' })
  })
  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.destroy()))
    server?.kill()
    rmSync(repository, { recursive: true, force: true })
  }, 60_000)

  it('carries a proxy from the manager to a worker whose folder was empty, takes it away again, and does neither without svnkit or over a full folder', async () => {
    const synchronised = async (commit: boolean, svnkit = true): Promise<CarbonNode> => {
      const node = await CarbonNode.unpack('esb')
      nodes.push(node)
      node.deployQuickly()
      if (svnkit) copyFileSync(built('svnkit-all-1.8.7.wso2v1.jar'), join(node.dropins(), basename('svnkit-all-1.8.7.wso2v1.jar')))
      node.edit('carbon.xml', /(?<=-->\s*<DeploymentSynchronizer>\s*<Enabled>)false/, 'true')
      if (commit) node.edit('carbon.xml', '<AutoCommit>false', '<AutoCommit>true')
      node.edit('carbon.xml', /(?<=RepositoryType>svn<\/RepositoryType>\s*<SvnUrl>)[^<]+/, url)
      node.edit('carbon.xml', '<SvnUser>username', '<SvnUser>repouser')
      node.edit('carbon.xml', '<SvnPassword>password', '<SvnPassword>s ecret')
      return node
    }
    const [manager, worker, full, without] = [await synchronised(true), await synchronised(false), await synchronised(false), await synchronised(false, false)]
    rmSync(join(worker.home, 'repository/deployment/server'), { recursive: true })
    manager.proxy('Shared', 'seen here')
    await manager.start()
    expect(manager.log()).toContain(`Committed to ${url}-1234`)
    await Promise.all([worker.start({}, ['-DworkerNode=true']), full.start(), without.start()])
    expect(await worker.get(8280, '/services/Shared')).toMatchObject({ status: 200 })
    expect(worker.log()).toContain('LogMediator} -  message = seen here')
    expect(manager.log()).not.toContain('seen here')
    expect(full.log()).toContain('is not empty and no working copy of')
    expect(without.log()).toContain('there is no svnkit jar in ')
    for (const node of [full, without]) expect((await node.get(8280, '/services/Shared')).status).toBe(404)

    manager.proxy('Later', 'later')
    await worker.logged("ProxyService named 'Later' has been deployed from file : ")
    rmSync(manager.proxyFile('Later'))
    await worker.logged("ProxyService named 'Later' has been undeployed")
    expect(existsSync(worker.proxyFile('Later'))).toBe(false)
  })
})
