import { stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { parseYaml } from '../yaml/document.js'
import { mistake } from './mistake.js'

/** Our own inventories, and those of Ansible: INI, YAML (JSON is YAML), and programs that print JSON. */
export type Format = 'own' | 'yaml' | 'ini' | 'script'

/** What kind of inventory a file is, by what it holds. */
export const formatOf = async (path: string, text: string, file: string): Promise<Format> => {
  const at = { file, line: 1, column: 1 }
  if (text.startsWith('#!') || text.startsWith('\u007fELF')) {
    if (((await stat(path)).mode & 0o111) !== 0) return 'script'
    throw mistake('not-executable', `${file} is a program and may not be run`, { at, hint: `chmod +x ${file}` })
  }
  const first = text.split('\n').map((line) => line.trim()).find((line) => line !== '' && !/^[#;]/.test(line)) ?? ''
  if (/^\[[^[\]{},]+\]\s*(?:#.*)?$/.test(first)) return 'ini'
  const isYaml = ['.yaml', '.yml', '.json'].includes(extname(path)) || first === '' || /^(?:---|\{|%YAML)|^["']?[^\s:#=[\]]+["']?\s*:(?:\s|$)/.test(first)
  return isYaml && extname(path) !== '.ini' ? yamlFormat(text, file) : 'ini'
}

const ownKey = /^["']?(?:connection|vars|addresses-file|groups|hosts)["']?\s*:/m

const yamlFormat = (text: string, file: string): Format => {
  if (ownKey.test(text)) return 'own'
  const value = peeked(text, file)
  if (typeof value !== 'object' || value === null) return 'own'
  if (typeof (value as { plugin?: unknown }).plugin === 'string') {
    throw mistake('inventory-plugin', `${file} is the configuration of a plugin of Ansible, which is not run here`, {
      at: { file, line: 1, column: 1 }, hint: 'make an executable file that says: #!/bin/sh, exec ansible-inventory -i FILE --list',
    })
  }
  return Object.entries(value).some(([name, group]) => name === 'all' || isGroup(group)) ? 'yaml' : 'own'
}

const isGroup = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0 && Object.keys(value).every((key) => ['hosts', 'children', 'vars'].includes(key))

/** What a file holds, if it can be read at all; one that looks like Ansible's and cannot be is told of in Ansible's reading of YAML. */
const peeked = (text: string, file: string): unknown => {
  try {
    return parseYaml(text, file, { older: true }).value
  } catch (error) {
    if (/^all:|^\s+(?:hosts|children):/m.test(text)) throw error
    return undefined
  }
}
