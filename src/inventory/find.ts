import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { suggestion } from '../core/suggest.js'
import { mistake } from './mistake.js'
import { isMissing, shownPath } from './read.js'

/** Where inventories are looked for. */
export interface FindOptions {
  readonly cwd: string
  /** Further folders with inventories, such as the package's own. */
  readonly roots?: readonly string[]
}

/** The files with the hosts, in their order, and the folder with what belongs to them, if they have one. */
export interface InventoryFiles {
  readonly name: string
  readonly files: readonly string[]
  readonly folder: string | undefined
  /** The folder itself was asked for. */
  readonly isFolder?: boolean
  /** Hosts given in the place of a file: `-i host1,host2,`. */
  readonly listed?: readonly string[]
}

const endings = ['.yaml', '.yml', '.ini', '.json']

/** Finds an inventory by name (`prod` is `inventories/prod/` or `inventories/prod.yaml`), by path, or as a list of hosts with a comma. */
export const findInventory = async (name: string, { cwd, roots = [] }: FindOptions): Promise<InventoryFiles> => {
  const isPath = name.includes('/') || endings.includes(extname(name))
  const folders = [join(cwd, 'inventories'), cwd, ...roots]
  if (name.includes(',') && (await kindOf(resolve(cwd, name))) === undefined) {
    return { name, files: [], folder: undefined, listed: name.split(',').map((host) => host.trim()).filter((host) => host !== '') }
  }
  for (const folder of isPath ? [cwd] : folders) {
    const found = await inventoryAt(resolve(folder, name), isPath ? 'path' : folder === cwd ? 'as-given' : 'named', cwd)
    if (found !== undefined) return found
  }
  const known = [...new Set((await Promise.all([join(cwd, 'inventories'), ...roots].map(inventoriesIn))).flat())]
  const hint = known.length === 0 ? 'make inventories/prod/hosts.yaml, or give the path of an inventory' : suggestion(withoutEnding(name), known, 'inventories')
  throw mistake('unknown-inventory', `there is no inventory ${name}`, { hint })
}

const inventoryAt = async (path: string, how: 'path' | 'as-given' | 'named', cwd: string): Promise<InventoryFiles | undefined> => {
  const given = await kindOf(path)
  const beside = how === 'named' ? await firstFile(endings.map((ending) => `${path}${ending}`)) : undefined
  if (given === 'folder') {
    const hosts = join(path, 'hosts.yaml')
    const files = (await kindOf(hosts)) === 'file' ? [hosts] : how !== 'as-given' || (await isMeantAsInventory(path)) ? await hostsFilesIn(path) : []
    if (files.length > 0 && beside !== undefined) {
      throw mistake('ambiguous-inventory', `there are two inventories of this name: ${shownPath(files[0] ?? path, cwd)} and ${shownPath(beside, cwd)}`, { hint: 'give the path of one of them' })
    }
    if (files.length > 0) return { name: basename(path), files, folder: path, isFolder: true }
    if (beside === undefined && how !== 'as-given') throw noHostsFile(path, cwd)
  }
  if (given === 'file') {
    const whole = withoutEnding(path) === 'hosts'
    return { name: whole ? basename(dirname(path)) : withoutEnding(path), files: [path], folder: whole ? dirname(path) : undefined }
  }
  return beside === undefined ? undefined : { name: basename(path), files: [beside], folder: undefined }
}

const withoutEnding = (path: string): string => (endings.includes(extname(path)) ? basename(path, extname(path)) : basename(path))

const firstFile = async (paths: readonly string[]): Promise<string | undefined> => {
  for (const path of paths) if ((await kindOf(path)) === 'file') return path
  return undefined
}

/** What Ansible leaves aside in a folder of inventories, and what belongs to our vault. */
const ignored = /^\.|^(?:host_vars|group_vars|vars_plugins|vault\.(?:key|recipients|ya?ml))$|(?:\.(?:pyc|pyo|swp|bak|rpm|md|txt|rst|orig|ini|cfg|retry)|~)$/

/** The inventories in a folder as Ansible takes them: each file, those of folders inside too, by name; a lone `hosts.ini` as well. */
export const hostsFilesIn = async (folder: string): Promise<readonly string[]> => {
  const entries = await entriesOf(folder)
  const found = await Promise.all(entries.map(({ name }) => name).filter((name) => !ignored.test(name)).toSorted().map(async (name) => {
    const path = join(folder, name)
    return (await kindOf(path)) === 'folder' ? hostsFilesIn(path) : [path]
  }))
  const lone = found.flat().length > 0 ? undefined : await firstFile(['hosts.ini', 'inventory.ini'].map((name) => join(folder, name)))
  return lone === undefined ? found.flat() : [lone]
}

/** A folder that is only named like the inventory that was asked for must look like one. */
const isMeantAsInventory = async (folder: string): Promise<boolean> =>
  (await entriesOf(folder)).some(({ name }) => /^(?:hosts|inventory)(?:\.\w+)?$|^(?:group|host)_vars$/.test(name))

const noHostsFile = (path: string, cwd: string) =>
  mistake('unknown-inventory', `the inventory ${shownPath(path, cwd)} has no hosts.yaml`, { hint: `write ${shownPath(join(path, 'hosts.yaml'), cwd)}` })

const kindOf = async (path: string): Promise<'file' | 'folder' | undefined> => {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file'
  } catch (cause) {
    if (isMissing(cause)) return undefined
    throw mistake('unreadable-file', `${path} cannot be read`, { hint: `look at it with ls -l ${path}`, cause })
  }
}

const entriesOf = async (folder: string) => readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
  if (isMissing(cause)) return []
  throw mistake('unreadable-file', `${folder} cannot be read`, { hint: `look at it with ls -ld ${folder}`, cause })
})

/** The names of the inventories in a folder. */
export const inventoriesIn = async (folder: string): Promise<readonly string[]> => {
  const names = await Promise.all((await entriesOf(folder)).map(async (entry) => {
    if (endings.includes(extname(entry.name))) return [withoutEnding(entry.name)]
    return (await firstFile(['hosts.yaml', 'hosts.yml', 'hosts', 'hosts.ini'].map((name) => join(folder, entry.name, name)))) === undefined ? [] : [entry.name]
  }))
  return names.flat().toSorted()
}
