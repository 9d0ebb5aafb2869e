import type { z } from 'zod'
import { exitCode, ProvisionError, type Place } from '../core/errors.js'
import { bind, type Module } from '../core/module.js'
import type { Around, Binding, Block, BoundStep, Handler, Part, Play, Registered, Round, Step } from '../core/step.js'
import type { Become } from '../core/transport.js'
import type { YamlPath } from '../yaml/document.js'
import { unsaid, zodErrors } from '../yaml/zod-errors.js'
import { templated } from './arguments.js'
import { deferredItem, knownOf, knownTitle, nameOf } from './deferred-item.js'
import { askedBy, delegateOf } from './named-hosts.js'
import { isBlockNode, type BlockNode, type HandlerNode, type Node, type Placed, type PlayNode, type StepNode } from './nodes.js'
import { payersIn, type Payers } from './payers.js'
import { rememberedBinding } from './remembered-binding.js'
import { HostScope, type Surrounding, type World } from './scope.js'
import { evaluateCondition, interpolate } from './template/interpolate.js'
import { inRounds, labelOf, titleOf } from './titles.js'
import { unmetText } from './unmet.js'

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
export const resolvePlays = (nodes: readonly PlayNode[], resolver: Resolver): readonly Play[] => {
  const hosts = new Map(nodes.map((node) => [node, inOrder(resolver.hostsOf(node.source.hosts, node.placeOf(['hosts'])), node.source.order)]))
  const payers = payersIn(nodes, (node) => hosts.get(node) ?? [])
  return nodes.flatMap((node) => resolvePlay(node, hosts.get(node) ?? [], payers, resolver))
}

const resolvePlay = (node: PlayNode, hosts: readonly string[], payers: Payers, resolver: Resolver): readonly Play[] => {
  const steps = selectedOf(node.steps, resolver.selection)
  if (steps.length === 0) return []
  const play = placedMap(node.source.vars ?? {}, (path) => node.placeOf(['vars', ...path]))
  const part = (one: Node): Part => resolvePart(one, play, resolver)
  const sizes = node.source.serial === undefined ? undefined : [node.source.serial].flat().map((size) => (typeof size === 'number' ? size : Math.max(1, Math.floor((hosts.length * Number.parseInt(size, 10)) / 100))))
  return [{
    name: node.source.name, place: node.place, hosts,
    ...(sizes === undefined ? {} : { batches: sizes }),
    ...(node.source['max-failures'] === undefined ? {} : { maxFailures: node.source['max-failures'] }),
    ...(node.source.procedure === true ? { procedure: true } : {}),
    steps: steps.map(part),
    handlers: node.handlers.map((handler: HandlerNode): Handler => ({ name: handler.name, ...payers.variantOf(node, handler), steps: handler.steps.map(part) })),
    payerOf: (host, handler) => payers.payerOf(node, host, handler),
  }]
}

const inOrder = (hosts: readonly string[], order: PlayNode['source']['order'] = 'inventory'): readonly string[] => {
  switch (order) {
    case 'inventory': return hosts
    case 'reverse-inventory': return hosts.toReversed()
    case 'sorted': return hosts.toSorted()
    case 'reverse-sorted': return hosts.toSorted().toReversed()
    default: return order satisfies never
  }
}

/** The steps with the wanted tags; a block of which nothing is left is left out. */
const selectedOf = (nodes: readonly Node[], selection: Selection): readonly Node[] => nodes.flatMap((node): readonly Node[] => {
  if (!isBlockNode(node)) return isSelected(node.tags, selection) ? [node] : []
  const [block, rescue, always] = [node.block, node.rescue, node.always].map((part) => selectedOf(part, selection))
  return (block ?? []).length + (always ?? []).length === 0 ? [] : [{ ...node, block: block ?? [], rescue: rescue ?? [], always: always ?? [] }]
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

const resolvePart = (node: Node, play: ReadonlyMap<string, Placed>, resolver: Resolver): Part => (isBlockNode(node) ? resolveBlock(node, play, resolver) : resolveStep(node, play, resolver))

/** What the blocks around a step hand down to it. */
const surroundingsOf = (around: Around | undefined): readonly Surrounding[] | undefined => around as readonly Surrounding[] | undefined // made by `resolveBlock` alone

const scopes = (node: Pick<StepNode, 'frame'>, play: ReadonlyMap<string, Placed>, { world }: Resolver) => (host: string, registered: Registered, around: Around | undefined, locals?: ReadonlyMap<string, Placed>): HostScope => {
  const variables = world.hosts.get(host)
  if (variables === undefined) throw new RangeError(`${host} is not in the inventory`)
  const surroundings = surroundingsOf(around)
  return new HostScope(world, variables, { play, frame: node.frame, registered, ...(locals === undefined ? {} : { locals }), ...(surroundings === undefined ? {} : { surroundings }) })
}

const resolveBlock = (node: BlockNode, play: ReadonlyMap<string, Placed>, resolver: Resolver): Block => {
  const { source, place, frame } = node
  const scopeOn = scopes(node, play, resolver)
  const vars = placedMap(source.vars ?? {}, (path) => node.placeOf(['vars', ...path]))
  const parts = (nodes: readonly Node[]): readonly Part[] => nodes.map((one) => resolvePart(one, play, resolver))
  return {
    name: source.name ?? (source.include === undefined ? 'block' : source.include), place, block: parts(node.block), rescue: parts(node.rescue), always: parts(node.always),
    bind: rememberedBinding((host, registered, around): { readonly skipped: string } | { readonly rounds: readonly Round[] } => {
      const outer = scopeOn(host, registered, around, vars)
      const because = knownOf(source.loop !== undefined, () => unmet(node, outer))
      if (typeof because === 'string') return { skipped: because }
      const rounds: Round[] = []
      for (const [values, item] of itemsOf(node, vars, outer)) {
        const holds = because ?? knownOf(item !== undefined, () => source.when === undefined || evaluateCondition(source.when, values === vars ? outer : scopeOn(host, registered, around, values), node.placeOf(['when'])))
        if (holds === false) continue
        const label = item === undefined ? undefined : labelOf(item)
        rounds.push({ around: [{ frame, values, ...(label === undefined ? {} : { label }) }, ...surroundingsOf(around) ?? []], ...(holds === true ? {} : { until: holds.until }) })
      }
      return rounds.length === 0 ? { skipped: source.when === undefined ? 'the loop is empty' : unmetText(source.when, outer, node.placeOf(['when'])) } : { rounds }
    }),
  }
}

const resolveStep = (node: StepNode, play: ReadonlyMap<string, Placed>, resolver: Resolver): Step => {
  const { source, place } = node
  const scopeOn = scopes(node, play, resolver)
  const vars = placedMap(source.vars ?? {}, (path) => node.placeOf(['vars', ...path]))
  const condition = (key: 'until' | 'changed-when') => (host: string, registered: Registered, around?: Around): boolean => evaluateCondition(source[key] ?? true, scopeOn(host, registered, around, vars), node.placeOf([key]))
  return {
    name: source.name ?? titleOf(node.module, node.args), module: node.module?.name ?? 'flush-handlers', place,
    notify: source.notify ?? [], ignoreFailure: source['ignore-failure'] === true,
    ...(source.register === undefined ? {} : { register: source.register }),
    ...(source.loop === undefined ? {} : { isLooped: true }),
    ...(source.timeout === undefined ? {} : { timeout: source.timeout }),
    ...(source.until === undefined ? {} : { until: { retries: source.retries ?? 3, delay: source.delay ?? 5, holds: condition('until') } }),
    ...(source['changed-when'] === undefined ? {} : { changedWhen: condition('changed-when') }),
    ...(source['flush-handlers'] === true ? { flushHandlers: true } : {}),
    ...(source.once === true ? { once: true } : {}),
    ...(source.delegate === undefined && node.module?.asks === undefined ? {} : { delegates: (host, registered, around) => delegatesOf(node, (locals) => scopeOn(host, registered, around, locals), vars) }),
    ...(source.throttle === undefined ? {} : { throttle: source.throttle }),
    nameIn: (host, registered, around) => {
      const scope = scopeOn(host, registered, around, vars)
      return inRounds(knownTitle(node, scope), scope)
    },
    bind: rememberedBinding((host, registered, around) => bindStep(node, resolver, (locals) => scopeOn(host, registered, around, locals), vars)),
  }
}

const bindStep = (node: StepNode, resolver: Resolver, scopeWith: (locals: ReadonlyMap<string, Placed>) => HostScope, vars: ReadonlyMap<string, Placed>): Binding => {
  const { source, module } = node
  if (module === undefined) return { steps: [] }
  const outer = scopeWith(vars)
  const because = knownOf(source.loop !== undefined, () => unmet(node, outer))
  if (typeof because === 'string') return { skipped: because }
  const steps: BoundStep[] = []
  for (const [values, item] of itemsOf(node, vars, outer)) {
    const scope = values === vars ? outer : scopeWith(values)
    const bound = because ?? knownOf(item !== undefined, () => (source.when === undefined || evaluateCondition(source.when, scope, node.placeOf(['when'])) ? boundStep(node, module, scope, item, resolver) : undefined))
    if (bound !== undefined) steps.push('until' in bound ? deferredItem(node, module, scope, item, bound.until) : bound)
  }
  return steps.length === 0 ? { skipped: source.when === undefined ? 'the loop is empty' : unmetText(source.when, outer, node.placeOf(['when'])) } : { steps }
}

/** The hosts that do a step for this one or are asked by it, whatever its other values are. */
const delegatesOf = (node: StepNode, scopeWith: (locals: ReadonlyMap<string, Placed>) => HostScope, vars: ReadonlyMap<string, Placed>): readonly string[] =>
  itemsOf(node, vars, scopeWith(vars)).flatMap(([values]) => [delegateOf(node, scopeWith(values)) ?? [], askedBy(node, scopeWith(values)) ?? []].flat())

/** Why the includes around keep a step or block from being done. */
const unmet = ({ conditions }: Pick<StepNode, 'conditions'>, scope: HostScope): string | undefined => {
  for (const { value, place, frame } of conditions) if (!evaluateCondition(value, scope.within(frame), place)) return unmetText(value, scope.within(frame), place)
  return undefined
}

/** The variables of each round of a loop, with its item; one round without an item where there is no loop. */
const itemsOf = (node: Pick<StepNode, 'source' | 'placeOf'>, vars: ReadonlyMap<string, Placed>, scope: HostScope): readonly (readonly [values: ReadonlyMap<string, Placed>, item: unknown])[] => {
  const { source } = node
  if (source.loop === undefined) return [[vars, undefined]]
  const place = node.placeOf(['loop'])
  return loopItems(node, scope).map((item, index) => [new Map([
    ...vars, [source['loop-var'] ?? 'item', { value: item, place, literal: true as const }],
    ...(source['index-var'] === undefined ? [] : [[source['index-var'], { value: index, place, literal: true as const }] as const]),
  ]), item])
}

const loopItems = (node: Pick<StepNode, 'source' | 'placeOf'>, scope: HostScope): readonly unknown[] => {
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
  // a schema makes a secret of what is written in the open
  scope.learn(parsed.data)
  const title = node.source.name === undefined ? titleOf(module, args) : String(interpolate(node.source.name, scope, node.placeOf(['name'])))
  const delegate = delegateOf(node, scope)
  askedBy(node, scope)
  const become = becomeFor(node, scope, resolver, delegate ?? scope.host)
  return {
    name: nameOf(node, title, item, scope),
    bound: bind(module, parsed.data, scope),
    ...(become === undefined ? {} : { become }),
    ...(delegate === undefined ? {} : { delegate }),
    ...(scope.parts.surroundings === undefined ? {} : { around: scope.parts.surroundings }),
  }
}

/** The first of the mistakes that only show once the values are known. */
const argumentError = (node: StepNode, module: Module, args: unknown, issues: readonly z.core.$ZodIssue[]): Error => {
  const [first] = zodErrors({ placeOf: node.placeOf }, issues, { base: [module.name], schema: module.args as z.ZodType, value: args })
  return first ?? new RangeError('a schema refused without an issue')
}

const becomeFor = (node: StepNode, scope: HostScope, resolver: Resolver, on: string): Become | undefined => {
  const { become } = node
  if (become === undefined || become.value === false) return undefined
  if (become.value === true) return resolver.becomeOf(on, {}, scope)
  const here = node.source.become === undefined ? scope.within(become.frame) : scope
  const user = interpolate(become.value.user, here, become.within?.(['user']) ?? become.place)
  if (typeof user !== 'string' || user === '') throw new ProvisionError('wrong-user', '`become` takes the name of a user', { exit: exitCode.input, at: become.place })
  return resolver.becomeOf(on, { user, method: become.value.method }, scope)
}
