import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { buildStandin, freeOffset, freePort, javaHome } from '../standin/machine.js'
import { ScriptedNode, unpackArchive, type Coordinates, type Reply } from '../standin/node.js'

/** What differs between the profiles: where the home is, its configuration and its drivers, and the script. */
const profiles = {
  esb: { zip: 'wso2esb-4.9.0.zip', top: 'wso2esb-4.9.0', home: '', conf: 'repository/conf', lib: 'repository/components/lib', dropins: 'repository/components/dropins', script: 'bin/wso2server.sh' },
  ei: { zip: 'wso2ei-6.1.1.zip', top: 'wso2ei-6.1.1', home: '', conf: 'conf', lib: 'lib', dropins: 'dropins', script: 'bin/integrator.sh' },
  'business-process': { zip: 'wso2ei-6.1.1.zip', top: 'wso2ei-6.1.1', home: 'wso2/business-process', conf: 'conf', lib: '../../lib', dropins: '../../dropins', script: 'bin/wso2server.sh' },
  toml: { zip: 'wso2ei-toml-7.0.0.zip', top: 'wso2ei-toml-7.0.0', home: '', conf: 'conf', lib: 'lib', dropins: 'dropins', script: 'bin/integrator.sh' },
} as const

export type Profile = keyof typeof profiles

let directory: string | undefined
/** A file that the stand-in's build makes, which runs once for all. */
export const built = (file: string): string => {
  directory ??= dirname(buildStandin('standin-carbon', file))
  return join(directory, file)
}

let jdk: string | undefined
/** The façade of JDK 8, unpacked beside its archive. */
export const facade = (): string => {
  if (jdk !== undefined) return jdk
  const archive = built('openjdk-8u402.tar.gz')
  execFileSync('tar', ['-xzf', archive, '-C', dirname(archive)])
  return jdk = join(dirname(archive), 'jdk8u402-b06')
}

/** The shared registry of a cluster, and whether this node may write to it. */
export interface Mount { readonly registry: Coordinates; readonly readOnly: boolean; readonly cacheId?: string }

/** One unpacked home of a Carbon product, with ports of its own, started and stopped by its own script. */
export class CarbonNode extends ScriptedNode {
  readonly profile: Profile
  readonly memberPort: number
  protected readonly script: string
  protected readonly started = /WSO2 Carbon started in \d+ sec/g
  readonly #java: string
  readonly #jdk: string

  private constructor(profile: Profile, directory: string, offset: number, memberPort: number) {
    const { top, home, script } = profiles[profile]
    super({ directory, home: join(directory, top, home), offset })
    this.profile = profile
    this.memberPort = memberPort
    this.script = script
    this.#jdk = facade()
    this.#java = this.noteCodes(`${this.#jdk}/bin/java`)
  }

  static async unpack(profile: Profile): Promise<CarbonNode> {
    const directory = unpackArchive(built(profiles[profile].zip), 'standin-carbon')
    const node = new CarbonNode(profile, directory, await freeOffset([8280, 8243, 9443, 9763, 9999, 11111]), await freePort())
    if (profile === 'toml') node.edit('esb.toml', '# offset = 0', `offset = ${node.offset}`)
    else node.edit('carbon.xml', /<Offset>\d<\/Offset>/, `<Offset>${node.offset}</Offset>`)
    return node
  }

  /** A path below the directory of configuration. */
  conf(file: string): string { return join(this.home, profiles[this.profile].conf, file) }

  dropins(): string { return join(this.home, profiles[this.profile].dropins) }

  /** Puts text in the place of what is there; that it is not there is a mistake of the test. */
  edit(file: string, what: string | RegExp, by: string): void {
    const before = readFileSync(this.conf(file), 'utf8')
    if (typeof what === 'string' ? !before.includes(what) : before.search(what) < 0) throw new Error(`${file} does not hold ${String(what)}`)
    writeFileSync(this.conf(file), before.replace(what, () => by))
  }

  driver({ jar }: Coordinates): void {
    if (jar !== undefined) copyFileSync(jar, join(this.home, profiles[this.profile].lib, basename(jar)))
  }

  /** A datasource of master-datasources.xml, in the place of the one of this name or as another one. */
  datasource(jndi: string, database: Coordinates, file = 'datasources/master-datasources.xml'): void {
    this.driver(database)
    const entity = (text: string): string => text.replaceAll('&', '&amp;')
    const text = `<datasource>\n<name>${basename(jndi)}</name><jndiConfig><name>${jndi}</name></jndiConfig><definition type="RDBMS"><configuration><url>${entity(database.url)}</url>`
      + `<username>${database.username}</username><password>${database.password}</password><driverClassName>${database.driver}</driverClassName></configuration></definition>\n    </datasource>`
    const own = new RegExp(`<datasource>(?:(?!</datasource>)[\\s\\S])*?<name>${jndi}</name>[\\s\\S]*?</datasource>`)
    // The shipped example of another datasource is a comment, so a new one goes before the closing tag.
    if (own.exec(readFileSync(this.conf(file), 'utf8').replace(/<!--[\s\S]*?-->/g, '')) === null) this.edit(file, '</datasources>\n', `${text}\n</datasources>\n`)
    else this.edit(file, own, text)
  }

  /** The databases of a clustered node: local registry, users, and the shared registry mounted. */
  databases(local: Coordinates, users: Coordinates, { registry, readOnly, cacheId }: Mount): void {
    this.datasource('jdbc/WSO2CarbonDB', local)
    this.datasource('jdbc/WSO2UMDB', users)
    this.datasource('jdbc/WSO2RegistryDB', registry)
    this.edit('user-mgt.xml', '<Property name="dataSource">jdbc/WSO2CarbonDB</Property>', '<Property name="dataSource">jdbc/WSO2UMDB</Property>')
    const mounts = ['config', 'governance'].map((name) => `<mount path="/_system/${name}" overwrite="true"><instanceId>instanceid</instanceId><targetPath>/_system/${name}</targetPath></mount>`)
    this.edit('registry.xml', '</wso2registry>', `<dbConfig name="sharedregistry"><dataSource>jdbc/WSO2RegistryDB</dataSource></dbConfig>
<remoteInstance url="https://localhost:9443/registry"><id>instanceid</id><dbConfig>sharedregistry</dbConfig><readOnly>${readOnly}</readOnly><enableCache>true</enableCache>
<registryRoot>/</registryRoot><cacheId>${cacheId ?? `${registry.username}@${registry.url}`}</cacheId></remoteInstance>\n${mounts.join('\n')}\n</wso2registry>`)
  }

  /** Turns clustering on: this node's address, and whom it knows. */
  cluster(domain: string, members: readonly string[], host = '127.0.0.1'): void {
    this.edit('axis2/axis2.xml', /(?<=HazelcastClusteringAgent") enable="false"/, ' enable="true"')
    this.edit('axis2/axis2.xml', /(?<=name="membershipScheme">)\w+(?=<)/, 'wka')
    this.edit('axis2/axis2.xml', 'wso2.carbon.domain', domain)
    this.edit('axis2/axis2.xml', /(?<=name="localMemberHost">)127\.0\.0\.1(?=<)/, `${host}`)
    this.edit('axis2/axis2.xml', /(?<=name="localMemberPort">)\d+(?=<)/, String(this.memberPort))
    const list = members.map((member) => `<member><hostName>${member.replace(/:\d+$/, '')}</hostName><port>${member.replace(/^.*:/, '')}</port></member>`)
    this.edit('axis2/axis2.xml', /<members>[\s\S]*?<\/members>/, `<members>${list.join('')}</members>`)
  }

  /** This node's address as a cluster member. */
  member(host = '127.0.0.1'): string { return `${host}:${this.memberPort}` }

  /** Hot deployment each second instead of every fifteen. */
  deployQuickly(): void { this.edit('carbon.xml', '<DeploymentUpdateInterval>15<', '<DeploymentUpdateInterval>1<') }

  proxyFile(name: string): string { return join(this.home, 'repository/deployment/server/synapse-configs/default/proxy-services', `${name}.xml`) }

  proxy(name: string, line: string): void {
    writeFileSync(this.proxyFile(name), `<?xml version="1.0" encoding="UTF-8"?>\n<proxy xmlns="http://ws.apache.org/ns/synapse" name="${name}" transports="http https">\n  <target>\n    <inSequence>\n`
      + `      <log level="custom">\n        <property name="message" value="${line}"/>\n      </log>\n      <respond/>\n    </inSequence>\n  </target>\n</proxy>\n`)
  }

  protected environment(): NodeJS.ProcessEnv {
    const memory = '-Xms16m -Xmx64m -XX:TieredStopAtLevel=1'
    return { PATH: process.env['PATH'], JAVA_HOME: this.#jdk, JAVACMD: this.#java, JVM_MEM_OPTS: memory, JAVA_OPTS: memory, STANDIN_JAVA: `${javaHome() ?? ''}/bin/java` }
  }

  /** The pid file as it lies there, NULs and all. */
  pidFile(): Buffer | undefined {
    const file = join(this.home, 'wso2carbon.pid')
    return existsSync(file) ? readFileSync(file) : undefined
  }

  get(port: 8280 | 8243 | 9443 | 9763, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    return this.request(port, port === 8243 || port === 9443, path, headers)
  }
}
