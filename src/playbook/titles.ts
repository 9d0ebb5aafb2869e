import type { Module } from '../core/module.js'
import { Secret } from '../core/secret.js'
import type { HostScope } from './scope.js'

/** A name for a step that has none: its module and what it is about. */
export const titleOf = (module: Module | undefined, args: unknown): string => {
  if (module === undefined) return 'flush-handlers'
  const about = subjectOf(args)
  return about === undefined ? module.name : `${module.name} ${about}`
}

/** What people would call a map: its name or path, else the first short text or number in it. */
const subjectOf = (value: unknown): string | undefined => {
  if (typeof value !== 'object' || value === null || value instanceof Secret) return undefined
  const { name, path } = value as Readonly<Record<string, unknown>> // any map may have them
  return [name, path, ...Object.values(value)].map(short).find((text) => text !== undefined)
}

const short = (value: unknown): string | undefined => {
  if (Array.isArray(value)) return value.length > 0 && value.length <= 4 && value.every((item) => typeof item === 'string') ? short(value.join(', ')) : undefined
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && /^.{1,80}$/.test(value) ? value : undefined
}

/** A step of a loop, told apart by its item. */
export const labelled = (title: string, item: unknown, name: string | undefined, variable = 'item'): string => {
  const label = labelOf(item)
  return label === undefined || new RegExp(`\\{\\{[^}]*\\b${variable}\\b`).test(name ?? '') || (name === undefined && title.includes(label)) ? title : `${title} (${label})`
}

/** What tells one item of a loop from the others; left out where nothing short does. */
export const labelOf = (item: unknown): string | undefined => (typeof item === 'object' && item !== null && !(item instanceof Secret) ? subjectOf(item) : String(item))

/** A step inside looped blocks, told apart by their items, outermost first. */
export const inRounds = (title: string, { parts: { surroundings = [] } }: HostScope): string => {
  const labels = surroundings.flatMap(({ label }) => label ?? []).filter((label) => !title.split(/[^\w.-]+/).includes(label)).toReversed()
  return labels.length === 0 ? title : `${title} (${labels.join(', ')})`
}
