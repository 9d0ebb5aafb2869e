import type { z } from 'zod'
import { exitCode, ProvisionError, type Place } from '../core/errors.js'
import { bind, type Module } from '../core/module.js'
import { Secret } from '../core/secret.js'
import type { Binding, BoundStep, Handler, Play, Registered, Step } from '../core/step.js'
import type { Become } from '../core/transport.js'
import type { YamlPath } from '../yaml/document.js'
import { unsaid, zodErrors } from '../yaml/zod-errors.js'
import { templated } from './arguments.js'
import type { HandlerNode, Placed, PlayNode, StepNode } from './nodes.js'
import { rememberedBinding } from './remembered-binding.js'
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
  const play = placedMap(node.source.vars ?? {}, (path) => node.placeOf(['vars', ...path]))
  const stepOf = (step: StepNode): Step => resolveStep(step, play, resolver)
  const sizes = node.source.serial === undefined ? undefined : [node.source.serial].flat().map((size) => (typeof size === 'number' ? size : Math.max(1, Math.floor((hosts.length * Number.parseInt(size, 10)) / 100))))
  return [{
    name: node.source.name, place: node.place, hosts,
    ...(sizes === undefined ? {} : { batches: sizes }),
    ...(node.source['max-failures'] === undefined ? {} : { maxFailures: node.source['max-failures'] }),
    ...(node.source.procedure === true ? { procedure: true } : {}),
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

/** Values of a map in the files, each with its place. */
export const placedMap = (values: Readonly<Record<string, unknown>>, placeOf: (path: YamlPath) => Place): ReadonlyMap<string, Placed> =>
  new Map(Object.entries(values).map(([name, value]) => [name, { value, place: placeOf([name]), within: (path) => placeOf([name, ...path]) }]))

const resolveStep = (node: StepNode, play: ReadonlyMap<string, Placed>, resolver: Resolver): Step => {
  const { source, place } = node
  const scopeOn = (host: string, registered: Registered, locals?: ReadonlyMap<string, Placed>): HostScope => {
    const variables = resolver.world.hosts.get(host)
    if (variables === undefined) throw new RangeError(`${host} is not in the inventory`)
    return new HostScope(resolver.world, variables, { play, frame: node.frame, registered, ...(locals === undefined ? {} : { locals }) })
  }
  const vars = placedMap(source.vars ?? {}, (path) => node.placeOf(['vars', ...path]))
  const condition = (key: 'until' | 'changed-when') => (host: string, registered: Registered): boolean => evaluateCondition(source[key] ?? true, scopeOn(host, registered, vars), node.placeOf([key]))
  return {
    name: source.name ?? titleOf(node.module, node.args), module: node.module?.name ?? 'flush-handlers', place,
    notify: source.notify ?? [], ignoreFailure: source['ignore-failure'] === true,
    ...(source.register === undefined ? {} : { register: source.register }),
    ...(source.timeout === undefined ? {} : { timeout: source.timeout }),
    ...(source.until === undefined ? {} : { until: { retries: source.retries ?? 3, delay: source.delay ?? 5, holds: condition('until') } }),
    ...(source['changed-when'] === undefined ? {} : { changedWhen: condition('changed-when') }),
    ...(source['flush-handlers'] === true ? { flushHandlers: true } : {}),
    bind: rememberedBinding((host, registered) => bindStep(node, host, resolver, scopeOn, vars, registered)),
  }
}

type ScopeOn = (host: string, registered: Registered, locals?: ReadonlyMap<string, Placed>) => HostScope

const bindStep = (node: StepNode, host: string, resolver: Resolver, scopeOn: ScopeOn, vars: ReadonlyMap<string, Placed>, registered: Registered): Binding => {
  const { source, module } = node
  if (module === undefined) return { steps: [] }
  const outer = scopeOn(host, registered, vars)
  for (const { value, place, frame } of node.conditions) if (!evaluateCondition(value, outer.within(frame), place)) return { skipped: notSo(value) }
  const items = source.loop === undefined ? [undefined] : loopItems(node, outer)
  const steps: BoundStep[] = []
  let because: string | undefined
  for (const item of items) {
    const scope = item === undefined ? outer : scopeOn(host, registered, new Map([...vars, ['item', { value: item, place: node.placeOf(['loop']), literal: true as const }]]))
    if (source.when !== undefined && !evaluateCondition(source.when, scope, node.placeOf(['when']))) {
      because = notSo(source.when)
      continue
    }
    steps.push(boundStep(node, module, scope, item, resolver))
  }
  return steps.length === 0 ? { skipped: because ?? 'the loop is empty' } : { steps }
}

const loopItems = (node: StepNode, scope: HostScope): readonly unknown[] => {
  const place = node.placeOf(['loop'])
  const { loop } = node.source
  const items = interpolate(loop, scope, (path) => node.placeOf(['loop', ...path]))
  if (Array.isArray(items)) return items
  const hint = typeof loop === 'string' && !templated(loop) ? `write "{{ ${loop} }}" if that is the name of a list` : 'for a map, write `| items`'
  throw new ProvisionError('not-a-list', '`loop` takes a list', { exit: exitCode.input, at: place, hint })
}

const boundStep = (node: StepNode, module: Module, scope: HostScope, item: unknown, resolver: Resolver): BoundStep => {
  const args = interpolate(node.args, scope, (path) => node.placeOf([module.name, ...path]))
  const parsed = (module.args as z.ZodType).safeParse(args, unsaid) // a module's schema, whatever its output
  if (!parsed.success) throw argumentError(node, module, args, parsed.error.issues)
  const title = node.source.name === undefined ? titleOf(module, args) : String(interpolate(node.source.name, scope, node.placeOf(['name'])))
  const become = becomeFor(node, scope, resolver)
  return {
    name: item === undefined ? title : labelled(title, item, node.source.name),
    bound: bind(module, parsed.data, scope),
    ...(become === undefined ? {} : { become }),
  }
}

/** The first of the mistakes that only show once the values are known. */
const argumentError = (node: StepNode, module: Module, args: unknown, issues: readonly z.core.$ZodIssue[]): Error => {
  const [first] = zodErrors({ placeOf: node.placeOf }, issues, { base: [module.name], schema: module.args as z.ZodType, value: args })
  return first ?? new RangeError('a schema refused without an issue')
}

const becomeFor = (node: StepNode, scope: HostScope, resolver: Resolver): Become | undefined => {
  const { become } = node
  if (become === undefined || become.value === false) return undefined
  if (become.value === true) return resolver.becomeOf(scope.host, {}, scope)
  const here = node.source.become === undefined ? scope.within(become.frame) : scope
  const user = interpolate(become.value.user, here, become.within?.(['user']) ?? become.place)
  if (typeof user !== 'string' || user === '') throw new ProvisionError('wrong-user', '`become` takes the name of a user', { exit: exitCode.input, at: become.place })
  return resolver.becomeOf(scope.host, { user, method: become.value.method }, scope)
}

const notSo = (condition: string | boolean): string => (condition === false ? 'when: false' : `not so: ${String(condition)}`)

/** A name for a step that has none: its module and what it is about. */
const titleOf = (module: Module | undefined, args: unknown): string => {
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
const labelled = (title: string, item: unknown, name: string | undefined): string => {
  const label = typeof item === 'object' && item !== null && !(item instanceof Secret) ? subjectOf(item) : String(item)
  return label === undefined || /\{\{[^}]*\bitem\b/.test(name ?? '') || (name === undefined && title.includes(label)) ? title : `${title} (${label})`
}
