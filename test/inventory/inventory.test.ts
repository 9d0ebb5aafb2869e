import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/core/secret.js'
import { hostVariables, type Inventory, loadInventory } from '../../src/inventory/inventory.js'
import { merged } from '../../src/inventory/layers.js'
import { graph, toJson } from '../../src/inventory/print.js'
import { mistakesOfAsync } from '../yaml/mistakes.js'
import { folderWith, inventoryOf } from './files.js'

const mistakes = (files: string | Readonly<Record<string, string>>) => mistakesOfAsync(() => inventoryOf(files))
const host = (inventory: Inventory, name: string) => {
  const found = inventory.hosts.find((candidate) => candidate.name === name)
  if (found === undefined) throw new Error(`no ${name}`)
  return found
}
const variables = (inventory: Inventory, name: string) => merged(hostVariables(host(inventory, name)))

const plain = `
connection:
  user: deploy
  ssh-config: ../../.lab/ssh_config
  become: { method: sudo }
vars: { domain: example.org, heap: 256m }
groups:
  nodes:
    vars: { heap: 512m, offset: "{{ node_id * 10 }}" }
    connection: { port: 2222, identity: ~/.ssh/cluster }
    hosts:
      mi[1:2]: { address: "10.0.0.[11:12]", vars: { profile: mi } }
      mi3: { address: 10.0.0.13, vars: { heap: 1g }, connection: { user: root, become: false } }
  system:
    groups: [nodes, database]
  database:
    hosts: { db1: }
hosts:
  lb1: { address: 10.0.0.5 }
`

describe('an inventory', () => {
  it('has hosts in the order of the file, groups with descendants, and names the file', async () => {
    const inventory = await inventoryOf(plain)
    expect(inventory.name).toBe('prod')
    expect(inventory.file).toBe('inventories/prod/hosts.yaml')
    expect(inventory.hosts.map(({ name, address }) => [name, address])).toEqual([
      ['mi1', '10.0.0.11'], ['mi2', '10.0.0.12'], ['mi3', '10.0.0.13'], ['db1', undefined], ['lb1', '10.0.0.5'],
    ])
    expect([...inventory.groups]).toEqual([['nodes', ['mi1', 'mi2', 'mi3']], ['system', ['mi1', 'mi2', 'mi3', 'db1']], ['database', ['db1']]])
    expect(host(inventory, 'mi1').groups).toEqual(['nodes', 'system'])
    expect(host(inventory, 'lb1').groups).toEqual([])
    expect(host(inventory, 'mi2').at).toMatchObject({ line: 12, column: 7 })
  })

  it('keeps the order of the file when hosts without a group stand first', async () => {
    const inventory = await inventoryOf('hosts: { z: }\ngroups: { g: { hosts: { a: } } }\n')
    expect(inventory.hosts.map(({ name }) => name)).toEqual(['z', 'a'])
  })

  it('layers variables all < group < host, with places, and leaves templates alone', async () => {
    const inventory = await inventoryOf(plain)
    expect(variables(inventory, 'mi1')).toEqual({ domain: 'example.org', heap: '512m', offset: '{{ node_id * 10 }}', profile: 'mi' })
    expect(variables(inventory, 'mi3')).toMatchObject({ heap: '1g' })
    expect(variables(inventory, 'lb1')).toEqual({ domain: 'example.org', heap: '256m' })
    const layers = hostVariables(host(inventory, 'mi3'))
    expect(layers.map(({ level, name, values }) => [level, name, values['heap']])).toEqual([['group', 'all', '256m'], ['group', 'nodes', '512m'], ['host', 'mi3', '1g']])
    expect(layers[1]?.placeOf(['offset'])).toEqual({
      file: 'inventories/prod/hosts.yaml', line: 9, column: 33, text: '    vars: { heap: 512m, offset: "{{ node_id * 10 }}" }',
    })
  })

  it('puts the variables of an inner group over those of the outer one, whatever their order in the file', async () => {
    const inventory = await inventoryOf('groups:\n  inner: { vars: { x: inner }, hosts: { a: } }\n  outer: { vars: { x: outer, y: outer }, groups: [middle] }\n  middle: { vars: { y: middle }, groups: [inner] }\n')
    expect(variables(inventory, 'a')).toEqual({ x: 'inner', y: 'middle' })
    expect(hostVariables(host(inventory, 'a')).map(({ name }) => name)).toEqual(['outer', 'middle', 'inner'])
  })

  it('merges connections key by key, with absolute paths', async () => {
    const inventory = await inventoryOf(plain)
    const { connection, connectionPlaces } = host(inventory, 'mi1')
    expect(connection).toEqual({
      transport: 'ssh', user: 'deploy', port: 2222, identity: '/home/me/.ssh/cluster', become: { method: 'sudo', user: 'root' },
      sshConfig: expect.stringMatching(/^\/.*\/\.lab\/ssh_config$/) as string,
    })
    expect(connectionPlaces.get('port')).toMatchObject({ line: 9 + 1, column: 25 })
    expect(connectionPlaces.get('become.method')).toMatchObject({ line: 5, column: 21 })
    expect(host(inventory, 'mi3').connection).toMatchObject({ user: 'root', port: 2222 })
    expect(host(inventory, 'mi3').connection.become).toBeUndefined()
  })

  it('lets a host add a password to the become of its group, and hides it', async () => {
    const inventory = await inventoryOf('connection: { become: { user: wso2 } }\nhosts:\n  a: { connection: { become: { password: hunter2 } } }\n  b: { connection: { become: { password: "{{ vault.sudo }}" } } }\n')
    const { become } = host(inventory, 'a').connection
    expect(become).toMatchObject({ method: 'sudo', user: 'wso2' })
    expect(become?.password).toBeInstanceOf(Secret)
    expect(host(inventory, 'b').connection.become?.password).toBe('{{ vault.sudo }}')
    expect(toJson(inventory)).not.toContain('hunter2')
  })

  it('takes a host in several groups, once', async () => {
    const inventory = await inventoryOf('groups:\n  a: { vars: { x: 1 }, hosts: { n1: { address: 10.0.0.1 }, n2: } }\n  b: { vars: { y: 2 }, hosts: { n1: } }\n')
    expect(inventory.hosts.map(({ name, address, groups }) => [name, address, groups])).toEqual([['n1', '10.0.0.1', ['a', 'b']], ['n2', undefined, ['a']]])
    expect(variables(inventory, 'n1')).toEqual({ x: 1, y: 2 })
  })

  it('reads group_vars and host_vars beside it', async () => {
    const inventory = await inventoryOf({
      'hosts.yaml': 'vars: { a: 1 }\ngroups: { nodes: { vars: { b: 1 }, hosts: { n1: { vars: { d: 1 } } } } }\n',
      'group_vars/all.yaml': 'e: 1\n', 'group_vars/nodes.yaml': 'c: 1\n', 'host_vars/n1.yaml': 'b: 2\n', 'group_vars/.nodes.yaml.swp': 'x',
    })
    expect(variables(inventory, 'n1')).toEqual({ a: 1, e: 1, b: 2, c: 1, d: 1 })
    expect(hostVariables(host(inventory, 'n1')).at(-1)?.placeOf(['b'])).toEqual({ file: 'inventories/prod/host_vars/n1.yaml', line: 1, column: 4, text: 'b: 2' })
  })

  it('takes addresses from a file made at start', async () => {
    const inventory = await inventoryOf({ 'hosts.yaml': 'addresses-file: lab/addresses.yaml\nhosts: { a: , b: }\n', 'lab/addresses.yaml': 'a: 10.9.0.1\nunused: 10.9.0.9\n' })
    expect(inventory.hosts.map(({ address }) => address)).toEqual(['10.9.0.1', undefined])
  })

  it('may be empty of everything but hosts', async () => {
    expect((await inventoryOf('hosts: { a: }\n')).hosts).toHaveLength(1)
    expect((await inventoryOf('')).hosts).toEqual([])
  })
})

describe('the mistakes of an inventory', () => {
  it.each([
    ['hostss: {}', ['1:1 unknown-key: unknown key "hostss" (did you mean "hosts"?)']],
    ['hosts: { a: { adress: 1.2.3.4 } }', ['1:15 unknown-key: unknown key "adress" (did you mean "address"?)']],
    ['connection: { port: 99999 }', ['1:21 wrong-value: "port" must be at most 65535']],
    ['connection: { become: { method: sudoo } }', ['1:33 wrong-value: "method" must be one of sudo, su, but is "sudoo" (did you mean "sudo"?)']],
    ['connection: { become: yes }', ['1:23 wrong-value: "become" must be false or a map, but is "yes"']],
    ['connection: { password: 12 }', ['1:25 wrong-value: "password" must be text or an encrypted value, but is the number 12']],
    ['connection: { host-keys: [abc] }', ['1:27 wrong-value: a host key is given by its fingerprint, SHA256:… as ssh-keyscan HOST | ssh-keygen -lf - prints it']],
    ['vars: { node-id: 1 }', ['1:9 bad-name: "node-id" cannot be the name of a variable (write node_id)']],
    ['vars: { groups: 1 }', ['1:9 reserved-name: "groups" is a reserved name (choose another name for this variable)']],
    ['hosts: { "a b": }', ['1:10 bad-name: "a b" cannot be the name of a host (use letters, digits, ".", "_" and "-", as in a name of DNS)']],
    ['groups: { all: { hosts: { a: } } }', ['1:11 reserved-name: "all" is a reserved name (choose another name for this group)']],
    ['hosts: { hosts: }', ['1:10 reserved-name: "hosts" is a reserved name (choose another name for this host)']],
    ['groups:\n  a: { hosts: { a: } }', ['2:17 name-taken: "a" names a group and a host (rename one of them: the group is on line 2)']],
    ['groups:\n  nodes: { hosts: { a: } }\n  all_nodes: { groups: [noodes] }', ['3:25 unknown-group: there is no group "noodes" (did you mean "nodes"?)']],
    ['groups:\n  a: { groups: [b] }\n  b: { groups: [c] }\n  c: { groups: [a] }', ['4:17 group-cycle: groups hold each other in a circle: a > b > c > a (take one of them away)']],
    ['groups:\n  a: { groups: [a] }', ['2:17 group-cycle: the group "a" holds itself (take it away here)']],
    ['groups:\n  a:\n  b: { hosts: { n: } }', ['2:3 empty-group: the group "a" has no hosts (give it hosts or groups, or take it away)']],
    ['groups:\n  a: { hosts: { n: { address: 10.0.0.1 } } }\n  b: { hosts: { n: { address: 10.0.0.2 } } }', [
      '3:31 two-addresses: n is given two addresses, 10.0.0.1 and 10.0.0.2 (keep one of them: the first stands at inventories/prod/hosts.yaml:2:31)',
    ]],
    ['hosts:\n  n[1:3]: { address: 10.0.0.1 }', ['2:22 range-address: n[1:3] stands for 3 hosts, and 10.0.0.1 for one address (write a range of addresses as long, 10.0.0.[1:3], or each host on its own line)']],
    ['hosts:\n  n[1:3]: { address: "10.0.0.[1:2]" }', ['2:22 range-address: n[1:3] stands for 3 hosts, and 10.0.0.[1:2] for 2 addresses (write a range of addresses as long, 10.0.0.[1:3], or each host on its own line)']],
    ['hosts:\n  n[3:1]: ', ['2:3 bad-range: [3:1] runs backwards (write the smaller end first)']],
    ['groups:\n  a: { vars: { heap: 1g }, hosts: { n1: , n2: } }\n  b: { vars: { heap: 2g }, hosts: { n1: , n2: } }', [
      '3:16 conflicting-variables: the groups "a" and "b" give n1 different values of heap: inventories/prod/hosts.yaml:2:16 and inventories/prod/hosts.yaml:3:16 (keep one of them, or give the value at the host)',
    ]],
    ['groups:\n  a: { connection: { port: 22 }, hosts: { n1: } }\n  b: { connection: { port: 23 }, hosts: { n1: } }', [
      '3:22 conflicting-settings: the groups "a" and "b" give n1 different values of port: inventories/prod/hosts.yaml:2:22 and inventories/prod/hosts.yaml:3:22 (keep one of them, or give the value at the host)',
    ]],
    ['hosts: { a: }\naddresses-file: ../../.lab/addresses.yaml', ['2:17 no-addresses: the file of addresses .lab/addresses.yaml does not exist (run provision lab up, which writes it)']],
  ])('%j', async (text, expected) => {
    expect(await mistakes(text)).toEqual(expected)
  })

  it('are none where siblings agree, or a host or an inner group decides', async () => {
    expect(await mistakes('groups:\n  a: { vars: { x: [1] }, hosts: { n: } }\n  b: { vars: { x: [1] }, hosts: { n: } }\n')).toEqual([])
    expect(await mistakes('groups:\n  a: { vars: { x: 1 }, hosts: { n: { vars: { x: 3 } } } }\n  b: { vars: { x: 2 }, hosts: { n: } }\n')).toEqual([])
    expect(await mistakes('groups:\n  a: { vars: { x: 1 }, groups: [c] }\n  b: { vars: { x: 2 }, groups: [c] }\n  c: { vars: { x: 3 }, hosts: { n: } }\n')).toEqual([])
  })

  it('tell two files of one group apart', async () => {
    expect(await mistakes({ 'hosts.yaml': 'vars: { x: 1 }\nhosts: { a: }\n', 'group_vars/all.yaml': 'x: 2\n' })).toEqual([
      '1:1 conflicting-variables: group "all" gives a different values of x: inventories/prod/hosts.yaml:1:9 and inventories/prod/group_vars/all.yaml:1:1 (keep one of them)',
    ])
  })

  it('cover the files beside it, all at once', async () => {
    expect(await mistakes({
      'hosts.yaml': 'groups: { nodes: { hosts: { n1: } } }\nvars: { a-b: 1 }\n',
      'group_vars/node.yaml': 'a: 1\n', 'group_vars/nodes.yml': 'a: 1\n', 'group_vars/nodes.yaml': 'mode: 0644\nok: {{ x }}\n', 'host_vars/n2.yaml': 'a: 1\n', 'host_vars/n1.yaml': '- a\n',
    })).toEqual([
      '2:9 bad-name: "a-b" cannot be the name of a variable (write a_b)',
      '1:1 unknown-group: there is no group "node" for inventories/prod/group_vars/node.yaml (did you mean "nodes"?)',
      "1:7 yaml-octal: 0644 is read as the decimal 644 (write '0644')",
      '2:5 yaml-braces: {{ x }} is read as a map (write "{{ x }}")',
      '1:1 wrong-file-name: inventories/prod/group_vars/nodes.yml would not be read (rename it to nodes.yaml)',
      '1:1 wrong-value: this file must be a map, but is a list',
      '1:1 unknown-host: there is no host "n2" for inventories/prod/host_vars/n2.yaml (did you mean "n1"?)',
    ])
  })

  it('name an address that the file of addresses gives otherwise', async () => {
    expect(await mistakes({ 'hosts.yaml': 'addresses-file: a.yaml\nhosts: { n: { address: 10.0.0.1 } }\n', 'a.yaml': 'n: 10.0.0.2\n' })).toEqual([
      '1:4 two-addresses: n is given two addresses, 10.0.0.1 and 10.0.0.2 (keep one of them: the first stands at inventories/prod/hosts.yaml:2:24)',
    ])
  })
})

describe('finding an inventory', () => {
  const hosts = 'hosts: { a: }\n'
  const find = async (files: Readonly<Record<string, string>>, name: string, roots: readonly string[] = []) => {
    const cwd = await folderWith(files)
    return loadInventory(name, { cwd, home: '/', roots: roots.map((root) => join(cwd, root)) })
  }

  it.each([
    ['inventories/prod/hosts.yaml', 'prod'], ['inventories/prod.yaml', 'prod'], ['inventories/prod/hosts.yaml', './inventories/prod'],
    ['inventories/prod/hosts.yaml', 'inventories/prod/hosts.yaml'], ['other/prod.yaml', 'other/prod.yaml'], ['prod/hosts.yaml', 'prod'], ['package/prod/hosts.yaml', 'prod'],
  ])('%s by %s', async (file, name) => {
    expect(await find({ [file]: hosts }, name, ['package'])).toMatchObject({ name: 'prod', file })
  })

  it('prefers the own one to that of the package', async () => {
    expect((await find({ 'inventories/lab.yaml': hosts, 'package/lab/hosts.yaml': hosts }, 'lab', ['package'])).file).toBe('inventories/lab.yaml')
  })

  it.each([
    [{ 'inventories/prod.yaml': hosts }, 'prd', 'unknown-inventory: there is no inventory prd (did you mean "prod"?)'],
    [{ 'inventories/prod.yaml': hosts, 'package/lab/hosts.yaml': hosts }, 'staging', 'unknown-inventory: there is no inventory staging (inventories: prod, lab)'],
    [{}, 'prod', 'unknown-inventory: there is no inventory prod (make inventories/prod/hosts.yaml, or give the path of an inventory)'],
    [{ 'inventories/prod/vault.yaml': '' }, 'prod', 'unknown-inventory: the inventory inventories/prod has no hosts.yaml (write inventories/prod/hosts.yaml)'],
    [{ 'inventories/prod/hosts.yaml': hosts, 'inventories/prod.yaml': hosts }, 'prod',
      'ambiguous-inventory: there are two inventories of this name: inventories/prod/hosts.yaml and inventories/prod.yaml (give the path of one of them)'],
  ])('says what is wrong: %j %s', async (files, name, expected) => {
    expect(await mistakesOfAsync(() => find(files, name, ['package']))).toEqual([expected])
  })
})

describe('printing an inventory', () => {
  it('as a tree', async () => {
    expect(graph(await inventoryOf(plain))).toBe('@all\n  @system\n    @nodes\n      mi1\n      mi2\n      mi3\n    @database\n      db1\n  lb1\n')
  })

  it('as JSON', async () => {
    const json = JSON.parse(toJson(await inventoryOf('groups: { g: { vars: { x: "{{ y }}" }, hosts: { a: { address: 10.0.0.1 } } } }\n'))) as unknown
    expect(json).toEqual({
      inventory: 'prod', file: 'inventories/prod/hosts.yaml', groups: { g: ['a'] },
      hosts: { a: { address: '10.0.0.1', groups: ['g'], connection: { transport: 'ssh' }, variables: { x: '{{ y }}' } } },
    })
  })
})
