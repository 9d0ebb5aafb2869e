import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { exitCode } from '../../src/core/errors.js'
import { Secret } from '../../src/core/secret.js'
import { encryptText } from '../../src/inventory/vault/age.js'
import { folderWith } from '../inventory/files.js'
import { provision } from '../support/provision.js'
import { said } from '../support/said.js'

/** This machine twice, under two names. */
const hosts = 'connection: { transport: local }\nhosts: { one: {}, second: {} }\n'
const lost = 'gone: { address: 127.0.0.1, connection: { transport: ssh, port: 1, ssh-config: /dev/null } }'
const project = (more: Readonly<Record<string, string>> = {}): Promise<string> => folderWith({ 'inventories/here/hosts.yaml': hosts, ...more })
const withLost = (): Promise<string> => project({ 'inventories/here/hosts.yaml': `connection: { transport: local }\nhosts: { one: {}, ${lost} }\n` })
const timeless = (text: string): string => text.replaceAll(/ \d+(\.\d+)? m?s\b/g, ' T')
const sorted = (text: string): readonly string[] => text.trimEnd().split('\n').sort()

describe('exec', () => {
  it('runs a command as words on every host, each line behind the name of its host, and tells the exit codes', async () => {
    const cwd = await project()
    const { code, stdout, stderr } = await said(cwd, ['exec', '-i', 'here', 'all', '--', 'printf', '%s\\n', "it's $HOME", 'a;b'])
    expect(code).toBe(exitCode.done)
    expect(sorted(stdout)).toEqual(["one    | a;b", "one    | it's $HOME", 'second | a;b', "second | it's $HOME"])
    expect(timeless(stderr)).toBe('\none     exit 0  T\nsecond  exit 0  T\n')
  })

  it('keeps both streams apart, ends what was begun, and is exit 1 when it fails on one', async () => {
    const cwd = await project()
    const { code, stdout, stderr } = await said(cwd, ['exec', '-i', 'here', 'one', '--shell', "echo wrong >&2; printf 'a\\033[31mb\\r\\nrest'; exit 3"])
    expect({ code, stdout, stderr: timeless(stderr) }).toEqual({ code: exitCode.failed, stdout: 'one | ab\none | rest\n', stderr: 'one ! wrong\n\none  exit 3  T\n' })
  })

  it('is exit 4 when a host is not reached, and the others run', async () => {
    const { code, stdout, stderr } = await said(await withLost(), ['exec', '-i', 'here', 'all', '--', 'true'])
    expect({ code, stdout }).toEqual({ code: exitCode.unreachable, stdout: '' })
    expect(timeless(stderr)).toContain('\none   exit 0  T\ngone  unreachable: gone cannot be reached at 127.0.0.1:1: the connection was refused\n      hint: is sshd running there, and is this its port?\n')
  })

  it('is one document for machines, with what ran too long', async () => {
    const cwd = await project()
    const done = await said(cwd, ['exec', '-i', 'here', 'second', '--json', '--', 'echo', 'hello'])
    const late = await said(cwd, ['exec', '-i', 'here', 'one', '--json', '--timeout', '1', '--', 'sleep', '20'])
    expect(JSON.parse(done.stdout)).toEqual({ hosts: { second: { exit: 0, stdout: 'hello\n', stderr: '', duration_ms: expect.any(Number) } } })
    expect(late.code).toBe(exitCode.failed)
    expect(JSON.parse(late.stdout)).toEqual({ hosts: { one: { error: { code: 'timed-out', message: 'a script on one did not end within 1 s', hint: expect.any(String) } } } })
  })

  it('says nothing that is secret', async () => {
    const vault = await encryptText('db_password: swordfish9\n', { kind: 'passphrase', passphrase: new Secret('the right key, long enough') })
    const cwd = await project({ 'inventories/here/vault.yaml': vault, key: 'the right key, long enough' })
    const { stdout } = await said(cwd, ['exec', '-i', 'here', 'one', '--vault-key-file', 'key', '--shell', 'printf sword; sleep 0.1; echo fish9'])
    expect(stdout).toBe('one | ••••••••\n')
  })

  it('interrupted, ends what runs on the hosts', async () => {
    const cwd = await project()
    const mark = `30.${process.pid}`
    const { code, stderr } = await provision(['exec', '-i', 'here', 'one', '--shell', `echo begun; sleep ${mark}`], {
      cwd, onStart: (child) => { child.stdout?.on('data', () => { child.kill('SIGINT') }) },
    })
    expect(code).toBe(exitCode.interrupted)
    expect(stderr).toContain('note: ending what is under way on the hosts; again to leave at once\n')
    const search = spawn('sh', ['-c', 'for p in /proc/[0-9]*/cmdline; do tr "\\0" " " < "$p" 2>/dev/null; echo; done | grep -x "sleep $0 "', mark])
    expect(await once(search, 'close')).toEqual([1, null])
  })

  it.each([
    [['all'], 'no-command', 'after --'], [['all', '--shell', 'a', '--', 'b'], 'two-commands', 'one of them'], [['noone', '--', 'a'], 'unknown-host', 'known here'], [['one', '--limit', 'second', '--', 'a'], 'no-hosts', '--graph'],
  ])('%j is exit 2', async (args, problem, hint) => {
    const { code, stdout, stderr } = await said(await project(), ['exec', '-i', 'here', ...args])
    expect({ code, stdout }).toEqual({ code: exitCode.input, stdout: '' })
    expect(stderr).toContain(`[${problem}]`)
    expect(stderr).toContain(hint)
  })
})

describe('ping', () => {
  it('reaches every host and tells who answers; exit 4 when one does not', async () => {
    const { code, stdout } = await said(await withLost(), ['ping', '-i', 'here'])
    expect(code).toBe(exitCode.unreachable)
    const { username } = userInfo()
    expect(timeless(stdout).replace(/this machine, [^,]+, .*;/, 'this machine, SYSTEM, ROOT;')).toBe(`one   reached  ${username} on this machine, SYSTEM, ROOT; connected after T, T a round trip\ngone  unreachable: gone cannot be reached at 127.0.0.1:1: the connection was refused\n      hint: is sshd running there, and is this its port?\n`)
  })

  it('is data for machines', async () => {
    const { code, stdout } = await said(await project(), ['ping', '-i', 'here', 'second', '--json'])
    expect(code).toBe(exitCode.done)
    expect(JSON.parse(stdout)).toEqual({ hosts: { second: { user: userInfo().username, system: expect.stringMatching(/./), root: expect.stringMatching(/./), connect_ms: expect.any(Number), latency_ms: expect.any(Number) } } })
  })
})

describe('facts', () => {
  it('are asked of several hosts at once, and told by their names', async () => {
    const cwd = await project({ note: 'a\nb\n' })
    const { code, stdout, stderr } = await said(cwd, ['facts', 'one', 'second', '-i', 'here', `file:${cwd}/none`, 'group:no-such-group', 'program:/bin/sh'])
    expect({ code, stderr }).toEqual({ code: exitCode.done, stderr: '' })
    expect(stdout.replaceAll(cwd, 'FOLDER')).toBe(['one', 'second'].map((host) => `${host}\n  file:FOLDER/none\n    type  absent\n  group:no-such-group\n    exists  no\n  program:/bin/sh  /bin/sh\n`).join('\n'))
  })

  it('are who acts, where none is named, and what else there is', async () => {
    const { code, stdout, stderr } = await said(await project(), ['facts', 'one', '-i', 'here'])
    expect(code).toBe(exitCode.done)
    expect(stdout).toMatch(new RegExp(`^one\n {2}identity:self\n {4}user +${userInfo().username}\n`))
    expect(stdout).toMatch(/\n {2}host:self\n {4}os +\{"id":.*\n {4}hostname +\S/)
    expect(stderr).toContain('More can be asked: certificate:/etc/ssl/site.pem, ')
  })

  it('of files hide what only few may read, and known secrets', async () => {
    const vault = await encryptText('db_password: swordfish9\n', { kind: 'passphrase', passphrase: new Secret('the right key, long enough') })
    const cwd = await project({ 'inventories/here/vault.yaml': vault, key: 'the right key, long enough', private: 'token 1234\n' })
    const text = async (...more: readonly string[]): Promise<string> => (await said(cwd, ['facts', 'one', '-i', 'here', '--vault-key-file', 'key', ...more])).stdout
    expect(await text(`file:${cwd}/private`)).toMatch(/mode +0600\n.*\n.*\n +sha256 +••••••••\n +content +••••••••\n/)
    await said(cwd, ['exec', 'one', '-i', 'here', '--vault-key-file', 'key', '--shell', `cd ${cwd}; echo password=swordfish9 > open; chmod 644 open`])
    expect(await text(`file:${cwd}/open`)).toContain('content  password=••••••••\n')
    const document = await text(`file:${cwd}/open`, `file:${cwd}/private`, '--json')
    expect(document).not.toMatch(/swordfish9|1234/)
    expect(JSON.parse(document)).toMatchObject({ hosts: { one: { facts: { [`file:${cwd}/open`]: { value: { type: 'file', mode: '0644', content: 'password=••••••••\n' } }, [`file:${cwd}/private`]: { value: { content: '••••••••' } } } } } })
  })

  it('that a host cannot tell are failures, exit 1; a host that is not reached is exit 4', async () => {
    const cwd = await project()
    const shims = await folderWith({ getent: '#!/bin/sh\necho no database >&2\nexit 3\n' })
    await chmod(join(shims, 'getent'), 0o755)
    vi.stubEnv('PATH', `${shims}:${process.env['PATH'] ?? ''}`)
    const unread = await said(cwd, ['facts', 'one', '-i', 'here', 'group:app', 'program:/bin/sh'])
    const document = await said(cwd, ['facts', 'one', '-i', 'here', 'group:app', '--json'])
    vi.unstubAllEnvs()
    expect(unread).toEqual({ code: exitCode.failed, stderr: '', stdout: 'one\n  group:app\n    asking for group failed with exit 1 [fact-failed]\n    | no database\n  program:/bin/sh  /bin/sh\n' })
    expect(JSON.parse(document.stdout)).toEqual({ hosts: { one: { facts: { 'group:app': { error: { code: 'fact-failed', message: 'asking for group failed with exit 1', output: 'no database' } } } } } })
    const away = await said(await withLost(), ['facts', 'all', '-i', 'here', 'port:1', '--json'])
    expect(away.code).toBe(exitCode.unreachable)
    expect(JSON.parse(away.stdout)).toMatchObject({ hosts: { one: { facts: { 'port:1': { value: false } } }, gone: { unreachable: true, reason: expect.stringContaining('refused') } } })
  })

  it.each([
    [['one', 'file:etc'], 'wrong-fact', 'file:/etc/motd'], [['one', 'sql:x'], 'unknown-fact', 'can be asked'], [['one', 'fiel:/etc/motd'], 'unknown-fact', 'did you mean "file"'], [['file:/etc/motd'], 'no-host', 'name hosts'],
  ])('%j is exit 2', async (args, problem, hint) => {
    const { code, stdout, stderr } = await said(await project(), ['facts', '-i', 'here', ...args])
    expect({ code, stdout }).toEqual({ code: exitCode.input, stdout: '' })
    expect(stderr).toContain(`[${problem}]`)
    expect(stderr).toContain(hint)
  })

})
