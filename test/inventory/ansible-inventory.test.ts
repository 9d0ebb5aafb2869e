import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/core/secret.js'
import { readScript } from '../../src/inventory/ansible/script.js'
import { sshArguments } from '../../src/inventory/ansible/ssh-args.js'
import { hostNames, type Inventory, loadInventory } from '../../src/inventory/inventory.js'
import { merged } from '../../src/inventory/layers.js'
import { selectHosts } from '../../src/inventory/patterns.js'
import { graph, toHost, toJson, toList } from '../../src/inventory/print.js'
import { encryptText } from '../../src/inventory/vault/age.js'
import { encryptValue } from '../../src/inventory/vault/text.js'
import { mistakesOfAsync } from '../yaml/mistakes.js'
import { folderWith, passphrase } from './files.js'

/** The inventory of these files, by the names that follow `-i`. */
const load = async (files: Readonly<Record<string, string>>, names: readonly string[] = ['./hosts']): Promise<Inventory> =>
  loadInventory(names, { cwd: await folderWith(files), home: '/home/me', vaultKey: () => Promise.resolve(passphrase('ours')), vaultPasswords: () => Promise.resolve([new Secret('correct horse')]) })
const mistakes = (files: Readonly<Record<string, string>>, names?: readonly string[]) => mistakesOfAsync(() => load(files, names))
const host = (inventory: Inventory, name: string) => {
  const found = inventory.hosts.find((one) => one.name === name)
  if (found === undefined) throw new Error(`no ${name}`)
  return found
}
const variables = (inventory: Inventory, name: string) => merged(host(inventory, name).layers)
const notes = (inventory: Inventory) => inventory.notes.map(({ message, at }) => `${at.file}:${at.line}:${at.column} ${message}`)

describe('an INI inventory of Ansible', () => {
  it('keeps the places of variables', async () => {
    const inventory = await load({ hosts: '[web]\n  w1 x=1 y="a b"\n[web:vars]\nz =  3\n' })
    const [groups, own] = host(inventory, 'w1').layers
    expect(own?.placeOf(['y'])).toMatchObject({ file: 'hosts', line: 2, column: 12 })
    expect(own?.placeOf(['y'], 'key')).toMatchObject({ line: 2, column: 10 })
    expect(groups?.placeOf(['z'])).toMatchObject({ line: 4, column: 6 })
    expect(host(inventory, 'w1').at).toMatchObject({ line: 2, column: 3 })
  })

  it('says what is wrong, all of it, each at its place', async () => {
    expect(await mistakes({ hosts: '[web:hots]\n[a b]\nw1 x="1\nw2 nonsense\nw3:\nw[3:1]\n!bad\nw4 v=1.0 # no\n[web]\n[site:children]\nweb db\nnone\n[web:vars]\nnothing\na-b=1\n[wbe:vars]\nx=1\n' })).toEqual([
      '1:1 wrong-section: a section :hots is not known (did you mean "hosts"?)',
      '2:1 wrong-section: [a b] is not a section (write [group], [group:children] or [group:vars], without blanks)',
      '3:1 wrong-host: a quote on this line is not closed (close it, or put a backslash before a quote that is meant as one)',
      '4:4 wrong-host: nonsense is not a variable of a host (write name=value, with quotes around a value that holds blanks, or put a # before a comment)',
      '5:1 wrong-host: w3: is not a host, nor a host with its port (write name:22, or ansible_port=22 behind the name)',
      '6:1 bad-range: [3:1] runs backwards (write the smaller end first)',
      expect.stringMatching(/^7:1 bad-name: "!bad" cannot be the name of a host/),
      '8:6 ini-number: 1.0 is read as the number 1 (write "\'1.0\'", and Ansible takes it for the text that it is too)',
      '11:1 wrong-child: web db is not the name of a group (write one group a line; hosts stand in a section without :children)',
      expect.stringMatching(/^12:1 unknown-group: there is no group "none"/),
      '14:1 wrong-variable: this is not a variable of a group (write name=value)',
      '15:1 bad-name: "a-b" cannot be the name of a variable (write a_b)',
      '17:1 unknown-group: there is no group "wbe" for these variables (did you mean "web"?)',
    ])
  })

  it('is told by its content, whatever it is called', async () => {
    for (const name of ['hosts', 'prod.ini', 'prod.cfg', 'prod']) expect((await load({ [name]: '# c\nw1 a=1\n' }, [`./${name}`])).hosts.map((one) => one.name)).toEqual(['w1'])
    expect((await load({ 'hosts.yml': '[web]\nw1\n' }, ['./hosts.yml'])).groups.get('web')).toEqual(['w1'])
  })

  it('has groups without hosts, and hosts called like groups with a note', async () => {
    const inventory = await load({ hosts: '[db]\n[jump]\njump\n' })
    expect([...inventory.groups]).toEqual([['db', []], ['jump', ['jump']]])
    expect(notes(inventory)).toEqual(['hosts:3:1 "jump" names a group and a host; patterns mean the group'])
    expect(selectHosts(inventory, 'jump:!db').map(({ name }) => name)).toEqual(['jump'])
  })
})

describe('a YAML inventory of Ansible', () => {
  it('is told from ours by its groups', async () => {
    for (const text of ['all: { hosts: { w1: } }\n', 'web: { hosts: { w1: } }\n', '{"web": {"hosts": {"w1": null}}}', '---\nweb:\n  hosts:\n    w1:\n']) {
      expect((await load({ hosts: text })).hosts.map(({ name }) => name)).toEqual(['w1'])
    }
    expect((await load({ hosts: 'hosts: { w1: { address: 10.0.0.1 } }\n' })).hosts[0]?.address).toBe('10.0.0.1')
  })

  it('says what is wrong', async () => {
    expect(await mistakes({ hosts: 'all:\n  host: { w1: }\n  children:\n    web:\n      hosts: [w1]\n      vars: 3\n' })).toEqual([expect.stringMatching(/^2:3 unknown-key: unknown key "host" \(did you mean "hosts"\?\)$/)])
    expect(await mistakes({ hosts: 'all:\n  children:\n    web:\n      hosts: [w1]\n' })).toEqual([expect.stringMatching(/^4:14 .*"hosts" must be text or a map, but is a list/)])
    expect(await mistakes({ hosts: 'all:\n  hosts: { w1: { version: 1.0, day: yes } }\n' })).toEqual(["2:27 yaml-number: 1.0 is read as the number 1 (write '1.0')"])
    expect(await mistakes({ 'aws.yml': 'plugin: amazon.aws.aws_ec2\nregions: [x]\n' }, ['./aws.yml'])).toEqual([
      '1:1 inventory-plugin: aws.yml is the configuration of a plugin of Ansible, which is not run here (make an executable file that says: #!/bin/sh, exec ansible-inventory -i FILE --list)',
    ])
    expect(await mistakes({ hosts: '$ANSIBLE_VAULT;1.1;AES256\n61\n' })).toEqual(['encrypted-inventory: hosts is encrypted as a whole (run ansible-vault decrypt hosts, and move what is secret into group_vars/all/vault.yml beside it)'])
  })
})

describe('files of variables beside an inventory of Ansible', () => {
  it('of other inventories are left alone, and told of', async () => {
    const inventory = await load({ hosts: '[web]\nw1\nw2.example.com\n', 'group_vars/db.yml': 'x: 1\n', 'host_vars/w2.example.com.yml': 'x: 2\n', 'host_vars/w1': 'x: 1\n', 'group_vars/.web.yml.swp': '{', 'group_vars/web/x.txt': '{' })
    expect(notes(inventory)).toEqual(['group_vars/db.yml:1:1 group_vars/db.yml is not read: no group is called db'])
    expect([variables(inventory, 'w1'), variables(inventory, 'w2.example.com')]).toEqual([{ x: 1 }, { x: 2 }])
  })

  it('are not read when Ansible would not either', async () => {
    expect(await mistakes({ hosts: '[web]\nw1\n', 'group_vars/web.yml': 'x: 1\n', 'group_vars/web.yaml': 'x: 2\n', 'group_vars/web/a.yml': '' })).toEqual([
      '1:1 wrong-file-name: group_vars/web.yml would not be read, because web is there too (make it one folder group_vars/web/ with both)',
      '1:1 wrong-file-name: group_vars/web.yaml would not be read, because web is there too (make it one folder group_vars/web/ with both)',
    ].toSorted())
  })

  it('may hold vaults of both kinds', async () => {
    const ours = (await encryptValue('ours', passphrase('ours'), { workFactor: 2 })).trimEnd()
    const theirs = '!vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  39386634373864383863353738303031396566353261336163336163616538373766643537643963\n  6330656631636662306332323937633734323538613030320a663764333237363739396235316364\n  39336635333066323631623963653165316331303236653734366232356663636664336565346662\n  3032366166373234310a373862653236633132653737333361613337363638396139313062363038\n  6439'
    const inventory = await load({ hosts: '[web]\nw1\n', 'group_vars/web.yml': `a: ${ours}\nb: ${theirs}\n` })
    const { a, b } = variables(inventory, 'w1')
    expect([a, b].map((value) => (value instanceof Secret ? value.reveal() : value))).toEqual(['ours', 'hunter2'])
    for (const printed of [toJson(inventory), toList(inventory), toHost(inventory, 'w1')]) expect(printed).not.toMatch(/hunter2|"ours"/)
  })
})

describe('the order of precedence', () => {
  it('leaves groups that disagree a mistake, unless ansible_group_priority settles it', async () => {
    const two = '[a]\nh\n[b]\nh\n[a:vars]\nx=1\n[b:vars]\nx=2\n'
    expect(await mistakes({ hosts: two })).toEqual(['8:1 conflicting-variables: the groups "a" and "b" give h different values of x: hosts:6:1 and hosts:8:1 (keep one of them, or give the value at the host)'])
    expect(variables(await load({ hosts: two.replace('x=1', 'x=1\nansible_group_priority=5') }), 'h')).toEqual({ x: 1 })
    expect(await mistakes({ hosts: two, more: '[a:vars]\nx=3\n' }, ['./hosts', './more'])).toHaveLength(1)
  })

  it('lets the later inventory have the last word on a group or a host, and the nearer level on all', async () => {
    const inventory = await load({ hosts: '[web]\nw1 own=1\n[web:vars]\nx=1\ny=1\n', 'own.yaml': 'vars: { x: 0 }\ngroups: { web: { vars: { x: 2, own: 2 }, hosts: { w1: , w2: { address: 10.0.0.2 } } } }\n' }, ['./hosts', './own.yaml'])
    expect(variables(inventory, 'w1')).toEqual({ x: 2, y: 1, own: 1 })
    expect(variables(inventory, 'w2')).toEqual({ x: 2, y: 1, own: 2 })
    expect(inventory.file).toBe('hosts, own.yaml')
    expect([...inventory.groups]).toEqual([['web', ['w1', 'w2']]])
  })

  it('joins addresses and connections as it joins variables', async () => {
    const files = { 'a.yaml': 'connection: { user: one, port: 22 }\nhosts: { h: { address: 10.0.0.1 } }\n', 'b.yaml': 'connection: { user: two }\nhosts: { h: { address: 10.0.0.2 } }\n' }
    const inventory = await load(files, ['a.yaml', 'b.yaml'])
    expect(host(inventory, 'h')).toMatchObject({ address: '10.0.0.2', connection: { user: 'two', port: 22 } })
    expect(host(await load(files, ['b.yaml', 'a.yaml']), 'h')).toMatchObject({ address: '10.0.0.1', connection: { user: 'one' } })
  })
})

describe('the variables that tell how to reach a host', () => {
  it('become the connection', async () => {
    const inventory = await load({
      hosts: '[all:vars]\nansible_user=deploy\nansible_ssh_common_args=-o ProxyJump=me@bastion:2222 -o ControlPersist=60s\nansible_become_method=su\n[web]\nw1 ansible_host=10.0.0.1 ansible_port=2222 ansible_ssh_private_key_file=~/.ssh/id ansible_ssh_timeout=9\nw2 ansible_connection=local ansible_become_user=app ansible_become_pass=1234\nw3 ansible_ssh_pass=hunter2 ansible_port="{{ port }}" ansible_user="{{ who }}"\n',
    })
    expect(host(inventory, 'w1')).toMatchObject({ address: '10.0.0.1', connection: { transport: 'ssh', user: 'deploy', port: 2222, identity: '/home/me/.ssh/id', connectTimeout: 9, jump: 'me@bastion:2222', become: { method: 'su', user: 'root' } } })
    expect(host(inventory, 'w1').connectionPlaces.get('port')).toMatchObject({ line: 6 })
    expect(host(inventory, 'w2').connection).toMatchObject({ transport: 'local', become: { user: 'app', password: expect.any(Secret) } })
    const { connection } = host(inventory, 'w3')
    expect(connection).toMatchObject({ port: '{{ port }}', user: '{{ who }}' })
    expect(connection.password instanceof Secret ? connection.password.reveal() : connection.password).toBe('hunter2')
    expect(toJson(inventory)).not.toMatch(/hunter2|1234/)
    expect(inventory.notes).toEqual([])
  })

  it('are looked up where the connection is made when they are encrypted', async () => {
    const cwd = await folderWith({ hosts: 'w1\n', 'group_vars/all.yml': await encryptText('ansible_user: s3cret-user\nansible_port: 2222\nansible_host: s3cret-host\nansible_ssh_pass: s3cret-pass\nansible_ssh_common_args: -J s3cret-jump\nansible_become_user: s3cret-app\n', passphrase('ours'), { workFactor: 2 }) })
    const inventory = await loadInventory(['./hosts'], { cwd, home: '/', vaultKey: () => Promise.resolve(passphrase('ours')) })
    expect(host(inventory, 'w1')).toMatchObject({ address: '{{ ansible_host }}', connection: { user: '{{ ansible_user }}', port: '{{ ansible_port }}', password: expect.any(Secret), become: { user: '{{ ansible_become_user }}' } } })
    expect(notes(inventory)).toEqual([expect.stringMatching(/ansible_ssh_common_args says \{\{ ansible_ssh_common_args \}\}, which has no counterpart here/)])
    for (const printed of [toJson(inventory), toList(inventory), graph(inventory)]) expect(printed).not.toContain('s3cret')
  })

  it('are told of when they have no counterpart, once each', async () => {
    const inventory = await load({
      hosts: 'w1 ansible_connection=winrm ansible_become=true ansible_become_method=doas ansible_winrm_transport=ntlm ansible_python_interpreter=/usr/bin/python3\nw2 ansible_connection=winrm ansible_ssh_common_args="-o StrictHostKeyChecking=no -o ProxyCommand=\'nc %h %p\' -A"\n',
    })
    expect(notes(inventory)).toEqual([
      'hosts:1:23 ansible_connection is winrm, which is not known here: the host is reached by ssh',
      'hosts:1:44 ansible_become is not used: plays and steps say `become`',
      'hosts:1:71 ansible_become_method is doas, which is not known here: it is sudo or su',
      'hosts:1:100 ansible_winrm_transport has no counterpart here; it is a variable like any other',
      'hosts:2:53 ansible_ssh_common_args says -o StrictHostKeyChecking=no, which has no counterpart here: host keys are always checked',
      'hosts:2:53 ansible_ssh_common_args says -o ProxyCommand=nc %h %p, which has no counterpart here; an ssh config can say it',
      'hosts:2:53 ansible_ssh_common_args says -A, which has no counterpart here; an ssh config can say it',
    ])
  })

  it('must be what they say', async () => {
    expect(await mistakes({ hosts: 'w1 ansible_port=many ansible_ssh_timeout=0 ansible_ssh_common_args="-o \'x"\n' })).toEqual([
      '1:17 wrong-variable: ansible_port cannot be this value (run provision docs ansible-variables)',
      '1:42 wrong-variable: ansible_ssh_timeout cannot be this value (run provision docs ansible-variables)',
      '1:68 wrong-variable: ansible_ssh_common_args cannot be this value (run provision docs ansible-variables)',
    ])
  })

  it.each<[string, unknown, readonly string[]]>([
    ['-J bastion', { jump: 'bastion' }, []],
    ['-oProxyJump={{ hostvars["b"].x }}', { jump: '{{ hostvars["b"].x }}' }, []],
    ['-o "ProxyCommand ssh -q -W %h:%p -p 2222 me@bastion"', { jump: 'me@bastion:2222' }, []],
    ["-o ProxyCommand='ssh -W [%h]:%p -l me bastion'", { jump: 'me@bastion' }, []],
    ["-o ProxyCommand='ssh -W %h:%p -i key bastion'", {}, ['-o ProxyCommand=ssh -W %h:%p -i key bastion']],
    ["-o ProxyCommand='ssh bastion nc %h %p'", {}, ['-o ProxyCommand=ssh bastion nc %h %p']],
    ['-F ./ssh_config -i key -p 2222 -l me -o ConnectTimeout=5', { 'ssh-config': './ssh_config', identity: 'key', port: 2222, user: 'me', 'connect-timeout': 5 }, []],
    ['-o UserKnownHostsFile=known -o UserKnownHostsFile=/dev/null -o Port=x -o ConnectTimeout=0 -o', { 'known-hosts': 'known' }, ['-o UserKnownHostsFile=/dev/null', '-o Port=x', '-o ConnectTimeout=0', '-o ']],
  ])('reads %s', (text, source, unused) => {
    expect(sshArguments(text)).toEqual({ source, unused })
  })
})

describe('an executable inventory', () => {
  const script = async (text: string, patience?: number): Promise<readonly string[]> => {
    const cwd = await folderWith({ cloud: text })
    await chmod(join(cwd, 'cloud'), 0o700)
    return mistakesOfAsync(async () => {
      const found: Parameters<typeof readScript>[2] = []
      await readScript(join(cwd, 'cloud'), { shown: 'cloud', cwd, ...(patience === undefined ? {} : { patience }) }, found)
      if (found[0] !== undefined) throw found[0]
    })
  }

  it('that fails, hangs or prints something else is one clear mistake', async () => {
    expect(await script('#!/bin/sh\necho no credentials >&2\nexit 3\n')).toEqual(['inventory-failed: cloud --list ended with exit 3 (run it and look: cloud --list)'])
    expect(await script('#!/bin/sh\nexec sleep 60\n', 0.3)).toEqual(['inventory-timeout: cloud --list did not end within 0.3 seconds (run it and look what it waits for: cloud --list)'])
    expect(await script('#!/bin/sh\nkill -TERM $$\n')).toEqual(['inventory-failed: cloud --list was ended by SIGTERM (run it and look: cloud --list)'])
    expect(await script('#!/no/such/interpreter\n')).toEqual(['inventory-failed: cloud --list could not be run: ENOENT (its first line names its interpreter: see that it is installed)'])
    expect(await script('#!/bin/sh\necho oops\n')).toEqual(['inventory-output: cloud --list printed something that is not JSON (run it and look: cloud --list)'])
    expect(await script('#!/bin/sh\necho []\n')).toEqual([expect.stringMatching(/^1?:?1? ?inventory-output: cloud --list: it is not an object/)])
    expect(await script('#!/bin/sh\necho \'{"web": {"hosts": "w1"}}\'\n')).toEqual(['inventory-output: cloud --list: the hosts of "web" are not a list of names (print names in a list: ["web1", "web2"])'])
    expect(await script('#!/bin/sh\necho \'{"web": {"host": []}}\'\n')).toEqual(['1:1 unknown-key: the group "web" has the unknown key "host" (groups have hosts, children and vars)'])
    expect(await script('#!/bin/sh\n[ $1 = --list ] && echo \'{"web": ["w1"]}\' || exit 4\n')).toEqual(['inventory-failed: cloud --host w1 ended with exit 4 (run it and look: cloud --host w1)'])
  })

  it('must be executable', async () => {
    expect(await mistakes({ hosts: '#!/bin/sh\n' })).toEqual(['1:1 not-executable: hosts is a program and may not be run (chmod +x hosts)'])
  })
})

describe('what is shown of inventories of Ansible', () => {
  const files = { hosts: 'lone\n[web]\nw[1:2] x=1\n[empty]\n[site:children]\nweb\n' }

  it('is as of ours', async () => {
    const inventory = await load(files)
    expect(graph(inventory)).toBe('@all\n  @empty\n  @site\n    @web\n      w1\n      w2\n  lone\n')
    expect(JSON.parse(toList(inventory))).toEqual({
      _meta: { hostvars: { w1: { x: 1 }, w2: { x: 1 } } }, all: { children: ['ungrouped', 'empty', 'site'] }, web: { hosts: ['w1', 'w2'] }, site: { children: ['web'] }, ungrouped: { hosts: ['lone'] },
    })
    expect(JSON.parse(toHost(inventory, 'w2'))).toEqual({ x: 1 })
    expect(() => toHost(inventory, 'w3')).toThrow('no host of hosts is "w3"')
  })

  it('has a group under all that stands there, whatever other group it is in', async () => {
    const top = async (content: string): Promise<unknown> => (JSON.parse(toList(await load({ hosts: content }))) as { all: { children: unknown } }).all.children
    expect(await top('all:\n  children:\n    web: { hosts: { w1: } }\n    site: { children: { web: } }\n')).toEqual(['ungrouped', 'web', 'site'])
    expect(await top('web: { hosts: { w1: } }\nsite: { children: { web: } }\n')).toEqual(['ungrouped', 'site'])
    expect(await top('[all:children]\nweb\n[web]\nw1\n[site:children]\nweb\n')).toEqual(['ungrouped', 'web', 'site'])
    const both = await load({ one: 'all: { children: { web: { hosts: { w1: } } } }\n', two: 'site: { children: { web: } }\n' }, ['./one', './two'])
    expect(graph(both)).toBe('@all\n  @web\n    w1\n  @site\n    @web\n      w1\n')
  })

  it('has names to make lab hosts of', async () => {
    expect(await hostNames('./hosts', { cwd: await folderWith(files), home: '/' })).toEqual(['lone', 'w1', 'w2'])
  })

  it('is found by name, in a folder, or as a list', async () => {
    expect((await load({ 'inventories/prod.ini': 'w1\n' }, ['prod'])).hosts).toHaveLength(1)
    expect((await load({ 'inventories/prod/hosts': 'w1\n', 'inventories/prod/vault.key': 'x\n' }, ['prod'])).name).toBe('prod')
    expect((await load({ 'prod/inventory.ini': 'w1\n', 'prod/notes.md': 'x' }, ['prod'])).hosts).toHaveLength(1)
    expect((await load({ 'prod/hosts.yaml': 'web: { hosts: { w1: } }\n', 'prod/more': 'w2\n' }, ['prod'])).hosts.map(({ name }) => name)).toEqual(['w1', 'w2'])
    expect(notes(await load({}, ['w1,']))).toEqual([])
    expect(await mistakes({}, ['w1,w 2,'])).toEqual([expect.stringMatching(/^1:1 bad-name: "w 2" cannot be the name of a host/)])
    expect(await mistakes({ 'src/main.c': '' }, ['src'])).toEqual([expect.stringMatching(/^unknown-inventory: there is no inventory src/)])
  })
})
