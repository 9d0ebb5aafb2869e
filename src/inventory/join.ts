import type { ProvisionError } from '../core/errors.js'
import { suggestion } from '../core/suggest.js'
import type { Mapped, Note } from './ansible/variables.js'
import { ownGroups } from './ansible/gathering.js'
import type { GroupNode } from './groups.js'
import type { HostEntry, HostsFile } from './hosts.js'
import type { VariableLayer } from './layers.js'
import { mistake } from './mistake.js'
import type { Source } from './source.js'

/**
 * Several inventories as one: hosts and groups of all, in their order; of two values for one group or host the later inventory has the last word.
 * `map` takes the connection out of variables of Ansible.
 */
export const joined = (sources: readonly Source[], map: (layer: VariableLayer) => Mapped, mistakes: ProvisionError[]): HostsFile => {
  const hosts = new Map<string, HostEntry>()
  const groups = new Map<string, GroupNode>()
  const variables: VariableLayer[] = []
  const settings: VariableLayer[] = []
  for (const [turn, source] of sources.entries()) {
    for (const [name, entry] of source.hosts) {
      const known = hosts.get(name)
      hosts.set(name, known === undefined ? entry : { ...known, address: entry.address ?? known.address })
    }
    for (const group of source.groups) {
      const known = groups.get(group.name)
      groups.set(group.name, known === undefined ? group : together(known, group))
    }
    for (const layer of source.variables) {
      const placed = { ...layer, turn, ...priorityOf(layer) }
      const both = source.kind === 'ansible' ? map(placed) : { variables: placed, settings: undefined }
      variables.push(both.variables)
      if (both.settings !== undefined) settings.push(both.settings)
    }
    settings.push(...source.settings.map((layer) => ({ ...layer, turn })))
  }
  for (const layer of variables) mistakes.push(...unknownGroup(layer, groups))
  return { hosts, groups: [...groups.values()], variables, settings }
}

const together = (first: GroupNode, second: GroupNode): GroupNode => {
  const more = second.children.filter((child) => !first.children.includes(child))
  return {
    ...first,
    hosts: [...new Set([...first.hosts, ...second.hosts])],
    children: [...first.children, ...more],
    ...(first.isOutermost === true || second.isOutermost === true ? { isOutermost: true } : {}),
    mayBeEmpty: first.mayBeEmpty === true || second.mayBeEmpty === true,
    childAt: (child) => (child < first.children.length ? first.childAt(child) : second.childAt(second.children.indexOf(more[child - first.children.length] ?? ''))),
  }
}

const priorityOf = ({ level, values }: VariableLayer): { readonly priority?: number } => {
  const priority = Number(values['ansible_group_priority'])
  return level === 'group' && Number.isInteger(priority) ? { priority } : {}
}

const unknownGroup = ({ level, name, values, placeOf }: VariableLayer, groups: ReadonlyMap<string, GroupNode>): readonly ProvisionError[] => {
  if (level === 'host' || groups.has(name) || ownGroups.includes(name)) return []
  const [variable] = Object.keys(values)
  return [mistake('unknown-group', `there is no group "${name}" for these variables`, { at: placeOf(variable === undefined ? [] : [variable], 'key'), hint: suggestion(name, [...groups.keys()], 'groups') })]
}

/** A host and a group of one name: Ansible lets it pass, and so do its inventories here. */
export const namesTaken = ({ hosts, groups }: HostsFile, own: readonly Source[], { mistakes, notes }: { readonly mistakes: ProvisionError[]; readonly notes: Note[] }): void => {
  for (const { name, at } of groups) {
    const host = hosts.get(name)
    if (host === undefined) continue
    const isOwn = own.some((source) => source.groups.some((group) => group.name === name) || source.hosts.has(name))
    if (isOwn) mistakes.push(mistake('name-taken', `"${name}" names a group and a host`, { at: host.at, hint: `rename one of them: the group is on line ${at.line}` }))
    else notes.push({ message: `"${name}" names a group and a host; patterns mean the group`, at: host.at })
  }
}
