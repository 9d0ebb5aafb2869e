import { chmod, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exitCode } from '../../src/core/errors.js'
import { folderWith } from '../inventory/files.js'
import { provision } from '../support/provision.js'

const vault = (name: string): Promise<string> => readFile(new URL(`../inventory/ansible/vault/${name}`, import.meta.url), 'utf8')
const clean = { PROVISION_VAULT_KEY: undefined, PROVISION_VAULT_KEY_FILE: undefined, ANSIBLE_VAULT_PASSWORD_FILE: undefined }

describe('provision inventory', () => {
  it('joins several inventories of all formats, and tells what has no counterpart', async () => {
    const cwd = await folderWith({
      'hosts.ini': '[web]\nw1 x=1 ansible_become=yes\n', 'own.yaml': 'groups: { web: { vars: { y: 2 }, hosts: { w2: { address: 10.0.0.2 } } } }\n',
      cloud: '#!/bin/sh\necho \'{"db": {"hosts": ["d1"]}, "_meta": {"hostvars": {"d1": {"ansible_host": "10.0.0.3"}}}}\'\n',
    })
    await chmod(join(cwd, 'cloud'), 0o700)
    const all = ['-i', 'hosts.ini', '-i', 'own.yaml', '-i', './cloud', '-i', 'h1,h2:2222,']
    const [plain, list, host, graph, unknown] = await Promise.all([
      provision(['inventory', ...all], { cwd }), provision(['inventory', ...all, '--list'], { cwd }), provision(['inventory', ...all, '--host', 'w1'], { cwd }),
      provision(['inventory', ...all, '--graph'], { cwd }), provision(['inventory', ...all, '--host', 'w9'], { cwd }),
    ])
    expect(plain).toMatchObject({ code: exitCode.done, stdout: 'w1\nw2  10.0.0.2\nd1  10.0.0.3\nh1\nh2\n', stderr: 'note: hosts.ini:2: ansible_become is not used: plays and steps say `become`\n' })
    expect(JSON.parse(list.stdout)).toEqual({
      _meta: { hostvars: { w1: { x: 1, ansible_become: 'yes', y: 2 }, w2: { y: 2 }, d1: { ansible_host: '10.0.0.3' }, h2: { ansible_port: 2222 } } },
      all: { children: ['ungrouped', 'web', 'db'] }, web: { hosts: ['w1', 'w2'] }, db: { hosts: ['d1'] }, ungrouped: { hosts: ['h1', 'h2'] },
    })
    expect(JSON.parse(host.stdout)).toEqual({ x: 1, ansible_become: 'yes', y: 2 })
    expect(graph.stdout).toBe('@all\n  @web\n    w1\n    w2\n  @db\n    d1\n  h1\n  h2\n\n')
    expect(unknown).toMatchObject({ code: exitCode.input, stdout: '' })
    expect(unknown.stderr).toContain('error: no host of hosts.ini, own.yaml, cloud, -i h1,h2:2222, is "w9"')
  })

  it('shows the variables of groups and hosts, as a tree and as YAML, secrets as dots', async () => {
    const cwd = await folderWith({ 'prod/hosts.yaml': 'vars: { domain: example.com }\ngroups: { web: { vars: { port: 80 }, hosts: { w1: { vars: { url: "{{ domain }}", ids: [1] } } } } }\nhosts: { lone: }\n', 'prod/vault.yaml': await vault('whole.yml'), password: await vault('password') })
    const [tree, host, alone, plain] = await Promise.all([
      provision(['inventory', '-i', './prod', '--graph', '--vars', '--vault-password-file', 'password'], { cwd, env: clean }),
      provision(['inventory', '-i', './prod', '--host', 'w1', '--yaml', '--vault-password-file', 'password'], { cwd, env: clean }),
      provision(['inventory', '-i', './prod', '--vars'], { cwd, env: clean }), provision(['inventory', '-i', './prod', '--yaml'], { cwd, env: clean }),
    ])
    expect(tree).toMatchObject({ code: exitCode.done })
    expect(tree.stdout).not.toContain('hunter2')
    expect(tree.stdout).toContain('    {port = 80}\n    w1\n')
    expect(tree.stdout).toContain('      {url = {{ domain }}}\n      {ids = [1]}\n')
    expect(tree.stdout).toMatch(/^@all\n {2}\{domain = example\.com\}\n {2}\{db_password = "•+"\}\n/)
    expect(host.stdout).not.toContain('hunter2')
    expect(host.stdout).toMatch(/^db_password: •+$/m)
    expect(host.stdout).toContain('port: 80\n')
    expect([alone, plain].map(({ code, stderr }) => [code, stderr.split('\n')[0]])).toEqual([
      [exitCode.input, 'error: --vars goes with --graph [wrong-flags]'], [exitCode.input, 'error: --yaml goes with --host, --list or --json [wrong-flags]'],
    ])
  }, 60_000)

  it('tells what a failing executable inventory said', async () => {
    const cwd = await folderWith({ cloud: '#!/bin/sh\necho "no credentials" >&2\nexit 3\n' })
    await chmod(join(cwd, 'cloud'), 0o700)
    const { code, stderr } = await provision(['inventory', '-i', './cloud'], { cwd })
    expect(code).toBe(exitCode.input)
    expect(stderr).toContain('error: cloud --list ended with exit 3 [inventory-failed]')
    expect(stderr).toContain('no credentials')
  })
})

describe('vaults of Ansible on the command line', () => {
  it('open with a password file, and are taken over', async () => {
    const cwd = await folderWith({ hosts: 'w1\n', 'group_vars/all.yml': await vault('whole.yml'), password: await vault('password'), key: 'ours\n', 'site.yaml': 'plays: [ { name: All, hosts: all, steps: [ { assert: { that: "{{ db_password == \'hunter2\' }}" } } ] } ]\n' })
    const validate = (more: readonly string[], env: Readonly<Record<string, string>> = {}) => provision(['validate', 'site.yaml', '-i', './hosts', ...more], { cwd, env: { ...clean, ...env } })
    const [without, byFile, byEnvironment, byKey] = await Promise.all([
      validate([]), validate(['--vault-password-file', 'password']), validate([], { ANSIBLE_VAULT_PASSWORD_FILE: 'password' }), validate([], { PROVISION_VAULT_KEY: 'correct horse' }),
    ])
    expect(without).toMatchObject({ code: exitCode.input, stderr: 'error: a vault of Ansible needs a password and none was given [no-vault-password]\n  hint: give --vault-password-file FILE, or set ANSIBLE_VAULT_PASSWORD_FILE\n' })
    expect(byFile).toMatchObject({ code: exitCode.done, stderr: '' })
    expect(byEnvironment).toMatchObject({ code: exitCode.done, stderr: '' })
    expect(byKey).toMatchObject({ code: exitCode.done, stderr: '' })
    const taken = await provision(['vault', 'import', 'group_vars/all.yml', '--vault-password-file', 'password', '--vault-key-file', 'key'], { cwd, env: clean })
    expect(taken).toMatchObject({ code: exitCode.done, stderr: 'group_vars/all.yml opened by the key of our vault now, and no longer by ansible-vault\n' })
    expect(await readFile(join(cwd, 'group_vars/all.yml'), 'utf8')).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----\n/)
    expect(await validate(['--vault-key-file', 'key'])).toMatchObject({ code: exitCode.done })
  }, 60_000)
})
