import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { buildStandin, eventually, javaHome, standinObstacle } from './standin/machine.js'
import { alive } from './standin/node.js'
import { built, CarbonNode, facade, type Profile } from './standin-carbon/node.js'

const obstacle = standinObstacle()
if (obstacle !== undefined) console.log(`skipped: stand-in of Carbon: ${obstacle}`)

const nodes: CarbonNode[] = []
const unpack = async (profile: Profile): Promise<CarbonNode> => {
  const node = await CarbonNode.unpack(profile)
  nodes.push(node)
  return node
}
/** The machine's own JDK 17, which knows neither endorsed directories nor a permanent generation. */
const jdk17 = { JAVA_HOME: javaHome() ?? '' }

describe.skipIf(obstacle !== undefined)('stand-in of Carbon', { timeout: 120_000 }, () => {
  beforeAll(() => { built('wso2esb-4.9.0.zip') }, 120_000)
  afterEach(() => Promise.all(nodes.splice(0).map((node) => node.destroy())))

  // wso2.md f.2, f.4, f.6
  describe('archives', () => {
    const names = (zip: string) => execFileSync('unzip', ['-Z1', built(zip)], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } }).trim().split('\n')

    it('are not built a second time from unchanged sources', () => {
      const before = statSync(built('wso2esb-4.9.0.zip')).mtimeMs
      expect(statSync(buildStandin('standin-carbon', 'wso2esb-4.9.0.zip')).mtimeMs).toBe(before)
    })

    it.each([
      ['wso2esb-4.9.0.zip', ['bin/wso2server.sh', 'bin/yajsw/wrapper.conf', 'dbscripts/derby.sql', 'dbscripts/openedge.sql', 'dbscripts/identity/mysql.sql', 'repository/components/worker/',
        'repository/components/dropins/', 'repository/components/lib/', 'repository/conf/axis2/axis2.xml', 'repository/conf/datasources/master-datasources.xml', 'repository/conf/tomcat/catalina-server.xml',
        'repository/deployment/server/synapse-configs/default/proxy-services/', 'repository/resources/security/client-truststore.jks', 'lib/endorsed/'],
      ['dbscripts/mysql5.7.sql', 'bin/integrator.sh', 'conf/']],
      ['wso2ei-6.1.1.zip', ['bin/integrator.sh', 'bin/business-process.sh', 'conf/axis2/axis2.xml', 'dbscripts/mysql5.7.sql', 'dropins/', 'lib/', 'wso2/components/business-process-default/',
        'wso2/business-process/bin/wso2server.sh', 'wso2/business-process/conf/bps.xml', 'wso2/business-process/conf/datasources/activiti-datasources.xml',
        'wso2/business-process/dbscripts/bps/bpel/create/mysql.sql', 'wso2/business-process/dbscripts/bps/bpmn/create/activiti.mysql.create.engine.sql',
        'wso2/business-process/repository/resources/security/wso2carbon.jks'],
      ['bin/wso2server.sh', 'wso2/components/worker/', 'dbscripts/derby.sql', 'dbscripts/openedge.sql', 'repository/conf/']],
      ['wso2ei-toml-7.0.0.zip', ['conf/esb.toml', 'bin/integrator.sh', 'repository/resources/conf/templates/conf/axis2/axis2.xml'], ['wso2/components/worker/', 'dbscripts/mysql5.7.sql']],
    ])('of %s have the layout of the product', (zip, present, absent) => {
      const top = zip.replace('.zip', '/')
      const found = names(zip)
      expect(found.every((name) => name.startsWith(top))).toBe(true)
      for (const path of present) expect(found).toContain(top + path)
      for (const path of absent) expect(found).not.toContain(top + path)
      expect(found.filter((name) => /[^ -~]/.test(name))).toHaveLength(2)
      const modes = execFileSync('unzip', ['-Z', built(zip)], { encoding: 'utf8' })
      expect(modes).toMatch(/^-rwxr-xr-x .*bin\/(wso2server|integrator)\.sh$/m)
      expect(modes).toMatch(/^-rw-r--r-- .*bin\/tcpmon\.sh$/m)
      expect(execFileSync('unzip', ['-p', built(zip), `${top}README.txt`], { encoding: 'utf8' })).toMatch(/\r\n$/)
    })

    it('have their examples in comments of several lines, and delimiters as each database wants them', async () => {
      const node = await unpack('esb')
      const examples = (file: string) => readFileSync(node.conf(file), 'utf8').match(/<!--[^>]*\n[\s\S]*?-->/g)?.join('') ?? ''
      expect(examples('axis2/axis2.xml')).toMatch(/WSDLEPRPrefix[\s\S]*localMemberBindAddress/)
      expect(examples('tomcat/catalina-server.xml')).toMatch(/proxyPort="80"[\s\S]*proxyPort="443"/)
      expect(examples('registry.xml')).toMatch(/<remoteInstance[\s\S]*<mount/)
      expect(examples('carbon.xml')).toMatch(/<HostName>[\s\S]*<DeploymentSynchronizer>/)
      const script = (name: string) => readFileSync(join(node.home, 'dbscripts', name), 'utf8')
      expect(script('oracle.sql')).toContain('\n/\n')
      expect(script('oracle.sql')).not.toContain(';')
      expect(script('db2.sql').match(/^CREATE TABLE /gm)).toHaveLength(39)
      expect(script('mysql_cluster.sql')).toContain('ENGINE NDB;')
    })
  })

  // wso2.md f.3; what JDK 8 says to unknown options
  describe('façade of JDK 8', () => {
    const java = (...args: string[]) => spawnSync(join(facade(), 'bin/java'), args, { encoding: 'utf8', env: { ...process.env, STANDIN_JAVA: `${javaHome() ?? ''}/bin/java` } })

    it('answers as 8 does, takes what 17 refuses, and refuses what came later', () => {
      expect(java('-version').stderr).toContain('openjdk version "1.8.0_402"')
      for (const later of [['--add-opens', 'java.base/java.lang=ALL-UNNAMED'], ['--version'], ['-XX:+UseZGC', '-version']]) {
        const { status, stderr } = java(...later)
        expect(status).toBe(1)
        expect(stderr).toMatch(/^Unrecognized (VM )?option[\s\S]*Error: Could not create the Java Virtual Machine\.\n/)
      }
      expect(java('Script.java')).toMatchObject({ status: 1, stderr: 'Error: Could not find or load main class Script.java\n' })
      const old = java('-XX:MaxPermSize=256m', '-Djava.endorsed.dirs=/none', '-cp', '/none', 'Nothing', '--here')
      expect(old.stderr).toContain('ignoring option MaxPermSize=256m; support was removed in 8.0')
      expect(old.stderr).toContain('Could not find or load main class Nothing')
    })

    it('makes keystores of the type JKS', async () => {
      const node = await unpack('esb')
      const store = join(node.directory, 'own.jks')
      const options = ['-storepass', 'secret-1', '-keystore', store]
      execFileSync(join(facade(), 'bin/keytool'), ['-genkeypair', '-alias', 'own', '-keyalg', 'RSA', '-dname', 'CN=a', '-keypass', 'secret-1', ...options],
        { stdio: 'pipe', env: { ...process.env, STANDIN_JAVA: `${javaHome() ?? ''}/bin/java` } })
      expect(readFileSync(store).subarray(0, 4).toString('hex')).toBe('feedfeed')
    })
  })

  // wso2.md a.0.2, f.7 (1, 2, 3, 5, 11, 12)
  describe('start script', () => {
    it('refuses a JAVA_HOME that is missing or wrong with 1, and only warns of a JDK 17 that then dies of its options', async () => {
      for (const [profile, complaint] of [['esb', 'Unrecognized VM option \'MaxPermSize=256m\''], ['ei', 'is not supported. Endorsed standards and standalone APIs']] as const) {
        const node = await unpack(profile)
        expect(node.call('start', { JAVA_HOME: '/nowhere', JAVACMD: '' })).toMatchObject({ code: 1, stdout: 'Error: JAVA_HOME is not defined correctly.\n CARBON cannot execute /nowhere/bin/java\n' })
        expect(node.call('start', { JAVA_HOME: '', JAVACMD: '/bin/sh' })).toMatchObject({ code: 1, stdout: 'You must set the JAVA_HOME variable before running CARBON.\n' })
        const script = profile === 'esb' ? 'bin/wso2server.sh' : 'bin/integrator.sh'
        const { status, stdout, stderr } = spawnSync('sh', [join(node.home, script)], { encoding: 'utf8', env: { PATH: process.env['PATH'], ...jdk17 } })
        expect(status).toBe(0)
        expect(stdout).toContain(' [ERROR] CARBON is supported only on JDK 1.7 and 1.8')
        expect(stdout + stderr).toContain(complaint)
        expect(stderr).toContain('Error: Could not create the Java Virtual Machine.')
        expect(node.log()).toBe('')
      }
    })

    it('starts once, says so the second time, stops without waiting, leaves a pid file with NULs and appends to the log', async () => {
      const node = await unpack('esb')
      expect(node.call('start').code).toBe(0)
      expect(node.starts()).toBe(0)
      await eventually('the first start', () => (node.starts() === 1 ? true : undefined), 40)
      expect(node.call('start')).toMatchObject({ code: 0, stdout: 'Process is already running\n' })
      const first = node.pid() ?? 0
      expect(node.pidFile()?.toString('latin1')).toBe(`${first}\n`.padEnd(100, '\0'))
      expect(readFileSync(`/proc/${first}/cmdline`, 'utf8')).toContain(`-Dcarbon.home=${node.home}\0`)
      expect(node.call('stop').code).toBe(0)
      await eventually('the end', () => (alive(first) ? undefined : true))
      expect(node.pid()).toBe(first)
      const tail = ['Shutdown hook triggered....', 'Gracefully shutting down WSO2 Enterprise Service Bus...', 'Stopped all transport listeners', 'Waiting for server task completion...',
        'Waiting for deployment completion...', 'Shutting down WSO2 Enterprise Service Bus...', 'Shutting down OSGi framework...', 'Shutdown complete', 'Halting JVM']
      expect([...node.log().matchAll(/CarbonServerManager} - {2}(.*) {/g)].map(([, text]) => text)).toEqual(tail)
      await eventually('the code of the JVM', () => (node.jvmCodes().length === 1 ? true : undefined))
      expect(node.jvmCodes()).toEqual(['143'])
      expect(node.call('start').code).toBe(0)
      await eventually('the second start', () => (node.starts() === 2 ? true : undefined), 40)
    })

    it('ends with 0 whatever the JVM ended with, and starts it once more at 121', async () => {
      const node = await unpack('ei')
      node.faults('exit121_once crash_after=1')
      expect(await node.run()).toBe(0)
      expect(node.jvmCodes()).toEqual(['121', '1'])
      expect(node.starts()).toBe(2)
    })

    it('returns from stop although the JVM hangs', async () => {
      const node = await unpack('esb')
      node.faults('hang_stop')
      await node.start()
      expect(node.call('stop').code).toBe(0)
      await new Promise((resolve) => { setTimeout(resolve, 500) })
      expect(alive(node.pid() ?? 0)).toBe(true)
    })
  })

  // wso2.md a.0.1, 0.3 (1), f.7 (4)
  it('has no worker in EI: the JVM dies with its words, the script ends with 0 and a pid file lies there', async () => {
    const node = await unpack('ei')
    expect(await node.run({}, ['-DworkerNode=true'])).toBe(0)
    expect(node.jvmCodes()).toEqual(['1'])
    expect(node.log()).toContain('OSGi runtime worker profile not found')
    expect(node.log()).toContain('java.lang.RuntimeException: worker profile not found')
    expect(existsSync(join(node.home, 'wso2carbon.pid'))).toBe(true)
    expect(node.starts()).toBe(0)
  })

  // wso2.md a.0.3, a.0.4, a.0.8, a.0.9, f.3
  describe('server', () => {
    it('of ESB 4.9 says and serves what the product does', async () => {
      const node = await unpack('esb')
      node.proxy('Echo', 'it passed')
      await node.start()
      const told = ['Starting WSO2 Carbon...', 'Operating System : Linux', 'Java Home        : ', `Carbon Home      : ${node.home}`, 'Repository       : ', `HTTPS port       : ${9443 + node.offset}`,
        `HTTP port        : ${9763 + node.offset}`, `Pass-through HTTP Listener started on 0.0.0.0:${8280 + node.offset}`, `Pass-through HTTPS Listener started on 0.0.0.0:${8243 + node.offset}`,
        'Server           :  WSO2 Enterprise Service Bus-4.9.0', 'WSO2 Carbon started in ', `Mgt Console URL  : https://localhost:${9443 + node.offset}/carbon/`]
      const places = told.map((text) => node.log().indexOf(text))
      expect(places).toEqual([...places].sort((a, b) => a - b))
      expect(places).not.toContain(-1)
      expect(node.log()).toMatch(/^TID: \[-1234] \[] \[\d{4}-\d\d-\d\d [\d:]{8},\d{3}] {2}INFO {org\.wso2\.carbon\.[\w.]+} - {2}Starting WSO2 Carbon\.\.\. {org\./m)
      // Clustering is off as shipped, and nothing is said of it (f.7, 8).
      expect(node.log()).not.toMatch(/[Cc]luster/)
      const shipped = await node.certificate(8243)
      expect(shipped.bits).toBe(1024)
      expect((await node.certificate(9443)).bits).toBe(1024)
      const reply = await node.get(8280, '/services/Echo')
      expect(reply).toMatchObject({ status: 200, node: expect.stringMatching(/:\d+$/) })
      expect((await node.get(8243, '/services/Echo')).status).toBe(200)
      expect((await node.get(8280, '/services/None')).status).toBe(404)
      expect(node.count('LogMediator} -  message = it passed')).toBe(2)
      expect((await node.get(8280, '/services/Echo?wsdl')).body).toContain(`<soap:address location="http://localhost:${8280 + node.offset}/services/Echo"/>`)
      expect(await node.get(9443, '/carbon', { Host: 'mgt.example:9443' })).toMatchObject({ status: 302, headers: { location: `https://mgt.example:${9443 + node.offset}/carbon/admin/login.jsp` } })
      expect((await node.get(9763, '/carbon/')).headers.location).toMatch(/^https:/)
    })

    it('of EI serves a key that expired in 2017, keeps the balancer\'s name and port, puts prefixes into WSDL and takes proxies as they come', async () => {
      const node = await unpack('ei')
      node.deployQuickly()
      node.edit('tomcat/catalina-server.xml', 'port="9443"\n', 'port="9443" proxyPort="443"\n')
      node.edit('axis2/axis2.xml', '<parameter name="port" locked="false">8280</parameter>', '<parameter name="port" locked="false">8280</parameter><parameter name="WSDLEPRPrefix" locked="false">http://esb.example:80</parameter>')
      await node.start()
      expect(node.log()).toContain('Server           :  WSO2 Enterprise Integrator-6.1.1')
      expect((await node.certificate(8243)).until.toISOString()).toMatch(/^2017-06-19/)
      expect((await node.get(9443, '/carbon', { Host: 'mgt.example' })).headers.location).toBe('https://mgt.example/carbon/admin/login.jsp')
      node.proxy('Late', 'late')
      await node.logged('ProxyService named \'Late\' has been deployed from file : ')
      expect((await node.get(8280, '/services/Late?wsdl')).body).toContain('location="http://esb.example:80/services/Late"')
      rmSync(node.proxyFile('Late'))
      await node.logged('ProxyService named \'Late\' has been undeployed')
      expect((await node.get(8280, '/services/Late')).status).toBe(404)
      node.proxy('Broken', '"/')
      await node.logged('ProxyService Deployment from the file : ')
    })

    it('of the business-process profile has a home, ports and pages of its own, and no pass-through', async () => {
      const node = await unpack('business-process')
      expect(readFileSync(join(node.directory, 'wso2ei-6.1.1/wso2/business-process/conf/carbon.xml'), 'utf8')).toContain('<HostName>localhost</HostName>')
      await node.start()
      expect(node.log()).toContain('Server           :  WSO2 Business Process Server-3.6.0')
      expect(node.log()).not.toContain('Pass-through')
      for (const path of ['/carbon/admin/login.jsp', '/bpmn-explorer', '/humantask-explorer/']) expect((await node.get(9443, path)).status).toBe(200)
      await expect(node.get(8280, '/')).rejects.toThrow()
    })

    it('imitates a slow start, no start, a taken port and a log without a server when a fault asks for them', async () => {
      const [slow, none, busy, talk] = [await unpack('esb'), await unpack('esb'), await unpack('ei'), await unpack('ei')]
      slow.faults('slow_start=2')
      const begun = Date.now()
      await slow.start()
      expect(Date.now() - begun).toBeGreaterThan(2000)
      void none.run({ STANDIN_FAULT: 'no_start' })
      void busy.run({ STANDIN_FAULT: 'port_busy' })
      await talk.start({ STANDIN_FAULT: 'log_only' })
      await expect(talk.get(9443, '/carbon')).rejects.toThrow()
      await busy.logged('Address already in use')
      await none.logged('Carbon Home')
      expect([none.starts(), busy.starts()]).toEqual([0, 0])
    })
  })

  // wso2.md f.3, f.7 (6)
  describe('leaves no started line', () => {
    const stuck = async (profile: Profile, wrong: (node: CarbonNode) => void, message: string | RegExp): Promise<CarbonNode> => {
      const node = await unpack(profile)
      wrong(node)
      void node.run()
      await eventually(String(message), () => (node.log().search(message) >= 0 ? true : undefined), 40)
      expect(node.starts()).toBe(0)
      expect(alive(node.pid() ?? 0)).toBe(true)
      await expect(node.get(8280, '/')).rejects.toThrow()
      return node
    }

    it('when carbon.xml is not well-formed: file and line, and the JVM ends', async () => {
      const node = await unpack('esb')
      node.edit('carbon.xml', '<Ports>', '<Ports')
      expect(await node.run()).toBe(0)
      expect(node.log()).toMatch(/FATAL .*Error while parsing \S+\/carbon\.xml: line \d+: /)
      expect(node.jvmCodes()).toEqual(['1'])
    })

    it.each([
      ['axis2.xml is not well-formed', 'axis2/axis2.xml', '</clustering>', '', /Error while parsing \S+\/axis2\.xml: line \d+: /],
      ['master-datasources.xml has a bare ampersand', 'datasources/master-datasources.xml', 'LOCK_TIMEOUT=60000', 'a=b&c=d', /Error while parsing \S+\/master-datasources\.xml: line \d+: /],
      ['the driver\'s jar is missing', 'datasources/master-datasources.xml', /<url>[\s\S]*<driverClassName>org.h2.Driver/, '<url>jdbc:mysql://127.0.0.1:1/x</url><driverClassName>com.mysql.jdbc.Driver', /ClassNotFoundException: com\.mysql\.jdbc\.Driver/],
      ['user-mgt.xml names no datasource there is', 'user-mgt.xml', 'jdbc/WSO2CarbonDB', 'jdbc/WSO2UMDB', /Name \[jdbc\/WSO2UMDB] is not bound/],
      ['a mount names no instance there is', 'registry.xml', '</wso2registry>', '<mount path="/_system/config"><instanceId>other</instanceId></mount></wso2registry>', /names the instance 'other'/],
      ['the keystore\'s password is wrong for Tomcat', 'tomcat/catalina-server.xml', 'keystorePass="wso2carbon"', 'keystorePass="other"', /cannot read the keystore/],
      ['the alias is not in the keystore', 'carbon.xml', '<KeyAlias>wso2carbon', '<KeyAlias>other', /no key with the alias 'other'/],
      ['a truststore is missing', 'axis2/axis2.xml', 'security/client-truststore.jks', 'security/none.jks', /none\.jks/],
    ])('when %s; the process stays', async (_title, file, what, by, message) => { await stuck('esb', (node) => { node.edit(file, what, by) }, message) })

    it('when one of its ports is taken; the process stays', async () => {
      const taken: Server = createServer()
      const node = await unpack('ei')
      await new Promise<void>((resolve) => { taken.listen(9763 + node.offset, '0.0.0.0', resolve) })
      void node.run()
      await node.logged(`0.0.0.0:${9763 + node.offset}: Address already in use`)
      expect(node.starts()).toBe(0)
      expect(alive(node.pid() ?? 0)).toBe(true)
      await new Promise((resolve) => { taken.close(resolve) })
    })
  })

  // wso2.md a.0.10
  describe('secure vault', () => {
    const vaulted = async ({ password = 'wso2carbon', trust = 'wso2carbon', alias = 'Carbon.Security.KeyStore.Password' } = {}): Promise<CarbonNode> => {
      const node = await unpack('esb')
      const keys = join(node.home, 'repository/resources/security')
      const certificate = execFileSync('keytool', ['-exportcert', '-rfc', '-alias', 'wso2carbon', '-keystore', 'wso2carbon.jks', '-storepass', 'wso2carbon'], { cwd: keys, stdio: ['pipe', 'pipe', 'pipe'] })
      writeFileSync(join(keys, 'n.pem'), certificate)
      const encrypted = (text: string): string => execFileSync('openssl', ['pkeyutl', '-encrypt', '-certin', '-inkey', 'n.pem'], { cwd: keys, input: text, stdio: ['pipe', 'pipe', 'pipe'] }).toString('base64')
      const svns = 'xmlns:svns="http://org.wso2.securevault/configuration" svns:secretAlias'
      node.edit('carbon.xml', '<Password>wso2carbon</Password>\n      <KeyAlias>', `<Password ${svns}="${alias}">password</Password>\n      <KeyAlias>`)
      node.edit('carbon.xml', '<Password>wso2carbon</Password>\n    </TrustStore>', `<Password ${svns}="Carbon.Security.TrustStore.Password">password</Password>\n    </TrustStore>`)
      node.edit('tomcat/catalina-server.xml', 'keystorePass="wso2carbon"', `keystorePass="password" ${svns}="Server.Service.Connector.keystorePass"`)
      writeFileSync(join(node.home, 'repository/conf/security/secret-conf.properties'), 'carbon.secretProvider=org.wso2.securevault.secret.handler.SecretManagerSecretCallbackHandler\n'
        + 'keystore.identity.location=repository/resources/security/wso2carbon.jks\nkeystore.identity.type=JKS\nkeystore.identity.alias=wso2carbon\n')
      writeFileSync(join(node.home, 'repository/conf/security/cipher-text.properties'),
        `Carbon.Security.KeyStore.Password=${encrypted('wso2carbon')}\nCarbon.Security.TrustStore.Password=${encrypted(trust)}\nServer.Service.Connector.keystorePass=${encrypted('wso2carbon')}\n`)
      if (password !== '') writeFileSync(join(node.home, 'password-tmp'), `${password}\n`, { mode: 0o600 })
      return node
    }

    it('opens what aliases stand for with the key of the node, and takes its password away', async () => {
      const node = await vaulted()
      await node.start()
      expect((await node.certificate(9443)).bits).toBe(1024)
      expect(existsSync(join(node.home, 'password-tmp'))).toBe(false)
    })

    it.each([
      ['without the password of the keystore', { password: '' }, 'Enter KeyStore and Private Key Password'],
      ['with another password', { password: 'store-2' }, 'Error in loading the keystore of the secure vault'],
      ['with an alias that carbon.xml asks nobody for', { alias: 'My.Own.Password' }, 'cannot read the keystore'],
      ['with another secret behind the alias', { trust: 'other' }, 'cannot read the keystore'],
    ])('does not start %s', async (_title, values, message) => {
      const node = await vaulted(values)
      void node.run()
      await node.logged(message)
      expect(node.starts()).toBe(0)
    })
  })

  // wso2.md a.0.2: the wrapper never returns, also when the JVM is dead
  it('has a wrapper of the business-process profile that stays when there is no JVM', async () => {
    const node = await unpack('business-process')
    const begun = Date.now()
    const { stdout } = spawnSync('sh', [join(node.directory, 'wso2ei-6.1.1/bin/business-process.sh')], { encoding: 'utf8', timeout: 2000, env: { PATH: process.env['PATH'], JAVA_HOME: '/nowhere' } })
    expect(stdout).toContain('JAVA_HOME is not defined correctly')
    expect(Date.now() - begun).toBeGreaterThan(2000)
  })
})
