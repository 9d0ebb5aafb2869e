import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { exitCode } from '../../src/core/errors.js'
import { folderWith } from '../inventory/files.js'
import { archiveOf, productNamed } from '../support/product-archive.js'
import { checkout } from '../support/provision.js'
import { said, type Said } from '../support/said.js'
import { zipOf } from '../support/zip.js'

interface System {
  readonly playbook: string
  readonly inventory: string
  readonly product: string
  readonly hosts: readonly string[]
  /** What else may be said with `--set`. */
  readonly also?: readonly (readonly string[])[]
  /** What is said of another product than the inventory's. */
  readonly settings?: readonly string[]
  /** What is said with `--set` or of addresses, and what is answered before anything is connected. */
  readonly traps: readonly (readonly [about: string, change: { readonly set?: readonly string[]; readonly address?: readonly [host: string, address: string]; readonly inventory?: readonly [from: string, to: string] }, message: string])[]
}

const carbon = (node: string): System['traps'] => [
  ['a JDK that it dies of', { set: ['java=17'] }, 'needs Java 7 to 8, not 17'],
  ['a worker that is reached at its loopback alone', { address: [`${node}2`, '127.0.0.1'] }, `${node}2 has no address at which other members reach it`],
  ['two nodes on one machine with the same ports', { address: [`${node}3`, '10.1.0.4'] }, 'two nodes share an address and its ports'],
  ['a filled folder that Subversion shall fill', { set: ['synchronisation=subversion', 'worker_deployment=keep'] }, 'Subversion fills an empty deployment folder alone'],
  ['a well-known member that nobody is', { set: [`well_known=[${node}1, ${node}9]`] }, `well_known names ${node}9, which is no node`],
  ['a range of members in the middle of an address', { set: ['well_known_ranges=[{ address: 10.1.2-5.4, cluster_port: 4100 }]'] }, '"cluster_port":4100} is no range of members'],
  ['the password that everybody knows for the administrator', { set: ['cluster_admin_password=admin'] }, 'still the shipped one'],
  ['the password that everybody knows for the keystores', { set: ['cluster_keystore_password=wso2carbon'] }, 'still the shipped one'],
  ['the password that everybody knows for the databases', { set: ['cluster_database_password=regadmin'] }, 'still the shipped one'],
  ['a database inside of one node', { set: ['database=derby-embedded'] }, 'embedded Derby lives in the process of one node'],
  ['a type of database that nobody knows', { set: ['database=sybase'] }, 'there is no type of database "sybase"'],
  ['a product that is no member of such a cluster', { set: ['product=mi-4.2.0'] }, 'Micro Integrator 4.2.0'],
]

const systems: readonly System[] = [
  {
    playbook: 'cluster', inventory: 'lab', product: 'mi-4.2.0', hosts: ['db1', 'lb1', 'mi1', 'mi2'],
    traps: [
      ['a JDK that it refuses', { set: ['java=8'] }, 'needs Java 11 to 17, not 8'],
      ['a node that is reached at its loopback alone', { address: ['mi2', '127.0.0.1'] }, 'mi2 has no address at which other hosts reach it'],
      ['a database that nodes reach at their own loopback', { address: ['db1', '127.0.0.1'] }, 'db1 has no address at which other hosts reach it'],
      ['two nodes on one machine with the same ports', { address: ['mi2', '10.1.0.3'] }, 'two nodes share an address and its ports'],
      ['a resolver that there is not', { set: ['task_resolver=by-hand'] }, 'one of default, active-passive, round-robin, task-nodes'],
      ['a count of nodes that is never reached', { set: ['task_resolver=round-robin'], inventory: ['vars:', 'vars:\n  task_server_count: 3'] }, 'task_server_count is 3, and there are 2 nodes'],
      ['tasks for a node that there is not', { set: ['task_resolver=task-nodes'], inventory: ['vars:', 'vars:\n  task_nodes: [mi2, mi3]'] }, 'task_nodes names mi2, mi3'],
      ['looks for tasks without a pause', { set: ['resolving_period=0'] }, 'resolving_period and resolving_frequency are above 0'],
      ['the password that everybody knows for the administrator', { set: ['mi_admin_password=admin'] }, 'still the shipped one'],
      ['the password that everybody knows for the keystores', { set: ['mi_keystore_password=wso2carbon'] }, 'still the shipped one'],
      ['the password that everybody knows for the database', { set: ['mi_database_password=root'] }, 'still the shipped one'],
      ['a product that is no member of such a cluster', { set: ['product=esb-4.9.0'] }, 'Enterprise Service Bus 4.9.0'],
    ],
  },
  {
    playbook: 'cluster', inventory: 'lab', product: 'mi-1.2.0', hosts: ['db1', 'lb1', 'mi1', 'mi2'], settings: ['product=mi-1.2.0', 'java=8', 'jdk_archive=.lab/dist/openjdk-8u402.tar.gz', 'product_archive=.lab/dist/wso2mi-1.2.0.zip'],
    traps: [['a JDK that it refuses', { set: ['java=17'] }, 'needs Java 8 to 11, not 17'], ['a share that nobody names', { set: ['synchronisation=nfs'] }, 'synchronisation by nfs needs a share']],
  },
  { playbook: 'esb-cluster', inventory: 'lab-esb', product: 'esb-4.9.0', hosts: ['db1', 'lb1', 'esb1', 'esb2', 'esb3'], also: [['secure_vault=true']], traps: carbon('esb') },
  {
    playbook: 'ei-cluster', inventory: 'lab-ei', product: 'ei-6.1.1', hosts: ['db1', 'lb1', 'ei1', 'ei2', 'ei3'],
    also: [
      ['synchronisation=subversion', 'worker_deployment=empty-before-first-start'], ['synchronisation=none'], ['affinity=sticky'], ['console_networks=[10.9.0.0/16]'],
      ['well_known=[ei1]'], ['well_known=[ei1, ei2]', 'well_known_ranges=[{ address: 10.1.0.2-10, cluster_port: 4200 }]'],
    ],
    traps: [...carbon('ei'), ['a type of database that it has no script for', { set: ['database=derby'] }, 'Enterprise Integrator 6.1.1 has no script for its local database on remote Derby'], ['the flag for workers, which ends its process', { set: ['worker_mode=worker-profile'] }, 'Enterprise Integrator 6.1.1 has no profile for workers']],
  },
  {
    playbook: 'ei-bps-cluster', inventory: 'lab-bps', product: 'ei-6.1.1-business-process', hosts: ['db1', 'lb1', 'bps1', 'bps2'],
    traps: [
      ...carbon('bps').filter(([about]) => !about.startsWith('two nodes')), ['two nodes on one machine with the same ports', { address: ['bps2', '10.1.0.3'] }, 'two nodes share an address and its ports'],
      ['the flag for workers, which ends its process', { set: ['worker_mode=worker-profile'] }, 'Enterprise Integrator, business process profile 6.1.1 has no profile for workers'],
      ['two nodes of the process engines with one id', { inventory: ['bps2: {}', 'bps2: { vars: { node_id: bps1 } }'] }, "nodes share an id, and would do one another's jobs again: bps1 bps1"],
    ],
  },
  { playbook: 'ei-toml-cluster', inventory: 'lab-toml-one-machine', product: 'ei-toml-7.0.0', hosts: ['db1', 'lb1', 'ei1'], traps: [
    ['equal member ports on one machine', { inventory: [', cluster_port: 4001', ''] }, 'two nodes of one address take the same ports'],
    ['equal offsets on one machine', { inventory: [', offset: 1', ''] }, 'two nodes of one address take the same ports'],
  ] },
  {
    playbook: 'ei-toml-cluster', inventory: 'lab-toml', product: 'ei-toml-7.0.0', hosts: ['db1', 'lb1', 'ei1', 'ei2'],
    traps: [
      ['a JDK that it dies of', { set: ['java=17'] }, 'needs Java 8 to 11, not 17'],
      ['no membership scheme, as the document has it', { set: ['membership_scheme='] }, 'the membership scheme is "": without one the product starts, says nothing, and is no cluster'],
      ['members that are found by nobody', { set: ['membership_scheme=multicast'] }, 'the membership scheme is "multicast"'],
      ['a loopback address as its own', { address: ['ei2', '127.0.0.1'] }, 'ei2 has the address "127.0.0.1", at which no other member reaches it'],
      ['a name where members need a number', { address: ['ei2', 'ei2.example.test'] }, 'ei2 has the address "ei2.example.test"'],
      ['two hosts that are one machine', { address: ['ei2', '10.1.0.3'] }, 'two nodes of one address take the same ports'],
      ['a member that is no node', { set: ['cluster_members=["10.1.0.3:4000", "10.1.0.9:4000"]'] }, 'the members are 10.1.0.3:4000, 10.1.0.9:4000, and the nodes are at 10.1.0.3:4000, 10.1.0.4:4000'],
      ['a member list that leaves a node out', { set: ['cluster_members=["10.1.0.3:4000"]'] }, 'the members are 10.1.0.3:4000, and the nodes'],
      ['a cluster of one', { inventory: ['ei[1:2]', 'ei1'] }, 'the group nodes has 1 node'],
      ['the host name of the document', { set: ['service_name=localhost'] }, 'the name of the service is localhost'],
      ['the password of the document for the administrator', { set: ['cluster_admin_password=admin'] }, 'still the shipped one'],
      ['the password that everybody knows for the keystores', { set: ['cluster_keystore_password=wso2carbon'] }, 'still the shipped one'],
      ['the password that everybody knows for the database', { set: ['cluster_database_password=root'] }, 'still the shipped one'],
      ['a user store that there is not', { set: ['user_store={type: jdbc}'] }, 'there is no user store of the type jdbc'],
      ['a directory without a search base', { set: ['user_store={type: read_only_ldap, url: "ldaps://db1", bind: "cn=a,dc=b"}'] }, 'the user store lacks its url, bind or users.base'],
      ['a directory that is no URL', { set: ['user_store={type: read_only_ldap, url: "db1:389", bind: "cn=a,dc=b", users: {base: "ou=p,dc=b"}}'] }, "the directory's URL is db1:389"],
      ['Active Directory without TLS', { set: ['user_store={type: active_directory, url: "ldap://ad1:389", bind: "cn=a,dc=b", users: {base: "cn=Users,dc=b"}}'] }, 'takes passwords over TLS alone'],
      ['an administrator made where nothing is written', { set: ['user_store={type: read_only_ldap, url: "ldaps://db1", bind: "cn=a,dc=b", users: {base: "ou=p,dc=b"}}', 'create_admin=true'] }, 'makes no administrator in a directory that it only reads'],
      ['a product without esb.toml', { set: ['product=ei-6.1.1'] }, 'Enterprise Integrator 6.1.1 is no product for this playbook'],
    ],
  },
]

describe.each(systems.map((system) => [`${system.playbook}.yaml`, `${system.product} and ${system.inventory}`, system] as const))('%s with %s', (_name, _product, { playbook, inventory, product, hosts, settings = [], also = [], traps }) => {
  let cwd = ''
  const hostsFile = readFileSync(join(checkout, 'inventories', inventory, 'hosts.yaml'), 'utf8')
  const addresses = hosts.map((host, index) => [host, `10.1.0.${index + 1}`] as const)
  const yaml = (all: readonly (readonly [string, string])[]): string => all.map(([host, address]) => `${host}: ${address}\n`).join('')
  beforeAll(async () => {
    const described = productNamed(product)
    const dist = join(cwd = await folderWith({
      '.lab/ssh_config': '', '.lab/vault.key': 'practice-lab-only\n', [`inventories/${inventory}/vault.key`]: 'practice-lab-only\n',
      [`inventories/${inventory}/vault.yaml`]: readFileSync(join(checkout, 'inventories/lab/vault.yaml'), 'utf8'),
    }), '.lab/dist')
    await mkdir(dist)
    await writeFile(join(dist, described.archive.file), archiveOf(described))
    for (const name of ['openjdk-8u402.tar.gz', 'svnkit-all-1.8.7.wso2v1.jar']) await writeFile(join(dist, name), zipOf([]))
    await writeFile(join(dist, 'mariadb-java-client.jar'), zipOf([{ name: 'META-INF/services/java.sql.Driver', content: 'org.mariadb.jdbc.Driver\n' }]))
  })
  const validate = async (more: readonly string[] = [], all: readonly (readonly [string, string])[] = addresses, text = hostsFile): Promise<Said> => {
    await writeFile(join(cwd, '.lab/addresses.yaml'), yaml(all))
    await writeFile(join(cwd, 'inventories', inventory, 'hosts.yaml'), text)
    return said(cwd, ['validate', playbook, '-i', inventory, ...settings.flatMap((setting) => ['--set', setting]), ...more])
  }

  it('is right with the inventory of the lab', async () => { expect(await validate()).toMatchObject({ code: exitCode.done, stderr: '' }) })

  it.each(also.map((set) => [set.join(' and '), set] as const))('is right with %s', async (_about, set) => {
    expect(await validate(set.flatMap((one) => ['--set', one]))).toMatchObject({ code: exitCode.done, stderr: '' })
  })

  it.each(productNamed(product).configuration === 'xml' ? ['h2', 'oracle-rac'] : [])('is right with databases of the type %s, if the product is', async (type) => {
    const told = await validate(['--set', `database=${type}`])
    const hasScripts = Object.values(productNamed(product).databases).every(({ scripts }) => scripts.some(({ servers }) => servers.includes(type)))
    expect(told).toMatchObject(hasScripts ? { code: exitCode.done, stderr: '' } : { code: exitCode.input, stderr: expect.stringContaining('has no script for its') })
  })

  it.each(traps)('refuses %s', async (_about, { set = [], address, inventory: [from, to] = ['', ''] }, message) => {
    const told = await validate(set.flatMap((one) => ['--set', one]), addresses.map(([host, where]) => [host, host === address?.[0] ? address[1] : where]), hostsFile.replace(from, to))
    expect(told).toMatchObject({ code: exitCode.input, stderr: expect.stringContaining(message) })
  })
})
