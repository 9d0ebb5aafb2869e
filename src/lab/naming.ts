import { join } from 'node:path'
import { ProvisionError, exitCode } from '../core/errors.js'
import { sha256 } from '../core/digest.js'

/** Everything that a lab makes on this machine is named after the directory it belongs to, so two labs never meet. */
export interface LabNames {
  /** Seven hexadecimal digits of the directory's digest. */
  readonly id: string
  readonly bridge: string
  /** Tells our bridge from a stranger's of the same name. */
  readonly alias: string
  /** The first three numbers of its /24, most wanted first. */
  readonly subnets: readonly string[]
}

/** Names for the lab of a directory, given by its real path. */
export const labNames = (directory: string): LabNames => {
  const digest = sha256(directory)
  const byte = (index: number): number => Number.parseInt(digest.slice(index * 2, index * 2 + 2), 16)
  const id = digest.slice(-7)
  return {
    id,
    bridge: `lab-${id}`,
    alias: `provision lab of ${Buffer.byteLength(directory) < 200 ? directory : digest}`,
    subnets: [`10.${byte(0)}.${byte(1)}`, `172.${16 + (byte(2) % 16)}.${byte(3)}`, `198.${18 + (byte(4) % 2)}.${byte(5)}`],
  }
}

/** The machine of an address: short, because its network interface `vb-NAME` may have fifteen characters. */
export const machineName = (id: string, address: string): string => `l${id}-${address.split('.').at(-1) ?? ''}`

/** The network interface that joins a machine to the bridge. */
export const linkName = (machine: string): string => `vb-${machine}`

/** The control group that holds all of a machine's processes. */
export const groupName = (machine: string): string => `provision-lab-${machine}`

/** Where a lab keeps its files. */
export interface LabPaths {
  readonly directory: string
  readonly lab: string
  readonly state: string
  readonly key: string
  readonly knownHosts: string
  readonly sshConfig: string
  readonly addressesJson: string
  readonly addressesYaml: string
  readonly hosts: string
  /** What must outlive a deleted `.lab`: a second copy of the state, and the lock. */
  readonly stateCopy: string
  readonly lock: string
}

const runtimeDirectory = '/run/provision-lab'

export const labPaths = (directory: string): LabPaths => {
  const lab = join(directory, '.lab')
  const { id } = labNames(directory)
  return {
    directory, lab,
    state: join(lab, 'state.json'), key: join(lab, 'id_ed25519'), knownHosts: join(lab, 'known_hosts'), sshConfig: join(lab, 'ssh_config'),
    addressesJson: join(lab, 'addresses.json'), addressesYaml: join(lab, 'addresses.yaml'), hosts: join(lab, 'hosts'),
    stateCopy: join(runtimeDirectory, `${id}.json`), lock: join(runtimeDirectory, `${id}.lock`),
  }
}

/** The files of one host. */
export interface HostPaths {
  readonly directory: string
  readonly upper: string
  readonly work: string
  readonly root: string
  readonly base: string
  readonly console: string
  readonly hostKey: string
}

export const hostPaths = (paths: LabPaths, name: string): HostPaths => {
  const directory = join(paths.hosts, name)
  return {
    directory, upper: join(directory, 'upper'), work: join(directory, 'work'), root: join(directory, 'root'), base: join(directory, 'base'),
    console: join(directory, 'console.log'), hostKey: join(directory, 'ssh_host_ed25519_key'),
  }
}

export interface HostRequest { readonly name: string; readonly address?: string }

const firstNumber = 11
const lastNumber = 254

/** Gives each host its address: the asked one, else the one it has, else the lowest free from .11 on. */
export const assignAddresses = (subnet: string, known: readonly { name: string; address: string }[], requests: readonly HostRequest[]): ReadonlyMap<string, string> => {
  const assigned = new Map(known.map((host) => [host.name, host.address]))
  for (const { name, address } of requests) {
    if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) {
      throw new ProvisionError('lab-host-name', `${JSON.stringify(name)} is not a host name`, { exit: exitCode.input, hint: 'use lower-case letters, digits and hyphens' })
    }
    if (address === undefined) continue
    const number = Number(address.startsWith(`${subnet}.`) ? address.slice(subnet.length + 1) : Number.NaN)
    if (!Number.isInteger(number) || number < 2 || number > lastNumber) {
      throw new ProvisionError('lab-address', `${address} is not an address of this lab's network`, { exit: exitCode.input, hint: `choose one of ${subnet}.2 to ${subnet}.${lastNumber}, or leave it out` })
    }
    const holder = [...assigned].find(([other, taken]) => taken === address && other !== name)?.[0]
    if (holder !== undefined) throw new ProvisionError('lab-address', `${address} already belongs to ${holder}`, { exit: exitCode.input, hint: 'choose another, or leave it out' })
    assigned.set(name, address)
  }
  for (const { name } of requests) {
    if (assigned.has(name)) continue
    const taken = new Set(assigned.values())
    let number = firstNumber
    while (taken.has(`${subnet}.${number}`)) number += 1
    if (number > lastNumber) throw new ProvisionError('lab-full', `no address is left in ${subnet}.0/24`, { exit: exitCode.input, hint: 'ask for fewer hosts' })
    assigned.set(name, `${subnet}.${number}`)
  }
  return assigned
}

/** Where base images are cached: as the environment says, else in the user's cache directory. */
export const cacheDirectory = (environment: Readonly<Record<string, string | undefined>>, home: string): string =>
  environment['PROVISION_LAB_CACHE'] ?? join(environment['XDG_CACHE_HOME'] ?? join(home, '.cache'), 'provision', 'lab')
