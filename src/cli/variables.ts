import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { exitCode, ProvisionError } from '../core/errors.js'
import type { Placed } from '../playbook/load.js'
import { parseYaml } from '../yaml/document.js'

/** What `--set` gives: `name=value` with the value read as YAML, or `@FILE` with several. */
export const setVariables = (settings: readonly string[], cwd: string): ReadonlyMap<string, Placed> => new Map(settings.flatMap((setting): (readonly [string, Placed])[] => {
  if (setting.startsWith('@')) return fromFile(resolve(cwd, setting.slice(1)), setting)
  const cut = setting.indexOf('=')
  const name = setting.slice(0, cut)
  if (cut < 1 || !/^[a-z_][a-z0-9_]*$/.test(name)) {
    throw new ProvisionError('wrong-set', `--set takes name=value, not ${setting}`, { exit: exitCode.input, hint: 'names are in snake_case: --set database=postgresql' })
  }
  const text = setting.slice(cut + 1)
  const value = text.includes('{{') ? text : parseYaml(text === '' ? "''" : text, `--set ${name}`).value
  return [[name, { value, place: { file: `--set ${name}`, line: 1, column: 1 } }]]
}))

const fromFile = (path: string, setting: string): (readonly [string, Placed])[] => {
  const document = parseYaml(textOf(path, setting), path)
  if (typeof document.value !== 'object' || document.value === null || Array.isArray(document.value)) {
    throw new ProvisionError('wrong-set', `${path} does not hold variables`, { exit: exitCode.input, hint: 'write one `name: value` a line' })
  }
  return Object.entries(document.value).map(([name, value]) => [name, { value, place: document.placeOf([name]) }])
}

const textOf = (path: string, setting: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ProvisionError('unreadable-file', `--set ${setting}: the file cannot be read`, { exit: exitCode.input, cause })
  }
}
