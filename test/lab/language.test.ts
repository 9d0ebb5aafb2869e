import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exitCode } from '../../src/core/errors.js'
import { labHosts, titled } from '../support/lab.js'
import { provision, type Told } from '../support/provision.js'

const { hosts, reason } = await labHosts(['one', 'two', 'three'], 'language')
let folder = ''

/** What a playbook may say, on three real hosts, through the program. */
const call = async (command: 'plan' | 'run', steps: string, more: readonly string[] = [], play = ''): Promise<Told & { readonly said: readonly string[] }> => {
  await writeFile(join(folder, 'site.yaml'), `plays:\n  - name: Site\n    hosts: nodes\n    become: true\n${play.replace(/^(?=.)/gm, '    ')}\n    steps:\n${steps.replace(/^(?=.)/gm, '      ')}\n`)
  const told = await provision([command, 'site.yaml', '-i', './hosts.yaml', '--json', ...(command === 'run' ? ['--yes'] : []), ...more], { cwd: folder, env: { XDG_STATE_HOME: join(folder, 'state') } })
  const { plays } = JSON.parse(told.stdout) as { plays: readonly { steps: readonly { host: string; step: string; on?: string; verdict: { status: string } }[] }[] } // the program's own document
  return { ...told, said: plays.flatMap(({ steps: settled }) => settled.map(({ host, step, on, verdict }) => `${host}${on === undefined ? '' : ` on ${on}`}: ${step}: ${verdict.status}`)) }
}

describe.skipIf(reason !== undefined)(titled('the language on real hosts', { reason }), () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'provision-language-'))
    const [first] = hosts
    await writeFile(join(folder, 'hosts.yaml'), JSON.stringify({
      connection: { 'ssh-config': first?.sshConfig, user: first?.user },
      hosts: Object.fromEntries(hosts.map(({ name, address }) => [name, { address }])), groups: { nodes: { hosts: { one: {}, two: {} } }, balancer: { hosts: { three: {} } } },
    }))
  })
  afterAll(async () => { if (folder !== '') await rm(folder, { recursive: true, force: true }) })

  it('rescues, tidies up, and finds nothing to do the second time', async () => {
    const steps = `
- name: deploy
  block:
    - { name: settings, file: { path: "/srv/{{ item }}.conf", content: "{{ host.name }}\\n" } }
    - { name: check, command: { run: "test {{ host.name }} = two", creates: "/srv/{{ item }}.checked" } }
    - { name: mark, file: { path: "/srv/{{ item }}.checked" } }
  rescue:
    - { name: say why, file: { path: "/srv/{{ item }}.checked", content: "{{ failure.step }} {{ failure.code }}\\n" } }
  always:
    - { name: tidy, file: { path: "/srv/{{ item }}.done" } }
  loop: [a, b]
`
    const first = await call('run', steps)
    expect(first.code, first.stderr).toBe(exitCode.done)
    const of = (host: string) => first.said.filter((line) => line.startsWith(`${host}:`)).map((line) => line.slice(host.length + 2))
    expect(of('one').filter((line) => line.includes('(a)'))).toEqual(['settings (a): change', 'check (a): failed', 'say why (a): change', 'tidy (a): change'])
    expect(first.said.filter((line) => line.includes('failed'))).toEqual(expect.arrayContaining(['one: check (a): failed', 'one: check (b): failed']))
    const again = await call('run', steps)
    expect(again.code, again.stderr).toBe(exitCode.done)
    expect([...new Set(again.said.map((line) => line.split(': ').at(-1)))].toSorted()).toEqual(['ok', 'skipped'])
  })

  it('acts on another host in turn, once for all, and with what hosts say of themselves', async () => {
    const steps = `
- { name: enabled, line: { path: /srv/pool, line: "server {{ host.address }}", state: present }, delegate: "{{ groups.balancer | first }}" }
- { name: schema, file: { path: /srv/schema, content: "by {{ host.name }}\\n" }, once: true }
- { name: family, assert: { that: "{{ host.os.family == 'debian' and hosts.three.cpus > 0 and host.memory > 100 }}" } }
- { name: other, fail: { message: no }, when: host.os.family != 'debian' }
`
    await writeFile(join(folder, 'pool.yaml'), 'plays:\n  - name: Pool\n    hosts: balancer\n    become: true\n    steps:\n      - { name: pool, file: { path: /srv/pool } }\n')
    expect((await provision(['run', 'pool.yaml', '-i', './hosts.yaml', '--yes'], { cwd: folder })).code).toBe(exitCode.done)
    const planned = await call('plan', steps)
    expect(planned.said).toEqual(['one on three: enabled: change', 'two on three: enabled: change', 'one: schema: change', 'two: schema: skipped', 'one: family: ok', 'one: other: skipped', 'two: family: ok', 'two: other: skipped'])
    const made = await call('run', steps)
    expect(made.code, made.stderr).toBe(exitCode.done)
    expect(made.said.toSorted()).toEqual(planned.said.toSorted())
    const again = await call('run', steps)
    expect([again.code, again.said.filter((line) => line.endsWith('change'))]).toEqual([exitCode.done, []])
  })

  it('asks what hosts are in the round trip that asks everything', async () => {
    const { stdout } = await call('plan', '- { name: motd, file: { path: /etc/motd, content: "{{ host.os.codename }}\\n" } }\n- { name: tidy, file: { path: /srv/none, state: absent } }', ['--limit', 'one'])
    expect(JSON.parse(stdout)).toMatchObject({ hosts: { one: { round_trips: 3 } } }) // the session's start, and two frames
  })

  it('goes on where it broke off, with the hosts that did not come through', async () => {
    const steps = `
- { name: first, command: { run: "echo x >> /srv/runs" } }
- { name: gate, command: { run: "test ! -e /srv/broken" } }
- { name: last, command: { run: "echo y >> /srv/runs" } }
`
    const breaking = '- { name: broken, file: { path: /srv/broken }, when: host.name == "two" }'
    expect((await call('run', breaking)).code).toBe(exitCode.done)
    const broken = await call('run', steps, [], 'procedure: true')
    expect(broken.code).toBe(exitCode.failed)
    await writeFile(join(folder, 'mend.yaml'), 'plays:\n  - name: Mend\n    hosts: two\n    become: true\n    steps:\n      - { name: mend, file: { path: /srv/broken, state: absent } }\n')
    expect((await provision(['run', 'mend.yaml', '-i', './hosts.yaml', '--yes'], { cwd: folder })).code).toBe(exitCode.done)
    const resumed = await call('run', steps, ['--resume'], 'procedure: true')
    expect([resumed.code, resumed.said]).toEqual([exitCode.done, ['two: first: skipped', 'two: gate: change', 'two: last: change']])
    const nothing = await provision(['run', 'site.yaml', '-i', './hosts.yaml', '--yes', '--resume'], { cwd: folder, env: { XDG_STATE_HOME: join(folder, 'state') } })
    expect([nothing.code, nothing.stderr]).toEqual([exitCode.done, expect.stringContaining('nothing to go on with')])
  })
})
