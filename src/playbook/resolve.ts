import type { z } from 'zod'
import { exitCode, ProvisionError, type Place } from '../core/errors.js'
import { bind, type Module } from '../core/module.js'
import { Secret } from '../core/secret.js'
import type { Binding, BoundStep, Handler, Play, Registered, Step } from '../core/step.js'
import type { Become } from '../core/transport.js'
import { unsaid } from '../yaml/zod-errors.js'
import type { HandlerNode, Placed, PlayNode, StepNode } from './load.js'
import { HostScope, type World } from './scope.js'
import { evaluateCondition, interpolate } from './template/interpolate.js'

export interface Selection { readonly tags: readonly string[]; readonly skipTags: readonly string[] }

export interface Resolver {
  readonly world: World
  /** Hosts that a pattern names, within `--limit`, in the order of the inventory. */
  hostsOf(pattern: string, at: Place): readonly string[]
  /** How to become somebody on this host, with the inventory's method and password. */
  becomeOf(host: string, wanted: { user?: string | undefined; method?: 'sudo' | 'su' | undefined }, scope: HostScope): Become
  readonly selection: Selection
}

/** Plays as the engine walks them: hosts named, steps selected by tags; values wait until the walk reaches them. */
export const resolvePlays = (nodes: readonly PlayNode[], resolver: Resolver): readonly Play[] => nodes.flatMap((node): Play[] => {
  const hosts = resolver.hostsOf(node.source.hosts, node.placeOf(['hosts']))
  const steps = node.steps.filter((step) => isSelected(step.tags, resolver.selection))
  if (steps.length === 0) return []
  const play = placedMap(node.source.vars ?? {}, (name) => node.placeOf(['vars', name]))
  const stepOf = (step: StepNode): Step => resolveStep(step, play, resolver)
  const sizes = node.source.serial === undefined ? undefined : [node.source.serial].flat().map((size) => (typeof size === 'number' ? size : Math.max(1, Math.floor((hosts.length * Number.parseInt(size, 10)) / 100))))
  return [{
    name: node.source.name, place: node.place, hosts,
    ...(sizes === undefined ? {} : { batches: sizes }),
    ...(node.source['max-failures'] === undefined ? {} : { maxFailures: node.source['max-failures'] }),
    steps: steps.map(stepOf),
    handlers: node.handlers.map((handler: HandlerNode): Handler => ({ name: handler.name, steps: handler.steps.map(stepOf) })),
  }]
})

const isSelected = (tags: readonly string[], { tags: wanted, skipTags }: Selection): boolean => {
  if (tags.some((tag) => skipTags.includes(tag))) return false
  const asked = tags.some((tag) => wanted.includes(tag))
  if (tags.includes('never')) return asked
  return wanted.length === 0 || wanted.includes('all') || tags.includes('always') || asked
}

const placedMap = (values: Readonly<Record<string, unknown>>, placeOf: (name: string) => Placed['place']): ReadonlyMap<string, Placed> =>
  new Map(Object.entries(values).map(([name, value]) => [name, { value, place: placeOf(name) }]))

const resolveStep = (node: StepNode, play: ReadonlyMap<string, Placed>, resolver: Resolver): Step => {
  const { source, place } = node
  const scopeOn = (host: string, registered: Registered, locals?: ReadonlyMap<string, Placed>): HostScope => {
    const variables = resolver.world.hosts.get(host)
    if (variables === undefined) throw new RangeError(`${host} is not in the inventory`)
    return new HostScope(resolver.world, variables, { play, frame: node.frame, registered, ...(locals === undefined ? {} : { locals }) })
  }
  const vars = placedMap(source.vars ?? {}, (name) => node.placeOf(['vars', name]))
  const condition = (key: 'until' | 'changed-when') => (host: string, registered: Registered): boolean => evaluateCondition(source[key] ?? true, scopeOn(host, registered, vars), node.placeOf([key]))
  return {
    name: source.name ?? titleOf(node), module: node.module?.name ?? 'flush-handlers', place,
    notify: source.notify ?? [], ignoreFailure: source['ignore-failure'] === true,
    ...(source.register === undefined ? {} : { register: source.register }),
    ...(source.timeout === undefined ? {} : { timeout: source.timeout }),
    ...(source.until === undefined ? {} : { until: { retries: source.retries ?? 3, delay: source.delay ?? 5, holds: condition('until') } }),
    ...(source['changed-when'] === undefined ? {} : { changedWhen: condition('changed-when') }),
    ...(source['flush-handlers'] === true ? { flushHandlers: true } : {}),
    bind: (host, registered) => bindStep(node, host, resolver, scopeOn, vars, registered),
  }
}

type ScopeOn = (host: string, registered: Registered, locals?: ReadonlyMap<string, Placed>) => HostScope

const bindStep = (node: StepNode, host: string, resolver: Resolver, scopeOn: ScopeOn, vars: ReadonlyMap<string, Placed>, registered: Registered): Binding => {
  const { source, module } = node
  if (module === undefined) return { steps: [] }
  const outer = scopeOn(host, registered, vars)
  for (const { value, place } of node.conditions) if (!evaluateCondition(value, outer, place)) return { skipped: `${String(value)} is false` }
  const items = source.loop === undefined ? [undefined] : loopItems(node, outer)
  const steps: BoundStep[] = []
  let because: string | undefined
  for (const item of items) {
    const scope = item === undefined ? outer : scopeOn(host, registered, new Map([...vars, ['item', { value: item, place: node.placeOf(['loop']), literal: true as const }]]))
    if (source.when !== undefined && !evaluateCondition(source.when, scope, node.placeOf(['when']))) {
      because = `${String(source.when)} is false`
      continue
    }
    steps.push(boundStep(node, module, scope, item, resolver))
  }
  return steps.length === 0 ? { skipped: because ?? 'the loop is empty' } : { steps }
}

const loopItems = (node: StepNode, scope: HostScope): readonly unknown[] => {
  const place = node.placeOf(['loop'])
  const items = interpolate(node.source.loop, scope, place)
  if (!Array.isArray(items)) throw new ProvisionError('not-a-list', '`loop` takes a list', { exit: exitCode.input, at: place, hint: 'for a map, write `| items`' })
  return items
}

const boundStep = (node: StepNode, module: Module, scope: HostScope, item: unknown, resolver: Resolver): BoundStep => {
  const args = interpolate(node.args, scope, (path) => node.placeOf([module.name, ...path]))
  const parsed = (module.args as z.ZodType).safeParse(args, unsaid) // a module's schema, whatever its output
  if (!parsed.success) throw argumentError(node, module, parsed.error.issues)
  const title = interpolate(node.source.name ?? titleOf(node), scope, node.placeOf(['name']))
  const become = becomeFor(node, scope, resolver)
  return {
    name: item === undefined || title instanceof Secret ? String(title) : labelled(String(title), item, node.source.name),
    bound: bind(module, parsed.data, scope),
    ...(become === undefined ? {} : { become }),
  }
}

const argumentError = (node: StepNode, module: Module, [issue]: readonly z.core.$ZodIssue[]): Error => {
  if (issue === undefined) return new RangeError('a schema refused without an issue')
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)))
  return new ProvisionError('wrong-argument', `${module.name}${path.length === 0 ? '' : `.${path.join('.')}`}: ${issue.message === '' ? wording(issue) : issue.message}`, { exit: exitCode.input, at: node.placeOf([module.name, ...path]) })
}

const wording = (issue: z.core.$ZodIssue): string => {
  switch (issue.code) {
    case 'invalid_type': return `expected ${issue.expected}`
    case 'invalid_value': return `expected one of ${issue.values.map(String).join(', ')}`
    case 'unrecognized_keys': return `unknown key ${issue.keys.join(', ')}`
    default: return `not accepted (${issue.code})`
  }
}

const becomeFor = (node: StepNode, scope: HostScope, resolver: Resolver): Become | undefined => {
  const { become } = node
  if (become === undefined || become === false) return undefined
  return resolver.becomeOf(scope.host, become === true ? {} : { user: String(interpolate(become.user, scope, node.placeOf(['become']))), method: become.method }, scope)
}

/** A name for a step that has none: its module and what it is about. */
const titleOf = ({ module, args }: StepNode): string => {
  if (module === undefined) return 'flush-handlers'
  const about = typeof args === 'object' && args !== null ? Object.values(args).find((value) => typeof value === 'string') : undefined
  return typeof about === 'string' ? `${module.name} ${about}` : module.name
}

const labelled = (title: string, item: unknown, name: string | undefined): string => {
  if (name !== undefined && /\{\{[^}]*\bitem\b/.test(name)) return title
  const label = typeof item === 'object' && item !== null ? Object.values(item).find((value) => typeof value === 'string' || typeof value === 'number') : item
  return `${title} (${String(label)})`
}
