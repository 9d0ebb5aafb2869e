import { type Place, type ProvisionError, ProvisionErrors } from '../core/errors.js'
import type { Secret } from '../core/secret.js'
import { ownGroups } from './ansible/gathering.js'
import type { Mapped, Note } from './ansible/variables.js'
import { besideAnsible, besideOwn } from './beside.js'
import type { ApprovalPolicy } from './approvals.js'
import { addressOf, type Connection, connectionOf, connectionPlaces } from './connection.js'
import { findInventory, type FindOptions } from './find.js'
import { groupTree, type GroupTree } from './groups.js'
import type { HostEntry } from './hosts.js'
import { joined, namesTaken } from './join.js'
import { conflicts, inOrder, type VariableLayer } from './layers.js'
import { placeWord } from './mistake.js'
import type { ReadOptions } from './read.js'
import { onMachines } from './machines.js'
import { readSources, type Source } from './source.js'
import type { VaultKey } from './vault/key.js'

/** One host of an inventory: a machine, or one of several nodes on one. */
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
  /** What it takes before its hosts are altered, by every inventory that says so; empty: nobody's word. */
  readonly approvals: readonly ApprovalPolicy[]
  /** What of an inventory of Ansible has no counterpart here. */
  readonly notes: readonly Note[]
}

export interface InventoryOptions extends FindOptions, Omit<ReadOptions, 'vaultKey' | 'vaultPasswords'> {
  /** The home folder that `~` stands for. */
  readonly home: string
  /** The key of the vault of an inventory, which may lie in its folder. */
  readonly vaultKey?: ((folder: string | undefined) => Promise<VaultKey>) | undefined
  /** The passwords of Ansible's vaults in an inventory. */
  readonly vaultPasswords?: ((folder: string | undefined) => Promise<readonly Secret[]>) | undefined
}

/** Loads inventories by name or path, and joins them; every mistake of their files is thrown at once. */
export const loadInventory = async (names: string | readonly string[], options: InventoryOptions): Promise<Inventory> => {
  const mistakes: ProvisionError[] = []
  const notes: Note[] = []
  const found = await Promise.all((typeof names === 'string' ? [names] : names).map((name) => findInventory(name, options)))
  const sources: Source[] = []
  for (const files of found) sources.push(...(await readSources(files, { ...readingOf(options, files.folder), withAddresses: true }, mistakes)))
  const mapping = { cwd: options.cwd, home: options.home, mistakes, notes }
  // only inventories of Ansible need the reading of ssh's options
  const ansible = sources.some(({ kind }) => kind === 'ansible') ? await import('./ansible/variables.js') : undefined
  const map = (layer: VariableLayer): Mapped => ansible?.mapped(layer, mapping) ?? { variables: layer, settings: undefined }
  const file = joined(sources, map, mistakes)
  namesTaken(file, sources.filter(({ kind }) => kind === 'own'), { mistakes, notes })
  const tree = groupTree(file.groups, [...file.hosts.keys()], mistakes)
  const known = { hosts: new Set(file.hosts.keys()), groups: new Set([...ownGroups, ...tree.names]) }
  const beside: VariableLayer[] = []
  const settings: VariableLayer[] = []
  const seen = new Set<string>()
  for (const [turn, { kind, folder }] of sources.entries()) {
    if (folder === undefined || seen.has(folder)) continue
    seen.add(folder)
    const reading = readingOf(options, folder)
    if (kind === 'own') beside.push(...(await besideOwn(folder, known, reading, mistakes)).map((layer) => ({ ...layer, turn })))
    else {
      for (const layer of await besideAnsible(folder, known, reading, mistakes, notes)) {
        const both = map({ ...layer, turn: turn + (layer.turn ?? 0) / MOST_FILES })
        beside.push(both.variables)
        if (both.settings !== undefined) settings.push(both.settings)
      }
    }
  }
  const layers = { variables: byOwner([...file.variables, ...beside]), settings: byOwner([...file.settings, ...settings]) }
  const hosts = onMachines([...file.hosts.values()].map((entry) => hostFrom(entry, tree, layers, mistakes)), mistakes)
  const files = [...new Set(sources.map((source) => source.file))]
  if (mistakes.length > 0) throw new ProvisionErrors(told(mistakes, files))
  return { name: found.map(({ name }) => name).join(' '), file: files.join(', '), hosts, groups: tree.hosts, tree, approvals: sources.flatMap(({ approvals }) => approvals ?? []), notes: onceEach(notes) }
}

/** Files of variables for one group: fewer than this, so that all of them come before those of the next inventory. */
const MOST_FILES = 1_000_000

const readingOf = ({ cwd, home, vaultKey, vaultPasswords, noted }: InventoryOptions, folder: string | undefined): ReadOptions & { readonly home: string } => ({
  cwd, home, noted,
  vaultKey: vaultKey === undefined ? undefined : () => vaultKey(folder),
  vaultPasswords: vaultPasswords === undefined ? undefined : () => vaultPasswords(folder),
})

/** The names of an inventory's hosts; variables, vault and addresses, which may not be there yet, are not read. */
export const hostNames = async (name: string, options: InventoryOptions): Promise<readonly string[]> => {
  const files = await findInventory(name, options)
  const mistakes: ProvisionError[] = []
  const sources = await readSources(files, { ...readingOf(options, files.folder), withAddresses: false }, mistakes)
  if (mistakes.length > 0) throw new ProvisionErrors(told(mistakes, sources.map(({ file }) => file)))
  return [...new Set(sources.flatMap(({ hosts }) => [...hosts.keys()]))]
}

/** The layers of a host's variables, from the most general to its own; product and play go before, `--set` after them. */
export const hostVariables = (host: Host): readonly VariableLayer[] => host.layers

/** Layers by the group or host that they are about, so that thousands of hosts are not looked through for each of them. */
type Owned = ReadonlyMap<string, readonly VariableLayer[]>
interface Layers { readonly variables: Owned; readonly settings: Owned }

const byOwner = (layers: readonly VariableLayer[]): Owned => {
  const owned = new Map<string, VariableLayer[]>()
  for (const layer of layers) {
    const owner = `${layer.level} ${layer.name}`
    const known = owned.get(owner)
    if (known === undefined) owned.set(owner, [layer])
    else known.push(layer)
  }
  return owned
}

const hostFrom = (entry: HostEntry, tree: GroupTree, all: Layers, mistakes: ProvisionError[]): Host => {
  const { name, at } = entry
  const groups = tree.names.filter((group) => tree.hosts.get(group)?.includes(name))
  const mine = ['all', ...(groups.length === 0 ? ['ungrouped'] : groups)]
  const of = (layers: Owned): readonly VariableLayer[] => [
    ...inOrder(mine.flatMap((group) => layers.get(`group ${group}`) ?? []), tree),
    ...inOrder(layers.get(`host ${name}`) ?? [], tree),
  ]
  const layers = of(all.variables)
  const settings = of(all.settings)
  mistakes.push(...conflicts(name, layers, tree, 'variables'), ...conflicts(name, settings, tree, 'settings'))
  const address = entry.address?.value ?? addressOf(settings)
  return {
    name, groups, layers, at,
    connection: connectionOf(settings),
    connectionPlaces: connectionPlaces(settings),
    ...(address === undefined ? {} : { address }),
  }
}

/** Each mistake once, in the order of the places, the inventory file first. */
const told = (mistakes: readonly ProvisionError[], files: readonly string[]): readonly ProvisionError[] => {
  const seen = new Set<string>()
  const once = mistakes.filter(({ code, at, message }) => {
    const key = at === undefined ? `${code} ${message}` : `${code} ${placeWord(at)}`
    return seen.has(key) ? false : seen.add(key)
  })
  const rank = (at: Place | undefined): string => (at === undefined || files.includes(at.file) ? '' : at.file)
  return once.toSorted((a, b) => rank(a.at).localeCompare(rank(b.at), 'en') || (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0))
}

/** What is said of many hosts is told once, where it stands first. */
const onceEach = (notes: readonly Note[]): readonly Note[] => notes.filter(({ message }, index) => notes.findIndex((other) => other.message === message) === index)
