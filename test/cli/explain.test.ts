import { describe, expect, it } from 'vitest'
import { exitCode } from '../../src/core/errors.js'
import { Secret } from '../../src/core/secret.js'
import { encryptText } from '../../src/inventory/vault/age.js'
import { folderWith } from '../inventory/files.js'
import { said, type Said } from '../support/said.js'

const hosts = `vars:
  db_host: localhost
  db_port: 5432
  zone: internal
groups:
  nodes: { hosts: { mi1: {}, mi2: {} }, vars: { db_host: "{{ hosts.db1.fqdn }}" } }
  database: { hosts: { db1: { address: 10.0.0.9 } }, vars: { fqdn: "{{ host.name }}.{{ zone }}" } }
`
const mi1 = `db_url: "jdbc:x://{{ db_host }}:{{ db_port }}/{{ db_name }}"
db_port: 5433
`
const site = `params:
  db_name: { type: string, default: reg }
  door_key: { type: secret, default: hunter2222 }
plays:
  - name: One
    hosts: nodes
    vars: { db_name: one }
    steps:
      - name: special
        vars: { db_port: 1 }
        file: { path: /no-such, content: "{{ db_url }}" }
      - include: note.yaml
        with: { text: "{{ db_url }}" }
  - name: Two
    hosts: all
    steps: [{ file: { path: /no-such, state: absent } }]
`
const note = 'params:\n  text: { type: string }\nsteps:\n  - file: { path: /no-such, content: "{{ text }}" }\n'
const project = (more: Readonly<Record<string, string>> = {}): Promise<string> =>
  folderWith({ 'inventories/prod/hosts.yaml': hosts, 'inventories/prod/host_vars/mi1.yaml': mi1, 'site.yaml': site, 'note.yaml': note, ...more })
const explain = (cwd: string, ...args: readonly string[]): Promise<Said> => said(cwd, ['explain', '-i', 'prod', ...args])

describe('a variable of a host', () => {
  it('is told with everything that gives it, nearest first, and what it is made of, across hosts', async () => {
    const cwd = await project()
    expect(await explain(cwd, 'db_port', '--host', 'mi1', '--set', 'db_port=7')).toEqual({ code: exitCode.done, stderr: '', stdout: `db_port on mi1 = 7
  won  --set      7
       host mi1   5433  inventories/prod/host_vars/mi1.yaml:2:10
       group all  5432  inventories/prod/hosts.yaml:3:12
` })
    expect(await explain(cwd, 'db_url', 'site.yaml', '--host', 'mi1', '--play', 'Two')).toEqual({ code: exitCode.done, stderr: '', stdout: `db_url on mi1 = "jdbc:x://db1.internal:5433/reg"
  won  host mi1  "jdbc:x://{{ db_host }}:{{ db_port }}/{{ db_name }}"  inventories/prod/host_vars/mi1.yaml:1:9

made of
  db_host           "db1.internal"  group nodes             inventories/prod/hosts.yaml:6:58
    hosts.db1.fqdn  "db1.internal"  group database          inventories/prod/hosts.yaml:7:68
      host.name     "db1"           built in
      zone          "internal"      group all               inventories/prod/hosts.yaml:4:9
  db_port           5433            host mi1                inventories/prod/host_vars/mi1.yaml:2:10
  db_name           "reg"           the playbook's default  site.yaml:2:37
` })
  })

  it('is told play by play where these differ, with the steps that see another value', async () => {
    expect(await explain(await project(), 'db_name', 'site.yaml', '--host', 'mi1')).toEqual({ code: exitCode.done, stderr: '', stdout: `In the play "One":
db_name on mi1 = "one"
  won  play One                "one"  site.yaml:7:22
       the playbook's default  "reg"  site.yaml:2:37

In the play "Two":
db_name on mi1 = "reg"
  won  the playbook's default  "reg"  site.yaml:2:37
` })
    const { stdout } = await explain(await project(), 'db_port', 'site.yaml', '--host', 'mi1', '--play', 'One')
    expect(stdout).toContain('in some steps it is something else\n    step special  1  site.yaml:10:26\n')
    expect((await explain(await project(), 'text', 'site.yaml', '--host', 'mi1', '--play', 'One')).stdout).toBe(`text is not known outside of the steps below

in some steps it is something else
    step list note.yaml  "{{ db_url }}"  site.yaml:13:23
`)
  })

  it('that cannot be had is told with the reason, and is exit 2', async () => {
    const { code, stdout } = await explain(await project(), 'db_url', '--host', 'mi1')
    expect(code).toBe(exitCode.input)
    expect(stdout).toMatch(/^db_url on mi1 = db_name is not defined\n {2}at inventories\/prod\/host_vars\/mi1.yaml:1:\d+\n {2}hint: /)
    expect(stdout).toContain('db_port           5433')
  })

  it('is data for machines', async () => {
    const { stdout } = await explain(await project(), 'db_host', '--host', 'mi2', '--json')
    const place = { file: 'inventories/prod/hosts.yaml', line: 6, column: 58 }
    expect(JSON.parse(stdout)).toEqual({
      host: 'mi2', variable: 'db_host', views: [{
        value: 'db1.internal', won: { origin: 'group', of: 'nodes', written: '{{ hosts.db1.fqdn }}', ...place }, in_steps: [],
        given_by: [{ origin: 'group', of: 'nodes', written: '{{ hosts.db1.fqdn }}', ...place }, { origin: 'group', of: 'all', written: 'localhost', file: 'inventories/prod/hosts.yaml', line: 2, column: 12 }],
        made_of: { 'hosts.db1.fqdn': expect.objectContaining({ value: 'db1.internal', made_of: { 'host.name': expect.objectContaining({ value: 'db1' }), zone: expect.objectContaining({ value: 'internal' }) } }) },
      }],
    })
  })
})

describe('many at once', () => {
  it('are all variables of a host, or one variable of all hosts', async () => {
    const cwd = await project()
    expect((await explain(cwd, '--host', 'mi1')).stdout).toBe(`mi1, all, nodes: 4 variables
db_host  "db1.internal"          group nodes  inventories/prod/hosts.yaml:6:58  over group all
db_port  5433                    host mi1     inventories/prod/host_vars/mi1.yaml:2:10  over group all
db_url   db_name is not defined  host mi1     inventories/prod/host_vars/mi1.yaml:1:9
zone     "internal"              group all    inventories/prod/hosts.yaml:4:9
`)
    expect((await explain(cwd, 'db_port', '--limit', 'nodes')).stdout).toBe(`mi1  5433  host mi1   inventories/prod/host_vars/mi1.yaml:2:10
mi2  5432  group all  inventories/prod/hosts.yaml:3:12
`)
    expect(JSON.parse((await explain(cwd, 'site.yaml', '--host', 'db1', '--json')).stdout)).toMatchObject({ host: 'db1', views: [{ plays: ['Two'], variables: { fqdn: { value: 'db1.internal' }, db_name: { value: 'reg' } } }] })
    expect(JSON.parse((await explain(cwd, 'fqdn', '--json')).stdout)).toMatchObject({ variable: 'fqdn', hosts: { mi1: null, mi2: null, db1: { value: 'db1.internal' } } })
  })
})

describe('secrets', () => {
  it('are dots: out of the vault, of a parameter that is one, and in whatever is made of them', async () => {
    const vault = await encryptText('db_password: swordfish9\nkey: |\n  first line\n  second line\n', { kind: 'passphrase', passphrase: new Secret('the right key, long enough') })
    const cwd = await project({ 'inventories/prod/vault.yaml': vault, 'inventories/prod/group_vars/nodes.yaml': 'login: "app:{{ db_password }}"\n', key: 'the right key, long enough' })
    const told: Said[] = []
    for (const args of [['login', '--host', 'mi1'], ['login', '--host', 'mi1', '--json'], ['--host', 'mi1', 'site.yaml'], ['door_key', 'site.yaml', '--host', 'mi2', '--set', 'door_key=open-sesame']]) {
      told.push(await explain(cwd, ...args, '--vault-key-file', 'key'))
    }
    expect(told.map(({ code }) => code)).toEqual([0, 0, 0, 0])
    expect(told.map(({ stdout }) => stdout).join('')).not.toMatch(/swordfish9|hunter2222|open-sesame/)
    expect(told[0]?.stdout).toContain('login on mi1 = app:••••••••\n')
    expect(told[2]?.stdout).toMatch(/^key +•{8} +group all/m)
    expect(told[3]?.stdout).toContain('won  --set                   ••••••••\n')
  })
})

describe('mistakes', () => {
  it.each([
    [['db_prot', '--host', 'mi1'], 'unknown-variable', 'did you mean "db_port"?'], [['nothing'], 'unknown-variable', 'name the playbook too'], [['db_port', '--host', 'mi3'], 'unknown-host', 'did you mean "mi1"'],
    [[], 'no-host', 'name a host'], [['a', 'site.yaml', '--host', 'mi1', '--play', 'Three'], 'unknown-play', 'as it is written'], [['a', '--play', 'One', '--host', 'mi1'], 'no-playbook', 'after the variable'],
    [['site.yaml', 'other.yaml', '--host', 'mi1'], 'too-many-words', '--help'],
  ])('%j is exit 2', async (args, problem, hint) => {
    const { code, stdout, stderr } = await explain(await project(), ...args)
    expect({ code, stdout }).toEqual({ code: exitCode.input, stdout: '' })
    expect(stderr).toContain(`[${problem}]`)
    expect(stderr).toContain(hint)
  })
})
