import { dirname } from 'node:path'
import type { Place, ProvisionError } from '../core/errors.js'
import type { YamlDocument, YamlPath } from '../yaml/document.js'
import { connectionSettings, settingPath } from './connection.js'
import type { GroupNode } from './groups.js'
import type { VariableLayer } from './layers.js'
import { collected, mistake, placeWord } from './mistake.js'
import { nameMistake } from './names.js'
import { expandRange, isRange } from './ranges.js'
import type { ConnectionSource, GroupSource, HostSource, InventorySource } from './schema.js'

/** A host as the file has it, gathered from all the groups that it stands in. */
export interface HostEntry { readonly name: string; readonly at: Place; readonly address: { readonly value: string; readonly at: Place } | undefined }

/** What one inventory file says, not yet put together. */
export interface HostsFile {
  /** Hosts in the order of the file. */
  readonly hosts: ReadonlyMap<string, HostEntry>
  readonly groups: readonly GroupNode[]
  readonly variables: readonly VariableLayer[]
  readonly settings: readonly VariableLayer[]
}

export interface HostsFileOptions { readonly path: string; readonly home: string }

/** Takes an inventory file apart into hosts, groups and layers; mistakes are added to the list. */
export const readHosts = (document: YamlDocument, source: InventorySource, options: HostsFileOptions, mistakes: ProvisionError[]): HostsFile => {
  const hosts = new Map<string, HostEntry>()
  const groups: GroupNode[] = []
  const variables: VariableLayer[] = []
  const settings: VariableLayer[] = []
  const layers = (level: VariableLayer['level'], name: string, base: YamlPath, entry: { vars?: Readonly<Record<string, unknown>> | null | undefined; connection?: ConnectionSource | null | undefined }): void => {
    if (entry.vars) variables.push(variableLayer(level, name, document, [...base, 'vars'], entry.vars, mistakes))
    if (entry.connection) settings.push(settingsLayer(level, name, document, [...base, 'connection'], connectionSettings(entry.connection, dirname(options.path), options.home)))
  }
  const takeHosts = (entries: Readonly<Record<string, HostSource>>, base: YamlPath): readonly string[] =>
    Object.entries(entries).flatMap(([key, entry]) => collected(mistakes, () => {
      const here = [...base, key]
      const at = document.placeOf(here, 'key')
      const names = expandRange(key, at)
      const wrong = names.map((name) => nameMistake('host', name, at)).find((found) => found !== undefined)
      if (wrong !== undefined) throw wrong
      const addressAt = document.placeOf([...here, 'address'])
      const addresses = addressesOf(key, names, entry?.address, addressAt)
      for (const [index, name] of names.entries()) {
        const given = addresses[index]
        const address = given === undefined ? undefined : { value: given, at: addressAt }
        const known = hosts.get(name)
        mistakes.push(...twoAddresses(name, known?.address, address))
        hosts.set(name, { name, at: known?.at ?? at, address: known?.address ?? address })
        layers('host', name, here, entry ?? {})
      }
      return names
    }))
  const takeGroup = (name: string, group: GroupSource): void => {
    const base = ['groups', name]
    const at = document.placeOf(base, 'key')
    const wrong = nameMistake('group', name, at)
    if (wrong !== undefined) mistakes.push(wrong)
    layers('group', name, base, group ?? {})
    const own = takeHosts(group?.hosts ?? {}, [...base, 'hosts'])
    groups.push({ name, at, hosts: own, children: group?.groups ?? [], childAt: (child) => document.placeOf([...base, 'groups', child]) })
  }

  layers('group', 'all', [], source)
  // The schema's output has its own order of keys; hosts come in that of the file.
  for (const key of typeof document.value === 'object' ? Object.keys(document.value ?? {}) : []) {
    if (key === 'groups') for (const [name, group] of Object.entries(source.groups ?? {})) takeGroup(name, group)
    if (key === 'hosts') takeHosts(source.hosts ?? {}, ['hosts'])
  }
  return { hosts, groups, variables, settings }
}

/** A layer of variables out of a file, with their names checked. */
export const variableLayer = (
  level: VariableLayer['level'], name: string, document: YamlDocument, base: YamlPath, values: Readonly<Record<string, unknown>>, mistakes: ProvisionError[],
): VariableLayer => {
  const placeOf: VariableLayer['placeOf'] = (path, part) => document.placeOf([...base, ...path], part)
  mistakes.push(...Object.keys(values).flatMap((variable) => nameMistake('variable', variable, placeOf([variable], 'key')) ?? []))
  return { level, name, file: document.file, values, placeOf }
}

const settingsLayer = (level: VariableLayer['level'], name: string, document: YamlDocument, base: YamlPath, values: Readonly<Record<string, unknown>>): VariableLayer => ({
  level, name, file: document.file, values,
  placeOf: ([setting], part) => document.placeOf([...base, ...settingPath(String(setting))], part),
})

/** The address of each host of a range: a range as long, or a template that each host fills in its own way. */
const addressesOf = (key: string, names: readonly string[], address: string | undefined, at: Place): readonly (string | undefined)[] => {
  if (address === undefined || address.includes('{{')) return names.map(() => address)
  const addresses = isRange(address) ? expandRange(address, at) : [address]
  if (addresses.length === names.length) return addresses
  const count = addresses.length === 1 ? 'one address' : `${addresses.length} addresses`
  throw mistake('range-address', `${key} stands for ${names.length} ${names.length === 1 ? 'host' : 'hosts'}, and ${address} for ${count}`, {
    at, hint: names.length === 1 ? 'write one address' : 'write a range of addresses as long, 10.0.0.[1:3], or each host on its own line',
  })
}

/** A host that two places give different addresses. */
export const twoAddresses = (host: string, first: HostEntry['address'], second: HostEntry['address']): readonly ProvisionError[] =>
  first === undefined || second === undefined || first.value === second.value
    ? []
    : [mistake('two-addresses', `${host} is given two addresses, ${first.value} and ${second.value}`, { at: second.at, hint: `keep one of them: the first stands at ${placeWord(first.at)}` })]
