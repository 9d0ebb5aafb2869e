import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { labDown, labReset, labSsh, labStatus, labUp, type Lab } from '../../src/lab/lab.js'
import { groupName, labNames } from '../../src/lab/naming.js'
import { attempt, program, type ProgramResult } from '../../src/lab/program.js'
import { ensureImage } from '../../src/lab/image.js'
import { noHostsReason, testCache, titled } from '../support/lab.js'

const reason = await noHostsReason()
const source = fileURLToPath(new URL('../../src', import.meta.url))

const on = async (directory: string, host: string, command: string, input = ''): Promise<ProgramResult> =>
  attempt(await labSsh({ directory, host, command: [command] }), { input })

/** Everything on this machine that bears the name of this directory's lab. */
const remains = async (directory: string): Promise<readonly string[]> => {
  const { id, bridge } = labNames(directory)
  const [processes, mounts, links, groups] = await Promise.all([
    program(['ps', '-eo', 'stat=,args=']), readFile('/proc/self/mounts', 'utf8'), program(['ip', '-brief', 'link']),
    program(['find', '/sys/fs/cgroup', '-type', 'd', '-name', `${groupName(`l${id}-`)}*`]),
  ])
  const named = (text: string, ...words: readonly string[]): readonly string[] => text.split('\n').filter((line) => words.some((word) => line.includes(word)))
  return [...named(processes, `${directory}/`).filter((line) => !line.startsWith('Z')), ...named(mounts, `${directory}/`), ...named(links, bridge, `vb-l${id}-`), ...named(groups, id)]
}

describe.skipIf(reason !== undefined)(titled('a lab', { reason }), () => {
  let root = ''
  let directory = ''
  const said: string[] = []
  const options = (at = directory) => ({ directory: at, cache: testCache, say: (text: string) => { said.push(text) } })
  const up = (names: readonly string[], at = directory): Promise<Lab> => labUp({ ...options(at), hosts: names.map((name) => ({ name })) })

  beforeAll(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'provision-lab-test-')))
    await ensureImage({ cache: testCache, say: () => undefined })
  }, 600_000)
  beforeEach(async ({ task }) => {
    directory = join(root, task.id)
    await mkdir(directory)
    said.length = 0
  })
  afterEach(async () => {
    for (const name of await readdir(root)) await labDown(options(join(root, name)))
    expect((await Promise.all((await readdir(root)).map((name) => remains(join(root, name))))).flat()).toEqual([])
    for (const name of await readdir(root)) await rm(join(root, name), { recursive: true })
  })
  afterAll(() => rm(root, { recursive: true, force: true }))

  describe('whose two hosts are up', () => {
    test('answers with their own names, knows the others, and has its users', async () => {
      const began = performance.now()
      const lab = await up(['a1', 'a2'])
      expect(performance.now() - began).toBeLessThan(10_000)
      for (const name of ['a1', 'a2']) expect((await on(directory, name, 'uname -n; hostname; systemctl is-system-running --wait')).stdout).toBe(`${name}\n${name}\nrunning\n`)
      expect((await on(directory, 'a1', 'getent hosts a2 && </dev/tcp/a2/22 && id -un && sudo -n id -un')).stdout.split(/\s+/)).toEqual([lab.hosts[1]?.address, 'a2', 'deploy', 'root', ''])
      expect((await on(directory, 'a1', 'sudo -u operator sudo -n id -un')).exit).toBe(1)
      expect((await on(directory, 'a1', 'sudo -u operator sudo -kS id -un', 'operator-lab\n')).stdout).toBe('root\n')
      expect((await on(directory, 'a1', 'su root -c "id -un"', 'root-lab\n')).stdout).toBe('root\n')
      expect((await on(directory, 'a1', 'su root -c "id -un"', 'wrong\n')).exit).toBe(1)
      expect((await on(directory, 'a1', 'command -v python3 perl6 loginctl-session pam_systemd')).stdout).toBe('')
    })

    test('writes what programs and people reach it by', async () => {
      const lab = await up(['a1', 'a2'])
      const read = (name: string): Promise<string> => readFile(join(directory, '.lab', name), 'utf8')
      const [first = '', second = ''] = lab.hosts.map((host) => host.address)
      expect(JSON.parse(await read('addresses.json'))).toEqual({ a1: first, a2: second })
      expect(await read('addresses.yaml')).toContain(`a1: ${first}\na2: ${second}\n`)
      expect(await read('known_hosts')).toMatch(new RegExp(`^a1,${first} ssh-ed25519 \\S+\na2,${second} ssh-ed25519 \\S+\n$`))
      expect(((await stat(lab.key)).mode & 0o777).toString(8)).toBe('600')
      expect([first, second].map((address) => address.split('.')[3])).toEqual(['11', '12'])
      for (const path of Object.values(lab.drivers)) expect((await stat(path)).size).toBeGreaterThan(100_000)
    })

    test('installs packages without a network, and runs them as real services', async () => {
      await up(['a1'])
      const installed = await on(directory, 'a1', 'sudo DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install nginx tree && systemctl is-active nginx && curl -sf localhost >/dev/null && sudo apt-get -q update')
      expect(installed).toMatchObject({ exit: 0, stdout: expect.stringContaining('\nactive\n') })
      expect((await on(directory, 'a1', 'sudo touch /var/cache/lab-packages/x')).stderr).toContain('Read-only')
    }, 60_000)

    test('leaves everything alone when asked for again', async () => {
      const before = await up(['a1', 'a2'])
      const bootIds = async (): Promise<readonly string[]> => Promise.all(['a1', 'a2'].map(async (name) => (await on(directory, name, 'systemctl show -p UserspaceTimestampMonotonic; touch mark; ls')).stdout))
      const booted = await bootIds()
      const began = performance.now()
      const after = await up(['a1', 'a2'])
      expect(performance.now() - began).toBeLessThan(5000)
      expect(after).toEqual(before)
      expect(await bootIds()).toEqual(booted)
      expect(said.slice(-2).sort()).toEqual(before.hosts.map(({ name, address }) => `${name} is up already at ${address}`))
    })

    test('takes in a third, which all know by name', async () => {
      await up(['a1', 'a2'])
      await up(['a1', 'a3'])
      expect((await on(directory, 'a1', 'getent hosts a3 | tr -s " "; sudo -n true')).stdout).toMatch(/^10[0-9.]+\.13 a3\n$/)
      expect((await labStatus({ directory }))?.hosts.map(({ name, status }) => [name, status])).toEqual([['a1', 'up'], ['a2', 'up'], ['a3', 'up']])
    })

    test('gives one an empty disk and leaves the other', async () => {
      const before = await up(['a1', 'a2'])
      for (const name of ['a1', 'a2']) await on(directory, name, 'sudo touch /etc/mark; sudo useradd someone')
      const after = await labReset({ ...options(), host: 'a1' })
      expect(await Promise.all(['a1', 'a2'].map(async (name) => (await on(directory, name, 'ls /etc/mark; id someone')).exit))).toEqual([1, 0])
      expect(after.hosts[1]).toEqual(before.hosts[1])
      expect(after.hosts[0]?.pid).not.toBe(before.hosts[0]?.pid)
      await expect(labReset({ ...options(), host: 'a9' })).rejects.toMatchObject({ code: 'lab-host-unknown' })
    })

    test('starts a host again that went down, with what was on its disk; one that reboots comes back by itself', async () => {
      await up(['a1', 'a2'])
      for (const name of ['a1', 'a2']) await on(directory, name, 'touch mark; sync')
      await on(directory, 'a1', 'sudo systemctl poweroff')
      await on(directory, 'a2', 'sudo systemctl reboot')
      await expect.poll(async () => (await labStatus({ directory }))?.hosts.map((host) => host.status), { timeout: 15_000 }).toEqual(['stopped', 'up'])
      await up(['a1', 'a2'])
      for (const name of ['a1', 'a2']) expect((await on(directory, name, 'uname -n; ls')).stdout).toBe(`${name}\nmark\n`)
    }, 60_000)
  })

  test('stands beside another with hosts of the same names', async () => {
    const other = `${directory}-other`
    await mkdir(other)
    const [left, right] = await Promise.all([up(['db1', 'lb1']), up(['db1', 'lb1'], other)])
    expect(new Set([...left.hosts, ...right.hosts].map((host) => host.address)).size).toBe(4)
    await on(directory, 'db1', 'touch mark')
    expect((await on(other, 'db1', 'uname -n; ls')).stdout).toBe('db1\n')
    await labDown(options(directory))
    expect(await remains(directory)).toEqual([])
    expect(await readdir(directory)).toEqual([])
    expect((await on(other, 'db1', 'uname -n')).stdout).toBe('db1\n')
  })

  test('is not there before `up` and after `down`', async () => {
    expect(await labStatus({ directory })).toBeUndefined()
    await expect(labSsh({ directory, host: 'a1' })).rejects.toMatchObject({ code: 'lab-absent' })
    await expect(labReset({ ...options(), host: 'a1' })).rejects.toMatchObject({ code: 'lab-absent' })
    await labDown(options())
    expect(await readdir(directory)).toEqual([])
  })

  test('is one lab, by whichever link its directory is reached', async () => {
    const link = `${directory}-link`
    await up(['a1'])
    await symlink(directory, link)
    expect((await up(['a1'], link)).directory).toBe(directory)
    expect(said.at(-1)).toContain('a1 is up already')
    await rm(link)
  })

  test('is found again when its directory was emptied, moved or copied', async () => {
    const [moved, copied] = [`${directory}-moved`, `${directory}-copied`]
    const before = await up(['a1'])
    await rm(join(directory, '.lab'), { recursive: true })
    expect((await up(['a1'])).hosts[0]?.pid).not.toBe(before.hosts[0]?.pid)
    for (const name of ['id_ed25519', 'known_hosts', 'ssh_config']) await rm(join(directory, '.lab', name))
    await up(['a1'])
    await program(['cp', '-a', directory, copied])
    expect(await labStatus({ directory: copied })).toBeUndefined()
    await labDown(options(copied))
    expect((await on(directory, 'a1', 'uname -n')).stdout).toBe('a1\n')
    await rename(directory, moved)
    await up(['a1'], moved)
    expect(await remains(directory)).toEqual([])
    expect((await on(moved, 'a1', 'uname -n')).stdout).toBe('a1\n')
  })

  test('refuses a bridge that it did not make', async () => {
    const { bridge } = labNames(directory)
    await program(['ip', 'link', 'add', 'name', bridge, 'type', 'bridge'])
    await program(['ip', 'link', 'set', bridge, 'alias', 'somebody else'])
    await expect(up(['a1'])).rejects.toMatchObject({ code: 'lab-bridge-foreign' })
    await expect(labDown(options())).rejects.toMatchObject({ code: 'lab-bridge-foreign' })
    await program(['ip', 'link', 'delete', bridge])
  })

  test('takes another network when its own is in use', async () => {
    const [wanted = '', second = ''] = labNames(directory).subnets
    const link = `t${basename(directory).slice(-8)}`
    await program(['ip', 'link', 'add', 'name', link, 'type', 'bridge'])
    await program(['ip', 'address', 'add', `${wanted}.77/26`, 'dev', link])
    try {
      expect((await up(['a1'])).subnet).toBe(second)
    } finally {
      await program(['ip', 'link', 'delete', link])
    }
  })

  test('ends nothing that only bears a recorded process number', async () => {
    await up(['a1'])
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore' })
    const path = join(directory, '.lab/state.json')
    const state = await readFile(path, 'utf8')
    await writeFile(path, state.replace(/"pid": \d+/, `"pid": ${stranger.pid}`))
    await labDown(options())
    expect([stranger.exitCode, stranger.signalCode]).toEqual([null, null])
    stranger.kill()
  })

  test('stops an `up` that is aborted; the next one mends it', async () => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 600)
    await expect(labUp({ ...options(), hosts: [{ name: 'a1' }, { name: 'a2' }], signal: controller.signal })).rejects.toThrow()
    await up(['a1', 'a2'])
    expect((await on(directory, 'a2', 'uname -n')).stdout).toBe('a2\n')
  })

  test('converges after an `up` that was killed at any moment, and leaves nothing after `down`', async () => {
    const script = await killableUp(join(root, 'compiled'))
    for (const delay of [150, 300, 450, 600, 900, 1200, 1500]) {
      const child = spawn('node', [script, directory, testCache, 'a1', 'a2'], { stdio: 'ignore' })
      const ended = new Promise((resolve) => child.once('close', resolve))
      await sleep(delay)
      child.kill('SIGKILL')
      await ended
      if (delay % 600 === 0) await labDown(options())
      if (delay % 600 === 0) expect(await remains(directory), `down after a kill at ${delay} ms`).toEqual([])
      await up(['a1', 'a2'])
      for (const name of ['a1', 'a2']) expect((await on(directory, name, 'uname -n')).stdout, `up after a kill at ${delay} ms`).toBe(`${name}\n`)
      if (delay % 450 === 0) await labDown(options())
    }
    await rm(join(root, 'compiled'), { recursive: true })
  }, 120_000)

  test('makes a new base image whole or not at all, and once for two that want it', async () => {
    const cache = join(root, 'cache')
    const script = await killableUp(join(root, 'compiled'))
    const build = (): { child: ReturnType<typeof spawn>; ended: Promise<unknown> } => {
      const child = spawn('node', [script, directory, cache, 'a1'], { stdio: 'ignore' })
      return { child, ended: new Promise((resolve) => child.once('close', resolve)) }
    }
    const first = build()
    await sleep(3000)
    const second = build()
    await sleep(1000)
    first.child.kill('SIGKILL')
    await first.ended
    await sleep(1000)
    expect((await readdir(cache)).filter((name) => !/^(lock|building-.*)$/.test(name))).toEqual([])
    second.child.kill('SIGKILL')
    await second.ended
    await sleep(300)
    expect((await program(['ps', '-eo', 'args='])).split('\n').filter((line) => line.includes(cache))).toEqual([])
    for (const path of [cache, join(root, 'compiled')]) await rm(path, { recursive: true })
  }, 60_000)

  /** A program of its own that runs `labUp`, to be killed. */
  const killableUp = async (target: string): Promise<string> => {
    for (const layer of ['core', 'lab']) {
      await mkdir(join(target, layer), { recursive: true })
      for (const file of await readdir(join(source, layer))) {
        const { outputText } = transpileModule(await readFile(join(source, layer, file), 'utf8'), { compilerOptions: { module: ModuleKind.ES2022, target: ScriptTarget.ES2023, verbatimModuleSyntax: true } })
        await writeFile(join(target, layer, file.replace(/\.ts$/, '.js')), outputText)
      }
    }
    await writeFile(join(target, 'package.json'), '{ "type": "module" }')
    await writeFile(join(target, 'up.js'), `import { labUp } from './lab/lab.js'
const [directory, cache, ...names] = process.argv.slice(2)
await labUp({ directory, cache, hosts: names.map((name) => ({ name })), say: () => undefined })
`)
    return join(target, 'up.js')
  }
})
