import type { Inventory } from './inventory.js'
import { merged } from './layers.js'

/** The groups and hosts as a tree of lines; hosts without a group come last. */
export const graph = (inventory: Inventory): string => {
  const { children, own, names } = inventory.tree
  const inner = new Set([...children.values()].flat())
  const group = (name: string, indent: string): readonly string[] => [
    `${indent}@${name}`,
    ...(own.get(name) ?? []).map((host) => `${indent}  ${host}`),
    ...(children.get(name) ?? []).flatMap((child) => group(child, `${indent}  `)),
  ]
  const loose = inventory.hosts.filter(({ groups }) => groups.length === 0).map(({ name }) => `  ${name}`)
  return ['@all', ...names.filter((name) => !inner.has(name)).flatMap((name) => group(name, '  ')), ...loose, ''].join('\n')
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
