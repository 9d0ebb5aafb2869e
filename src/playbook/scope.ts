import { exitCode, ProvisionError, type Place } from '../core/errors.js'
import type { Scope } from '../core/fact.js'
import type { KnownSecrets } from '../core/mask.js'
import type { Registered } from '../core/step.js'
import { UnknownValue } from '../core/unknown.js'
import type { FrameSource, Placed } from './nodes.js'
import { checkedParameter } from './parameters.js'
import type { Parameter } from './schema.js'
import { interpolate } from './template/interpolate.js'
import { omitted } from './template/values.js'

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
  /** What hosts say of themselves: the names that may be asked for, and the answers so far. */
  readonly basics?: { readonly names: readonly string[]; readonly known: ReadonlyMap<string, Readonly<Record<string, unknown>>> }
  readonly hosts: ReadonlyMap<string, HostVariables>
  /** Names of hosts by group. */
  readonly groups: Readonly<Record<string, readonly string[]>>
  /** The description of a product by its name; throws where there is none. */
  readonly product?: (name: string, at: Place) => unknown
  /** The description of a type of database, the same. */
  readonly database?: (name: string, at: Place) => unknown
  /** Is told of every secret that comes to be. */
  readonly secrets?: Pick<KnownSecrets, 'learn'>
}

export interface ScopeParts {
  readonly play?: ReadonlyMap<string, Placed>
  readonly frame?: FrameSource | undefined
  readonly locals?: ReadonlyMap<string, Placed>
  readonly registered?: Registered
  /** What blocks and loops around the step say, innermost first. */
  readonly surroundings?: readonly Surrounding[]
}

/** Variables of a block and items of its loop, seen by what is written in the same file inside it. */
export interface Surrounding { readonly frame: FrameSource | undefined; readonly values: ReadonlyMap<string, Placed>; /** The item of the loop, for people. */ readonly label?: string }

/** Values that are being evaluated, by the name that led to each: what is met again is a circle, whichever scopes it went through. */
type Trail = Map<string, string>

/** The variables that a step on a host sees, from the nearest to the farthest; each is evaluated when it is looked up. */
export class HostScope implements Scope {
  readonly host: string
  readonly #known = new Map<string, unknown>()
  readonly #trail: Trail
  #outside: HostScope | undefined
  constructor(readonly world: World, readonly variables: HostVariables, readonly parts: ScopeParts, trail: Trail = new Map()) {
    this.host = variables.name
    this.#trail = trail
  }

  lookup(name: string): unknown {
    if (!this.#known.has(name)) this.#known.set(name, this.#find(name))
    return this.#known.get(name)
  }

  learn(value: unknown): void {
    this.world.secrets?.learn(value)
  }

  /** All names, for suggestions. */
  names(): readonly string[] {
    const { play, frame, locals, registered } = this.parts
    const parameters = [frame, playbookFrame(frame)].flatMap((one) => Object.keys(one?.parameters ?? {}))
    return [...new Set([...locals?.keys() ?? [], ...this.#around().flatMap(({ values }) => [...values.keys()]), ...parameters, ...registered?.keys() ?? [], ...this.variables.set.keys(), ...this.variables.own.keys(), ...play?.keys() ?? [], 'host', 'hosts', 'groups', 'members'])]
  }

  #find(name: string): unknown {
    const { locals, frame, registered, play } = this.parts
    const local = locals?.get(name)
    if (local !== undefined) return this.#evaluate(name, local, this.#without(name))
    for (const surrounding of this.#around()) {
      const value = surrounding.values.get(name)
      if (value !== undefined) return this.#evaluate(name, value, this.#beyond(surrounding, name))
    }
    if (frame?.of === 'list') {
      const parameter = parameterOf(frame, name)
      if (parameter !== undefined) return this.#parameter(frame, name, parameter)
    }
    if (registered?.has(name)) return registered.get(name)
    const playbook = playbookFrame(frame)
    const parameter = playbook === undefined ? undefined : parameterOf(playbook, name)
    const global = this.variables.set.get(name) ?? this.variables.own.get(name) ?? play?.get(name)
    if (global !== undefined) {
      const value = this.#evaluate(name, global, this.outside())
      return parameter === undefined ? value : this.#checked(name, parameter, value, global.place)
    }
    if (playbook !== undefined && parameter !== undefined) return this.#parameter(playbook, name, parameter)
    return this.#builtin(name)
  }

  /** The same scope as the lists around are not seen: values of the inventory and of plays are written without them. */
  outside(): HostScope {
    const { frame, locals, surroundings } = this.parts
    if (frame?.of !== 'list' && locals === undefined && surroundings === undefined) return this
    return this.#outside ??= this.#bare(playbookFrame(frame))
  }

  /** The same host and play where another file is at hand, without variables of a step. */
  within(frame: FrameSource | undefined): HostScope {
    const { surroundings } = this.parts
    return this.#bare(frame, surroundings)
  }

  #bare(frame: FrameSource | undefined, surroundings?: readonly Surrounding[]): HostScope {
    const { play, registered } = this.parts
    return new HostScope(this.world, this.variables, {
      ...(play === undefined ? {} : { play }), ...(registered === undefined ? {} : { registered }), ...(surroundings === undefined ? {} : { surroundings }), frame,
    }, this.#trail)
  }

  /** Blocks around in the file at hand. */
  #around(): readonly Surrounding[] {
    const { surroundings = [], frame } = this.parts
    return surroundings.filter((one) => one.frame === frame)
  }

  /** The same scope as one of the blocks around sees it, without one of its own variables. */
  #beyond(surrounding: Surrounding, name: string): HostScope {
    const { surroundings = [], locals: _locals, ...parts } = this.parts
    const [, ...outer] = surroundings.slice(surroundings.indexOf(surrounding))
    const values = new Map(surrounding.values)
    values.delete(name)
    return new HostScope(this.world, this.variables, { ...parts, surroundings: [{ ...surrounding, values }, ...outer] }, this.#trail)
  }

  /** The same scope without one of its own locals, so that `vars: { x: "{{ x }}" }` means the outer one. */
  #without(name: string): HostScope {
    const locals = new Map(this.parts.locals)
    locals.delete(name)
    return new HostScope(this.world, this.variables, { ...this.parts, locals }, this.#trail)
  }

  #parameter(frame: FrameSource, name: string, parameter: Parameter): unknown {
    const given = Object.hasOwn(frame.given, name) ? frame.given[name] : undefined
    const said = given === undefined ? omitted : this.#evaluate(name, given, this.#writtenIn(frame, frame.outer))
    if (given !== undefined && said !== omitted) return this.#checked(name, parameter, said, given.place)
    const place = frame.defaults(name)
    if (parameter.default === undefined) {
      const { description } = parameter
      throw new ProvisionError('missing-parameter', `the playbook needs the parameter "${name}"${description === undefined ? '' : `: ${description}`}`, {
        exit: exitCode.input, at: place, hint: `give it under \`with:\` of an import, in the inventory, or as --set ${name}=…`,
      })
    }
    const otherwise = this.#evaluate(name, { value: parameter.default, place, within: (path) => frame.defaults(name, path) }, this.#writtenIn(frame, frame))
    // a parameter that may be left out stays so for who it is handed on to
    return otherwise === omitted ? otherwise : this.#checked(name, parameter, otherwise, place)
  }

  /** A parameter's value, held to its type; the name of a product or of a type of database becomes its description. */
  #checked(name: string, parameter: Parameter, value: unknown, at: Place): unknown {
    const checked = checkedParameter(name, parameter, value, at)
    if (parameter.type === 'secret') this.learn(checked)
    const described = parameter.type === 'product' ? this.world.product : parameter.type === 'database' ? this.world.database : undefined
    return typeof checked === 'string' && described !== undefined ? described(checked, at) : checked
  }

  /** Where parameters of a playbook are given and declared, no play is around them yet. */
  #writtenIn({ of }: FrameSource, frame: FrameSource | undefined): HostScope {
    return of === 'list' ? this.within(frame) : new HostScope(this.world, this.variables, { frame }, this.#trail)
  }

  #evaluate(name: string, { value, place, within, literal }: Placed, scope: HostScope): unknown {
    if (literal === true) return value
    const id = `${this.host} ${name} ${place.file}:${place.line}:${place.column}`
    if (this.#trail.has(id)) throw new ProvisionError('circular-variable', `the variable ${name} is defined by itself`, { exit: exitCode.input, at: place, hint: `it goes round through: ${[...this.#trail.values()].join(', ')}` })
    this.#trail.set(id, name)
    try {
      return interpolate(value, scope, within ?? place)
    } finally {
      this.#trail.delete(id)
    }
  }

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
    const { play, frame } = this.parts
    const scope = host === this.variables ? this.outside() : new HostScope(this.world, host, { ...(play === undefined ? {} : { play }), frame: playbookFrame(frame) }, this.#trail)
    const fixed = fixedOf(host, host.name)
    const variables = [...host.set.keys(), ...host.own.keys()].filter((key) => !Object.hasOwn(fixed, key))
    // what the inventory says comes before what the host says
    const said = (this.world.basics?.names ?? []).filter((key) => !Object.hasOwn(fixed, key) && !variables.includes(key))
    const lazily = (names: readonly string[], get: (name: string) => unknown) => names.map((name) => [name, { enumerable: true, configurable: true, get: () => get(name) }] as const)
    return Object.defineProperties({ ...fixed }, Object.fromEntries([...lazily(variables, (name) => scope.lookup(name)), ...lazily(said, (name) => this.#said(host.name, name))]))
  }

  /** What a host says of itself, once it was asked. */
  #said(host: string, name: string): unknown {
    const known = this.world.basics?.known.get(host)
    if (known === undefined) throw new UnknownValue(`${host} is asked`, host)
    return known[name]
  }
}

const fixedOf = (host: HostVariables | undefined, name: string): { name: string; address?: string; groups: readonly string[] } =>
  ({ name, ...(host?.address === undefined ? {} : { address: host.address }), groups: host?.groups ?? [] })

const parameterOf = ({ parameters }: FrameSource, name: string): Parameter | undefined => (Object.hasOwn(parameters, name) ? parameters[name] : undefined)
const playbookFrame = (frame: FrameSource | undefined): FrameSource | undefined => (frame === undefined || frame.of === 'playbook' ? frame : playbookFrame(frame.outer))
