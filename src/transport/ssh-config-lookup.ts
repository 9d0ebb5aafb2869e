import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { parseSshConfig, type SshCondition, type SshOption } from '../formats/ssh-config.js'
import { matchesPatterns } from './host-pattern.js'

/** What an ssh_config is asked about. */
export interface SshQuery { readonly name: string; readonly user: string | undefined; readonly localUser: string }

export interface SshLookup {
  /** The values of the first setting of this name that holds. */
  first(name: string): readonly string[] | undefined
  /** The values of all settings of this name that hold. */
  all(name: string): readonly (readonly string[])[]
  /** Criteria that could not be judged, and so were taken not to hold. */
  readonly unjudged: readonly string[]
}

/** The settings that hold for a host: the first of a name counts. */
export const lookUpSsh = (options: readonly SshOption[], query: SshQuery): SshLookup => {
  const holding: SshOption[] = []
  const unjudged = new Set<string>()
  const first = (name: string): readonly string[] | undefined => holding.find((option) => option.name === name)?.values
  const holds = (condition: SshCondition): boolean => {
    switch (condition.keyword) {
      case 'originalhost': return matchesPatterns(condition.patterns, query.name)
      case 'host': return matchesPatterns(condition.patterns, first('hostname')?.[0]?.replaceAll('%h', query.name) ?? query.name)
      case 'user': return matchesPatterns(condition.patterns, query.user ?? first('user')?.[0] ?? query.localUser)
      case 'localuser': return matchesPatterns(condition.patterns, query.localUser)
      case 'other': {
        unjudged.add(condition.text)
        return false
      }
      default: return condition satisfies never
    }
  }
  for (const option of options) if (option.conditions.every(holds)) holding.push(option)
  return { first, all: (name) => holding.filter((option) => option.name === name).map(({ values }) => values), unjudged: [...unjudged] }
}

const missing = (error: unknown): boolean => error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')

const filesMatching = async (pattern: string): Promise<readonly string[]> => {
  if (!/[*?]/.test(basename(pattern))) return [pattern]
  try {
    const names = (await readdir(dirname(pattern))).filter((name) => !name.startsWith('.') && matchesPatterns([basename(pattern)], name))
    return names.sort().map((name) => join(dirname(pattern), name))
  } catch (error) {
    if (missing(error)) return []
    throw error
  }
}

const DEEPEST = 16

/** Reads an ssh_config with what it includes; a file that does not exist has no settings. */
export const readSshConfig = async (file: string, home: string, depth = 0): Promise<readonly SshOption[]> => {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (missing(error)) return []
    throw error
  }
  const options: SshOption[] = []
  for (const option of parseSshConfig(text, file)) {
    if (option.name !== 'include') options.push(option)
    else if (depth < DEEPEST) {
      for (const value of option.values) {
        const path = value.startsWith('~/') ? join(home, value.slice(2)) : isAbsolute(value) ? value : join(home, '.ssh', value)
        for (const included of await filesMatching(path)) {
          const inner = await readSshConfig(included, home, depth + 1)
          options.push(...inner.map((one) => ({ ...one, conditions: [...option.conditions, ...one.conditions] })))
        }
      }
    }
  }
  return options
}
