import { readdir, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import type { ProvisionError } from '../core/errors.js'
import { suggestion } from '../core/suggest.js'
import { checkYaml } from '../yaml/zod-errors.js'
import type { Note } from './ansible/variables.js'
import { variableLayer } from './hosts.js'
import type { VariableLayer } from './layers.js'
import { mistake, mistakesIn } from './mistake.js'
import { isMissing, type ReadOptions, readYaml, shownPath } from './read.js'
import { variablesSchema } from './schema.js'

/** Names that files of variables may be about. */
export interface Known { readonly hosts: ReadonlySet<string>; readonly groups: ReadonlySet<string> }

/** The variables in `vault.yaml`, `group_vars/` and `host_vars/` of one of our inventories. */
export const besideOwn = async (folder: string, known: Known, options: ReadOptions, mistakes: ProvisionError[]): Promise<readonly VariableLayer[]> => {
  const layers = await Promise.all([
    layerIn(join(folder, 'vault.yaml'), 'group', 'all', options, mistakes),
    ...(await filesIn(join(folder, 'group_vars'), 'group', known.groups, options, mistakes)),
    ...(await filesIn(join(folder, 'host_vars'), 'host', known.hosts, options, mistakes)),
  ])
  return layers.filter((layer) => layer !== undefined)
}

const filesIn = async (
  folder: string, level: VariableLayer['level'], names: ReadonlySet<string>, options: ReadOptions, mistakes: ProvisionError[],
): Promise<readonly Promise<VariableLayer | undefined>[]> => {
  const entries = await entriesOf(folder, options)
  return entries.flatMap((entry) => {
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

const endings = ['.yml', '.yaml', '.json']

/**
 * The variables in `group_vars/` and `host_vars/` beside an inventory of Ansible: `NAME`, `NAME.yml`, `NAME.yaml`, `NAME.json`, or a folder `NAME`
 * with such files, the later ones over the earlier ones. Those of other inventories in the same folder are left alone, and told of.
 */
export const besideAnsible = async (folder: string, known: Known, options: ReadOptions, mistakes: ProvisionError[], notes: Note[]): Promise<readonly VariableLayer[]> => {
  const both = [['group_vars', 'group', known.groups], ['host_vars', 'host', known.hosts]] as const
  const layers = await Promise.all(both.map(async ([name, level, names]) => {
    const entries = (await entriesOf(join(folder, name), options)).filter((entry) => !entry.startsWith('.') && !entry.endsWith('~'))
    // a name may end like a file: host_vars/web1.example.com
    const about = (entry: string): string => (!names.has(entry) && endings.includes(extname(entry)) ? basename(entry, extname(entry)) : entry)
    const used = new Map<string, string>()
    for (const entry of entries.toSorted((a, b) => endings.indexOf(extname(a)) - endings.indexOf(extname(b)))) {
      const at = { file: shownPath(join(folder, name, entry), options.cwd), line: 1, column: 1 }
      const first = used.get(about(entry))
      if (!names.has(about(entry))) notes.push({ message: `${at.file} is not read: no ${level} is called ${about(entry)}`, at })
      else if (first === undefined) used.set(about(entry), entry)
      else mistakes.push(mistake('wrong-file-name', `${at.file} would not be read, because ${first} is there too`, { at, hint: `make it one folder ${name}/${about(entry)}/ with both` }))
    }
    return Promise.all([...used].map(async ([subject, entry]) => {
      const files = await variableFilesIn(join(folder, name, entry))
      return Promise.all(files.map(async (path, turn) => {
        const layer = await layerIn(path, level, subject, options, mistakes, true)
        return layer === undefined ? undefined : { ...layer, rank: 1, turn }
      }))
    }))
  }))
  return layers.flat(2).filter((layer) => layer !== undefined)
}

/** A file itself, or the files of a folder and the folders in it, by name. */
const variableFilesIn = async (path: string): Promise<readonly string[]> => {
  if (!(await stat(path)).isDirectory()) return [path]
  const entries = (await readdir(path)).filter((entry) => !entry.startsWith('.') && !entry.endsWith('~')).toSorted()
  const files = await Promise.all(entries.map(async (entry) => {
    const isFolder = (await stat(join(path, entry))).isDirectory()
    return extname(entry) === '' || (!isFolder && endings.includes(extname(entry))) ? variableFilesIn(join(path, entry)) : []
  }))
  return files.flat()
}

const entriesOf = async (folder: string, options: ReadOptions): Promise<readonly string[]> => {
  const entries = await readdir(folder).catch((cause: unknown) => {
    if (isMissing(cause)) return []
    throw mistake('unreadable-file', `${shownPath(folder, options.cwd)} cannot be read`, { hint: `look at it with ls -ld ${folder}`, cause })
  })
  return entries.toSorted()
}

const layerIn = async (
  path: string, level: VariableLayer['level'], name: string, options: ReadOptions, mistakes: ProvisionError[], older = false,
): Promise<VariableLayer | undefined> => {
  try {
    const read = await readYaml(path, options, { older })
    if (read === undefined) return undefined
    const values = checkYaml(read.document, variablesSchema, { value: read.value }) ?? {}
    return variableLayer(level, name, read.document, [], values, mistakes)
  } catch (error) {
    mistakes.push(...mistakesIn(error))
    return undefined
  }
}
