import type { z } from 'zod'
import { exitCode, ProvisionError, ProvisionErrors, type Place } from '../core/errors.js'
import type { Module } from '../core/module.js'
import { checkYaml, unsaid, valueAt, zodErrors } from '../yaml/zod-errors.js'
import type { YamlDocument, YamlPath } from '../yaml/document.js'
import { findPlaybook, findStepList, type Library } from './library.js'
import { parameterMistakes, type Parameters } from './parameters.js'
import { playbookSchema, type PlaybookSchema, type PlaySource, type StepSource } from './schema.js'

/** A value of the reader's files and where it stands. */
export interface Placed<T = unknown> { readonly value: T; readonly place: Place; /** Data, not text of the reader: never evaluated. */ readonly literal?: true }

/** Parameters as a caller gave them, with the caller's own frame to evaluate them in. */
export interface FrameSource { readonly of: 'playbook' | 'list'; readonly parameters: Parameters; readonly given: Readonly<Record<string, Placed>>; readonly defaults: (name: string) => Place; readonly outer: FrameSource | undefined }

/** One step of the files, checked as far as it can be without values. */
export interface StepNode {
  readonly source: StepSource
  readonly module: Module | undefined
  readonly args: unknown
  readonly place: Place
  placeOf(path: YamlPath): Place
  /** Frames of the step lists it stands in, innermost first. */
  readonly frame: FrameSource | undefined
  /** `when` of the includes around it, outermost first. */
  readonly conditions: readonly Placed<string | boolean>[]
  readonly become: StepSource['become']
  readonly tags: readonly string[]
}

export interface HandlerNode { readonly name: string; readonly steps: readonly StepNode[] }

export interface PlayNode {
  readonly source: PlaySource
  readonly place: Place
  placeOf(path: YamlPath): Place
  readonly steps: readonly StepNode[]
  readonly handlers: readonly HandlerNode[]
  readonly frame: FrameSource | undefined
}

/** Reads a playbook with everything it imports and includes; every mistake of the files is thrown at once. */
export const loadPlaybook = (name: string, library: Library, modules: ReadonlyMap<string, Module>): { readonly file: string; readonly plays: readonly PlayNode[] } => {
  const loader = new Loader(library, modules)
  const file = findPlaybook(library, name, undefined)
  const plays = loader.playbook(file, undefined, {}, [])
  plays.forEach((play, index) => { loader.checkNotified(play, plays.slice(index)) })
  if (loader.mistakes.length > 0) throw new ProvisionErrors(inOrder(loader.mistakes))
  return { file, plays }
}

interface Around {
  readonly document: YamlDocument
  readonly frame: FrameSource | undefined
  readonly conditions: StepNode['conditions']
  readonly become: StepNode['become']
  readonly tags: readonly string[]
  readonly procedure: boolean
  /** Files on the way here, so that none includes itself. */
  readonly trail: readonly string[]
}

const folderOf = (file: string): string => (file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '.')

class Loader {
  readonly mistakes: ProvisionError[] = []
  readonly #schema: PlaybookSchema
  constructor(readonly library: Library, readonly modules: ReadonlyMap<string, Module>) {
    this.#schema = playbookSchema(modules)
  }

  playbook(file: string, caller: Caller | undefined, inherited: { tags?: readonly string[] }, trail: readonly string[]): readonly PlayNode[] {
    const document = this.#read(file)
    if (document === undefined) return []
    const whole = Array.isArray(document.value) ? { params: undefined, plays: document.value as readonly unknown[], base: [] as YamlPath } : this.#playbook(document)
    if (whole === undefined) return []
    const frame = this.#frame('playbook', whole.params, caller, document, `playbook ${short(file)}`)
    return whole.plays.flatMap((entry, index) => {
      const base = [...whole.base, index]
      const isImport = typeof entry === 'object' && entry !== null && 'import' in entry
      return isImport ? this.#import(document, base, frame, inherited.tags ?? [], [...trail, file]) : this.#play(document, base, frame, inherited.tags ?? [], [...trail, file])
    })
  }

  #playbook(document: YamlDocument): { params: Parameters | undefined; plays: readonly unknown[]; base: YamlPath } | undefined {
    const checked = this.#checked(document, this.#schema.playbook, [])
    return checked === undefined ? undefined : { params: checked.params, plays: checked.plays, base: ['plays'] }
  }

  #import(document: YamlDocument, base: YamlPath, frame: FrameSource | undefined, tags: readonly string[], trail: readonly string[]): readonly PlayNode[] {
    const entry = this.#checked(document, this.#schema.import, base)
    if (entry === undefined) return []
    const place = document.placeOf([...base, 'import'])
    return this.#attempt(() => {
      const file = findPlaybook(this.library, entry.import, folderOf(document.file), place)
      if (trail.includes(file)) throw circle(file, place)
      return this.playbook(file, callerOf(document, base, entry.with ?? {}, frame, place), { tags: [...tags, ...(entry.tags ?? [])] }, trail)
    }) ?? []
  }

  #play(document: YamlDocument, base: YamlPath, frame: FrameSource | undefined, tags: readonly string[], trail: readonly string[]): readonly PlayNode[] {
    const source = this.#checked(document, this.#schema.play, base)
    if (source === undefined) {
      this.#argumentsBelow(document, base)
      return []
    }
    const around: Around = { document, frame, conditions: [], become: source.become, tags: [...tags, ...(source.tags ?? [])], procedure: source.procedure === true, trail }
    const handlers: HandlerNode[] = []
    const steps = source.steps.flatMap((_step, index) => this.#step([...base, 'steps', index], around, handlers))
    const own = (source.handlers ?? []).flatMap((_handler, index) => this.#handler([...base, 'handlers', index], around, handlers))
    const play: PlayNode = { source, place: document.placeOf(base), placeOf: (path) => document.placeOf([...base, ...path]), steps, handlers: unique([...own, ...handlers]), frame }
    return [play]
  }

  #handler(base: YamlPath, around: Around, handlers: HandlerNode[]): HandlerNode[] {
    const source = valueAt(around.document.value, base) as { readonly name: string; readonly steps?: readonly unknown[] } // checked as a part of its play
    const inside = { ...around, procedure: true, tags: ['always'] }
    const steps = source.steps === undefined ? this.#step(base, inside, handlers) : source.steps.flatMap((_step, index) => this.#step([...base, 'steps', index], inside, handlers))
    return [{ name: source.name, steps }]
  }

  #step(base: YamlPath, around: Around, handlers: HandlerNode[]): readonly StepNode[] {
    const { document } = around
    const source = this.#schema.step.safeParse(valueAt(document.value, base), unsaid).data as StepSource | undefined // its shape was checked with the play or list around it
    if (source === undefined) return []
    const used = [...this.modules.keys(), 'include', 'flush-handlers'].filter((word) => source[word] !== undefined)
    const place = document.placeOf(base)
    if (used.length !== 1) {
      this.#mistake('one-module', used.length === 0 ? 'this step names no module' : `this step names ${used.join(' and ')}`, place, used.length === 0 ? 'add one, such as `file:`; `provision docs` lists them' : 'make a step of each')
      return []
    }
    const common = { ...around, become: source.become ?? around.become, tags: [...around.tags, ...(source.tags ?? [])] }
    return source.include === undefined ? [this.#leaf(source, base, place, common, String(used[0]))] : this.#include(source, base, common, handlers)
  }

  #leaf(source: StepSource, base: YamlPath, place: Place, around: Around, word: string): StepNode {
    const module = this.modules.get(word)
    const args = module === undefined ? undefined : source[module.name] ?? {}
    if (module !== undefined) {
      this.mistakes.push(...argumentMistakes(around.document, [...base, module.name], module, args))
      const kind = typeof module.kind === 'function' ? module.kind(args) : module.kind
      if (kind === 'verb' && !around.procedure) {
        this.#mistake('verb-as-step', `${module.name} always acts, so that a second run would never find nothing to do`, around.document.placeOf([...base, module.name], 'key'), module.name === 'command' ? 'say `creates:` or `unless:`, or use a module' : 'make it a handler, or say `procedure: true` at the play')
      }
    }
    const { document, frame, conditions, become, tags } = around
    return { source, module, args, place, placeOf: (path) => document.placeOf([...base, ...path]), frame, conditions, become, tags }
  }

  #include(source: StepSource, base: YamlPath, around: Around, handlers: HandlerNode[]): readonly StepNode[] {
    const { document } = around
    const place = document.placeOf([...base, 'include'])
    for (const key of ['loop', 'register', 'until', 'notify', 'timeout', 'ignore-failure', 'vars'] as const) {
      if (source[key] !== undefined) this.#mistake('not-for-include', `\`${key}\` does not go with \`include\``, document.placeOf([...base, key], 'key'), 'put it at the steps of the list')
    }
    return this.#attempt(() => {
      const file = findStepList(this.library, source.include ?? '', folderOf(document.file), place)
      if (around.trail.includes(file)) throw circle(file, place)
      const list = this.#read(file)
      const checked = list === undefined ? undefined : this.#checked(list, this.#schema.stepList, [])
      if (list === undefined) return []
      if (checked === undefined) {
        this.#argumentsBelow(list, [])
        return []
      }
      const frame = this.#frame('list', checked.params ?? {}, callerOf(document, base, source.with ?? {}, around.frame, place), list, `step list ${short(file)}`)
      const inside: Around = {
        ...around, document: list, frame, trail: [...around.trail, file],
        conditions: source.when === undefined ? around.conditions : [...around.conditions, { value: source.when, place: document.placeOf([...base, 'when']) }],
      }
      const steps = checked.steps.flatMap((_step, index) => this.#step(['steps', index], inside, handlers))
      handlers.push(...(checked.handlers ?? []).flatMap((_handler, index) => this.#handler(['handlers', index], inside, handlers)))
      return steps
    }) ?? []
  }

  #frame(of: FrameSource['of'], parameters: Parameters | undefined, caller: Caller | undefined, document: YamlDocument, title: string): FrameSource | undefined {
    if (parameters === undefined && caller === undefined) return undefined
    const declared = parameters ?? {}
    const given = caller?.given ?? {}
    this.mistakes.push(...parameterMistakes(declared, caller === undefined ? fillers(declared) : Object.fromEntries(Object.entries(given).map(([name, { value }]) => [name, value])), title, (name) => (name === undefined ? caller?.place : given[name]?.place) ?? document.placeOf([])))
    return { of, parameters: declared, given, defaults: (name) => document.placeOf(['params', name]), outer: caller?.frame }
  }

  /** A handler stands in the same play or a later one, which then pays what earlier ones owe. */
  checkNotified(play: PlayNode, plays: readonly PlayNode[]): void {
    const names = new Set(plays.flatMap(({ handlers }) => handlers.map(({ name }) => name)))
    for (const step of [...play.steps, ...play.handlers.flatMap(({ steps }) => steps)]) {
      for (const handler of step.source.notify ?? []) {
        if (!names.has(handler)) this.#mistake('no-handler', `there is no handler "${handler}"`, step.placeOf(['notify']), names.size === 0 ? 'add it under `handlers:`' : `there are: ${[...names].join(', ')}`)
      }
    }
  }

  /** Where the shape of a play or list is not right, the arguments of its steps are looked at all the same: mistakes are told at once. */
  #argumentsBelow(document: YamlDocument, base: YamlPath): void {
    const steps = valueAt(document.value, [...base, 'steps'])
    if (!Array.isArray(steps)) return
    for (const index of steps.keys()) {
      for (const module of this.modules.values()) {
        const path = [...base, 'steps', index, module.name]
        const args = valueAt(document.value, path)
        if (args !== undefined) this.mistakes.push(...argumentMistakes(document, path, module, args))
      }
    }
  }

  #read(file: string): YamlDocument | undefined { return this.#attempt(() => this.library.read(file)) }

  #checked<S extends z.ZodType>(document: YamlDocument, schema: S, base: YamlPath): z.output<S> | undefined {
    return this.#attempt(() => checkYaml(document, schema, { base }))
  }

  #attempt<T>(work: () => T): T | undefined {
    try {
      return work()
    } catch (error) {
      if (error instanceof ProvisionErrors) this.mistakes.push(...error.errors)
      else if (error instanceof ProvisionError) this.mistakes.push(error)
      else throw error
      return undefined
    }
  }

  #mistake(code: string, message: string, at: Place, hint: string): void {
    this.mistakes.push(new ProvisionError(code, message, { exit: exitCode.input, at, hint }))
  }
}

/** File by file as they were read, and from top to bottom in each. */
const inOrder = (mistakes: readonly ProvisionError[]): readonly ProvisionError[] => {
  const files = [...new Set(mistakes.map(({ at }) => at?.file))]
  return mistakes.toSorted((a, b) => files.indexOf(a.at?.file) - files.indexOf(b.at?.file) || (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0))
}

interface Caller { readonly given: Readonly<Record<string, Placed>>; readonly frame: FrameSource | undefined; readonly place: Place }

const callerOf = (document: YamlDocument, base: YamlPath, given: Readonly<Record<string, unknown>>, frame: FrameSource | undefined, place: Place): Caller => ({
  given: Object.fromEntries(Object.entries(given).map(([name, value]) => [name, { value, place: document.placeOf([...base, 'with', name]) }])), frame, place,
})

/** A playbook that is run by itself takes its parameters from the inventory and `--set`; what is missing is told when it is looked up. */
const fillers = (parameters: Parameters): Record<string, unknown> => Object.fromEntries(Object.keys(parameters).map((name) => [name, '{{ given }}']))

const short = (file: string): string => file.slice(file.lastIndexOf('/') + 1)
const circle = (file: string, at: Place): ProvisionError => new ProvisionError('circular-include', `${short(file)} includes itself`, { exit: exitCode.input, at, hint: 'take this include away' })
const unique = (handlers: readonly HandlerNode[]): readonly HandlerNode[] => handlers.filter(({ name }, index) => handlers.findIndex((other) => other.name === name) === index)

const templated = (value: unknown): boolean =>
  typeof value === 'string' ? /\{[{%#]/.test(value) : typeof value === 'object' && value !== null && Object.values(value).some(templated)

/** Arguments against their schema, as far as they hold no templates. */
const argumentMistakes = (document: YamlDocument, base: YamlPath, module: Module, args: unknown): readonly ProvisionError[] => {
  if (typeof args === 'string' && templated(args)) return []
  const result = (module.args as z.ZodType).safeParse(args, unsaid) // a module's schema, whatever its output
  if (result.success) return []
  const known = result.error.issues.filter((issue) => {
    if (issue.code === 'unrecognized_keys') return true
    const at = valueAt(args, issue.path.map((step) => (typeof step === 'number' ? step : String(step))))
    return at === undefined || !templated(at)
  })
  return known.length === 0 ? [] : zodErrors(document, known, { base, schema: module.args as z.ZodType, value: args })
}

