import { exitCode, failureOf, ProvisionError } from '../core/errors.js'
import type { Explanation, Giver, Outcome } from '../core/explanation.js'
import { Secret } from '../core/secret.js'
import { suggestion } from '../core/suggest.js'
import { UnknownValue } from '../core/unknown.js'
import { isBlockNode, nodesIn, type Placed, type PlayNode } from './nodes.js'
import { observed, type Seen } from './observed.js'
import { HostScope } from './scope.js'
import { interpolate, isTemplated } from './template/interpolate.js'

/** What one group or one host gives of a host's variables. */
export interface HostLayer { readonly level: 'host' | 'group'; readonly name: string; readonly values: ReadonlyMap<string, Placed> }

/** From where a variable is looked at: what a host sees, in a play or without one. */
export interface Sight {
  readonly scope: HostScope
  /** The name of the play whose variables are seen. */
  readonly play?: string
  /** Who gives variables of a host, nearest first. */
  layersOf(host: string): readonly HostLayer[]
}

/** How a variable comes by its value; nothing where nobody gives it. */
export const explain = (name: string, sight: Sight): Explanation | undefined => explained({ path: [name], host: sight.scope.host, name }, sight, new Set())

/** All variables that are seen from there, by name; what is built in is not among them. */
export const variableNames = ({ scope }: Sight): readonly string[] => {
  const parameters = Object.keys(scope.parts.frame?.parameters ?? {})
  return [...new Set([...scope.variables.set.keys(), ...scope.variables.own.keys(), ...scope.parts.play?.keys() ?? [], ...parameters])].sort()
}

/** The mistake of asking for a variable that nobody gives. */
export const unknownVariable = (name: string, host: string, known: Iterable<string>, hint: string): ProvisionError =>
  new ProvisionError('unknown-variable', `nobody gives ${host} a variable "${name}"`, { exit: exitCode.input, hint: [suggestion(name, [...known]), hint].filter((line) => line !== undefined).join('\n') })

const explained = (seen: Seen, sight: Sight, trail: ReadonlySet<string>): Explanation | undefined => {
  const { scope } = sight
  const name = seen.path.join('.')
  const givers = giversOf(seen.name, sight)
  const [winner] = givers
  if (winner === undefined) {
    const outcome = outcomeOf(() => along(scope.lookup(seen.path[0] ?? ''), seen.path.slice(1)))
    const isNothing = 'known' in outcome && outcome.known === undefined
    return isNothing ? undefined : { name, outcome, givers: 'known' in outcome ? [{ origin: 'built in', written: outcome.known }] : [], madeOf: [] }
  }
  const id = `${scope.host} ${seen.name}`
  const uses = trail.has(id) ? [] : usesOf(winner)
  return {
    name, givers: givers.map(({ giver }) => giver),
    outcome: outcomeOf(() => scope.lookup(seen.name)),
    madeOf: uses.flatMap((use) => explained(use, use.host === scope.host ? winner.sight : elsewhere(use.host, winner.sight), new Set([...trail, id])) ?? []),
  }
}

/** A giver, its value, and from where that was written. */
interface Source { readonly giver: Giver; readonly value: Placed; readonly sight: Sight }

const giversOf = (name: string, sight: Sight): readonly Source[] => {
  const { scope, layersOf } = sight
  const { frame, play } = scope.parts
  const parameter = frame !== undefined && Object.hasOwn(frame.parameters, name) ? frame.parameters[name] : undefined
  const isSecret = parameter?.type === 'secret'
  const source = (giver: Omit<Giver, 'written' | 'place'>, value: Placed | undefined, from: Sight = sight): Source[] =>
    (value === undefined ? [] : [{ value, sight: from, giver: { ...giver, written: isSecret ? hidden(value.value) : value.value, place: value.place } }])
  // where parameters of a playbook are given and declared, no play is around them
  const before = (outer: typeof frame): Sight => ({ layersOf, scope: new HostScope(scope.world, scope.variables, { frame: outer }) })
  return [
    ...source({ origin: 'set' }, scope.variables.set.get(name)),
    ...layersOf(scope.host).flatMap(({ level, name: of, values }) => source({ origin: level, of }, values.get(name))),
    ...source({ origin: 'play', ...(sight.play === undefined ? {} : { of: sight.play }) }, play?.get(name)),
    ...(frame === undefined || parameter === undefined ? [] : [
      ...source({ origin: 'given' }, Object.hasOwn(frame.given, name) ? frame.given[name] : undefined, before(frame.outer)),
      ...(parameter.default === undefined ? [] : source({ origin: 'default' }, { value: parameter.default, place: frame.defaults(name), within: (path) => frame.defaults(name, path) }, before(frame))),
    ]),
  ]
}

/** Plain text of a secret parameter is as secret as what comes of it; a template is only a name. */
const hidden = (value: unknown): unknown => (typeof value === 'string' && !isTemplated(value) ? new Secret(value) : value)

/** The variables that evaluating a value looks up. */
const usesOf = ({ value, sight }: Source): readonly Seen[] => {
  if (value.literal === true) return []
  const { scope, uses } = observed(sight.scope.outside())
  outcomeOf(() => interpolate(value.value, scope, value.within ?? value.place)) // a mistake is told by the outcome of the variable itself
  return uses()
}

const elsewhere = (host: string, { scope, layersOf, play }: Sight): Sight => {
  const variables = scope.world.hosts.get(host)
  return { layersOf, scope: variables === undefined ? scope : new HostScope(scope.world, variables, scope.parts), ...(play === undefined ? {} : { play }) }
}

const along = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((at, key) => (typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? (at as Readonly<Record<string, unknown>>)[key] : undefined), value) // any object may have it

const outcomeOf = (work: () => unknown): Outcome => {
  try {
    return { known: work() }
  } catch (error) {
    if (error instanceof UnknownValue) return { unknown: error.until }
    if (error instanceof ProvisionError) return { failure: failureOf(error) }
    throw error
  }
}

/** Steps and step lists of a play that see another value, each with its place. */
export const nearer = (name: string, play: PlayNode): readonly Giver[] => {
  const found = new Map<string, Giver>()
  const take = (giver: Giver & Required<Pick<Giver, 'place'>>): void => { found.set(`${giver.place.file}:${giver.place.line}:${giver.place.column}`, giver) }
  for (const step of nodesIn([...play.steps, ...play.handlers.flatMap(({ steps }) => steps)])) {
    const { vars = {} } = step.source
    if (Object.hasOwn(vars, name)) take({ origin: 'step', of: step.source.name ?? (isBlockNode(step) ? 'block' : step.module?.name ?? 'step'), written: vars[name], place: step.placeOf(['vars', name]) })
    for (let frame = step.frame; frame?.of === 'list'; frame = frame.outer) {
      const parameter = Object.hasOwn(frame.parameters, name) ? frame.parameters[name] : undefined
      if (parameter === undefined) continue
      const given = Object.hasOwn(frame.given, name) ? frame.given[name] : undefined
      const written = given?.value ?? parameter.default
      const defaults = frame.defaults(name)
      take({ origin: 'step list', of: defaults.file, written: parameter.type === 'secret' ? hidden(written) : written, place: given?.place ?? defaults })
    }
  }
  return [...found.values()]
}
