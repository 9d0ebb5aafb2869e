import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { quote } from '../../../src/core/shell.js'
import { labDown, labUp, type Lab } from '../../../src/lab/lab.js'
import { cacheDirectory, groupName, labNames, machineName } from '../../../src/lab/naming.js'
import { tcpProxy, type TcpProxy } from '../proxy.js'
import { measured } from './measured.js'

/** How some hosts are reached: the folder holds `ssh_config`, and `inventory.yaml` and `inventory.ini` with their names. */
export interface Place {
  readonly folder: string
  readonly hosts: readonly string[]
  /** Milliseconds that a round trip takes more than the machine's own. */
  readonly distance: number
  /** The connections that count, in the order of hosts; none where they are direct. */
  readonly proxies: readonly TcpProxy[]
  /** Processor time that all processes of these hosts have taken so far, which what else runs does not lengthen; not a number where the kernel does not tell. */
  hostsCpuSeconds(): number
}

/** Hosts with Python, which only Ansible needs, in a lab of their own. */
export interface BenchHosts {
  readonly names: readonly string[]
  /** A script that takes back what a first apply does. */
  readonly undo: string
  /** The first of them, directly or through proxies. */
  near(count: number): Promise<Place>
  far(count: number, distance: number): Promise<Place & { close(): Promise<void> }>
  down(): Promise<void>
}

export const benchHosts = async (count: number, say: (text: string) => void): Promise<BenchHosts> => {
  const names = Array.from({ length: count }, (_, index) => `bench${index + 1}`)
  const directory = await mkdtemp(join(tmpdir(), 'provision-bench-'))
  const down = async (): Promise<void> => {
    await labDown({ directory, say: () => undefined })
    await rm(directory, { recursive: true, force: true })
  }
  try {
    const lab = await labUp({ directory, cache: cacheDirectory(process.env, homedir()), extra: ['python3'], hosts: names.map((name) => ({ name })), say: (text) => { if (!/ is up /.test(text)) say(text) } })
    let places = 0
    const undo = await readFile(join(import.meta.dirname, 'undo.sh'), 'utf8')
    const place = async (of: readonly string[], distance: number, proxies: readonly TcpProxy[]): Promise<Place> => {
      const folder = join(directory, `place${++places}`)
      await mkdir(folder)
      await writeAccess(lab, folder, of, proxies)
      return { folder, hosts: of, distance, proxies, hostsCpuSeconds: () => of.reduce((sum, name) => sum + cpuSecondsOf(lab, name), 0) }
    }
    await onEach(await place(names, 0, []), undo) // the first time it keeps what the hosts are now
    return {
      names, down, undo,
      near: (some) => place(names.slice(0, some), 0, []),
      far: async (some, distance) => {
        const of = names.slice(0, some)
        const proxies = await Promise.all(of.map((name) => tcpProxy({ host: addressOf(lab, name), port: 22 }, { latency: distance / 2, greets: true })))
        return { ...await place(of, distance, proxies), close: async () => { await Promise.all(proxies.map((proxy) => proxy.close())) } }
      },
    }
  } catch (error) {
    await down()
    throw error
  }
}

const addressOf = (lab: Lab, name: string): string => {
  const host = lab.hosts.find((one) => one.name === name)
  if (host === undefined) throw new Error(`the lab has no host ${name}`)
  return host.address
}

/** Processor time of all processes that a host has had since it was started; not a number where the kernel does not tell. */
export const cpuSecondsOf = (lab: Lab, name: string): number => {
  const group = groupName(machineName(labNames(lab.directory).id, addressOf(lab, name)))
  for (const top of ['/sys/fs/cgroup/unified', '/sys/fs/cgroup']) {
    try {
      return Number(/^usage_usec (\d+)/m.exec(readFileSync(join(top, group, 'cpu.stat'), 'utf8'))?.[1]) / 1e6
    } catch { /* mounted in the other place */ }
  }
  return Number.NaN
}

/** Writes what all ways reach hosts by: `ssh_config`, `inventory.yaml` and `inventory.ini`. */
export const writeAccess = async (lab: Lab, folder: string, hosts: readonly string[], proxies: readonly TcpProxy[]): Promise<void> => {
  const blocks = hosts.map((name, index) => {
    const proxy = proxies[index]
    return `Host ${name}\n  HostName ${proxy?.host ?? addressOf(lab, name)}\n  Port ${proxy?.port ?? 22}\n  HostKeyAlias ${name}\n`
  })
  const shared = `Host *\n  User deploy\n  IdentityFile ${lab.key}\n  IdentitiesOnly yes\n  UserKnownHostsFile ${lab.knownHosts}\n  GlobalKnownHostsFile /dev/null\n  StrictHostKeyChecking yes\n  LogLevel ERROR\n`
  await writeFile(join(folder, 'ssh_config'), `${blocks.join('')}${shared}`)
  await writeFile(join(folder, 'inventory.yaml'), `connection: { ssh-config: ssh_config, user: deploy }\nhosts: { ${hosts.map((host) => `${host}: {}`).join(', ')} }\n`)
  await writeFile(join(folder, 'inventory.ini'), hosts.map((host) => `${host}\n`).join(''))
}

/** Runs a script as root on every host of a place at once, past all ways, unmeasured. */
export const onEach = async ({ folder, hosts }: Place, script: string): Promise<void> => {
  const file = join(folder, 'aside.sh')
  await writeFile(file, script)
  const lines = hosts.map((host) => `ssh -F ssh_config ${quote(host)} sudo sh < aside.sh || echo failed: ${quote(host)} >&2 &`)
  const { stderr } = await measured(['sh', '-c', `${lines.join('\n')}\nwait`], folder)
  if (/^failed: /m.test(stderr)) throw new Error(`the hosts cannot be made ready\n${stderr}`)
}
