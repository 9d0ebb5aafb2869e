import { execFile } from 'node:child_process'
import { cp, mkdir, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { questionsFor, type Question } from './clients.js'
import { preparePractice } from './practice.js'

const checkout = resolve(import.meta.dirname, '../..')

/** A cluster that is brought up on lab hosts by a demo or a test. */
export interface System {
  readonly about: string
  readonly playbook: string
  readonly inventory: string
  readonly hosts: readonly string[]
  /** Beside the stand-in of the product, which is made anew where its sources changed. */
  readonly standin: 'standin-mi' | 'standin-carbon'
  /** More arguments of the run with this database. */
  readonly databases: Readonly<Record<string, readonly string[]>>
  /** Shell text for one host that spoils something, what is spoilt by it, and how `verify` tells it. */
  readonly drift: readonly (readonly [host: string, shell: string, about: string, told?: string])[]
  /** What a run refuses to mend, and how it is told: shell text for one host that spoils it, and what puts it back. */
  readonly refused?: readonly { readonly host: string; readonly about: string; readonly spoils: string; readonly message: string; readonly restores: string }[]
  /** What clients ask through the balancer while operations are run, during which no request may fail. */
  readonly drill?: { readonly questions: readonly Question[]; readonly operations: readonly (readonly string[])[] }
  /** What to try on the hosts that are left. */
  readonly next: readonly (readonly [about: string, ...commands: string[]])[]
}

/** What is done in the home of a node, which is started anew then, until it listens. */
const restarted = (name: string, shell: string): string => `cd -P /opt/wso2/${name}
conf=repository/conf; [ -d "$conf" ] || conf=conf
${shell}
systemctl restart ${name}
timeout 60 sh -c 'until curl -s -o /dev/null http://127.0.0.1:8280/; do sleep 1; done'`

const carbon = (name: string, node: string, nodes: readonly [string, string, ...string[]], about: string): System => ({
  about, playbook: `${name}-cluster`, inventory: `lab-${node}`, hosts: ['db1', 'lb1', ...nodes], standin: 'standin-carbon',
  databases: { mariadb: [], postgresql: ['--set', 'database=postgresql', '--set', 'driver=.lab/dist/postgresql.jar'], 'secure-vault': ['--set', 'secure_vault=true'] },
  drift: [
    [nodes[0], restarted(name, `p=$(sed -n 's#.*<KeyPassword>\\(.*\\)</KeyPassword>.*#\\1#p' "$conf/carbon.xml" | head -n 1)
cd repository/resources/security
rm node.jks
keytool -genkeypair -alias node -keyalg RSA -dname CN=${nodes[0]} -startdate -3d -validity 1 -storetype JKS -keystore node.jks -storepass "$p" -keypass "$p" 2>/dev/null
chown wso2:wso2 node.jks`), 'it serves a certificate that nobody signed and that ended two days ago', `certificate at 127.0.0.1:9443, that of /opt/wso2/pki/${nodes[0]}.pem`],
    [nodes[1], restarted(name, `sed -i '/name="localMemberHost"/s#>[^<]*<#>10.255.255.1<#' "$conf/axis2/axis2.xml"`), 'it tells the others an address that is not its own', 'not logged since its start'],
    [nodes.at(-1) ?? nodes[1], `systemctl kill --signal=KILL ${name}`, 'the process of a node is killed', `${name}.service running: it is `],
    ['lb1', "sed -i 's/max_fails=2/max_fails=9/' /etc/nginx/conf.d/worker-manager.conf", 'the site of the balancer is altered'],
  ],
  drill: {
    questions: questionsFor(`${name}.example.test`, '/services/ProvisionProbe'),
    operations: [
      ['operations/carbon-rolling-restart'], ['operations/carbon-renew-certificates'],
      // it stays in the inventory, and so comes back
      ['operations/carbon-remove-worker', '--set', `node=${nodes.at(-1) ?? nodes[1]}`], ['operations/carbon-add-worker', '--set', `node=${nodes.at(-1) ?? nodes[1]}`],
    ],
  },
  next: [
    ['See which members the manager knows', `lab ssh ${node}1 -- sudo journalctl -u ${name} -g member`],
    ['Look around as deploy, who may say sudo', `lab ssh ${node}1`],
  ],
})

const profile = '/opt/wso2/wso2ei-6.1.1/wso2/business-process'
const sql = (database: string, statement: string): string => `if command -v mariadb >/dev/null; then mariadb ${database} -e '${statement}'; else runuser -u postgres -- psql -q -d ${database} -c '${statement}'; fi`

const processes: System = {
  ...carbon('ei-bps', 'bps', ['bps1', 'bps2'], 'two nodes of the business process profile of EI 6.1.1, their six databases and load balancer'),
  drift: [
    ['db1', sql('ACTIVITI_DB', 'DROP TABLE ACT_BPS_SUBSTITUTES'), 'the tables of a script are missing'],
    ['bps1', `sed -i 's#/wso2/business-process/bin/wso2server.sh#/bin/business-process.sh#' /etc/systemd/system/ei-bps.service\nsystemctl daemon-reload\nsystemctl restart ei-bps`,
      'it is started by the wrapper, which never returns'],
    ['bps2', `sed -i 's#NodeId>bps2<#NodeId>bps1<#; s#UseDistributedLock>true<#UseDistributedLock>false<#' ${profile}/conf/bps.xml`, 'it has the id of the other node, and no lock'],
    ['bps2', `cd /opt/wso2/pki\nopenssl req -new -key bps2.key -subj /CN=bps2 | openssl x509 -req -signkey bps2.key -days -1 -out bps2.pem`, 'its certificate is self-signed, without names, and ended yesterday'],
    ['bps2', `kill -9 "$(tr -d '\\0' < ${profile}/wso2carbon.pid)"`, 'its JVM is killed'],
    ['lb1', 'sed -i s/:9445/:9443/ /etc/nginx/conf.d/worker-manager.conf\nsystemctl reload nginx', 'the balancer asks the port of another profile for the console'],
    ['bps2', `sed -i s#repository/resources/security/trust.jks#../../repository/resources/security/client-truststore.jks# ${profile}/conf/carbon.xml`, 'it trusts the certificates of another profile'],
  ],
  // it leads what is asked without TLS to it
  drill: {
    questions: [{ method: 'GET', url: 'http://ei.example.test/carbon/', status: 302 }, { method: 'GET', url: 'https://ei.example.test/bpmn-explorer/' }, { method: 'GET', url: 'https://ei.example.test/humantask-explorer/' }],
    operations: [['operations/carbon-rolling-restart'], ['operations/carbon-renew-certificates'], ['operations/carbon-remove-worker', '--set', 'node=bps2'], ['operations/carbon-add-worker', '--set', 'node=bps2']],
  },
  refused: [{
    host: 'db1', about: 'one of the eight tables of a script is missing, so that it cannot be told how far it came', message: 'ACTIVITI_DB has 7 of the 8 tables of activiti.',
    spoils: sql('ACTIVITI_DB', 'ALTER TABLE ACT_HI_PROCINST RENAME TO ACT_HI_KEPT'), restores: sql('ACTIVITI_DB', 'ALTER TABLE ACT_HI_KEPT RENAME TO ACT_HI_PROCINST'),
  }],
}

const oneMachine = (name: string, node: string): System => ({
  ...carbon(name, node, [`${node}1`, `${node}2`], 'the same with both workers on one machine'), databases: { mariadb: ['-i', `inventories/lab-${node}/one-machine.yaml`] },
  drift: [[`${node}2`, `systemctl kill --signal=KILL ${name}-two`, 'the process of the second worker is killed'], [`${node}2`, `systemctl stop ${name}`, 'the first one is stopped']],
})

const tomlDrill = { questions: questionsFor('ei.example.test', '/services/ProvisionProbe'), operations: [['operations/ei-toml-rolling-restart']] }

/** By the name of their playbook, or of what is particular about their inventory. */
export const systems: Readonly<Record<string, System>> = {
  'mi-cluster': {
    about: 'a Micro Integrator cluster of two nodes, its database and its load balancer', playbook: 'cluster.yaml', inventory: 'lab', hosts: ['db1', 'lb1', 'mi1', 'mi2'], standin: 'standin-mi',
    databases: { mariadb: [], postgresql: ['--set', 'database_type=postgresql'] },
    drift: [
      ['lb1', 'sed -i s/8290/8291/ /etc/nginx/conf.d/micro-integrator.conf', 'the balancer asks a port where nobody listens'],
      ['mi2', 'systemctl stop mi', 'a node is stopped'],
    ],
    next: [
      ['The drill: stop each node in turn; the scheduled task moves', 'run cluster.yaml -i lab --tags failover --yes'],
      ['Look around as deploy, who may say sudo', 'lab ssh mi1'],
    ],
  },
  'esb-cluster': carbon('esb', 'esb', ['esb1', 'esb2', 'esb3'], 'a manager and two workers of ESB 4.9.0, their databases, Subversion and load balancer'),
  'ei-cluster': carbon('ei', 'ei', ['ei1', 'ei2', 'ei3'], 'a manager and two read-only workers of EI 6.1.1, their databases, rsync and load balancer'),
  'esb-one-machine': oneMachine('esb', 'esb'),
  'ei-one-machine': oneMachine('ei', 'ei'),
  'ei-bps-cluster': processes,
  'ei-toml-cluster': {
    about: 'two equal nodes configured by esb.toml, which no released product reads, their database and load balancer', playbook: 'ei-toml-cluster', inventory: 'lab-toml', hosts: ['db1', 'lb1', 'ei1', 'ei2'],
    standin: 'standin-carbon',
    databases: {
      mariadb: [], postgresql: ['--set', 'database=postgresql', '--set', 'driver=.lab/dist/postgresql.jar'],
      'read-write-ldap': ['--set', '@inventories/lab-toml/user-stores/read-write-ldap.yaml'], 'read-only-ldap': ['--set', '@inventories/lab-toml/user-stores/read-only-ldap.yaml'],
    },
    drift: [
      ['ei1', "sed -i '/^membership_scheme/d' /opt/wso2/ei/conf/esb.toml", 'esb.toml loses its membership scheme, as the document has it'],
      ['ei2', 'systemctl kill --signal=KILL ei', 'the process of a node is killed'],
      ['lb1', "sed -i 's/max_fails=2/max_fails=9/' /etc/nginx/conf.d/worker-manager.conf", 'the site of the balancer is altered'],
    ],
    drill: tomlDrill,
    next: [
      ['See which members a node knows', 'lab ssh ei1 -- sudo journalctl -u ei -g member'],
      ['Look around as deploy, who may say sudo', 'lab ssh ei1'],
    ],
  },
  'ei-toml-one-machine': {
    about: 'the same on one machine, as members 4000 and 4001', playbook: 'ei-toml-cluster', inventory: 'lab-toml-one-machine', hosts: ['db1', 'lb1', 'ei1'], standin: 'standin-carbon', databases: { mariadb: [] },
    drift: [['ei1', 'systemctl kill --signal=KILL ei-two', 'the process of the second node is killed'], ['ei1', "sed -i 's/^offset = 1$/offset = 0/' /opt/wso2/ei-two/conf/esb.toml", 'the second node takes the ports of the first']],
    drill: tomlDrill,
    next: [['See which members the second node knows', 'lab ssh ei1 -- sudo journalctl -u ei-two -g member']],
  },
}

/** Makes a folder with a lab a place to run a system from: inventory, key of its vault, archives and drivers, as in the checkout. */
export const prepareSystem = async ({ inventory, standin }: System, directory: string, drivers: Readonly<Record<string, string>>): Promise<void> => {
  if (standin === 'standin-mi') return preparePractice(directory, drivers)
  await preparePractice(directory, drivers)
  await promisify(execFile)('bash', [join(checkout, 'test/support', standin, 'build.sh'), join(directory, '.lab/dist')])
  if (directory === checkout) return
  const folder = join(directory, 'inventories', inventory)
  await mkdir(folder, { recursive: true })
  await cp(join(checkout, 'inventories', inventory, 'hosts.yaml'), join(folder, 'hosts.yaml'))
  for (const [name, target] of [['vault.yaml', '../lab/vault.yaml'], ['vault.key', '../../.lab/vault.key']] as const) await symlink(target, join(folder, name))
}
