import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { exitCode, ProvisionError, ProvisionErrors, type Place } from '../core/errors.js'
import type { Controller, Scope } from '../core/fact.js'
import { maskOf } from '../core/mask.js'
import { Secret } from '../core/secret.js'
import type { Play } from '../core/step.js'
import { createController } from '../engine/controller.js'
import { fileMemory } from '../engine/file-memory.js'
import { validate } from '../engine/validate.js'
import { archiveEntries, archiveText } from '../formats/archive.js'
import { findInventory } from '../inventory/find.js'
import { hostVariables, loadInventory, type Host, type Inventory } from '../inventory/inventory.js'
import { limitHosts, selectHosts } from '../inventory/patterns.js'
import { vaultKeyFrom, type VaultKey } from '../inventory/vault/key.js'
import { modules } from '../modules/index.js'
import { loadPlaybook } from '../playbook/load.js'
import type { Placed } from '../playbook/nodes.js'
import { resolvePlays, type Resolver } from '../playbook/resolve.js'
import { HostScope, type HostVariables, type World } from '../playbook/scope.js'
import { interpolate } from '../playbook/template/interpolate.js'
import { renderTemplate } from '../playbook/template/render.js'
import { libraryOf, shownFrom } from './library.js'
import type { WalkFlags } from './options.js'
import { packageRoot } from './package.js'
import { askSecret } from './prompt.js'
import { templatesIn } from './templates.js'
import { setVariables } from './variables.js'

/** Everything that the reader's files say, right as far as it shows without a connection. */
export interface Project {
  readonly inventory: Inventory
  readonly plays: readonly Play[]
  readonly controller: Controller
  /** Hosts that a play is about, in the order of the inventory. */
  readonly hosts: readonly Host[]
  readonly scopeOf: (host: string) => HostScope
  /** Foreign text with every known secret as dots. */
  readonly mask: (text: string) => string
}

type Flags = Pick<WalkFlags, 'inventory' | 'limit' | 'set' | 'vaultKeyFile' | 'tags' | 'skipTags'>

export const openInventory = async (flags: Pick<Flags, 'inventory' | 'vaultKeyFile'>): Promise<Inventory> => {
  const places = { cwd: process.cwd(), roots: [join(packageRoot, 'inventories')] }
  const { folder } = await findInventory(flags.inventory, places)
  return loadInventory(flags.inventory, { ...places, home: homedir(), vaultKey: vaultKey(flags.vaultKeyFile, folder) })
}

/** The key of the vault: as told, else `vault.key` beside the vault, else what the person at the terminal types. */
export const vaultKey = (told: string | undefined, folder: string | undefined): (() => Promise<VaultKey>) => {
  const inEnvironment = [process.env['PROVISION_VAULT_KEY'], process.env['PROVISION_VAULT_KEY_FILE']].some((value) => (value ?? '') !== '')
  const beside = folder === undefined ? undefined : join(folder, 'vault.key')
  const keyFile = told ?? (!inEnvironment && beside !== undefined && existsSync(beside) ? beside : undefined)
  return vaultKeyFrom({ keyFile, environment: process.env, cwd: process.cwd(), ...(process.stdin.isTTY ? { prompt: () => askSecret('Vault key') } : {}) })
}

/** Loads inventory and playbook, and stops at the reader's mistakes, all at once. */
export const openProject = async (playbook: string, flags: Flags): Promise<Project> => {
  const cwd = process.cwd()
  const inventory = await openInventory(flags)
  const library = libraryOf(cwd)
  const { file, plays: nodes } = loadPlaybook(playbook, library, modules)
  const world = worldOf(inventory, setVariables(flags.set ?? [], cwd))
  const scopeOf = (host: string): HostScope => {
    const variables = world.hosts.get(host)
    if (variables === undefined) throw new RangeError(`${host} is not in the inventory`)
    return new HostScope(world, variables, {})
  }
  const limited = flags.limit === undefined ? inventory.hosts : limitHosts(inventory, flags.limit)
  const within = new Set(limited.map(({ name }) => name))
  const connections = new Map(inventory.hosts.map((host) => [host.name, host.connection]))
  const resolver: Resolver = {
    world,
    hostsOf: (pattern, at) => selectHosts(inventory, pattern, at).map(({ name }) => name).filter((name) => within.has(name)),
    becomeOf: (host, wanted, scope) => {
      const settings = connections.get(host)?.become
      const password = settings?.password === undefined ? undefined : secretOf(settings.password, scope, { file: inventory.file, line: 1, column: 1 })
      return { user: wanted.user ?? settings?.user ?? 'root', method: wanted.method ?? settings?.method ?? 'sudo', ...(password === undefined ? {} : { password }) }
    },
    selection: { tags: words(flags.tags), skipTags: words(flags.skipTags) },
  }
  const plays = resolvePlays(nodes, resolver)
  const controller = controllerOf(cwd, file)
  const mistakes = await validate(plays, controller)
  if (mistakes.length > 0) throw new ProvisionErrors(mistakes)
  const named = new Set(plays.flatMap(({ hosts }) => hosts))
  const hosts = inventory.hosts.filter(({ name }) => named.has(name))
  if (hosts.length === 0) {
    throw new ProvisionError('nothing-selected', plays.length === 0 ? 'no step of the playbook is selected' : 'no play is about any of these hosts', { exit: exitCode.input, hint: 'look at --limit, --tags and --skip-tags' })
  }
  const secrets = secretsOf(world)
  return { inventory, plays, controller, hosts, scopeOf, mask: maskOf(secrets) }
}

const words = (text: string | undefined): readonly string[] => (text === undefined ? [] : text.split(',').map((word) => word.trim()).filter((word) => word !== ''))

/** A password of the inventory, which may be a variable of the vault. */
export const secretOf = (text: string | Secret, scope: HostScope, place: Place): Secret => {
  const value = interpolate(text, scope, place)
  return value instanceof Secret ? value : new Secret(String(value))
}

const worldOf = (inventory: Inventory, set: ReadonlyMap<string, Placed>): World => {
  const hosts = new Map<string, HostVariables>()
  for (const host of inventory.hosts) {
    const own = new Map<string, Placed>()
    for (const layer of hostVariables(host)) for (const [name, value] of Object.entries(layer.values)) own.set(name, { value, place: layer.placeOf([name]), within: (path) => layer.placeOf([name, ...path]) })
    hosts.set(host.name, { name: host.name, set, own, address: host.address, groups: host.groups })
  }
  return { hosts, groups: { all: inventory.hosts.map(({ name }) => name), ...Object.fromEntries(inventory.groups) } }
}

/** Files are looked for where the reader stands, beside the playbook, and in the package. */
const controllerOf = (cwd: string, playbook: string): Controller => {
  const beside = resolve(cwd, playbook, '..')
  const roots = [...new Set([cwd, beside, packageRoot])]
  const load = templatesIn(roots.flatMap((root) => [join(root, 'templates'), ...(root === beside ? [root] : [])]), shownFrom(cwd))
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  return createController({ roots, memory: fileMemory(join(cache, 'provision/files')), archive: archiveEntries, archiveText, render: async (source: string, scope: Scope) => renderTemplate(source, scope, load) })
}

const secretsOf = (world: World): readonly string[] => {
  const found = new Set<string>()
  const take = (value: unknown): void => {
    if (value instanceof Secret) {
      const text = value.reveal()
      if (text.length >= 4) found.add(text)
    } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(take)
  }
  for (const host of world.hosts.values()) for (const { value } of [...host.own.values(), ...host.set.values()]) take(value)
  return [...found].toSorted((a, b) => b.length - a.length)
}
