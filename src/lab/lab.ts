import { mkdir, realpath, rm, rmdir, stat } from 'node:fs/promises'
import { exitCode, ProvisionError } from '../core/errors.js'
import { script, sh } from '../core/shell.js'
import { ensureKeys, hostsLines, keysDigest, writeAccess, type LabKeys } from './access.js'
import { newDisk } from './disk.js'
import { runs, until } from './identity.js'
import { ensureImage, type Image } from './image.js'
import { withLock } from './lock.js'
import { markOf, startMachine, stopMachine } from './machine.js'
import { assignAddresses, hostPaths, labNames, labPaths, machineName, type HostRequest, type LabNames, type LabPaths } from './naming.js'
import { chooseSubnet, ensureBridge, raiseInotifyLimits, removeBridge } from './network.js'
import { requirePrerequisites } from './prerequisites.js'
import { accepts, answers, greet } from './readiness.js'
import { readState, recordedState, stateRecord, type HostState, type StateRecord } from './state.js'

type Say = (text: string) => void

/** A host that runs. */
export interface LabHost { readonly name: string; readonly address: string; readonly console: string; readonly pid: number }

/** A lab that is up, and how to reach it. */
export interface Lab {
  readonly directory: string
  readonly subnet: string
  readonly bridge: string
  readonly hosts: readonly LabHost[]
  readonly sshConfig: string
  readonly key: string
  readonly knownHosts: string
  readonly addresses: string
  /** JDBC drivers on this machine, by file name. */
  readonly drivers: Readonly<Record<string, string>>
}

export interface LabOptions { readonly directory: string; readonly say: Say; readonly signal?: AbortSignal | undefined }
export interface LabUpRequest extends LabOptions { readonly cache: string; readonly hosts: readonly HostRequest[]; /** Debian packages that the hosts have beside those of the base image. */ readonly extra?: readonly string[] }

interface Work { readonly paths: LabPaths; readonly names: LabNames; readonly state: StateRecord; readonly image: Image; readonly say: Say; readonly signal: AbortSignal | undefined }

const bootMilliseconds = 60_000

/** Brings these hosts up, beside those that the lab already has: leaves alone what answers, mends what an earlier `up` left half done. */
export const labUp = async (request: LabUpRequest): Promise<Lab> => {
  await requirePrerequisites()
  const image = await ensureImage(request)
  return exclusively(request, async (paths, names) => {
    await refuseForeign(paths)
    const known = readState(paths)
    const subnet = await chooseSubnet(names, known?.subnet)
    const addresses = assignAddresses(subnet, known?.hosts ?? [], request.hosts)
    const hosts = [...addresses].map(([name, address]): HostState => {
      const before = known?.hosts.find((host) => host.name === name)
      return before?.address === address ? before : { name, address, machine: machineName(names.id, address), phase: 'new' }
    })
    for (const moved of (known?.hosts ?? []).filter((before) => !hosts.includes(before))) await stopMachine(moved)
    await mkdir(paths.lab, { recursive: true })
    const state = stateRecord(paths, { version: 1, directory: paths.directory, subnet, hosts: known?.hosts ?? [] })
    state.update((before) => ({ ...before, hosts }))
    await raiseInotifyLimits(request.say)
    await ensureBridge(names, subnet)
    const keys = await ensureKeys(paths, hosts)
    await writeAccess(paths, hosts, keys)
    const work: Work = { paths, names, state, image, say: request.say, signal: request.signal }
    const wanted = new Set(request.hosts.map((host) => host.name))
    await all(hosts.filter((host) => wanted.has(host.name)).map((host) => hostUp(work, keys, host.name)))
    return describe(paths, names, state, image)
  })
}

/** Waits for all, so that nothing goes on behind a rejected promise, then gives the first failure. */
const all = async (promises: readonly Promise<void>[]): Promise<void> => {
  for (const result of await Promise.allSettled(promises)) if (result.status === 'rejected') throw result.reason
}

const hostUp = async (work: Work, keys: LabKeys, name: string): Promise<void> => {
  const host = stateOf(work.state, name)
  const running = host.supervisor !== undefined && runs(host.supervisor, markOf(host.machine))
  const usable = host.phase === 'up' && host.keys === keysDigest(keys, name)
  if (running && usable && (await until(() => learnNames(work, name), 10_000, 250))) {
    work.say(`${name} is up already at ${host.address}`)
    return
  }
  if (running) work.say(usable ? `${name} does not answer; starting it again` : `${name} was left half started; starting it afresh`)
  await stopMachine(host)
  const keepsDisk = usable && host.image === work.image.digest
  if (usable && !keepsDisk) work.say(`${name} lies upon another base image; it gets a new disk`)
  await boot(work, keys, name, keepsDisk)
}

const boot = async (work: Work, keys: LabKeys, name: string, keepsDisk: boolean): Promise<void> => {
  const { paths, names, state, image, say, signal } = work
  const began = Date.now()
  signal?.throwIfAborted()
  const host = stateOf(state, name)
  const files = hostPaths(paths, name)
  if (!keepsDisk) {
    state.updateHost(name, ({ supervisor: _ended, ...rest }) => ({ ...rest, phase: 'new' }))
    await newDisk(files, { host, all: state.current().hosts, clientKey: keys.client })
  }
  await startMachine({
    host, paths: files, names, image,
    record: (supervisor) => state.updateHost(name, (before) => ({ ...before, supervisor, image: image.digest, keys: keysDigest(keys, name), phase: keepsDisk ? 'up' : 'booting' })),
  })
  await answers(paths, stateOf(state, name), { milliseconds: bootMilliseconds, signal })
  state.updateHost(name, (before) => ({ ...before, phase: 'up' }))
  if (keepsDisk) await learnNames(work, name)
  say(`${name} is up at ${host.address} (${((Date.now() - began) / 1000).toFixed(1)} s)`)
}

/** Whether the host answers with its name; tells it of hosts that are newer than its disk. */
const learnNames = async ({ paths, state, signal }: Work, name: string): Promise<boolean> => {
  signal?.throwIfAborted()
  const learn = hostsLines(state.current().hosts).map((line) => sh`grep -qxF ${line} /etc/hosts || printf '%s\\n' ${line} | sudo -n tee -a /etc/hosts >/dev/null`)
  const greeting = await greet(paths, name, script(...learn), signal)
  if (greeting?.name !== name) return false
  if (greeting.exit === 0) return true
  throw new ProvisionError('lab-names', `${name} cannot be told the names of the other hosts`, { hint: `\`provision lab reset ${name}\` gives it a new disk`, output: greeting.stderr })
}

/** Ends all hosts of the lab, at once and with what was on their disks, and removes everything that the lab made. */
export const labDown = (options: LabOptions): Promise<void> =>
  exclusively(options, async (paths, names) => {
    await refuseForeign(paths)
    const known = readState(paths)
    await all((known?.hosts ?? []).map(async (host) => {
      await stopMachine(host)
      options.say(`${host.name} is gone`)
    }))
    await removeBridge(names)
    await removeFiles(paths)
  })

const removeFiles = async (paths: LabPaths): Promise<void> => {
  for (const path of [paths.hosts, paths.key, `${paths.key}.pub`, paths.knownHosts, paths.sshConfig, paths.addressesJson, paths.addressesYaml]) {
    await rm(path, { recursive: true, force: true })
  }
  // The state goes last: a `down` that is killed can be run again.
  await rm(paths.state, { force: true })
  await rm(paths.stateCopy, { force: true })
  // What else somebody keeps there stays, and the directory with it.
  await rmdir(paths.lab).catch(() => undefined)
}

/** Gives a host an empty disk and boots it: as it was when the lab first came up. */
export const labReset = (options: LabOptions & { readonly cache: string; readonly host: string }): Promise<Lab> =>
  requirePrerequisites().then(() => ensureImage(options)).then((image) => exclusively(options, async (paths, names) => {
    await refuseForeign(paths)
    const known = readState(paths)
    if (known === undefined) throw noLab(paths)
    const state = stateRecord(paths, known)
    await raiseInotifyLimits(options.say)
    await ensureBridge(names, known.subnet)
    const keys = await ensureKeys(paths, known.hosts)
    await writeAccess(paths, known.hosts, keys)
    await stopMachine(stateOf(state, options.host))
    await boot({ paths, names, state, image, say: options.say, signal: options.signal }, keys, options.host, false)
    return describe(paths, names, state, image)
  }))

/** How a host is: `up` answers with its name · `booting` runs and was never up · `silent` runs and does not answer · `stopped`. */
export interface LabHostStatus { readonly name: string; readonly address: string; readonly status: 'up' | 'booting' | 'silent' | 'stopped'; readonly pid?: number }

export interface LabStatus { readonly directory: string; readonly bridge: string; readonly subnet: string; readonly hosts: readonly LabHostStatus[] }

/** Looks how the lab's hosts are, changing nothing; undefined when there is no lab. */
export const labStatus = async (options: { readonly directory: string; readonly signal?: AbortSignal | undefined }): Promise<LabStatus | undefined> => {
  const { paths, names } = await placeOf(options.directory)
  const state = readState(paths)
  if (state === undefined) return undefined
  return { directory: paths.directory, bridge: names.bridge, subnet: state.subnet, hosts: await Promise.all(state.hosts.map((host) => statusOf(paths, host, options.signal))) }
}

const statusOf = async (paths: LabPaths, host: HostState, signal: AbortSignal | undefined): Promise<LabHostStatus> => {
  const { name, address, supervisor } = host
  if (supervisor === undefined || !runs(supervisor, markOf(host.machine))) return { name, address, status: 'stopped' }
  const answering = await accepts(address, 22, 1000) && (await greet(paths, name, undefined, signal))?.name === name
  return { name, address, status: answering ? 'up' : host.phase === 'up' ? 'silent' : 'booting', pid: supervisor.pid }
}

/** The arguments of an `ssh` that enters a host as `deploy`, and runs a command there if one is given. */
export const labSsh = async (options: { readonly directory: string; readonly host: string; readonly command?: readonly string[] }): Promise<readonly string[]> => {
  const { paths } = await placeOf(options.directory)
  const state = readState(paths)
  if (state === undefined) throw noLab(paths)
  const host = hostNamed(state.hosts, options.host)
  return ['ssh', '-F', paths.sshConfig, host.name, ...(options.command ?? [])]
}

const placeOf = async (directory: string): Promise<{ paths: LabPaths; names: LabNames }> => {
  const real = await realpath(directory)
  return { paths: labPaths(real), names: labNames(real) }
}

const exclusively = async <T>(options: LabOptions, work: (paths: LabPaths, names: LabNames) => Promise<T>): Promise<T> => {
  const { paths, names } = await placeOf(options.directory)
  return withLock(paths.lock, { say: options.say, signal: options.signal, waiting: 'another command works on this lab; waiting for it' }, () => work(paths, names))
}

/** A checkout that was moved left its lab under the old name; one that was copied brought a lab that is not its own. */
const refuseForeign = async (paths: LabPaths): Promise<void> => {
  const recorded = recordedState(paths)
  if (recorded === undefined || recorded.directory === paths.directory) return
  const old = labPaths(recorded.directory)
  const copied = await stat(old.state).then(() => true, () => false)
  if (!copied) {
    await all(recorded.hosts.map((host) => stopMachine(host)))
    await removeBridge(labNames(recorded.directory))
    await rm(old.stateCopy, { force: true })
  }
  await removeFiles(paths)
}

const noLab = (paths: LabPaths): ProvisionError =>
  new ProvisionError('lab-absent', `there is no lab in ${paths.directory}`, { exit: exitCode.input, hint: 'make one with `provision lab up`' })

const hostNamed = (hosts: readonly HostState[], name: string): HostState => {
  const host = hosts.find((each) => each.name === name)
  if (host !== undefined) return host
  throw new ProvisionError('lab-host-unknown', `the lab has no host ${JSON.stringify(name)}`, { exit: exitCode.input, hint: `it has ${hosts.map((each) => each.name).join(', ')}` })
}

const stateOf = (state: StateRecord, name: string): HostState => hostNamed(state.current().hosts, name)

const describe = (paths: LabPaths, names: LabNames, state: StateRecord, image: Image): Lab => ({
  directory: paths.directory, subnet: state.current().subnet, bridge: names.bridge,
  hosts: state.current().hosts.flatMap(({ name, address, machine, supervisor }) =>
    (supervisor !== undefined && runs(supervisor, markOf(machine)) ? [{ name, address, console: hostPaths(paths, name).console, pid: supervisor.pid }] : [])),
  sshConfig: paths.sshConfig, key: paths.key, knownHosts: paths.knownHosts, addresses: paths.addressesYaml, drivers: image.drivers,
})
