import { suggestion } from '../core/suggest.js'
import type { Inventory } from './inventory.js'
import { merged } from './layers.js'
import { mistake } from './mistake.js'

/** The groups and hosts as a tree of lines; hosts without a group come last. With variables a group shows what it gives, a host all that it has: templates as they are written, secrets as dots. */
export const graph = (inventory: Inventory, withVariables = false): string => {
  const { children, own, outermost } = inventory.tree
  const hosts = new Map(inventory.hosts.map((one) => [one.name, one]))
  const layers = inventory.hosts.flatMap((one) => one.layers)
  const variables = (values: Readonly<Record<string, unknown>>, indent: string): readonly string[] =>
    (withVariables ? Object.entries(values).map(([name, value]) => `${indent}{${name} = ${typeof value === 'string' ? value : JSON.stringify(value)}}`) : [])
  const given = (group: string, indent: string): readonly string[] => variables(merged(layers.filter(({ level, name }) => level === 'group' && name === group)), indent)
  const host = (name: string, indent: string): readonly string[] => [`${indent}${name}`, ...variables(merged(hosts.get(name)?.layers ?? []), `${indent}  `)]
  const group = (name: string, indent: string): readonly string[] => [
    `${indent}@${name}`,
    ...given(name, `${indent}  `),
    ...(own.get(name) ?? []).flatMap((one) => host(one, `${indent}  `)),
    ...(children.get(name) ?? []).flatMap((child) => group(child, `${indent}  `)),
  ]
  const loose = inventory.hosts.filter(({ groups }) => groups.length === 0).flatMap(({ name }) => host(name, '  '))
  return ['@all', ...given('all', '  '), ...outermost.flatMap((name) => group(name, '  ')), ...loose, ''].join('\n')
}

/** The whole inventory as one JSON document: templates as they are written, secrets as dots. */
export const toJson = (inventory: Inventory): string =>
  `${JSON.stringify({
    inventory: inventory.name,
    file: inventory.file,
    groups: Object.fromEntries(inventory.groups),
    hosts: Object.fromEntries(inventory.hosts.map(({ name, address, groups, connection, layers }) => [
      name, { ...(address === undefined ? {} : { address }), groups, connection, variables: merged(layers) },
    ])),
  }, undefined, 2)}\n`

/** The inventory in the form that `ansible-inventory --list` prints and an executable inventory answers: templates as they are written, secrets as dots. */
export const toList = (inventory: Inventory): string => {
  const { children, own, names, outermost } = inventory.tree
  const loose = inventory.hosts.filter(({ groups }) => groups.length === 0).map(({ name }) => name)
  const shown = new Set(inventory.hosts.map(({ name }) => name))
  const groups = names.flatMap((name) => {
    const hosts = (own.get(name) ?? []).filter((host) => shown.has(host))
    const inside = children.get(name) ?? []
    return hosts.length === 0 && inside.length === 0 ? [] : [[name, { ...(inside.length === 0 ? {} : { children: inside }), ...(hosts.length === 0 ? {} : { hosts }) }] as const]
  })
  const variables = inventory.hosts.map((host) => [host.name, merged(host.layers)] as const).filter(([, values]) => Object.keys(values).length > 0)
  return `${JSON.stringify({
    _meta: { hostvars: Object.fromEntries(variables) },
    all: { children: ['ungrouped', ...outermost] },
    ...Object.fromEntries(groups),
    ...(loose.length === 0 ? {} : { ungrouped: { hosts: loose } }),
  }, undefined, 2)}\n`
}

/** The variables of one host, as `ansible-inventory --host` prints them. */
export const toHost = (inventory: Inventory, name: string): string => {
  const host = inventory.hosts.find((one) => one.name === name)
  if (host === undefined) throw mistake('unknown-host', `no host of ${inventory.file} is "${name}"`, { hint: suggestion(name, inventory.hosts.map((one) => one.name), 'hosts') })
  return `${JSON.stringify(merged(host.layers), undefined, 2)}\n`
}
