import { beforeAll, describe, expect, it } from 'vitest'
import { exitCode } from '../../src/core/errors.js'
import { asRoot, labProject, timeless, treeOf, type LabProject } from '../support/lab-project.js'
import { labHosts, noHostsReason, titled, type TestHost } from '../support/lab.js'

const reason = await noHostsReason()

describe.skipIf(reason !== undefined)(titled('commands that reach hosts without a playbook', { reason }), () => {
  let hosts: readonly TestHost[] = []
  let project: LabProject
  beforeAll(async () => {
    hosts = (await labHosts(['mi1', 'mi2'], 'commands')).hosts
    project = await labProject(hosts)
  }, 600_000)
  const first = (): TestHost => {
    const [host] = hosts
    if (host === undefined) throw new Error('the lab made no host')
    return host
  }

  it('exec runs as the login user and as root, on both at once', async () => {
    const as = async (...more: readonly string[]): Promise<readonly string[]> => (await project.provision(['exec', 'nodes', '-i', 'lab', ...more, '--', 'id', '-un'])).stdout.trimEnd().split('\n').sort()
    expect(await as()).toEqual(['mi1 | deploy', 'mi2 | deploy'])
    expect(await as('--become')).toEqual(['mi1 | root', 'mi2 | root'])
    expect(await as('--become-user', 'daemon', '--limit', 'mi2')).toEqual(['mi2 | daemon'])
    const { code, stderr } = await project.provision(['exec', 'nodes', '-i', 'lab', '--shell', '[ "$(hostname)" = mi1 ] || exit 7'])
    expect({ code, stderr: timeless(stderr) }).toEqual({ code: exitCode.failed, stderr: '\nmi1  exit 0  T\nmi2  exit 7  T\n' })
  })

  it('exec sees output as it comes, and ends it on the host when time is over', async () => {
    const { code, stdout, stderr } = await project.provision(['exec', 'mi1', '-i', 'lab', '--timeout', '2', '--shell', 'echo begun; sleep 100.25'])
    expect({ code, stdout }).toEqual({ code: exitCode.failed, stdout: 'mi1 | begun\n' })
    expect(stderr).toContain('mi1  failed: a script on mi1 did not end within 2 s')
    expect(await asRoot(first(), 'pgrep -fx "sleep 100.25" || echo gone')).toBe('gone\n')
  })

  it('unlock says whose lock there is, and takes it away only when that is confirmed', async () => {
    await asRoot(first(), `mkdir -p -m 700 /run/provision; echo "$$ $(cut -d' ' -f22 /proc/$$/stat) bob@laptop, cluster.yaml, process 4711" > /run/provision/lock`)
    const unlock = (...more: readonly string[]) => project.provision(['unlock', 'all', '-i', 'lab', ...more])
    const asked = await unlock()
    expect(asked).toMatchObject({ code: exitCode.input, stderr: expect.stringMatching(/^mi1 {2}locked by bob@laptop, cluster\.yaml, process 4711\n {2}for \d+ s; its shell is gone, so that any run may have it\nmi2 {2}no lock\n/) })
    expect(asked.stderr).toContain('not-confirmed')
    expect(await asRoot(first(), 'cat /run/provision/lock')).toContain('bob@laptop')
    expect(await unlock('--yes')).toMatchObject({ code: exitCode.done, stderr: expect.stringContaining('mi1  taken away from bob@laptop, cluster.yaml, process 4711\n') })
    expect(await asRoot(first(), 'ls /run/provision; rm -r /run/provision')).not.toMatch(/^lock$/m)
    expect(JSON.parse((await unlock('--json')).stdout)).toEqual({ hosts: { mi1: { locks: [] }, mi2: { locks: [] } } })
  })

  it('ping tells whose key is known, what the host is, and that sudo is free', async () => {
    const { code, stdout } = await project.provision(['ping', '-i', 'lab', '--json'])
    expect(code).toBe(exitCode.done)
    const key = (await asRoot(first(), 'ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub')).split(' ')[1] ?? ''
    expect(JSON.parse(stdout)).toMatchObject({ hosts: {
      mi1: { user: 'deploy', system: expect.stringMatching(/^Debian GNU\/Linux \d+/), root: 'sudo', address: first().address, port: 22, host_key: `ssh-ed25519 ${key}`, host_key_trusted: 'known' },
      mi2: { user: 'deploy', root: 'sudo' },
    } })
    expect((await project.provision(['ping', '-i', 'lab', 'mi1'])).stdout).toContain(`mi1  reached  deploy at ${first().address}:22, Debian GNU/Linux`)
  })

  it('ping opens one connection a host', async () => {
    const logins = (): Promise<string> => asRoot(first(), 'journalctl --sync; journalctl -q -u ssh -u sshd --no-pager | grep -c "[A]ccepted publickey" || true')
    const before = Number(await logins())
    await project.provision(['ping', '-i', 'lab', 'mi1'])
    expect(Number(await logins()) - before).toBe(2) // its own, and that of the look before
  })

  it('facts are what the hosts say, and asking leaves no trace', async () => {
    const before = await treeOf(first())
    const { code, stdout } = await project.provision(['facts', 'mi1', 'mi2', '-i', 'lab', '--become', '--json', 'unit:ssh.service', 'port:22', 'user:deploy', 'file:/etc/shadow'])
    expect(code).toBe(exitCode.done)
    expect(JSON.parse(stdout)).toMatchObject({ hosts: { mi1: { facts: {
      'unit:ssh.service': { value: { load: 'loaded', active: true } }, 'port:22': { value: true }, 'user:deploy': { value: { exists: true } }, 'file:/etc/shadow': { value: { type: 'file', content: '••••••••' } },
    } }, mi2: { facts: { 'port:22': { value: true } } } } })
    expect(await treeOf(first())).toBe(before)
    const refused = await project.provision(['facts', 'mi1', '-i', 'lab', 'file:/etc/shadow'])
    expect(refused.code).toBe(exitCode.failed)
    expect(refused.stdout).toContain('/etc/shadow may not be read by this user [not-readable]')
  })
})
