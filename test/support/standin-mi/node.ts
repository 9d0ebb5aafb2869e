import { copyFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { freeOffset, javaHome } from '../standin/machine.js'
import { ScriptedNode, unpackArchive, type Coordinates, type Reply } from '../standin/node.js'

/** One unpacked home of the stand-in, with ports of its own, started and stopped by its own script. */
export class StandinNode extends ScriptedNode {
  protected readonly script = 'bin/micro-integrator.sh'
  protected readonly started = /WSO2 Micro Integrator started in \d+\.\d\d seconds/g
  /** Environment variables that hold encrypted values. */
  secrets: Readonly<Record<string, string>> = {}
  readonly #java = this.noteCodes(`${javaHome() ?? ''}/bin/java`)

  static async unpack(zip: string): Promise<StandinNode> {
    const directory = unpackArchive(zip, 'standin-mi')
    const node = new StandinNode({ directory, home: join(directory, basename(zip, '.zip')), offset: await freeOffset([8280, 8243, 9191, 9154]) })
    node.configure('')
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

  protected environment(): NodeJS.ProcessEnv {
    return { PATH: process.env['PATH'], JAVA_HOME: javaHome(), JAVACMD: this.#java, JVM_MEM_OPTS: '-Xms16m -Xmx64m -XX:TieredStopAtLevel=1' }
  }

  get(port: 8280 | 8243 | 9191 | 9154, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    return this.request(port, port === 8243 || port === 9154, path, headers)
  }
}
