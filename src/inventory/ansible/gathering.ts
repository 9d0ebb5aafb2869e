import type { Place, ProvisionError } from '../../core/errors.js'
import type { GroupNode } from '../groups.js'
import type { HostEntry, HostsFile } from '../hosts.js'
import type { VariableLayer } from '../layers.js'
import { mistake } from '../mistake.js'
import { nameMistake } from '../names.js'
import { expandRange } from '../ranges.js'

/** A value and where it stands. */
export interface PlacedValue { readonly value: unknown; readonly at: Place; within?(path: readonly (string | number)[]): Place }

/** Puts together what an inventory of Ansible says, piece by piece, in its order. */
export interface Gathering {
  /** Declares a group; `all` and `ungrouped` are there without. */
  group(name: string, at: Place): void
  child(parent: string, child: string, at: Place): void
  /** Takes a host into a group. */
  host(name: string, group: string, at: Place): void
  variable(level: VariableLayer['level'], name: string, variable: string, value: PlacedValue, nameAt?: Place): void
  done(): HostsFile
}

/** Groups that Ansible has of itself: all hosts, and those in no group. */
export const ownGroups: readonly string[] = ['all', 'ungrouped']

export const gather = (file: string, mistakes: ProvisionError[]): Gathering => {
  const hosts = new Map<string, HostEntry>()
  const groups = new Map<string, { readonly at: Place; readonly hosts: Set<string>; readonly children: Map<string, Place> }>()
  const outermost = new Set<string>()
  const layers = new Map<string, { readonly level: VariableLayer['level']; readonly name: string; readonly values: Map<string, PlacedValue & { readonly nameAt: Place }> }>()
  const checked = (kind: 'host' | 'group' | 'variable', name: string, at: Place): boolean => {
    const wrong = nameMistake(kind, name, at)
    if (wrong !== undefined) mistakes.push(wrong)
    return wrong === undefined
  }
  const group = (name: string, at: Place): void => {
    if (ownGroups.includes(name) || groups.has(name)) return
    checked('group', name, at)
    groups.set(name, { at, hosts: new Set(), children: new Map() })
  }
  return {
    group,
    child: (parent, child, at) => {
      if (ownGroups.includes(child)) return
      if (parent === 'all') outermost.add(child)
      else groups.get(parent)?.children.set(child, at)
    },
    host: (name, of, at) => {
      if (!hosts.has(name) && checked('host', name, at)) hosts.set(name, { name, at, address: undefined })
      groups.get(of)?.hosts.add(name)
    },
    variable: (level, name, variable, value, nameAt = value.at) => {
      if (!checked('variable', variable, nameAt)) return
      const key = `${level} ${name}`
      const layer = layers.get(key) ?? { level, name, values: new Map() }
      layer.values.set(variable, { ...value, nameAt })
      layers.set(key, layer)
    },
    done: () => ({
      hosts,
      groups: [...groups].map(([name, { at, hosts: own, children }]): GroupNode => {
        const places = [...children.values()]
        return { name, hosts: [...own], children: [...children.keys()], at, mayBeEmpty: true, ...(outermost.has(name) ? { isOutermost: true } : {}), childAt: (child) => places[child] ?? at }
      }),
      variables: [...layers.values()].map(({ level, name, values }): VariableLayer => ({
        level, name, file,
        values: Object.fromEntries([...values].map(([variable, { value }]) => [variable, value])),
        placeOf: ([variable, ...path], part) => {
          const placed = values.get(String(variable)) ?? [...values.values()][0]
          if (placed === undefined) return { file, line: 1, column: 1 }
          return part === 'key' ? placed.nameAt : placed.within?.(path) ?? placed.at
        },
      })),
      settings: [],
    }),
  }
}

/** The hosts of a pattern, `web[01:50]` or `db:5432`, and the port that it gives them. */
export const hostsOf = (pattern: string, at: Place): { readonly names: readonly string[]; readonly port: number | undefined } => {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(pattern)
  if (bracketed?.[1]?.includes(':') === true && !/^\w*:\w*(:\w*)?$/.test(bracketed[1])) return { names: [bracketed[1]], port: portOf(bracketed[2]) }
  const [, range = pattern, port] = /^([^:[\]]*(?:\[[^\]]*\][^:[\]]*)*):(\d+)$/.exec(pattern) ?? []
  if (/^[^[]*:.*:/.test(range)) return { names: [range], port: undefined } // an IPv6 address without brackets
  if (port === undefined && range.replace(/\[[^\]]*\]/g, '').includes(':')) throw mistake('wrong-host', `${pattern} is not a host, nor a host with its port`, { at, hint: 'write name:22, or ansible_port=22 behind the name' })
  return { names: expandRange(range, at), port: portOf(port) }
}

const portOf = (digits: string | undefined): number | undefined => (digits === undefined ? undefined : Number(digits))
