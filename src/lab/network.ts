import { readFile, writeFile } from 'node:fs/promises'
import { ProvisionError } from '../core/errors.js'
import { until } from './identity.js'
import { linkName, type LabNames } from './naming.js'
import { attempt, program } from './program.js'

interface Link { readonly ifname: string; readonly addr_info?: readonly { readonly family: string; readonly local: string; readonly prefixlen: number }[] }
interface Route { readonly dst: string; readonly dev?: string }

const json = async <T>(argv: readonly string[]): Promise<readonly T[]> => {
  const text = (await program(argv)).trim()
  // `ip -json` prints what its manual promises; the fields we read are optional where it may leave them out.
  return text === '' ? [] : (JSON.parse(text) as readonly T[])
}

const links = (...filter: readonly string[]): Promise<readonly Link[]> => json<Link>(['ip', '-json', 'address', 'show', ...filter])

const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)

/** Whether two networks written as `ADDRESS/LENGTH` share an address. */
export const overlap = (left: string, right: string): boolean => {
  const [leftAddress = '', leftLength = '32'] = left.split('/')
  const [rightAddress = '', rightLength = '32'] = right.split('/')
  const size = 2 ** (32 - Math.min(Number(leftLength), Number(rightLength)))
  return Math.floor(numberOf(leftAddress) / size) === Math.floor(numberOf(rightAddress) / size)
}

/** Chooses the lab's network: the one it has, else the first candidate that nothing on this machine uses. */
export const chooseSubnet = async (names: LabNames, known: string | undefined): Promise<string> => {
  const foreign = (await links()).filter((link) => link.ifname !== names.bridge)
  const routes = (await json<Route>(['ip', '-json', '-4', 'route', 'show', 'table', 'all'])).filter((route) => route.dev !== names.bridge && route.dst !== 'default')
  const used = [
    ...foreign.flatMap((link) => (link.addr_info ?? []).filter((info) => info.family === 'inet').map((info) => ({ by: link.ifname, network: `${info.local}/${info.prefixlen}` }))),
    ...routes.filter((route) => /^\d+\./.test(route.dst)).map((route) => ({ by: route.dev ?? 'a route', network: route.dst })),
  ]
  const collision = (subnet: string): { by: string; network: string } | undefined => used.find(({ network }) => overlap(network, `${subnet}.0/24`))
  const candidates = known === undefined ? names.subnets : [known]
  const free = candidates.find((subnet) => collision(subnet) === undefined)
  if (free !== undefined) return free
  const { by, network } = collision(candidates[0] ?? '') ?? { by: '', network: '' }
  throw new ProvisionError('lab-network-taken', `the lab's network ${candidates.map((subnet) => `${subnet}.0/24`).join(', ')} is already in use: ${network} by ${by}`, {
    hint: known === undefined ? 'end what uses it, or work in a checkout at another path: the network is derived from the path' : 'end what uses it, or run `provision lab down`; the next `up` chooses another network',
  })
}

interface Bridge { readonly marked: boolean; readonly addresses: readonly string[] }

const bridgeOf = async (names: LabNames): Promise<Bridge | undefined> => {
  const link = (await links()).find(({ ifname }) => ifname === names.bridge)
  if (link === undefined) return undefined
  const mark = (await readFile(`/sys/class/net/${names.bridge}/ifalias`, 'utf8')).trim()
  const addresses = (link.addr_info ?? []).map((info) => info.local)
  // Making and marking it are two steps; an `up` that was killed between them leaves one without mark and address.
  if (mark === names.alias || (mark === '' && addresses.length === 0)) return { marked: mark !== '', addresses }
  throw new ProvisionError('lab-bridge-foreign', `the network bridge ${names.bridge} exists and was not made by this lab`, {
    hint: `its alias is ${JSON.stringify(mark)}; remove it with \`ip link delete ${names.bridge}\` if nothing needs it`,
  })
}

/** The bridge exists, has the controller's address .1 and is up. */
export const ensureBridge = async (names: LabNames, subnet: string): Promise<void> => {
  const bridge = await bridgeOf(names)
  if (bridge === undefined) await program(['ip', 'link', 'add', 'name', names.bridge, 'type', 'bridge'])
  if (bridge?.marked !== true) await program(['ip', 'link', 'set', names.bridge, 'alias', names.alias])
  if (bridge?.addresses.includes(`${subnet}.1`) !== true) {
    await program(['ip', 'address', 'flush', 'dev', names.bridge])
    await program(['ip', 'address', 'add', `${subnet}.1/24`, 'dev', names.bridge])
  }
  await program(['ip', 'link', 'set', names.bridge, 'up'])
}

/** Removes the interface that a dead machine may have left; the kernel needs a moment to do so by itself. */
export const removeLink = async (machine: string): Promise<void> => {
  const gone = async (): Promise<boolean> => (await attempt(['ip', 'link', 'show', linkName(machine)])).exit !== 0
  if (await until(gone, 500, 25)) return
  await attempt(['ip', 'link', 'delete', linkName(machine)])
  if (!(await until(gone, 5000, 25))) throw new ProvisionError('lab-link-stays', `the network interface ${linkName(machine)} cannot be removed`, { hint: `try \`ip link delete ${linkName(machine)}\`` })
}

/** No bridge of this lab is left, and no interface of its machines. */
export const removeBridge = async (names: LabNames): Promise<void> => {
  if ((await bridgeOf(names)) === undefined) return
  for (const link of await links('master', names.bridge)) {
    if (link.ifname.startsWith(linkName(`l${names.id}-`))) await attempt(['ip', 'link', 'delete', link.ifname])
  }
  await program(['ip', 'link', 'delete', names.bridge])
}

const limits = { max_user_instances: 8192, max_user_watches: 1_048_576 } as const

/** Every host's systemd watches many files; with the kernel's default of 128 instances the thirtieth hangs half-booted. */
export const raiseInotifyLimits = async (say: (text: string) => void): Promise<void> => {
  for (const [name, wanted] of Object.entries(limits)) {
    const path = `/proc/sys/fs/inotify/${name}`
    const current = Number(await readFile(path, 'utf8'))
    if (current >= wanted) continue
    await writeFile(path, `${wanted}\n`)
    say(`raised fs.inotify.${name} from ${current} to ${wanted}, until this machine reboots`)
  }
}
