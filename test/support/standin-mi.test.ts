import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { buildStandin as build, eventually, standinObstacle } from './standin/machine.js'
import { alive } from './standin/node.js'
import { StandinNode } from './standin-mi/node.js'
import { zipOf } from './zip.js'

const obstacle = standinObstacle()
if (obstacle !== undefined) console.log(`skipped: stand-in of Micro Integrator: ${obstacle}`)

const buildStandin = (): string => build('standin-mi', 'wso2mi-4.2.0.zip')
const nodes: StandinNode[] = []
let zip = ''
const unpack = async (): Promise<StandinNode> => {
  const node = await StandinNode.unpack(zip)
  nodes.push(node)
  return node
}
const basic = (user: string, password: string) => ({ Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` })

describe.skipIf(obstacle !== undefined)('stand-in of Micro Integrator', { timeout: 60_000 }, () => {
  beforeAll(() => { zip = buildStandin() }, 60_000)
  afterEach(() => Promise.all(nodes.splice(0).map((node) => node.destroy())))

  describe('archive', () => {
    it('is not built a second time from unchanged sources', () => {
      const before = statSync(zip).mtimeMs
      expect(buildStandin()).toBe(zip)
      expect(statSync(zip).mtimeMs).toBe(before)
      execFileSync('sha256sum', ['--status', '-c', `${zip}.sha256`], { cwd: join(zip, '..') })
    })

    it('has one top folder, the layout of the product, modes, carriage returns and names beyond ASCII', () => {
      const list = (option: string) => execFileSync('unzip', [option, zip], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } })
      const entries = list('-Z')
      const names = list('-Z1').trim().split('\n')
      expect(names.every((name) => name.startsWith('wso2mi-4.2.0/'))).toBe(true)
      expect(names.length).toBeLessThan(150)
      for (const path of ['conf/deployment.toml', 'dbscripts/mysql/mysql_cluster.sql', 'dbscripts/postgres/postgresql_user.sql', 'dbscripts/oracle-rac/oracle_rac_transaction_count.sql',
        'repository/resources/security/wso2carbon.jks', 'repository/resources/security/client-truststore.jks', 'registry/governance/', 'dropins/', 'patches/',
        'repository/deployment/server/carbonapps/', 'repository/deployment/server/synapse-configs/default/tasks/']) expect(names).toContain(`wso2mi-4.2.0/${path}`)
      expect(entries).toMatch(/^-rwxr-xr-x .*bin\/micro-integrator\.sh$/m)
      expect(entries).toMatch(/^-rw-r--r-- .*bin\/tcpmon\.sh$/m)
      expect(names.filter((name) => /[^ -~]/.test(name))).toHaveLength(2)
      expect(execFileSync('unzip', ['-p', zip, 'wso2mi-4.2.0/README.txt'], { encoding: 'utf8' })).toMatch(/\r\n$/)
      expect(names.filter((name) => /synapse-configs\/default\/tasks\/./.test(name))).toEqual([])
    })
  })

  describe('start script', () => {
    it('refuses a JAVA_HOME that is missing or wrong with 1, and a JDK it does not know with 0', async () => {
      const node = await unpack()
      const wrong = 'Error: JAVA_HOME is not defined correctly.\n CARBON cannot execute '
      expect(node.call('start', { JAVA_HOME: '/nowhere', JAVACMD: '' })).toMatchObject({ code: 1, stdout: `${wrong}/nowhere/bin/java\n` })
      expect(node.call('start', { JAVA_HOME: '', JAVACMD: '' })).toMatchObject({ code: 1, stdout: `${wrong}java\n` })
      expect(node.call('start', { JAVA_HOME: '', JAVACMD: '/bin/sh' }))
        .toMatchObject({ code: 1, stdout: 'You must set the JAVA_HOME variable before running CARBON.\n' })
      const old = join(node.home, '..', 'jdk8')
      mkdirSync(join(old, 'bin'), { recursive: true })
      writeFileSync(join(old, 'bin/java'), '#!/bin/sh\necho \'openjdk version "1.8.0_402"\' >&2\n')
      chmodSync(join(old, 'bin/java'), 0o755)
      const refused = node.call('-Dx=y', { JAVA_HOME: old, JAVACMD: '' })
      expect(refused.code).toBe(0)
      expect(refused.stdout).toContain('WSO2 MI is supported only between JDK 11 and JDK 17')
      expect(node.log()).toBe('')
      expect(node.call('version').stdout).toContain('WSO2 Micro Integrator v4.2.0')
    })

    it('starts once, says so the second time, stops without waiting, keeps the pid file and appends to the log', async () => {
      const node = await unpack()
      mkdirSync(join(node.home, 'tmp/left'), { recursive: true })
      expect(node.call('start').code).toBe(0)
      expect(node.starts()).toBe(0)
      await eventually('the first start', () => (node.starts() === 1 ? true : undefined))
      expect(existsSync(join(node.home, 'tmp/left'))).toBe(false)
      expect(node.call('start')).toMatchObject({ code: 0, stdout: 'Process is already running\n' })
      expect(readFileSync(join(node.home, 'wso2carbon.pid'), 'utf8')).toMatch(/^\d+\n$/)
      const first = node.pid() ?? 0
      expect(readFileSync(`/proc/${first}/cmdline`, 'utf8')).toContain(`-Dcarbon.home=${node.home}\0`)
      expect(node.call('stop').code).toBe(0)
      await eventually('the end', () => (alive(first) ? undefined : true))
      expect(node.pid()).toBe(first)
      expect(node.log()).toContain('Micro Integrator Shutdown complete')
      await eventually('the code of the JVM', () => (node.jvmCodes().length === 1 ? true : undefined))
      expect(node.jvmCodes()).toEqual(['143'])
      expect(node.call('start').code).toBe(0)
      await eventually('the second start', () => (node.starts() === 2 ? true : undefined))
      node.call('restart')
      await eventually('the third start', () => (node.starts() === 3 ? true : undefined))
    })

    it('ends with 0 whatever the JVM ended with, and starts it once more at 121', async () => {
      const node = await unpack()
      node.faults('exit121_once crash_after=1')
      expect(await node.run()).toBe(0)
      expect(node.jvmCodes()).toEqual(['121', '1'])
      expect(node.starts()).toBe(2)
    })

    it('returns from stop although the JVM hangs', async () => {
      const node = await unpack()
      node.faults('hang_stop')
      await node.start()
      const stop = node.call('stop')
      expect(stop.code).toBe(0)
      expect(stop.milliseconds).toBeLessThan(1000)
      await new Promise((resolve) => { setTimeout(resolve, 500) })
      expect(alive(node.pid() ?? 0)).toBe(true)
    })

    it('passes arguments on: a system property goes before the environment, that before deployment.toml', async () => {
      const node = await unpack()
      node.configure('[cluster_config]\nnode_id = "of-toml"\n')
      const seen: (string | undefined)[] = []
      for (const [environment, options] of [[{}, []], [{ nodeId: 'of-environment' }, []], [{ nodeId: 'of-environment' }, ['-DnodeId=of-argument']]] as const) {
        await node.start(environment, options)
        seen.push((await node.get(8280, '/services/echo')).node)
        await node.stop()
      }
      expect(seen).toEqual(['of-toml', 'of-environment', 'of-argument'])
    })
  })

  describe('node', () => {
    it('serves four ports, with the offset in place of its own ten, and the shipped key that has expired', async () => {
      const node = await unpack()
      await node.start()
      expect(node.log()).toContain(`Pass-through HTTP Listener started on 0.0.0.0:${8280 + node.offset}`)
      expect(node.log()).toContain(`Pass-through HTTPS Listener started on 0.0.0.0:${8243 + node.offset}`)
      expect(node.log()).toMatch(/^\[\d{4}-\d\d-\d\d [\d:]{8},\d{3}\] {2}INFO \{org\.wso2\.micro\.integrator\.initializer\.StartupFinalizer} - /m)
      expect(node.log()).toMatch(/ - WSO2 Micro Integrator started in \d+\.\d\d seconds$/m)
      expect(await node.get(9191, '/healthz')).toMatchObject({ status: 200, body: '{"version":"4.2.0","status":"ready"}' })
      expect((await node.get(9191, '/liveness')).status).toBe(200)
      expect(await node.get(8243, '/any/path')).toMatchObject({ status: 200, node: expect.stringMatching(/^[0-9a-f-]{36}$/) })
      for (const port of [8243, 9154] as const) {
        const { name, until } = await node.certificate(port)
        expect(name).toBe('localhost')
        expect(until.getTime()).toBeLessThan(Date.now())
      }
      expect((await node.get(9154, '/management/login', basic('admin', 'admin'))).status).toBe(200)
    })

    it('lets in the users of deployment.toml alone, and serves the keys it names', async () => {
      const node = await unpack()
      execFileSync('keytool', ['-genkeypair', '-alias', 'own', '-keyalg', 'RSA', '-keysize', '2048', '-dname', 'CN=node-1.example', '-validity', '30', '-storetype', 'JKS',
        '-keystore', join(node.home, 'repository/resources/security/own.jks'), '-storepass', 'secret-1', '-keypass', 'secret-1'], { stdio: 'pipe' })
      node.configure('[keystore.primary]\nfile_name = "repository/resources/security/own.jks"\npassword = "secret-1"\nalias = "own"\nkey_password = "secret-1"\n\n'
        + '[[internal_apis.users]]\nuser.name = "operator"\nuser.password = "p\\"w"\nuser.is_admin = true\n')
      await node.start()
      expect((await node.certificate(8243)).name).toBe('node-1.example')
      expect((await node.certificate(9154)).name).toBe('node-1.example')
      expect((await node.get(9154, '/management/login', basic('admin', 'admin'))).status).toBe(401)
      const login = await node.get(9154, '/management/login', basic('operator', 'p"w'))
      expect(login.status).toBe(200)
      const token = /"AccessToken":"([^"]+)"/.exec(login.body)?.[1] ?? ''
      expect((await node.get(9154, '/management/server')).status).toBe(401)
      expect((await node.get(9154, '/management/server', { Authorization: `Bearer ${token}` })).body).toContain('"productVersion":"4.2.0"')
    })

    it('has the proxies of files and of carbon applications, and tells what it cannot read', async () => {
      const node = await unpack()
      const server = join(node.home, 'repository/deployment/server')
      const proxy = (name: string): string => `<proxy xmlns="http://ws.apache.org/ns/synapse" name="${name}"/>`
      writeFileSync(join(server, 'synapse-configs/default/proxy-services/One.xml'), proxy('One'))
      writeFileSync(join(server, 'carbonapps/Two_1.0.0.car'), zipOf([{ name: 'artifacts.xml', content: '<artifacts/>' }, { name: 'Two_1.0.0/artifact.xml', content: '<artifact/>' }, { name: 'Two_1.0.0/Two-1.0.0.xml', content: proxy('Two') }]))
      writeFileSync(join(server, 'carbonapps/Bad_1.0.0.car'), zipOf([{ name: 'README', content: '' }]))
      await node.start()
      const proxies = await Promise.all(['One', 'Two', 'Three'].map(async (name) => /"proxy":"(\w+)"/.exec((await node.get(8280, `/services/${name}`)).body)?.[1]))
      expect(proxies).toEqual(['One', 'Two', undefined])
      expect(node.log()).toContain('Successfully Deployed Carbon Application : Two_1.0.0')
      expect(node.log()).toMatch(/Error while deploying Carbon Application : .*Bad_1\.0\.0\.car: artifacts\.xml is not in it/)
    })

    it('runs every task itself without a coordination database, and reports an artifact it cannot read', async () => {
      const node = await unpack()
      node.task('sample-task', 500)
      writeFileSync(join(node.home, 'repository/deployment/server/synapse-configs/default/tasks/broken.xml'), '<task xmlns="http://ws.apache.org/ns/synapse" name="broken">')
      await node.start()
      await node.logged('Task scheduled: [ESB_TASK][sample-task].')
      await eventually('two runs', () => (node.count('Task executed: [ESB_TASK][sample-task]') >= 2 ? true : undefined))
      expect(node.log()).toMatch(/ERROR .*tasks\/broken\.xml failed: line 1/)
      expect(node.log()).not.toContain('Initializing task coordination')
    })
  })

  describe('leaves no started line', () => {
    it('when deployment.toml is not TOML: file and line, JVM 1, script 0', async () => {
      const node = await unpack()
      node.configure('[cluster_config]\nnode_id = // "node-1"\n')
      expect(await node.run()).toBe(0)
      expect(node.log()).toContain(`ERROR {org.wso2.micro.integrator.server.Main} - Error while parsing ${node.home}/conf/deployment.toml: line 6: `)
      expect(node.starts()).toBe(0)
      expect(node.jvmCodes()).toEqual(['1'])
      node.configure('[server]\n')
      await node.run()
      expect(node.log()).toContain(`line 5: table 'server' is defined twice`)
    })

    it('when a keystore or the truststore cannot be read, or the alias is not in it; the process stays', async () => {
      for (const [toml, message] of [
        ['[keystore.primary]\npassword = "other"\n', 'cannot read the keystore'],
        ['[keystore.primary]\nfile_name = "no/such.jks"\n', 'no/such.jks'],
        ['[keystore.primary]\nalias = "other"\n', `no key with the alias 'other'`],
        ['[truststore]\npassword = "other"\n', 'client-truststore.jks'],
      ] as const) {
        const node = await unpack()
        node.configure(toml)
        void node.run()
        await node.logged(message)
        expect(node.starts()).toBe(0)
        expect(alive(node.pid() ?? 0)).toBe(true)
        await expect(node.get(9191, '/healthz')).rejects.toThrow()
        await node.destroy()
      }
    })

    it('when one of its ports is taken; the process stays', async () => {
      const node = await unpack()
      const taken: Server = createServer()
      await new Promise<void>((resolve) => { taken.listen(9154 + node.offset, '0.0.0.0', resolve) })
      void node.run()
      await node.logged(`0.0.0.0:${9154 + node.offset}: Address already in use`)
      await expect(node.get(8280, '/')).rejects.toThrow()
      expect(node.starts()).toBe(0)
      expect(alive(node.pid() ?? 0)).toBe(true)
      await new Promise((resolve) => { taken.close(resolve) })
    })
  })

  it('imitates a slow start, no start and a taken port when a fault asks for them', async () => {
    const slow = await unpack()
    slow.faults('slow_start=2')
    const begun = Date.now()
    await slow.start()
    expect(Date.now() - begun).toBeGreaterThan(2000)
    const [none, busy] = [await unpack(), await unpack()]
    void none.run({ STANDIN_FAULT: 'no_start' })
    void busy.run({ STANDIN_FAULT: 'port_busy' })
    await busy.logged('Address already in use')
    await none.logged('Starting WSO2 Micro Integrator')
    expect([none.starts(), busy.starts()]).toEqual([0, 0])
  })

  describe('secure vault', () => {
    const vaulted = async (values: Readonly<Record<string, string>>): Promise<StandinNode> => {
      const node = await unpack()
      const security = join(node.home, 'repository/resources/security')
      const openssl = (args: readonly string[], input = ''): Buffer => execFileSync('openssl', args, { cwd: security, input, stdio: ['pipe', 'pipe', 'pipe'] })
      openssl(['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'n.key', '-out', 'n.pem', '-subj', '/CN=node-1.example', '-days', '30'])
      openssl(['pkcs12', '-export', '-name', 'node', '-inkey', 'n.key', '-in', 'n.pem', '-passout', 'pass:store-1', '-out', 'n.p12'])
      const encrypted = (text: string): string => openssl(['pkeyutl', '-encrypt', '-certin', '-inkey', 'n.pem'], text).toString('base64')
      writeFileSync(join(node.home, 'conf/security/secret-conf.properties'), 'carbon.secretProvider=org.wso2.securevault.secret.handler.SecretManagerSecretCallbackHandler\n'
        + 'keystore.identity.location=repository/resources/security/n.p12\nkeystore.identity.type=PKCS12\nkeystore.identity.alias=node\n')
      node.configure('[keystore.primary]\nfile_name = "repository/resources/security/n.p12"\ntype = "PKCS12"\npassword = "$secret{store}"\nalias = "node"\nkey_password = "$secret{store}"\n\n'
        + '[[internal_apis.users]]\nuser.name = "operator"\nuser.password = "$secret{admin}"\n\n'
        + '[[datasource]]\nid = "OTHER"\nurl = "jdbc:x:y"\nusername = "u"\npassword = "$secret{admin}"\ndriver = "x.Y"\n\n'
        + `[secrets]\nadmin = "$env{vault_admin}"\nstore = "${values['store'] ?? encrypted('store-1')}"\n`)
      node.secrets = { vault_admin: values['admin'] ?? encrypted('p"w') }
      if (values['password'] !== '') writeFileSync(join(node.home, 'password-tmp'), `${values['password'] ?? 'store-1'}\n`, { mode: 0o600 })
      return node
    }

    it('opens the values of [secrets] with the key of the node, and takes its password away', async () => {
      const node = await vaulted({})
      await node.start(node.secrets)
      expect((await node.certificate(8243)).name).toBe('node-1.example')
      expect((await node.get(9154, '/management/login', basic('operator', 'p"w'))).status).toBe(200)
      expect((await node.get(9154, '/management/login', basic('operator', '$secret{admin}'))).status).toBe(401)
      expect(existsSync(join(node.home, 'password-tmp'))).toBe(false)
    })

    it.each([
      ['without the password of the keystore', { password: '' }, 'Enter KeyStore and Private Key Password'],
      ['with another password', { password: 'store-2' }, 'Error in loading the keystore of the secure vault'],
      ['with a value in the clear', { admin: 'p"w' }, "Error decrypting the secret 'admin'"],
      ['with a value for another key', { store: Buffer.alloc(256, 7).toString('base64') }, "Error decrypting the secret 'store'"],
    ])('does not start %s', async (_title, values, message) => {
      const node = await vaulted(values)
      expect(await node.run(node.secrets)).toBe(0)
      expect(node.log()).toContain(message)
      expect([node.starts(), node.jvmCodes()]).toEqual([0, ['1']])
    })
  })

  describe('starts uncoordinated', () => {
    const datasource = (url: string, driver: string) => `[[datasource]]\nid = "WSO2_COORDINATION_DB"\nurl = "${url}"\nusername = "u"\npassword = "p"\ndriver = "${driver}"\n`

    it('without the driver\'s jar, and with a bare ampersand in the URL', async () => {
      const node = await unpack()
      node.task('sample-task')
      node.configure(datasource('jdbc:mysql://127.0.0.1:1/c', 'com.mysql.cj.jdbc.Driver'))
      await node.start()
      expect(node.log()).toContain('Error in initializing Tasks component')
      expect(node.log()).toContain('Caused by: java.lang.ClassNotFoundException: com.mysql.cj.jdbc.Driver')
      expect(node.log()).toContain('Task scheduled: [ESB_TASK][sample-task].')
      expect((await node.get(9191, '/healthz')).status).toBe(200)
      await node.stop()
      node.configure(datasource('jdbc:mysql://127.0.0.1:1/c?a=b&c=d', 'com.mysql.cj.jdbc.Driver'))
      await node.start()
      expect(node.log()).toMatch(/ERROR .*master-datasources\.xml: line \d+: /)
    })
  })
})
