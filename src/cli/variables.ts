import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { exitCode, ProvisionError, ProvisionErrors } from '../core/errors.js'
import type { Noted } from '../inventory/read.js'
import type { Placed } from '../playbook/nodes.js'
import { parseYaml } from '../yaml/document.js'

const variableName = /^[a-z_][a-z0-9_]*$/

/** What `--set` gives: `name=value`, or `@FILE` with several; of two for one name the later wins. */
export const setVariables = (settings: readonly string[], cwd: string, noted?: Noted): ReadonlyMap<string, Placed> => new Map(settings.flatMap((setting): (readonly [string, Placed])[] => {
  if (setting.startsWith('@')) return fromFile(resolve(cwd, setting.slice(1)), setting, noted)
  const cut = setting.indexOf('=')
  const name = setting.slice(0, cut)
  if (cut < 1 || !variableName.test(name)) {
    throw new ProvisionError('wrong-set', `--set takes name=value, not ${cut < 1 ? setting : `${name}=…`}`, { exit: exitCode.input, hint: 'names are in snake_case: --set database=postgresql' })
  }
  return [[name, { value: valueOf(setting.slice(cut + 1), name), place: { file: `--set ${name}`, line: 1, column: 1 } }]]
}))

/** Numbers, truth values, `null`, and what stands in quotes or brackets are read as YAML; everything else is the text that it is, with its `#`, `:` and `*`. */
const valueOf = (text: string, name: string): unknown => {
  const isYaml = /^\s*(['"[]|\{(?!\{)|[-+]?[\d.]+(e[-+]?\d+)?\s*$|0[xo][\da-f]+\s*$|(true|false|null|~)\s*$)/i.test(text) && !/^\d+(\.\d+){2,}\s*$/.test(text)
  return isYaml ? parseYaml(text, `--set ${name}`).value : text
}

const fromFile = (path: string, setting: string, noted: Noted | undefined): (readonly [string, Placed])[] => {
  const text = textOf(path, setting)
  noted?.(path, text)
  const document = parseYaml(text, path)
  const { value, vaultTexts } = document
  const [encrypted] = vaultTexts
  if (encrypted !== undefined) throw new ProvisionError('vault-in-set', 'encrypted values cannot be given by --set', { exit: exitCode.input, at: encrypted.place, hint: "put the value in the inventory's vault" })
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ProvisionError('wrong-set', `${path} does not hold variables`, { exit: exitCode.input, at: document.placeOf([]), hint: 'write one `name: value` a line' })
  }
  const wrong = Object.keys(value).filter((name) => !variableName.test(name))
  if (wrong.length > 0) {
    throw new ProvisionErrors(wrong.map((name) => new ProvisionError('wrong-set', `"${name}" is not the name of a variable`, { exit: exitCode.input, at: document.placeOf([name], 'key'), hint: 'write names in snake_case' })))
  }
  return Object.entries(value).map(([name, inner]) => [name, { value: inner, place: document.placeOf([name]), within: (steps) => document.placeOf([name, ...steps]) }])
}

const textOf = (path: string, setting: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ProvisionError('unreadable-file', `--set ${setting}: the file cannot be read`, { exit: exitCode.input, cause, hint: 'name a YAML file, relative to where you stand' })
  }
}
