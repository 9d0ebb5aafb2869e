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

/** The file with the hosts, and the folder with what belongs to it, if it has one. */
export interface InventoryFiles { readonly name: string; readonly hosts: string; readonly folder: string | undefined }

/** Finds an inventory by name (`prod` is `inventories/prod/` or `inventories/prod.yaml`), or by path. */
export const findInventory = async (name: string, { cwd, roots = [] }: FindOptions): Promise<InventoryFiles> => {
  const isPath = name.includes('/') || extname(name) === '.yaml'
  const folders = [join(cwd, 'inventories'), cwd, ...roots]
  for (const folder of isPath ? [cwd] : folders) {
    const found = await inventoryAt(resolve(folder, name), isPath ? 'path' : folder === cwd ? 'as-given' : 'named', cwd)
    if (found !== undefined) return found
  }
  const known = [...new Set((await Promise.all([join(cwd, 'inventories'), ...roots].map(inventoriesIn))).flat())]
  const hint = known.length === 0 ? 'make inventories/prod/hosts.yaml, or give the path of an inventory' : suggestion(basename(name, '.yaml'), known, 'inventories')
  throw mistake('unknown-inventory', `there is no inventory ${name}`, { hint })
}

const inventoryAt = async (path: string, how: 'path' | 'as-given' | 'named', cwd: string): Promise<InventoryFiles | undefined> => {
  const given = await kindOf(path)
  const beside = how === 'named' && (await kindOf(`${path}.yaml`)) === 'file' ? `${path}.yaml` : undefined
  if (given === 'folder') {
    const hosts = join(path, 'hosts.yaml')
    const found = (await kindOf(hosts)) === 'file'
    if (found && beside !== undefined) {
      throw mistake('ambiguous-inventory', `there are two inventories of this name: ${shownPath(hosts, cwd)} and ${shownPath(beside, cwd)}`, { hint: 'give the path of one of them' })
    }
    if (found) return { name: basename(path), hosts, folder: path }
    if (beside === undefined && how !== 'as-given') throw noHostsFile(path, cwd)
  }
  if (given === 'file' && how !== 'named') {
    const whole = basename(path) === 'hosts.yaml'
    return { name: whole ? basename(dirname(path)) : basename(path, '.yaml'), hosts: path, folder: whole ? dirname(path) : undefined }
  }
  return beside === undefined ? undefined : { name: basename(path), hosts: beside, folder: undefined }
}

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

/** The names of the inventories in a folder. */
export const inventoriesIn = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    if (isMissing(cause)) return []
    throw mistake('unreadable-file', `${folder} cannot be read`, { hint: `look at it with ls -ld ${folder}`, cause })
  })
  const names = await Promise.all(entries.map(async (entry) => {
    if (extname(entry.name) === '.yaml') return [basename(entry.name, '.yaml')]
    return (await kindOf(join(folder, entry.name, 'hosts.yaml'))) === 'file' ? [entry.name] : []
  }))
  return names.flat().toSorted()
}
