import { existsSync } from 'node:fs'
import { chmod, open, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { exitCode } from '../../src/core/errors.js'
import { folderWith } from '../inventory/files.js'
import { provision, type Told } from '../support/provision.js'

/** A project about this machine itself, whose plans write nothing. */
const project = (steps: string, more: Readonly<Record<string, string>> = {}): Promise<string> => folderWith({
  'inventories/here/hosts.yaml': 'connection: { transport: local }\nhosts: { here: {} }\n',
  'site.yaml': `plays:\n  - name: Here\n    hosts: all\n    steps:\n${steps}\n`,
  ...more,
})
const motd = "      - name: note\n        file: { path: /no-such-note, content: \"hello\\n\" }"

describe('what the command line says', () => {
  it('needs consent, a known option and a number where one belongs; each is exit 2', async () => {
    const cwd = await project(motd)
    const [noConsent, noOption, noNumber, noInventory] = await Promise.all([
      provision(['run', 'site.yaml', '-i', 'here'], { cwd }),
      provision(['run', 'site.yaml', '-i', 'here', '--limt', 'x'], { cwd }),
      provision(['plan', 'site.yaml', '-i', 'here', '--forks', 'many'], { cwd }),
      provision(['plan', 'site.yaml'], { cwd }),
    ])
    expect(noConsent).toMatchObject({
      code: exitCode.input, stdout: '',
      stderr: 'error: nobody is there to ask whether to make the changes [no-consent]\n  hint: say --yes, or look first with `provision plan`\n',
    })
    expect(noOption).toMatchObject({ code: exitCode.input, stdout: '', stderr: "error: unknown option '--limt'\n(Did you mean --limit?)\n" })
    expect(noNumber).toMatchObject({ code: exitCode.input, stdout: '', stderr: "error: option '-f, --forks <number>' argument 'many' is invalid. Expected a whole number from 1 on.\n" })
    expect(noInventory).toMatchObject({ code: exitCode.input, stdout: '', stderr: "error: required option '-i, --inventory <name>' not specified\n" })
  })

  it('names files that cannot be written', async () => {
    const cwd = await project(motd)
    const [events, transcript] = await Promise.all([
      provision(['plan', 'site.yaml', '-i', 'here', '--events', 'no/such/folder'], { cwd }),
      provision(['plan', 'site.yaml', '-i', 'here', '--transcript', '/dev/full'], { cwd }),
    ])
    expect(events).toMatchObject({ code: exitCode.input, stdout: '', stderr: 'error: --events no/such/folder: the file cannot be written: ENOENT [unwritable-file]\n  hint: name a file in a folder that is there\n' })
    // a disk that fills up later ends the recording, not the work
    expect(transcript).toMatchObject({ code: exitCode.done, stderr: 'note: --transcript /dev/full ends here: ENOSPC\n' })
  })
})

describe('output that cannot be written', () => {
  const full = async (args: readonly string[], stream: 'stdout' | 'stderr', cwd?: string): Promise<Told> => {
    const sink = await open('/dev/full', 'w')
    try {
      return await provision(args, { into: { [stream]: sink.fd }, ...(cwd === undefined ? {} : { cwd }) })
    } finally {
      await sink.close()
    }
  }

  it('is a failure, told once on standard error', async () => {
    const told = await Promise.all([full(['docs'], 'stdout'), full(['plan', 'site.yaml', '-i', 'here'], 'stdout', await project(motd)), full(['--help'], 'stdout')])
    expect(told.map(({ code, stderr }) => ({ code, stderr }))).toEqual(told.map(() => ({ code: exitCode.failed, stderr: 'error: standard output cannot be written: ENOSPC\n' })))
  })

  it('is told by the exit code, unless that tells of something worse', async () => {
    expect((await full(['plan', 'site.yaml', '-i', 'here', '--detailed-exitcode'], 'stdout', await project(motd))).code).toBe(exitCode.failed)
    expect((await full(['docs', 'nothing'], 'stderr')).code).toBe(exitCode.input)
  })

  it('does not end what is done meanwhile, where nobody can be told of it', async () => {
    const cwd = await project('')
    const file = join(cwd, 'made')
    await writeFile(join(cwd, 'made.yaml'), `plays:\n  - name: Here\n    hosts: all\n    steps:\n      - name: a\n        file: { path: ${file} }\n      - name: b\n        file: { path: ${file}-too }\n`)
    expect((await full(['run', 'made.yaml', '-i', 'here', '--yes'], 'stderr', cwd)).code).toBe(exitCode.failed)
    expect((await stat(`${file}-too`)).isFile()).toBe(true)
  })

  it('is nobody\'s fault when the reader stops reading', async () => {
    const { code, stderr } = await provision(['docs', 'file'], { onStart: (child) => { child.stdout?.destroy() } })
    expect({ code, stderr }).toEqual({ code: exitCode.done, stderr: '' })
  })
})

describe('a signal before anything was begun', () => {
  // an inventory that is asked and never answers
  const waiting = (): Promise<string> => project(motd, { 'hosts.sh': '#!/bin/sh\ntouch asked\nexec sleep 20\n' })

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends the program in the way of Ctrl-C, with the same words', async (signal) => {
    const cwd = await waiting()
    await chmod(join(cwd, 'hosts.sh'), 0o755)
    const { code, stdout, stderr } = await provision(['run', 'site.yaml', '-i', './hosts.sh', '--yes', '--json'], { cwd, onStart: (child) => {
      void (async () => { while (!existsSync(join(cwd, 'asked'))) await sleep(20) })().then(() => child.kill(signal))
    } })
    expect({ code, stderr }).toEqual({ code: exitCode.interrupted, stderr: '\nInterrupted: nothing was changed.\n' })
    expect(JSON.parse(stdout)).toMatchObject({ status: 'failed', stopped: 'interrupted' })
  })
})

describe('what is told to machines', () => {
  it('is one document on standard output, and one line an event', async () => {
    const cwd = await project(motd)
    const { code, stdout, stderr } = await provision(['plan', 'site.yaml', '-i', 'here', '--json', '--events', 'events'], { cwd })
    expect({ code, stderr }).toEqual({ code: exitCode.done, stderr: '' })
    expect(JSON.parse(stdout)).toEqual({
      status: 'planned', duration_ms: expect.any(Number), changed: 1, failed: 0,
      hosts: { here: { ok: 0, changed: 1, deferred: 0, skipped: 0, failed: 0, ignored: 0, unreachable: false, round_trips: expect.any(Number) } },
      plays: [{ name: 'Here', hosts: ['here'], steps: [expect.objectContaining({ host: 'here', step: 'note', module: 'file', verdict: expect.objectContaining({ status: 'change' }) })] }],
    })
    const events = (await readFile(join(cwd, 'events'), 'utf8')).trimEnd().split('\n').map((line) => (JSON.parse(line) as { type: string }).type) // each line is an event
    expect(events).toEqual(['host-connected', 'run-started', 'play-started', 'step-settled', 'play-ended', 'run-ended'])
    expect((await stat(join(cwd, 'events'))).mode & 0o777).toBe(0o600)
  })

  it('is a document too when nothing could begin', async () => {
    const cwd = await project(motd)
    const [refused, wrong] = await Promise.all([
      provision(['run', 'site.yaml', '-i', 'here', '--json'], { cwd }),
      provision(['plan', 'site.yaml', '-i', 'her', '--json'], { cwd }),
    ])
    const empty = { status: 'failed', duration_ms: 0, changed: 0, failed: 0, hosts: {}, plays: [] }
    expect(refused.code).toBe(exitCode.input)
    expect(JSON.parse(refused.stdout)).toEqual({ ...empty, errors: [{ code: 'no-consent', message: 'nobody is there to ask whether to make the changes', hint: expect.any(String) }] })
    expect(wrong.code).toBe(exitCode.input)
    expect(JSON.parse(wrong.stdout)).toEqual({ ...empty, errors: [{ code: 'unknown-inventory', message: 'there is no inventory her', hint: 'did you mean "here"?' }] })
    expect(wrong.stderr).toBe('error: there is no inventory her [unknown-inventory]\n  hint: did you mean "here"?\n')
  })

  it('tells of hosts that are not reached, with the reason', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => { server.once('listening', resolve) })
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    await new Promise((resolve) => { server.close(resolve) }) // a port that nobody listens on
    const cwd = await folderWith({
      'inventories/here/hosts.yaml': `connection: { transport: local }\nhosts: { here: {}, there: { address: 127.0.0.1, connection: { transport: ssh, port: ${address.port}, ssh-config: /dev/null } } }\n`,
      'site.yaml': `plays:\n  - name: Here\n    hosts: all\n    steps:\n${motd}\n`,
    })
    const { code, stdout, stderr } = await provision(['plan', 'site.yaml', '-i', 'here', '--json'], { cwd })
    const what = `there cannot be reached at 127.0.0.1:${address.port}: the connection was refused`
    expect(code).toBe(exitCode.unreachable)
    expect(stderr).toMatch(new RegExp(`^note: there: ${what}; trying again in [0-9.]+ s \\(1 of 2\\)\\n$`))
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'failed', changed: 1,
      hosts: { here: { changed: 1, unreachable: false }, there: { unreachable: true, reason: `${what}\nis sshd running there, and is this its port?` } },
    })
  })
})

describe('what is told to people', () => {
  it('is plain where nobody sees colours, and coloured where it is asked for', async () => {
    const cwd = await project(motd)
    const [plain, wished, refused] = await Promise.all([
      provision(['plan', 'site.yaml', '-i', 'here'], { cwd, env: { NO_COLOR: '' } }),
      provision(['plan', 'site.yaml', '-i', 'here'], { cwd, env: { NO_COLOR: '', FORCE_COLOR: '1' } }),
      provision(['plan', 'site.yaml', '-i', 'here', '--no-color'], { cwd, env: { NO_COLOR: '', FORCE_COLOR: '1' } }),
    ])
    const text = `Here
  here  change    note — create /no-such-note
                  + hello

here  0 ok, 1 to change, 0 deferred, 0 skipped, 0 failed
Plan: 1 to change, 0 deferred, 0 ok of 1 step; 100 % decided.
`
    expect(plain).toMatchObject({ code: exitCode.done, stdout: text, stderr: '' })
    expect(refused.stdout).toBe(text)
    expect(wished.stdout).not.toBe(text)
    expect(wished.stdout.replaceAll(/\x1b\[\d+m/g, '')).toBe(text)
  })
})
