import type { YamlDocument } from '../yaml/document.js'
import { exitCode, ProvisionError, type Place } from '../core/errors.js'
import { suggestion } from '../core/suggest.js'

/** The files that a playbook may name: its own folder, the working directory, and what is shipped. */
export interface Library {
  /** The first of these paths that is a file, as an absolute path. */
  find(candidates: readonly string[]): string | undefined
  read(path: string): YamlDocument
  /** Names of shipped and local files of a folder, for suggestions. */
  list(folder: string): readonly string[]
}

const ending = (name: string): string => (/\.ya?ml$/.test(name) ? name : `${name}.yaml`)

/** A playbook as given, or under `playbooks/`. */
export const findPlaybook = (library: Library, name: string, near: string | undefined, at?: Place): string => {
  const file = ending(name)
  const found = library.find([...(near === undefined ? [] : [`${near}/${file}`]), file, `playbooks/${file}`])
  if (found !== undefined) return found
  throw new ProvisionError('no-playbook', `there is no playbook "${name}"`, { exit: exitCode.input, ...hinted(suggestion(name, named(library, [near ?? '.', 'playbooks']))), ...(at === undefined ? {} : { at }) })
}

/** A step list by path, or by name under `steps/`, which comes first: a playbook and a step list may share a name. */
export const findStepList = (library: Library, name: string, near: string, at: Place): string => {
  const file = ending(name)
  const beside = [`${near}/steps/${file}`, `${near}/${file}`]
  const found = library.find([...(name.includes('/') ? beside.toReversed() : beside), `playbooks/steps/${file}`])
  if (found !== undefined) return found
  throw new ProvisionError('no-step-list', `there is no step list "${name}"`, { exit: exitCode.input, at, ...hinted(suggestion(name, named(library, [near, `${near}/steps`, 'playbooks/steps']))) })
}

/** The description of a product, by its name under `products/`. */
export const findProduct = (library: Library, name: string, at: Place): string => findDescription(library, name, at, 'products', ['no-product', 'product'])

/** The description of a type of database, by its name under `databases/`. */
export const findDatabaseType = (library: Library, name: string, at: Place): string => findDescription(library, name, at, 'databases', ['no-database-type', 'type of database'])

const findDescription = (library: Library, name: string, at: Place, folder: string, [code, what]: readonly [code: string, what: string]): string => {
  const found = library.find([`${folder}/${name}.yaml`, `playbooks/${folder}/${name}.yaml`])
  if (found !== undefined) return found
  throw new ProvisionError(code, `there is no ${what} "${name}"`, { exit: exitCode.input, at, ...hinted(suggestion(name, named(library, [folder, `playbooks/${folder}`]))) })
}

/** Names as they are written in playbooks, without the ending. */
const named = (library: Library, folders: readonly string[]): readonly string[] => [...new Set(folders.flatMap((folder) => library.list(folder)).map((file) => file.replace(/\.ya?ml$/, '')))]

const hinted = (hint: string | undefined): { hint?: string } => (hint === undefined ? {} : { hint })
