import { readdir } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { type Place, type ProvisionError, ProvisionErrors } from '../core/errors.js'
import { suggestion } from '../core/suggest.js'
import { checkYaml } from '../yaml/zod-errors.js'
import { type Connection, connectionOf, connectionPlaces } from './connection.js'
import { findInventory, type FindOptions, type InventoryFiles } from './find.js'
import { groupTree, type GroupTree } from './groups.js'
import { type HostEntry, type HostsFile, readHosts, twoAddresses, variableLayer } from './hosts.js'
import { conflicts, type VariableLayer } from './layers.js'
import { mistake, mistakesIn, placeWord } from './mistake.js'
import { isMissing, type OpenDocument, type ReadOptions, readYaml, shownPath } from './read.js'
import { addressesSchema, inventorySchema, variablesSchema } from './schema.js'

/** One machine of an inventory. */
export interface Host {
  readonly name: string
  /** Where others reach it; text may hold `{{ variables }}`. */
  readonly address?: string
  /** The groups that it belongs to, in the order of the file; `all` is not among them. */
  readonly groups: readonly string[]
  readonly connection: Connection
  /** Where the settings of the connection were given, for messages. */
  readonly connectionPlaces: ReadonlyMap<string, Place>
  /** Variables of its groups and its own, the later ones over the earlier ones. */
  readonly layers: readonly VariableLayer[]
  /** Where its name stands first. */
  readonly at: Place
}

/** Who: hosts in the order of the file, and groups of them. */
export interface Inventory {
  readonly name: string
  /** The file with the hosts, as messages name it. */
  readonly file: string
  readonly hosts: readonly Host[]
  /** Names of hosts by group, those of child groups included. */
  readonly groups: ReadonlyMap<string, readonly string[]>
  readonly tree: GroupTree
}

export interface InventoryOptions extends FindOptions, ReadOptions {
  /** The home folder that `~` stands for. */
  readonly home: string
}

/** Loads an inventory by name or path; every mistake of its files is thrown at once. */
export const loadInventory = async (name: string, options: InventoryOptions): Promise<Inventory> => {
  const files = await findInventory(name, options)
  const mistakes: ProvisionError[] = []
  const main = await readYaml(files.hosts, options)
  if (main === undefined) throw mistake('unknown-inventory', `${shownPath(files.hosts, options.cwd)} does not exist any more`)
  if (main.encrypted) {
    throw mistake('encrypted-inventory', `${main.document.file} is encrypted as a whole`, { hint: `run provision vault decrypt ${main.document.file}, and move what is secret into vault.yaml beside it` })
  }
  const source = checkYaml(main.document, inventorySchema, { value: main.value ?? {} })
  const file = readHosts(main.document, source, { path: files.hosts, home: options.home }, mistakes)
  const addresses = await addressesFrom(source['addresses-file'], main, files, options, mistakes)
  const tree = groupTree(file.groups, [...file.hosts.keys()], mistakes)
  const beside = files.folder === undefined ? [] : await variableFiles(files.folder, file, options, mistakes)
  const hosts = [...file.hosts.values()].map((entry) => hostFrom(entry, addresses.get(entry.name), tree, file.settings, [...file.variables, ...beside], mistakes))
  if (mistakes.length > 0) throw new ProvisionErrors(told(mistakes, main.document.file))
  return { name: files.name, file: main.document.file, hosts, groups: tree.hosts, tree }
}

/** The names of an inventory's hosts; variables, vault and addresses, which may not be there yet, are not read. */
export const hostNames = async (name: string, options: InventoryOptions): Promise<readonly string[]> => {
  const files = await findInventory(name, options)
  const mistakes: ProvisionError[] = []
  const main = await readYaml(files.hosts, options)
  if (main === undefined) throw mistake('unknown-inventory', `${shownPath(files.hosts, options.cwd)} does not exist any more`)
  const source = checkYaml(main.document, inventorySchema, { value: main.value ?? {} })
  const { hosts } = readHosts(main.document, source, { path: files.hosts, home: options.home }, mistakes)
  if (mistakes.length > 0) throw new ProvisionErrors(told(mistakes, main.document.file))
  return [...hosts.keys()]
}

/** The layers of a host's variables, from the most general to its own; product and play go before, `--set` after them. */
export const hostVariables = (host: Host): readonly VariableLayer[] => host.layers

const hostFrom = (
  entry: HostEntry, listed: HostEntry['address'], tree: GroupTree, settings: readonly VariableLayer[], variables: readonly VariableLayer[], mistakes: ProvisionError[],
): Host => {
  const { name, at } = entry
  const groups = tree.names.filter((group) => tree.hosts.get(group)?.includes(name))
  // Outer groups go first, so that the later layer is always the nearer one.
  const outward = (group: string): number => groups.filter((other) => tree.holds(other, group)).length
  const order = ['all', ...groups.toSorted((a, b) => outward(a) - outward(b))]
  const mine = (layers: readonly VariableLayer[]): readonly VariableLayer[] => [
    ...order.flatMap((group) => layers.filter((layer) => layer.level === 'group' && layer.name === group)),
    ...layers.filter((layer) => layer.level === 'host' && layer.name === name),
  ]
  const layers = mine(variables)
  const mySettings = mine(settings)
  mistakes.push(...twoAddresses(name, entry.address, listed), ...conflicts(name, layers, tree.holds, 'variables'), ...conflicts(name, mySettings, tree.holds, 'settings'))
  const address = entry.address ?? listed
  return {
    name, groups, layers, at,
    connection: connectionOf(mySettings),
    connectionPlaces: connectionPlaces(mySettings),
    ...(address === undefined ? {} : { address: address.value }),
  }
}

const addressesFrom = async (
  setting: string | undefined, main: OpenDocument, files: InventoryFiles, options: InventoryOptions, mistakes: ProvisionError[],
): Promise<ReadonlyMap<string, HostEntry['address']>> => {
  if (setting === undefined) return new Map()
  const path = resolve(dirname(files.hosts), setting)
  try {
    const read = await readYaml(path, options)
    if (read === undefined) {
      const at = main.document.placeOf(['addresses-file'])
      throw mistake('no-addresses', `the file of addresses ${shownPath(path, options.cwd)} does not exist`, { at, hint: 'run provision lab up, which writes it' })
    }
    const addresses = checkYaml(read.document, addressesSchema, { value: read.value }) ?? {}
    return new Map(Object.entries(addresses).map(([host, value]) => [host, { value, at: read.document.placeOf([host]) }]))
  } catch (error) {
    mistakes.push(...mistakesIn(error))
    return new Map()
  }
}

/** The variables in `vault.yaml`, `group_vars/` and `host_vars/`. */
const variableFiles = async (folder: string, { hosts, groups }: HostsFile, options: InventoryOptions, mistakes: ProvisionError[]): Promise<readonly VariableLayer[]> => {
  const groupNames = new Set(['all', ...groups.map(({ name }) => name)])
  const layers = await Promise.all([
    layerIn(join(folder, 'vault.yaml'), 'group', 'all', options, mistakes),
    ...(await filesIn(join(folder, 'group_vars'), 'group', groupNames, options, mistakes)),
    ...(await filesIn(join(folder, 'host_vars'), 'host', new Set(hosts.keys()), options, mistakes)),
  ])
  return layers.filter((layer) => layer !== undefined)
}

const filesIn = async (
  folder: string, level: VariableLayer['level'], names: ReadonlySet<string>, options: InventoryOptions, mistakes: ProvisionError[],
): Promise<readonly Promise<VariableLayer | undefined>[]> => {
  const entries = await readdir(folder).catch((cause: unknown) => {
    if (isMissing(cause)) return []
    throw mistake('unreadable-file', `${shownPath(folder, options.cwd)} cannot be read`, { hint: `look at it with ls -ld ${folder}`, cause })
  })
  return entries.toSorted().flatMap((entry) => {
    const at = { file: shownPath(join(folder, entry), options.cwd), line: 1, column: 1 }
    const name = basename(entry, extname(entry))
    if (['.yml', '.json'].includes(extname(entry))) {
      mistakes.push(mistake('wrong-file-name', `${at.file} would not be read`, { at, hint: `rename it to ${name}.yaml` }))
    }
    if (extname(entry) !== '.yaml') return []
    if (!names.has(name)) {
      mistakes.push(mistake(`unknown-${level}`, `there is no ${level} "${name}" for ${at.file}`, { at, hint: suggestion(name, [...names], `${level}s`) }))
      return []
    }
    return [layerIn(join(folder, entry), level, name, options, mistakes)]
  })
}

const layerIn = async (path: string, level: VariableLayer['level'], name: string, options: InventoryOptions, mistakes: ProvisionError[]): Promise<VariableLayer | undefined> => {
  try {
    const read = await readYaml(path, options)
    if (read === undefined) return undefined
    const values = checkYaml(read.document, variablesSchema, { value: read.value }) ?? {}
    return variableLayer(level, name, read.document, [], values, mistakes)
  } catch (error) {
    mistakes.push(...mistakesIn(error))
    return undefined
  }
}

/** Each mistake once, in the order of the places, the inventory file first. */
const told = (mistakes: readonly ProvisionError[], file: string): readonly ProvisionError[] => {
  const seen = new Set<string>()
  const once = mistakes.filter(({ code, at, message }) => {
    const key = at === undefined ? `${code} ${message}` : `${code} ${placeWord(at)}`
    return seen.has(key) ? false : seen.add(key)
  })
  const rank = (at: Place | undefined): string => (at === undefined || at.file === file ? '' : at.file)
  return once.toSorted((a, b) => rank(a.at).localeCompare(rank(b.at), 'en') || (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0))
}
