import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ProvisionError } from '../../src/core/errors.js'
import { Secret } from '../../src/core/secret.js'
import { sh } from '../../src/core/shell.js'
import { sshDefaults, type SshSettings } from '../../src/transport/ssh-settings.js'
import { JumpHosts } from '../../src/transport/jump-hosts.js'
import { type SshOptions, SshTransport } from '../../src/transport/ssh-transport.js'
import { tcpProxy, type TcpProxy } from '../support/proxy.js'
import { type Sshd, sshdMissing, startSshd } from '../support/sshd.js'
import { programPath } from './shells.js'

const failure = async (promise: Promise<unknown>): Promise<ProvisionError> => {
  const error: unknown = await promise.then((value) => new Error(`resolved with ${JSON.stringify(value)}`), (reason: unknown) => reason)
  if (!(error instanceof ProvisionError)) throw error
  return error
}
const title = (text: string): string => (sshdMissing === undefined ? text : `${text} (skipped: ${sshdMissing})`)

describe.skipIf(sshdMissing !== undefined)(title('over SSH'), () => {
  let sshd: Sshd
  const transports: SshTransport[] = []
  const proxies: TcpProxy[] = []
  const others: Sshd[] = []

  const settings = (server: Sshd, extra: Partial<SshSettings> = {}): SshSettings => ({ ...sshDefaults,
    host: 'web1', hostname: '127.0.0.1', port: server.port, user: 'root', identities: [{ path: server.key }], identitiesOnly: true,
    knownHosts: [join(server.directory, 'known_hosts')], pinned: [], jumps: [], ...extra,
  })
  const transport = (extra: Partial<SshSettings> = {}, server = sshd, options: SshOptions = {}): SshTransport => {
    const made = new SshTransport(settings(server, extra), options)
    transports.push(made)
    return made
  }
  const knows = async (server: Sshd, ...ports: readonly number[]): Promise<void> =>
    writeFile(join(server.directory, 'known_hosts'), await server.known(...[server.port, ...ports].map((port) => `[127.0.0.1]:${port}`)))
  const through = async (options: Parameters<typeof tcpProxy>[1] = {}): Promise<TcpProxy> => {
    const proxy = await tcpProxy({ host: '127.0.0.1', port: sshd.port }, options)
    proxies.push(proxy)
    await knows(sshd, proxy.port)
    return proxy
  }
  const server = async (...extra: readonly string[]): Promise<Sshd> => {
    const made = await startSshd(extra)
    others.push(made)
    await knows(made)
    return made
  }

  beforeAll(async () => { sshd = await startSshd() })
  afterEach(async () => {
    for (const one of transports.splice(0)) await one.close()
    for (const one of proxies.splice(0)) await one.close()
    for (const one of others.splice(0)) await one.stop()
    await knows(sshd)
  })
  afterAll(() => sshd.stop())

  describe('a session', () => {
    it('runs scripts with input and both streams', async () => {
      await knows(sshd)
      const ssh = transport()
      await ssh.open()
      const session = await ssh.session()
      expect(session.user).toBe('root')
      expect(await session.exec('cat; echo err >&2; exit 3', { stdin: 'in' })).toEqual({ stdout: 'in', stderr: 'err\n', exit: 3 })
      expect(ssh.roundTrips).toBe(2)
    })

    it('costs few round trips', async () => {
      const proxy = await through({ latency: 20 })
      const ssh = transport({ port: proxy.port })
      await ssh.open()
      const opened = proxy.roundTrips
      const session = await ssh.session()
      const started = proxy.roundTrips
      for (let count = 0; count < 10; count += 1) await session.exec('true')
      expect(opened).toBeLessThanOrEqual(6)
      // The proof of the other host keys, which sshd offers after the log-in, may be counted here too.
      expect(started - opened).toBeLessThanOrEqual(3)
      expect(proxy.roundTrips - started).toBe(10)
    })

    it('survives bytes that come in small pieces', async () => {
      const proxy = await through({ splitBytes: 7 })
      const ssh = transport({ port: proxy.port })
      await ssh.open()
      const text = 'grüße '.repeat(500)
      expect(await (await ssh.session()).exec('cat; echo €', { stdin: text })).toEqual({ stdout: `${text}€\n`, stderr: '', exit: 0 })
    })

    it('sends a large input without holding it', async () => {
      const ssh = transport()
      await ssh.open()
      const length = 150_000_000
      const block = Buffer.alloc(1_000_000, 7)
      let most = 0
      const blocks = function* (): Generator<Buffer> {
        for (let sent = 0; sent < length; sent += block.length) {
          most = Math.max(most, process.memoryUsage().arrayBuffers)
          yield block
        }
      }
      const before = process.memoryUsage().arrayBuffers
      let progress = 0
      const { stdout } = await (await ssh.session()).exec('wc -c', { stdin: { stream: Readable.from(blocks()), length }, onProgress: (sent) => { progress = sent } })
      expect(stdout.trim()).toBe(String(length))
      expect(progress).toBe(length)
      expect(most - before).toBeLessThan(60_000_000)
    }, 60_000)

    it('ends the processes of a script whose time is over', async () => {
      const ssh = transport()
      await ssh.open()
      const session = await ssh.session()
      expect((await failure(session.exec('sleep 4711 & sleep 4711', { timeout: 300 }))).code).toBe('timed-out')
      expect((await session.exec('for f in /proc/[0-9]*/cmdline; do tr "\\0" " " <$f 2>/dev/null; echo; done | grep -c "^sleep 4711"')).stdout).toBe('0\n')
    })
  })

  describe.each(['bash', 'fish', 'csh', 'ksh'])('with %s as a noisy and slow login shell', (shell) => {
    const path = programPath(shell)
    it.skipIf(path === undefined)(path === undefined ? `starts (skipped: no ${shell})` : 'starts', async () => {
      const noisy = await server(`ForceCommand echo Welcome to web1; echo warning >&2; sleep 0.3; printf unfinished; ${path ?? ''} -c "$SSH_ORIGINAL_COMMAND"`)
      const ssh = transport({}, noisy)
      await ssh.open()
      const session = await ssh.session()
      expect(await session.exec('echo "it\'s $0 \\$x !" ; cat', { stdin: 'in' })).toEqual({ stdout: 'it\'s sh $x !\nin', stderr: '', exit: 0 })
    })
  })

  describe('where the session cannot keep running', () => {
    it('falls back to a shell a script where output comes only at the end, and says so', async () => {
      const wrapped = await server('ForceCommand in=$(mktemp); cat >$in; sh -c "$SSH_ORIGINAL_COMMAND" <$in; rm $in')
      const notices: string[] = []
      const ssh = transport({ startTimeout: 500 }, wrapped, { onNotice: (text) => notices.push(text) })
      await ssh.open()
      const session = await ssh.session()
      expect(notices).toEqual([expect.stringContaining('keeps no shell running')])
      expect(await session.exec('cat; echo two >&2; exit 4', { stdin: 'one' })).toEqual({ stdout: 'one', stderr: 'two\n', exit: 4 })
      expect(await session.exec('echo again')).toMatchObject({ stdout: 'again\n' })
    })

    it('says what the host said where nothing runs at all', async () => {
      const closed = await server('ForceCommand echo This account is not available; exit 1')
      const ssh = transport({}, closed)
      await ssh.open()
      const error = await failure(ssh.session())
      expect(error).toMatchObject({ code: 'session-refused', exit: 4, output: 'This account is not available' })
    })

    it('gives up on a login that never ends', async () => {
      const slow = await server('ForceCommand sleep 30')
      const ssh = transport({ startTimeout: 300 }, slow)
      await ssh.open()
      expect(await failure(Promise.race([ssh.session(), new Promise((resolve) => setTimeout(resolve, 8000))]))).toMatchObject({ code: 'session-timed-out', exit: 4 })
    })

    it('says so where the server opens no channel', async () => {
      const none = await server('MaxSessions 0')
      const ssh = transport({}, none)
      await ssh.open()
      expect(await failure(ssh.session())).toMatchObject({ code: 'session-refused', exit: 4 })
    })
  })

  describe('a bad link', () => {
    const hazards = [['is cut', (proxy: TcpProxy) => proxy.cut()], ['is reset', (proxy: TcpProxy) => proxy.reset()], ['goes silent', (proxy: TcpProxy) => proxy.silence()]] as const

    it.each(hazards)('that %s in the middle of a script rejects it, and a new connection goes on', async (_name, harm) => {
      const proxy = await through()
      const ssh = transport({ port: proxy.port, keepalive: { interval: 200, count: 2 } })
      await ssh.open()
      const session = await ssh.session()
      const running = failure(session.exec('echo begun; sleep 5; echo end', { onOutput: () => harm(proxy) }))
      expect(await running).toMatchObject({ code: 'connection-lost', exit: 4 })
      expect(await failure(session.exec('true'))).toMatchObject({ code: 'connection-lost' })
      proxy.resume()
      await ssh.open()
      expect(await session.exec('echo back')).toMatchObject({ stdout: 'back\n' })
    })

    it.each(hazards)('that %s while nothing runs is told at the next script', async (_name, harm) => {
      const proxy = await through()
      const ssh = transport({ port: proxy.port, keepalive: { interval: 100, count: 2 } })
      await ssh.open()
      const session = await ssh.session()
      harm(proxy)
      await new Promise((resolve) => setTimeout(resolve, 800))
      expect(await failure(session.exec('true'))).toMatchObject({ code: 'connection-lost', exit: 4 })
    })

    it.each(hazards)('that %s during an upload leaves nothing that looks complete', async (_name, harm) => {
      let harmful = (): void => {}
      const proxy = await through({ onForward: (direction, total) => { if (direction === 'there' && total > 3_000_000) harmful() } })
      const ssh = transport({ port: proxy.port, keepalive: { interval: 200, count: 2 } })
      await ssh.open()
      const session = await ssh.session()
      harmful = () => { harm(proxy) }
      const at = join(sshd.directory, `upload-${proxy.port}`)
      const error = await failure(session.exec(sh`cat >${at}; touch ${`${at}.complete`}`.text, { stdin: Buffer.alloc(20_000_000) }))
      expect(error.code).toBe('connection-lost')
      proxy.resume()
      await proxy.close()
      await new Promise((resolve) => setTimeout(resolve, 500))
      expect(existsSync(at)).toBe(true)
      expect(existsSync(`${at}.complete`)).toBe(false)
    })

    it('that breaks at any byte of a frame never runs half a script', async () => {
      const long = `echo begun >"$0.log"; ${': padding; '.repeat(300)}`
      for (const after of [1, 30, 60, 500, 1500, 2500, 3400, Infinity]) {
        let limit = Infinity
        const proxy = await through({ splitBytes: 50, onForward: (direction, total) => { if (direction === 'there' && total >= limit) proxy.reset() } })
        const ssh = transport({ port: proxy.port })
        await ssh.open()
        const session = await ssh.session()
        limit = proxy.bytes.there + after
        const log = join(sshd.directory, `half-${after}`)
        const running = session.exec(long.replace('"$0.log"', log))
        if (after === Infinity) await running
        else expect(await failure(running)).toMatchObject({ code: 'connection-lost' })
        await new Promise((resolve) => setTimeout(resolve, 100))
        expect(existsSync(log)).toBe(after === Infinity)
      }
    }, 60_000)

    it('that is silent from the start is not waited for', async () => {
      const proxy = await through()
      proxy.silence()
      expect(await failure(transport({ port: proxy.port, connectTimeout: 300 }).open())).toMatchObject({ code: 'unreachable', exit: 4 })
    })
  })

  describe('an unreachable host', () => {
    it('is told with host, port and cause', async () => {
      const error = await failure(transport({ port: 1 }).open())
      expect(error).toMatchObject({ code: 'unreachable', exit: 4, message: 'web1 cannot be reached at 127.0.0.1:1: the connection was refused' })
      expect(error.cause).toMatchObject({ code: 'ECONNREFUSED' })
      expect(await failure(transport({ hostname: 'no-such-host.invalid' }).open())).toMatchObject({ code: 'unreachable', exit: 4 })
    })

    it('may be something else than an SSH server', async () => {
      const web = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
      await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
      const address = web.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      expect(await failure(transport({ port, connectTimeout: 2000 }).open())).toMatchObject({ code: 'unreachable', exit: 4 })
      web.close()
    })
  })

  describe('a host key', () => {
    const knownHosts = async (text: string): Promise<readonly string[]> => {
      const file = join(sshd.directory, `known-${Math.random()}`)
      await writeFile(file, text)
      return [file]
    }
    const name = (): string => `[127.0.0.1]:${sshd.port}`

    it('that is unknown stops, with its fingerprint and the command that trusts it', async () => {
      const error = await failure(transport({ knownHosts: [join(sshd.directory, 'none')] }).open())
      const print = execFileSync('ssh-keygen', ['-lf', join(sshd.directory, 'host_ed25519.pub')], { encoding: 'utf8' }).split(' ')[1]
      expect(error).toMatchObject({ code: 'unknown-host-key', exit: 4 })
      expect(error.message).toContain(`ssh-ed25519 ${print}`)
      const command = /run `(ssh-keyscan [^`]+)`/.exec(error.hint ?? '')?.[1]
      execFileSync('sh', ['-c', `${command ?? 'false'} 2>/dev/null`])
      await transport({ knownHosts: [join(sshd.directory, 'none')] }).open()
    })

    it('that changed stops and names the line', async () => {
      const files = await knownHosts(`# comment\n${name()} ${(await sshd.hostKey('ed25519')).replace(/.{8}$/, 'AAAAAAAA')}\n`)
      const error = await failure(transport({ knownHosts: files }).open())
      expect(error).toMatchObject({ code: 'changed-host-key', exit: 4 })
      expect(error.message).toContain(`${files[0]}:2`)
    })

    it('that is revoked stops', async () => {
      const key = await sshd.hostKey('ed25519')
      expect(await failure(transport({ knownHosts: await knownHosts(`${name()} ${key}\n@revoked * ${key}\n`) }).open())).toMatchObject({ code: 'revoked-host-key', exit: 4 })
    })

    it.each(['ed25519', 'ecdsa', 'rsa'] as const)('of type %s matches though the server has others', async (type) => {
      await transport({ knownHosts: await knownHosts(`${name()} ${await sshd.hostKey(type)}\n`) }).open()
    })

    it('is found under a hashed name', async () => {
      const files = await knownHosts(await sshd.known(name()))
      execFileSync('ssh-keygen', ['-q', '-H', '-f', files[0] ?? ''], { stdio: 'ignore' })
      expect(await readFile(files[0] ?? '', 'utf8')).toContain('|1|')
      await transport({ knownHosts: files }).open()
    })

    it('may be pinned instead', async () => {
      const print = execFileSync('ssh-keygen', ['-lf', join(sshd.directory, 'host_ed25519.pub')], { encoding: 'utf8' }).split(' ')[1] ?? ''
      await transport({ knownHosts: [], pinned: [print] }).open()
      await knows(sshd)
      expect(await failure(transport({ pinned: ['SHA256:other'] }).open())).toMatchObject({ code: 'changed-host-key', exit: 4 })
    })

    it('is verified on every hop', async () => {
      await knows(sshd)
      const bastion = await server()
      const hop = settings(bastion, { host: 'bastion' })
      const ssh = transport({ jumps: [hop] })
      await ssh.open()
      expect(await (await ssh.session()).exec('echo $SSH_CONNECTION')).toMatchObject({ stdout: expect.stringContaining(` ${sshd.port}\n`) })
      expect(await failure(transport({ jumps: [{ ...hop, knownHosts: [] }] }).open())).toMatchObject({ code: 'unknown-host-key', message: expect.stringContaining('bastion') })
      expect(await failure(transport({ jumps: [hop], knownHosts: [] }).open())).toMatchObject({ code: 'unknown-host-key', message: expect.stringContaining('web1') })
      expect(await failure(transport({ jumps: [hop], port: 1 }).open())).toMatchObject({ code: 'unreachable' })
    })
  })

  describe('a jump host', () => {
    it('is connected to once for all hosts behind it, until the last of them is closed', async () => {
      await knows(sshd)
      const bastion = await server()
      const proxy = await tcpProxy({ host: '127.0.0.1', port: bastion.port })
      proxies.push(proxy)
      await knows(bastion, proxy.port)
      const jumpHosts = new JumpHosts()
      const hop = settings(bastion, { host: 'bastion', port: proxy.port })
      const [first, second, third] = [1, 2, 3].map(() => transport({ jumps: [hop], keepalive: { interval: 200, count: 2 } }, sshd, { jumpHosts }))
      if (first === undefined || second === undefined || third === undefined) throw new Error('no transports')
      await Promise.all([first.open(), second.open()])
      await third.open()
      expect(proxy.connections).toBe(1)
      await first.close()
      await second.close()
      const session = await third.session()
      expect(await session.exec('echo on')).toMatchObject({ stdout: 'on\n' })
      proxy.reset()
      expect(await failure(session.exec('sleep 5'))).toMatchObject({ code: 'connection-lost' })
      await third.open()
      expect(await session.exec('echo on')).toMatchObject({ stdout: 'on\n' })
      expect(proxy.connections).toBe(2)
      await third.close()
      await first.open()
      expect(proxy.connections).toBe(3)
    })
  })

  describe('logging in', () => {
    const keygen = (path: string, passphrase: string, type = 'ed25519'): void => { execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', '', '-f', path]) }

    it('says what was tried', async () => {
      await knows(sshd)
      const other = join(sshd.directory, 'other')
      keygen(other, '')
      const error = await failure(transport({ identities: [{ path: other }, { path: '/nonexistent/id' }, { path: join(sshd.directory, 'authorized_keys') }] }).open())
      expect(error).toMatchObject({ code: 'authentication-failed', exit: 4 })
      expect(error.hint).toContain(`tried key ${other}`)
      expect(error.hint).toContain('key /nonexistent/id no such file')
      expect(await failure(transport({ identities: [] }).open())).toMatchObject({ code: 'authentication-failed', hint: expect.stringContaining('nothing to log in with') })
    })

    it.each(['ed25519', 'ecdsa', 'rsa'])('opens an encrypted %s key with its passphrase', async (type) => {
      await knows(sshd)
      const key = join(sshd.directory, `locked-${type}`)
      keygen(key, 'open sesame', type)
      const keys = join(sshd.directory, 'authorized_keys')
      await writeFile(keys, `${await readFile(keys, 'utf8')}${await readFile(`${key}.pub`, 'utf8')}`)
      await transport({ identities: [{ path: key, passphrase: new Secret('open sesame') }] }).open()
      await transport({ identities: [{ name: 'of the vault', content: new Secret(await readFile(key, 'utf8')), passphrase: new Secret('open sesame') }] }).open()
      const locked = await failure(transport({ identities: [{ path: key }] }).open())
      expect(locked.hint).toContain('is encrypted and its passphrase is not known')
      const wrong = await failure(transport({ identities: [{ path: key, passphrase: new Secret('xyzzy') }] }).open())
      expect(wrong.hint).toContain('does not open with the passphrase given')
      expect(JSON.stringify([wrong, wrong.message, String(wrong.cause)])).not.toContain('xyzzy')
    })

    it('uses the agent, and of it only the keys named when told so', async () => {
      await knows(sshd)
      const socket = join(sshd.directory, 'agent')
      const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })
      try {
        while (!existsSync(socket)) await new Promise((resolve) => setTimeout(resolve, 20))
        const decoys = ['decoy1', 'decoy2'].map((one) => join(sshd.directory, one))
        for (const decoy of decoys) keygen(decoy, '')
        const locked = join(sshd.directory, 'locked-in-agent')
        keygen(locked, 'pass')
        const keys = join(sshd.directory, 'authorized_keys')
        await writeFile(keys, `${await readFile(keys, 'utf8')}${await readFile(`${locked}.pub`, 'utf8')}`)
        execFileSync('sh', ['-c', `${['', ...decoys].slice(1).map((one) => `ssh-add -q ${one}`).join('; ')}; printf '#!/bin/sh\\necho pass' >${sshd.directory}/askpass; chmod +x ${sshd.directory}/askpass; ssh-add -q ${locked} </dev/null`],
          { env: { ...process.env, SSH_AUTH_SOCK: socket, SSH_ASKPASS: join(sshd.directory, 'askpass'), SSH_ASKPASS_REQUIRE: 'force' } })
        await transport({ identities: [], identitiesOnly: false, agent: socket }).open()
        await transport({ identities: [{ path: locked }], identitiesOnly: true, agent: socket }).open()
        expect(await failure(transport({ identities: [{ path: decoys[0] ?? '' }], identitiesOnly: true, agent: socket }).open())).toMatchObject({ code: 'authentication-failed' })
      } finally {
        agent.kill()
      }
    })

    it('goes on without an agent that does not answer', async () => {
      await knows(sshd)
      await transport({ agent: join(sshd.directory, 'no-agent') }).open()
    })
  })
})
