import { spawn } from 'node:child_process'
import { mkdir, open, readdir, readFile, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ProvisionError } from '../core/errors.js'
import { end, endNumber, identify, until, type Identity } from './identity.js'
import type { Image } from './image.js'
import { repositoryDirectory } from './image-build.js'
import { groupName, type HostPaths, type LabNames } from './naming.js'
import { removeLink } from './network.js'
import type { HostState } from './state.js'
import { systemPath } from './program.js'

const groupTops = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd'] as const

/**
 * Waits until its process id is recorded, enters the machine's own control group, and becomes the head of a process namespace:
 * whoever ends this one process ends the whole host, and mounts vanish with it.
 */
const launch = `read -r go || exit 1
exec </dev/null
for top in ${groupTops.join(' ')}; do
  [ -w "$top/cgroup.procs" ] || continue
  mkdir -p "$top/$1/launch" && echo 0 > "$top/$1/launch/cgroup.procs" || exit 1
done
exec unshare --pid --fork --kill-child --mount --mount-proc --propagation private sh -c 'eval "$supervise"' "$0" "$@"`

/** Mounts the disk and boots; boots again when the host asks for it (exit status 133), as a real one would. */
const supervise = `unset supervise
group=$1
cd "$2" || exit 1
mkdir -p /run/systemd/nspawn && mount -t tmpfs tmpfs /run/systemd/nspawn && mount --bind "$3" base || exit 1
mount -t overlay overlay -o lowerdir=base,upperdir=upper,workdir=work root || exit 1
shift 3
while :; do
  (
    for top in ${groupTops.join(' ')}; do
      [ ! -w "$top/$group/cgroup.procs" ] || echo 0 > "$top/$group/cgroup.procs"
    done
    exec systemd-nspawn "$@"
  )
  [ $? -eq 133 ] || exit
done`

/** A word that the arguments of a host's supervisor must hold before it is believed to be ours. */
export const markOf = (machine: string): string => `--machine=${machine}`

export interface Start {
  readonly host: HostState
  readonly paths: HostPaths
  readonly names: LabNames
  readonly image: Image
  /** Called with the process before it does anything. */
  record(supervisor: Identity): void
}

/** Starts a host whose disk is ready; returns when it is on its way, long before it answers. */
export const startMachine = async ({ host, paths, names, image, record }: Start): Promise<Identity> => {
  await removeGroup(host.machine)
  await removeLink(host.machine)
  await mkdir(paths.directory, { recursive: true })
  const log = await open(paths.console, 'w')
  try {
    const source = image.packages.replaceAll('\\', '\\\\').replaceAll(':', '\\:')
    const child = spawn('/bin/sh', [
      '-c', launch, 'provision-lab', groupName(host.machine), paths.directory, image.base,
      '--quiet', `--directory=${paths.root}`, '--boot', markOf(host.machine), `--hostname=${host.name}`, `--network-bridge=${names.bridge}`,
      `--bind-ro=${source}:${repositoryDirectory}`, '--register=no', '--keep-unit', '--link-journal=no', '--resolv-conf=off', '--timezone=off', '--console=read-only',
    ], { detached: true, stdio: ['pipe', log.fd, log.fd], cwd: '/', env: { PATH: systemPath, supervise } })
    const failed = new Promise<never>((_, reject) => child.on('error', reject))
    const supervisor = child.pid === undefined ? undefined : identify(child.pid)
    if (supervisor === undefined) return await failed
    record(supervisor)
    // Should it have died already, waiting for its answer will tell.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end('go\n')
    child.unref()
    return supervisor
  } finally {
    await log.close()
  }
}

/** Ends a host at once, as if its power was cut, and leaves neither process, mount, control group nor network interface. */
export const stopMachine = async (host: HostState): Promise<void> => {
  if (host.supervisor !== undefined && !(await end(host.supervisor, markOf(host.machine)))) {
    throw new ProvisionError('lab-host-stays', `${host.name} does not end (process ${host.supervisor.pid})`, { hint: 'look at it with `ps`; a disk that hangs may hold it' })
  }
  await removeGroup(host.machine)
  await removeLink(host.machine)
}

const isDirectory = (path: string): Promise<boolean> => stat(path).then((entry) => entry.isDirectory(), () => false)

/** The control groups below and including this one, deepest first. */
const groupTree = async (path: string): Promise<readonly string[]> => {
  if (!(await isDirectory(path))) return []
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  const below = await Promise.all(entries.filter((entry) => entry.isDirectory()).map((entry) => groupTree(join(path, entry.name))))
  return [...below.flat(), path]
}

const groupsOf = async (machine: string): Promise<readonly string[]> =>
  (await Promise.all(groupTops.map((top) => groupTree(join(top, groupName(machine)))))).flat()

const membersOf = async (machine: string): Promise<readonly number[]> => {
  const lists = await Promise.all((await groupsOf(machine)).map((group) => readFile(join(group, 'cgroup.procs'), 'utf8').catch(() => '')))
  // 0 stands for processes of another namespace, which cannot be signalled from here.
  return [...new Set(lists.join('\n').split('\n').filter((line) => line !== '').map(Number))].filter((pid) => pid > 0)
}

/** Ends what is left in the machine's control group, where only its own descendants can be, and removes the group. */
const removeGroup = async (machine: string): Promise<void> => {
  const empty = await until(async () => {
    const members = await membersOf(machine)
    for (const pid of members) endNumber(pid)
    return members.length === 0
  }, 10_000, 15)
  const gone = empty && await until(async () => {
    for (const group of await groupsOf(machine)) await rmdir(group).catch(() => undefined)
    return (await groupsOf(machine)).length === 0
  }, 5000, 15)
  if (!gone) throw new ProvisionError('lab-processes-stay', `processes of the machine ${machine} do not end`, { hint: `look into the control group ${groupName(machine)}` })
}
