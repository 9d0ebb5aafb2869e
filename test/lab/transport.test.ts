import { homedir } from 'node:os'
import { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ProvisionError } from '../../src/core/errors.js'
import { Secret } from '../../src/core/secret.js'
import { sh } from '../../src/core/shell.js'
import { patient } from '../../src/transport/patient.js'
import { readSshConfig } from '../../src/transport/ssh-config-lookup.js'
import { resolveSshSettings, type SshTarget } from '../../src/transport/ssh-resolve.js'
import { SshTransport } from '../../src/transport/ssh-transport.js'
import { labHosts, noHostsReason, titled } from '../support/lab.js'

const reason = await noHostsReason()

const failure = async (promise: Promise<unknown>): Promise<ProvisionError> => {
  const error: unknown = await promise.then((value) => new Error(`resolved with ${JSON.stringify(value)}`), (rejected: unknown) => rejected)
  if (!(error instanceof ProvisionError)) throw error
  return error
}

describe.skipIf(reason !== undefined)(titled('a real host', { reason }), () => {
  let target: SshTarget
  let config: Awaited<ReturnType<typeof readSshConfig>>
  const opened: SshTransport[] = []
  const root = { user: 'root', method: 'sudo' } as const

  const connect = async (extra: Partial<SshTarget> = {}): Promise<SshTransport> => {
    const { settings, notes } = resolveSshSettings({ ...target, ...extra }, config, { home: homedir(), user: 'nobody' })
    expect(notes).toEqual([])
    const transport = new SshTransport(settings)
    opened.push(transport)
    await transport.open()
    return transport
  }
  const operator = { user: 'operator', identities: [], password: new Secret('operator-lab') } as const

  beforeAll(async () => {
    const [host] = (await labHosts(['far'], 'transport')).hosts
    if (host === undefined) throw new Error('the lab made no host')
    target = { host: host.name }
    config = await readSshConfig(host.sshConfig, homedir())
  }, 600_000)
  afterEach(async () => { for (const transport of opened.splice(0)) await transport.close() })
  afterAll(async () => { for (const transport of opened.splice(0)) await transport.close() })

  const who = 'echo "$(id -un) $HOME $(umask) $LC_ALL $(pwd)"'

  it('is reached by its ssh_config, as the login user and as others', async () => {
    const host = await connect()
    expect(await (await host.session()).exec(who)).toMatchObject({ stdout: 'deploy /home/deploy 0022 C /home/deploy\n', stderr: '', exit: 0 })
    expect(await (await host.session(root)).exec(who)).toMatchObject({ stdout: 'root /root 0022 C /root\n', stderr: '' })
    expect(await (await host.session({ user: 'operator', method: 'sudo' })).exec(who)).toMatchObject({ stdout: 'operator /home/operator 0022 C /home/operator\n' })
    expect(host.roundTrips).toBe(6)
    expect(await failure(host.session({ user: 'nosuchuser', method: 'sudo' }))).toMatchObject({ code: 'no-such-become-user', exit: 4 })
  })

  it('lets a user in by password, and says when it does not', async () => {
    const host = await connect(operator)
    expect(await (await host.session()).exec('id -un')).toMatchObject({ stdout: 'operator\n' })
    expect(await failure(connect({ ...operator, password: new Secret('wrong') }))).toMatchObject({ code: 'authentication-failed', exit: 4, hint: expect.stringContaining('tried password') })
  })

  it('gives sudo its password, of which nothing is left to be seen', async () => {
    const host = await connect(operator)
    expect(await failure(host.session(root))).toMatchObject({ code: 'no-become-password', exit: 4 })
    const session = await host.session({ ...root, password: new Secret('operator-lab') })
    expect(await session.exec(who)).toMatchObject({ stdout: 'root /root 0022 C /root\n', stderr: '' })
    const traces = await session.exec('for f in /proc/[0-9]*/cmdline /proc/[0-9]*/environ; do tr "\\0" " " <$f 2>/dev/null; done | grep -c operator-la[b]; journalctl --no-pager | grep -c operator-la[b]')
    expect(traces.stdout).toBe('0\n0\n')
  })

  it('is given a wrong sudo password once only', async () => {
    const host = await connect(operator)
    const watcher = await (await connect()).session(root)
    const count = async (): Promise<number> => Number((await watcher.exec('journalctl --no-pager -t sudo | grep -c "auth.*authentication failure"')).stdout)
    const before = await count()
    expect(await failure(host.session({ ...root, password: new Secret('wrong') }))).toMatchObject({ code: 'wrong-become-password', exit: 4 })
    await new Promise((resolve) => setTimeout(resolve, 1000))
    expect(await count()).toBe(before + 1)
  })

  it('gives su its password', async () => {
    const host = await connect()
    expect(await (await host.session({ user: 'root', method: 'su', password: new Secret('root-lab') })).exec('id -un; cat', { stdin: 'in' })).toMatchObject({ stdout: 'root\nin' })
    const again = await connect()
    expect(await failure(again.session({ user: 'root', method: 'su', password: new Secret('wrong') }))).toMatchObject({ code: 'wrong-become-password', exit: 4 })
  })

  it('may insist on a terminal, or not allow sudo at all', async () => {
    const session = await (await connect()).session(root)
    await session.exec('useradd -m guest; echo guest:guest-lab | chpasswd')
    const guest = { user: 'guest', identities: [], password: new Secret('guest-lab') } as const
    expect(await failure((await connect(guest)).session({ ...root, password: new Secret('guest-lab') }))).toMatchObject({ code: 'become-not-allowed', exit: 4 })
    await session.exec('cat >/etc/sudoers.d/guest; chmod 440 /etc/sudoers.d/guest', { stdin: 'Defaults:guest requiretty\nguest ALL=(ALL) NOPASSWD: ALL\n' })
    expect(await failure((await connect(guest)).session(root))).toMatchObject({ code: 'become-needs-terminal', exit: 4 })
  })

  it('may have a noisy and slow login, and a /tmp that runs nothing', async () => {
    const session = await (await connect()).session(root)
    await session.exec('mount -o remount,noexec /tmp 2>/dev/null || mount -t tmpfs -o noexec tmpfs /tmp')
    await (await (await connect()).session()).exec('cat >.bashrc', { stdin: 'echo Welcome; echo careful >&2; sleep 1; printf "last line without end"\n' })
    const host = await connect()
    expect(await (await host.session()).exec('cat', { stdin: 'in' })).toEqual({ stdout: 'in', stderr: '', exit: 0 })
    expect(await (await host.session(root)).exec(who)).toMatchObject({ stdout: 'root /root 0022 C /root\n', stderr: '' })
  })

  it('ends what root started when its time is over', async () => {
    const session = await (await connect()).session(root)
    expect(await failure(session.exec('sleep 4712 & sleep 4712', { timeout: 500 }))).toMatchObject({ code: 'timed-out' })
    expect(await session.exec('pgrep -c -x sleep')).toMatchObject({ stdout: '0\n' })
  })

  it('takes a large file for another user', async () => {
    const session = await (await connect()).session(root)
    const length = 60_000_000
    const file = Readable.from((function* () { for (let sent = 0; sent < length; sent += 1_000_000) yield Buffer.alloc(1_000_000, sent / 1_000_000) })())
    const { stdout } = await session.exec(sh`cat >/root/large && wc -c </root/large`.text, { stdin: { stream: file, length } })
    expect(stdout).toBe(`${length}\n`)
  })

  it('whose sshd dies loses the connection, and is reached again', async () => {
    const host = await connect({ keepalive: { interval: 500, count: 3 } })
    const session = await host.session(root)
    expect(await failure(session.exec('pkill -9 sshd; sleep 20'))).toMatchObject({ code: 'connection-lost', exit: 4 })
    await patient(host, { tries: 20, delay: 200, longest: 500 }).open()
    expect(await session.exec('id -un')).toMatchObject({ stdout: 'root\n' })
  })
})
