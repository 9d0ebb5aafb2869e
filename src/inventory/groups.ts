import type { Place, ProvisionError } from '../core/errors.js'
import { suggestion } from '../core/suggest.js'
import { mistake } from './mistake.js'

/** A group as the file has it: its own hosts, and the groups that belong to it. */
export interface GroupNode {
  readonly name: string
  readonly hosts: readonly string[]
  readonly children: readonly string[]
  readonly at: Place
  /** A group without hosts is no mistake: inventories of Ansible have them. */
  readonly mayBeEmpty?: boolean
  /** It stands directly under `all`, whatever other group it is in. */
  readonly isOutermost?: boolean
  childAt(child: number): Place
}

/** How groups hold each other. */
export interface GroupTree {
  /** Group names in the order of the file. */
  readonly names: readonly string[]
  /** Groups that stand directly under `all`: those that are in no other group, and those of which a file says so. */
  readonly outermost: readonly string[]
  /** All hosts of each group, those of its child groups included, in the order of the inventory. */
  readonly hosts: ReadonlyMap<string, readonly string[]>
  readonly children: ReadonlyMap<string, readonly string[]>
  /** Hosts that stand in the group itself. */
  readonly own: ReadonlyMap<string, readonly string[]>
  /** Whether a group holds another one, be it through a third. */
  holds(outer: string, inner: string): boolean
  /** How many groups stand around a group, along the longest way; 0 for `all`. */
  depth(group: string): number
}

/** Works out which hosts each group has; mistakes are added to the list. */
export const groupTree = (groups: readonly GroupNode[], order: readonly string[], mistakes: ProvisionError[]): GroupTree => {
  const byName = new Map(groups.map((group) => [group.name, group]))
  const before = mistakes.length
  for (const group of groups) mistakes.push(...childMistakes(group, byName))
  if (mistakes.length === before) mistakes.push(...cycles(groups, byName))
  const sound = mistakes.length === before

  const below = new Map<string, ReadonlySet<string>>()
  const descendants = (name: string): ReadonlySet<string> => {
    const known = below.get(name)
    if (known !== undefined) return known
    const found = new Set((byName.get(name)?.children ?? []).flatMap((child) => [child, ...descendants(child)]))
    below.set(name, found)
    return found
  }
  const depths = new Map<string, number>()
  const depth = (name: string): number => {
    const known = depths.get(name)
    if (known !== undefined) return known
    const found = name === 'all' ? 0 : 1 + Math.max(0, ...(sound ? groups.filter(({ children }) => children.includes(name)).map((parent) => depth(parent.name)) : []))
    depths.set(name, found)
    return found
  }
  const inner = new Set(groups.flatMap(({ children }) => children))
  const position = new Map(order.map((name, index) => [name, index]))
  const hosts = new Map(groups.map(({ name, hosts: own }) => {
    const inherited = sound ? [...descendants(name)].flatMap((child) => byName.get(child)?.hosts ?? []) : []
    return [name, [...new Set([...own, ...inherited])].toSorted((a, b) => (position.get(a) ?? 0) - (position.get(b) ?? 0))]
  }))
  if (sound) {
    for (const { name, at, mayBeEmpty } of groups) {
      if (hosts.get(name)?.length === 0 && mayBeEmpty !== true) mistakes.push(mistake('empty-group', `the group "${name}" has no hosts`, { at, hint: 'give it hosts or groups, or take it away' }))
    }
  }
  return {
    names: groups.map(({ name }) => name),
    outermost: groups.filter(({ name, isOutermost }) => isOutermost === true || !inner.has(name)).map(({ name }) => name),
    hosts,
    children: new Map(groups.map(({ name, children }) => [name, children])),
    own: new Map(groups.map(({ name, hosts: own }) => [name, own])),
    holds: (outer, inner) => outer !== inner && (outer === 'all' || (sound && descendants(outer).has(inner))),
    depth,
  }
}

const childMistakes = (group: GroupNode, byName: ReadonlyMap<string, GroupNode>): readonly ProvisionError[] =>
  group.children.flatMap((child, index) => {
    const at = group.childAt(index)
    if (child === group.name) return [mistake('group-cycle', `the group "${child}" holds itself`, { at, hint: 'take it away here' })]
    if (byName.has(child)) return []
    return [mistake('unknown-group', `there is no group "${child}"`, { at, hint: suggestion(child, [...byName.keys()].filter((name) => name !== group.name), 'groups') })]
  })

/** One mistake for each circle of groups, told where the file first closes it. */
const cycles = (groups: readonly GroupNode[], byName: ReadonlyMap<string, GroupNode>): readonly ProvisionError[] => {
  const found: ProvisionError[] = []
  const done = new Set<string>()
  const visit = (group: GroupNode, trail: readonly string[]): void => {
    for (const [index, name] of group.children.entries()) {
      const start = trail.indexOf(name)
      if (start >= 0) {
        const circle = [...trail.slice(start), name].join(' > ')
        found.push(mistake('group-cycle', `groups hold each other in a circle: ${circle}`, { at: group.childAt(index), hint: 'take one of them away' }))
        continue
      }
      const child = byName.get(name)
      if (child !== undefined && !done.has(name)) visit(child, [...trail, name])
    }
    done.add(group.name)
  }
  for (const group of groups) if (!done.has(group.name)) visit(group, [group.name])
  return found
}
