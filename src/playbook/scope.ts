import { exitCode, ProvisionError } from '../core/errors.js'
import type { Scope } from '../core/fact.js'
import type { Registered } from '../core/step.js'
import type { FrameSource, Placed } from './load.js'
import { checkedParameter } from './parameters.js'
import { interpolate } from './template/interpolate.js'

/** Variables of one host as the inventory and `--set` give them, not yet evaluated. */
export interface HostVariables {
  readonly name: string
  /** Values of `--set`, above all. */
  readonly set: ReadonlyMap<string, Placed>
  /** Host over group. */
  readonly own: ReadonlyMap<string, Placed>
  readonly address: string | undefined
  readonly groups: readonly string[]
}

/** What all scopes of a run share. */
export interface World {
  readonly hosts: ReadonlyMap<string, HostVariables>
  /** Names of hosts by group. */
  readonly groups: Readonly<Record<string, readonly string[]>>
}

export interface ScopeParts {
  readonly play?: ReadonlyMap<string, Placed>
  readonly frame?: FrameSource | undefined
  readonly locals?: ReadonlyMap<string, Placed>
  readonly registered?: Registered
}

/** The variables that a step on a host sees, from the nearest to the farthest; each is evaluated when it is looked up. */
export class HostScope implements Scope {
  readonly host: string
  readonly #busy = new Set<string>()
  readonly #known = new Map<string, unknown>()
  constructor(readonly world: World, readonly variables: HostVariables, readonly parts: ScopeParts) {
    this.host = variables.name
  }

  lookup(name: string): unknown {
    if (this.#known.has(name)) return this.#known.get(name)
    if (this.#busy.has(name)) throw new ProvisionError('circular-variable', `the variable ${name} is defined by itself`, { exit: exitCode.input, hint: `it goes round through: ${[...this.#busy].join(', ')}` })
    this.#busy.add(name)
    try {
      const value = this.#find(name)
      this.#known.set(name, value)
      return value
    } finally {
      this.#busy.delete(name)
    }
  }

  /** All names, for suggestions. */
  names(): readonly string[] {
    const { play, frame, locals, registered } = this.parts
    return [...new Set([...locals?.keys() ?? [], ...Object.keys(frame?.parameters ?? {}), ...registered?.keys() ?? [], ...this.variables.set.keys(), ...this.variables.own.keys(), ...play?.keys() ?? [], 'host', 'hosts', 'groups', 'members'])]
  }

  #find(name: string): unknown {
    const { locals, frame, registered, play } = this.parts
    const local = locals?.get(name)
    if (local !== undefined) return this.#evaluate(local, this.without(name))
    if (frame?.of === 'list' && frame.parameters[name] !== undefined) return this.#parameter(frame, name)
    if (registered?.has(name)) return registered.get(name)
    const global = this.variables.set.get(name) ?? this.variables.own.get(name) ?? play?.get(name)
    if (global !== undefined) return this.#evaluate(global, this.outside())
    const playbook = playbookFrame(frame)
    if (playbook?.parameters[name] !== undefined) return this.#parameter(playbook, name)
    return this.#builtin(name)
  }

  /** The same scope as the lists around are not seen: values of the inventory and of plays are written without them. */
  outside(): HostScope {
    const { play, frame, registered } = this.parts
    const playbook = playbookFrame(frame)
    return frame?.of === 'list' || this.parts.locals !== undefined
      ? new HostScope(this.world, this.variables, { ...(play === undefined ? {} : { play }), ...(playbook === undefined ? {} : { frame: playbook }), ...(registered === undefined ? {} : { registered }) })
      : this
  }

  /** The same scope without one of its own locals, so that `vars: { x: "{{ x }}" }` means the outer one. */
  private without(name: string): HostScope {
    const locals = new Map(this.parts.locals)
    locals.delete(name)
    return new HostScope(this.world, this.variables, { ...this.parts, locals })
  }

  #parameter(frame: FrameSource, name: string): unknown {
    const parameter = frame.parameters[name]
    if (parameter === undefined) return undefined
    const given = frame.given[name]
    if (given !== undefined) {
      const caller = new HostScope(this.world, this.variables, { ...withoutLocals(this.parts), frame: frame.outer })
      return checkedParameter(name, parameter, this.#evaluate(given, caller), given.place)
    }
    if (parameter.default === undefined) return undefined
    const own = new HostScope(this.world, this.variables, { ...withoutLocals(this.parts), frame })
    return this.#evaluate({ value: parameter.default, place: frame.defaults(name) }, own)
  }

  #evaluate({ value, place, literal }: Placed, scope: HostScope): unknown { return literal === true ? value : interpolate(value, scope, place) }

  #builtin(name: string): unknown {
    switch (name) {
      case 'host': return this.#hostObject(this.variables)
      case 'hosts': return Object.defineProperties({}, Object.fromEntries([...this.world.hosts].map(([key, host]) => [key, { enumerable: true, get: () => this.#hostObject(host) }])))
      case 'groups': return this.world.groups
      case 'members': return Object.fromEntries(Object.entries(this.world.groups).map(([group, names]) => [group, names.map((member) => fixedOf(this.world.hosts.get(member), member))]))
      default: return undefined
    }
  }

  /** A host as other hosts' steps see it: name, address, groups and its variables, each evaluated when it is asked for. */
  #hostObject(host: HostVariables): unknown {
    const scope = host === this.variables ? this.outside() : new HostScope(this.world, host, { ...(this.parts.play === undefined ? {} : { play: this.parts.play }) })
    const fixed = fixedOf(host, host.name)
    return Object.defineProperties({ ...fixed }, Object.fromEntries([...host.set.keys(), ...host.own.keys()].filter((key) => !(key in fixed)).map((key) => [key, { enumerable: true, configurable: true, get: () => scope.lookup(key) }])))
  }
}

const fixedOf = (host: HostVariables | undefined, name: string): { name: string; address?: string; groups: readonly string[] } =>
  ({ name, ...(host?.address === undefined ? {} : { address: host.address }), groups: host?.groups ?? [] })

const withoutLocals = ({ play, registered }: ScopeParts): ScopeParts => ({ ...(play === undefined ? {} : { play }), ...(registered === undefined ? {} : { registered }) })
const playbookFrame = (frame: FrameSource | undefined): FrameSource | undefined => (frame === undefined || frame.of === 'playbook' ? frame : playbookFrame(frame.outer))
