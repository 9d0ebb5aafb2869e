import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { exitCode, ProvisionError, ProvisionErrors, type Place } from '../core/errors.js'
import type { Controller, Scope } from '../core/fact.js'
import { KnownSecrets, SHORTEST } from '../core/mask.js'
import { Secret } from '../core/secret.js'
import type { Play } from '../core/step.js'
import { databaseTypeIn } from '../catalog/database.js'
import { productIn } from '../catalog/product.js'
import type { Basics } from '../engine/basics.js'
import { createController } from '../engine/controller.js'
import { delegatesOf } from '../engine/delegated.js'
import { fileMemory } from '../engine/file-memory.js'
import { validate } from '../engine/validate.js'
import { basicNames, basics } from '../facts/basics.js'
import { archiveEntries, archiveText } from '../formats/archive.js'
import { hostVariables, type Host, type Inventory } from '../inventory/inventory.js'
import { limitHosts, selectHosts } from '../inventory/patterns.js'
import { modules } from '../modules/index.js'
import type { YamlDocument } from '../yaml/document.js'
import { findDatabaseType, findProduct, type Library } from '../playbook/library.js'
import { loadPlaybook } from '../playbook/load.js'
import type { Placed } from '../playbook/nodes.js'
import { resolvePlays, type Resolver } from '../playbook/resolve.js'
import { startingAt } from '../playbook/start-at.js'
import { HostScope, type HostVariables, type World } from '../playbook/scope.js'
import { learnParameters } from '../playbook/secrets.js'
import { interpolate } from '../playbook/template/interpolate.js'
import { renderTemplate } from '../playbook/template/render.js'
import { Inputs } from './inputs.js'
import { derivedKey, openInventory, textOfSigners } from './open-inventory.js'
import { libraryOf, shownFrom } from './library.js'
import type { WalkFlags } from './options.js'
import { packageRoot } from './package.js'
import { templatesIn } from './templates.js'
import { setVariables } from './variables.js'

/** Everything that the reader's files say, right as far as it shows without a connection. */
export interface Project {
  readonly inventory: Inventory
  readonly plays: readonly Play[]
  readonly controller: Controller
  /** What expressions ask of hosts. */
  readonly basics: Basics
  /** Hosts that a play is about or a step is done on, in the order of the inventory. */
  readonly hosts: readonly Host[]
  readonly scopeOf: (host: string) => HostScope
  /** Foreign text with every known secret as dots. */
  readonly mask: (text: string) => string
  /** All files that were read so far. */
  readonly inputs: Inputs
  /** What fingerprints of a plan are keyed by; nothing where no vault was opened. */
  readonly planKey: Secret | undefined
}

/** What of a playbook is walked. */
export interface Selected {
  /** No other hosts; left out: all within the limit. */
  readonly only?: readonly string[] | undefined
  /** What for: plays that only look are not all for runs, and others not for `provision verify`; left out: all plays. */
  readonly purpose?: 'run' | 'verify'
  /** Whether large files are among the inputs too, which takes their checksums. */
  readonly records?: boolean
}

type Flags = Pick<WalkFlags, 'inventory' | 'limit' | 'set' | 'vaultKeyFile' | 'vaultPasswordFile' | 'tags' | 'skipTags' | 'quiet' | 'startAt'> & Selected

/** The hosts of an inventory with their variables, as far as no playbook is needed to know them. */
export interface Known extends Pick<Resolver, 'world' | 'becomeOf'> {
  readonly inventory: Inventory
  /** What hosts have said of themselves. */
  readonly known: Basics['known']
  /** Those within `--limit`, in the order of the inventory. */
  readonly hosts: readonly Host[]
  readonly scopeOf: (host: string) => HostScope
  /** Foreign text with every known secret as dots. */
  readonly mask: (text: string) => string
  readonly inputs: Inputs
  /** Keys of the vaults that were opened. */
  readonly keys: readonly Secret[]
}

/** Loads the inventory, and what `--set` says of its hosts. */
export const openKnown = async (flags: Pick<Flags, 'inventory' | 'limit' | 'set' | 'vaultKeyFile' | 'vaultPasswordFile' | 'quiet'>): Promise<Known> => {
  const inputs = new Inputs(process.cwd())
  const keys: Secret[] = []
  const inventory = await openInventory(flags, { noted: inputs.note, keys })
  // who may approve is part of what is approved
  for (const { signers, at } of inventory.approvals) inputs.note(signers, textOfSigners(signers, at))
  const known: Basics['known'] = new Map()
  const secrets = new KnownSecrets()
  const world = worldOf(inventory, setVariables(flags.set ?? [], process.cwd(), inputs.note), known, secrets, inputs)
  const scopeOf = (host: string): HostScope => {
    const variables = world.hosts.get(host)
    if (variables === undefined) throw new RangeError(`${host} is not in the inventory`)
    return new HostScope(world, variables, {})
  }
  const hosts = flags.limit === undefined ? inventory.hosts : limitHosts(inventory, flags.limit)
  const connections = new Map(inventory.hosts.map((host) => [host.name, host.connection]))
  const becomeOf: Resolver['becomeOf'] = (host, wanted, scope) => {
    const settings = connections.get(host)?.become
    const password = settings?.password === undefined ? undefined : secretOf(settings.password, scope, { file: inventory.file, line: 1, column: 1 })
    const user = settings === undefined ? 'root' : textOf(settings.user, scope, { file: inventory.file, line: 1, column: 1 })
    return { user: wanted.user ?? user, method: wanted.method ?? settings?.method ?? 'sudo', ...(password === undefined ? {} : { password }) }
  }
  const short = learnVariables(world, secrets)
  if (short.length > 0 && flags.quiet !== true) process.stderr.write(`note: secrets of fewer than ${SHORTEST} characters are not hidden where hosts repeat them: ${short.join(', ')}\n`)
  return { inventory, world, known, hosts, scopeOf, becomeOf, mask: secrets.mask, inputs, keys }
}

/** Loads inventory and playbook, and stops at the reader's mistakes, all at once. */
export const openProject = async (playbook: string, flags: Flags): Promise<Project> => {
  const cwd = process.cwd()
  const { inventory, world, known, scopeOf, becomeOf, mask, inputs, keys, hosts: limited } = await openKnown(flags)
  const library = libraryOf(cwd, inputs.note)
  const { file, plays: all } = loadPlaybook(playbook, library, modules)
  const nodes = all.filter(({ source: { verify } }) => (flags.purpose === 'verify' ? verify === true || verify === 'only' : flags.purpose !== 'run' || verify !== 'only'))
  if (flags.purpose === 'verify' && nodes.length === 0) {
    throw new ProvisionError('nothing-to-verify', `no play of ${playbook} only looks`, { exit: exitCode.input, hint: 'say `verify: true` at plays whose steps are checks, such as `wait-for`' })
  }
  const within = new Set(limited.map(({ name }) => name).filter((name) => flags.only?.includes(name) !== false))
  const resolver: Resolver = {
    world, becomeOf,
    hostsOf: (pattern, at) => selectHosts(inventory, pattern, at).map(({ name }) => name).filter((name) => within.has(name)),
    selection: { tags: words(flags.tags), skipTags: words(flags.skipTags) },
  }
  learnParameters(nodes, world, (play) => resolver.hostsOf(play.source.hosts, play.placeOf(['hosts'])))
  const plays = resolvePlays(flags.startAt === undefined ? nodes : startingAt(nodes, flags.startAt), resolver)
  const controller = controllerOf(cwd, file, inputs, flags.records === true)
  const mistakes = await validate(plays, controller)
  if (mistakes.length > 0) throw new ProvisionErrors(mistakes)
  const named = new Set([...plays.flatMap(({ hosts }) => hosts), ...delegatesOf(plays)])
  const hosts = [...inventory.hosts.filter(({ name }) => named.has(name)), ...(named.has(HERE) && !inventory.hosts.some(({ name }) => name === HERE) ? [thisMachine(inventory.file)] : [])]
  if (hosts.length === 0) {
    throw new ProvisionError('nothing-selected', plays.length === 0 ? 'no step of the playbook is selected' : 'no play is about any of these hosts', { exit: exitCode.input, hint: 'look at --limit, --tags and --skip-tags' })
  }
  return { inventory, plays, controller, basics: { fact: basics, known }, hosts, scopeOf, mask, inputs, planKey: keys.length === 0 ? undefined : derivedKey(keys) }
}

const words = (text: string | undefined): readonly string[] => (text === undefined ? [] : text.split(',').map((word) => word.trim()).filter((word) => word !== ''))

/** A password of the inventory, which may be a variable of the vault. */
export const secretOf = (text: string | Secret, scope: HostScope, place: Place): Secret => {
  const value = interpolate(text, scope, place)
  const secret = value instanceof Secret ? value : new Secret(String(value))
  scope.learn(secret)
  return secret
}

/** A setting of the inventory that is needed in the open to connect at all, such as a user that a vault holds. */
export const textOf = (text: string, scope: HostScope, place: Place): string => {
  const value = interpolate(text, scope, place)
  return value instanceof Secret ? value.reveal() : String(value)
}

/** The machine that provision runs on, as steps name it under `delegate:`. */
const HERE = 'localhost'
const thisMachine = (file: string): Host => ({ name: HERE, groups: [], address: '127.0.0.1', connection: { transport: 'local' }, connectionPlaces: new Map(), layers: [], at: { file, line: 1, column: 1 } })

const worldOf = (inventory: Inventory, set: ReadonlyMap<string, Placed>, known: Basics['known'], secrets: KnownSecrets, inputs: Inputs): World => {
  const hosts = new Map<string, HostVariables>()
  for (const host of inventory.hosts) {
    const own = new Map<string, Placed>()
    for (const layer of hostVariables(host)) for (const [name, value] of Object.entries(layer.values)) own.set(name, { value, place: layer.placeOf([name]), within: (path) => layer.placeOf([name, ...path]) })
    hosts.set(host.name, { name: host.name, set, own, address: host.address, groups: host.groups })
  }
  if (!hosts.has(HERE)) hosts.set(HERE, { name: HERE, set, own: new Map(), address: '127.0.0.1', groups: [] })
  return { basics: { names: basicNames, known }, secrets, ...catalogOf(libraryOf(process.cwd(), inputs.note)), hosts, groups: { all: inventory.hosts.map(({ name }) => name), ...Object.fromEntries(inventory.groups) } }
}

/** Descriptions of products and of types of databases by their names, each read once. */
const catalogOf = (library: Library): Required<Pick<World, 'product' | 'database'>> => {
  const known = new Map<string, unknown>()
  const described = (find: typeof findProduct, read: (document: YamlDocument) => unknown): NonNullable<World['product']> => (name, at) => {
    const file = find(library, name, at)
    const description = known.get(file) ?? read(library.read(file))
    known.set(file, description)
    return description
  }
  return { product: described(findProduct, productIn), database: described(findDatabaseType, databaseTypeIn) }
}

/** Files are looked for where the reader stands, beside the playbook, and in the package. */
const controllerOf = (cwd: string, playbook: string, inputs: Inputs, records: boolean): Controller => {
  const beside = resolve(cwd, playbook, '..')
  const roots = [...new Set([cwd, beside, packageRoot])]
  const load = templatesIn(roots.flatMap((root) => [join(root, 'templates'), ...(root === beside ? [root] : [])]), shownFrom(cwd), inputs.note)
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  return createController({ roots, memory: fileMemory(join(cache, 'provision/files')), ...(records ? { noted: inputs.noteDigest } : {}), archive: archiveEntries, archiveText, render: async (source: string, scope: Scope) => renderTemplate(source, scope, load) })
}

/** Makes the secrets of inventory and `--set` known; gives the names of the variables that hold some too short to be hidden. */
const learnVariables = (world: World, secrets: KnownSecrets): readonly string[] => {
  const short = new Set<string>()
  const note = (name: string, value: unknown): void => {
    if (value instanceof Secret) {
      if (value.reveal() !== '' && value.reveal().length < SHORTEST) short.add(name)
    } else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) note(name, inner)
  }
  for (const host of world.hosts.values()) {
    for (const [name, { value }] of [...host.own, ...host.set]) {
      secrets.learn(value)
      note(name, value)
    }
  }
  return [...short].toSorted()
}
