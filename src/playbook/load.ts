import type { z } from 'zod'
import { exitCode, ProvisionError, ProvisionErrors, type Place } from '../core/errors.js'
import type { Module } from '../core/module.js'
import { checkYaml, unsaid, valueAt } from '../yaml/zod-errors.js'
import type { YamlDocument, YamlPath } from '../yaml/document.js'
import { argumentMistakes } from './arguments.js'
import { callerOf, folderOf, inherited, type Around, type Caller } from './callers.js'
import { joinedHandlers, within } from './handlers.js'
import { findPlaybook, findStepList, type Library } from './library.js'
import { inOrder, misplacedKeys, tagsOfHandler } from './mistakes.js'
import { stepNodesIn, type BlockNode, type FrameSource, type HandlerNode, type Node, type PlayNode, type StepNode } from './nodes.js'
import { defaultMistakes, parameterMistakes, type Parameters } from './parameters.js'
import { playbookSchema, type PlaybookSchema, type StepSource } from './schema.js'

/** Reads a playbook with everything it imports and includes; every mistake of the files is thrown at once. */
export const loadPlaybook = (name: string, library: Library, modules: ReadonlyMap<string, Module>): { readonly file: string; readonly plays: readonly PlayNode[] } => {
  const loader = new Loader(library, modules)
  const file = findPlaybook(library, name, undefined)
  const plays = loader.playbook(file, undefined, {}, [])
  if (loader.isComplete) plays.forEach((play, index) => { loader.checkNotified(play, plays.slice(index)) })
  if (loader.mistakes.length > 0) throw new ProvisionErrors(inOrder(loader.mistakes))
  return { file, plays }
}

/** A playbook's plays, and where they stand in its file. */
interface Whole { readonly params: Parameters | undefined; readonly plays: readonly unknown[]; readonly base: YamlPath; readonly isProcedure?: boolean; readonly isBroken?: boolean }

class Loader {
  readonly mistakes: ProvisionError[] = []
  /** Whether everything could be read; else there may be handlers that are not seen. */
  isComplete = true
  readonly #schema: PlaybookSchema
  constructor(readonly library: Library, readonly modules: ReadonlyMap<string, Module>) {
    this.#schema = playbookSchema(modules)
  }

  playbook(file: string, caller: Caller | undefined, inherited: { tags?: readonly string[] }, trail: readonly string[]): readonly PlayNode[] {
    const document = this.#read(file)
    if (document === undefined) return []
    const whole: Whole = Array.isArray(document.value) ? { params: undefined, plays: document.value as readonly unknown[], base: [] } : this.#playbook(document)
    const frame = whole.isBroken === true ? undefined : this.#frame('playbook', whole.params, caller, document, `playbook ${short(file)}`)
    return whole.plays.flatMap((entry, index) => {
      const base = [...whole.base, index]
      const isImport = typeof entry === 'object' && entry !== null && 'import' in entry
      return isImport ? this.#import(document, base, frame, inherited.tags ?? [], [...trail, file]) : this.#play(document, base, frame, { tags: inherited.tags ?? [], procedure: whole.isProcedure === true }, [...trail, file])
    })
  }

  #playbook(document: YamlDocument): Whole {
    const plays = valueAt(document.value, ['plays'])
    if (plays === undefined) {
      const [play, steps] = ['hosts', 'steps'].map((key) => valueAt(document.value, [key]))
      const hint = play !== undefined ? 'this is one play: begin it with "- "' : steps !== undefined ? 'this is a step list: name it under `include:`' : 'write a list of plays, or a map with `plays:`'
      this.#mistake('not-a-playbook', `${short(document.file)} is not a playbook`, document.placeOf([]), hint)
      return { params: undefined, plays: [], base: [], isBroken: true }
    }
    const checked = this.#checked(document, this.#schema.playbook, [])
    return checked === undefined ? { params: undefined, plays: Array.isArray(plays) ? plays : [], base: ['plays'], isBroken: true } : { params: checked.params, plays: checked.plays, base: ['plays'], isProcedure: checked.procedure === true }
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

  #play(document: YamlDocument, base: YamlPath, frame: FrameSource | undefined, { tags, procedure }: { readonly tags: readonly string[]; readonly procedure: boolean }, trail: readonly string[]): readonly PlayNode[] {
    const source = this.#checked(document, this.#schema.play, base)
    const around: Around = {
      document, frame, conditions: [], become: inherited(source?.become, document, [...base, 'become'], frame),
      tags: [...tags, ...(source?.tags ?? [])], procedure: procedure || valueAt(document.value, [...base, 'procedure']) === true, verify: isVerify(valueAt(document.value, [...base, 'verify'])), trail,
    }
    if (source === undefined) {
      this.#below(around, base)
      return []
    }
    const ofLists: HandlerNode[] = []
    const steps = source.steps.flatMap((_step, index) => this.#step([...base, 'steps', index], around, ofLists))
    const own = this.#handlers(base, source.handlers?.length ?? 0, around, ofLists)
    const play: PlayNode = { source: procedure ? { ...source, procedure } : source, place: document.placeOf(base), placeOf: (path) => document.placeOf([...base, ...path]), steps, handlers: joinedHandlers(own, ofLists), frame }
    return [play]
  }

  /** Where the shape of a play or list is not right, its steps are looked at all the same: mistakes are told at once. */
  #below(around: Around, base: YamlPath): void {
    const count = (path: YamlPath): number => {
      const items = valueAt(around.document.value, path)
      return Array.isArray(items) ? items.length : 0
    }
    for (let index = 0; index < count([...base, 'steps']); index++) this.#step([...base, 'steps', index], around, [])
    for (let index = 0; index < count([...base, 'handlers']); index++) {
      const handler = [...base, 'handlers', index]
      const inside = { ...around, procedure: true, verify: false }
      if (count([...handler, 'steps']) > 0) this.#below(inside, handler)
      else this.#step(handler, inside, [])
    }
  }

  #handlers(base: YamlPath, count: number, around: Around, ofLists: HandlerNode[]): readonly HandlerNode[] {
    const inside = { ...around, procedure: true, verify: false }
    const found: HandlerNode[] = []
    for (let index = 0; index < count; index++) {
      const at: YamlPath = [...base, 'handlers', index]
      const { name, steps } = valueAt(around.document.value, at) as { readonly name: string; readonly steps?: readonly unknown[] } // checked as a part of its play or list
      if (found.some((other) => other.name === name)) this.#mistake('duplicate-handler', `there is a handler "${name}" already`, around.document.placeOf([...at, 'name']), 'give it another name, or make one handler with `steps:`')
      this.mistakes.push(...tagsOfHandler(valueAt(around.document.value, at), (path) => around.document.placeOf([...at, ...path], 'key')))
      found.push({ name, steps: steps === undefined ? this.#step(at, inside, ofLists) : steps.flatMap((_step, step) => this.#step([...at, 'steps', step], inside, ofLists)) })
    }
    return found
  }

  #step(base: YamlPath, around: Around, handlers: HandlerNode[]): readonly Node[] {
    const { document } = around
    const written = valueAt(document.value, base)
    const source = this.#schema.step.safeParse(written, unsaid).data as StepSource | undefined // its shape was checked with the play or list around it
    if (source === undefined) {
      for (const module of this.modules.values()) {
        const args = valueAt(written, [module.name])
        if (args !== undefined) this.mistakes.push(...argumentMistakes(document, [...base, module.name], module, args))
      }
      return []
    }
    const used = [...this.modules.keys(), 'include', 'flush-handlers', 'block'].filter((word) => source[word] !== undefined)
    const place = document.placeOf(base)
    const [word] = used
    if (word === undefined || used.length > 1) {
      this.#mistake('one-module', word === undefined ? 'this step names no module' : `this step names ${used.join(' and ')}`, place, word === undefined ? 'add one, such as `file:`; `provision docs` lists them' : 'make a step of each')
      return []
    }
    this.mistakes.push(...misplacedKeys(word, source, (key) => document.placeOf([...base, key], 'key')))
    const become = inherited(source.become, document, [...base, 'become'], around.frame) ?? around.become
    const common = { ...around, become, tags: [...around.tags, ...(source.tags ?? [])] }
    if (source.block !== undefined) return [this.#block(source, base, place, common, handlers)]
    return source.include === undefined ? [this.#leaf(source, base, place, common, word)] : this.#include(source, base, common, handlers)
  }

  #block(source: StepSource, base: YamlPath, place: Place, around: Around, handlers: HandlerNode[]): Node {
    const { document, frame, conditions, tags } = around
    const inside: HandlerNode[] = []
    const part = (key: 'block' | 'rescue' | 'always'): readonly Node[] => (source[key] ?? []).flatMap((_step, index) => {
      const inner = [...base, key, index]
      this.#checked(document, this.#schema.step, inner)
      // `when` of the includes around are asked once, by the block
      return this.#step(inner, { ...around, conditions: [] }, inside)
    })
    const block: BlockNode = { source, place, placeOf: (path) => document.placeOf([...base, ...path]), frame, conditions, tags, block: part('block'), rescue: part('rescue'), always: part('always') }
    handlers.push(...within(block, inside))
    return block
  }

  #leaf(source: StepSource, base: YamlPath, place: Place, around: Around, word: string): StepNode {
    const module = this.modules.get(word)
    const args = module === undefined ? undefined : source[module.name] ?? {}
    if (around.verify && module?.looks !== true) {
      this.#mistake('not-only-looking', `${word} does not only look, as steps of a play with \`verify: true\` must`, around.document.placeOf([...base, word], 'key'), `move it to another play; here stand ${[...this.modules.values()].filter(({ looks }) => looks === true).map(({ name }) => name).join(', ')}`)
    }
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

  #include(source: StepSource, base: YamlPath, around: Around, handlers: HandlerNode[]): readonly Node[] {
    const { document } = around
    const place = document.placeOf([...base, 'include'])
    return this.#attempt(() => {
      const file = findStepList(this.library, source.include ?? '', folderOf(document.file), place)
      if (around.trail.includes(file)) throw circle(file, place)
      const list = this.#read(file)
      if (list === undefined) return []
      const checked = this.#checked(list, this.#schema.stepList, [])
      if (checked === undefined) {
        this.#below({ ...around, document: list, trail: [...around.trail, file] }, [])
        return []
      }
      const frame = this.#frame('list', checked.params ?? {}, callerOf(document, base, source.with ?? {}, around.frame, place), list, `step list ${short(file)}`)
      const inside: Around = {
        ...around, document: list, frame, trail: [...around.trail, file],
        // one in a loop asks once a round, as a block
        conditions: source.loop !== undefined ? [] : source.when === undefined ? around.conditions : [...around.conditions, { value: source.when, place: document.placeOf([...base, 'when']), frame: around.frame }],
      }
      const ofLists = source.loop === undefined ? handlers : []
      const steps = checked.steps.flatMap((_step, index) => this.#step(['steps', index], inside, ofLists))
      ofLists.push(...this.#handlers([], checked.handlers?.length ?? 0, inside, ofLists))
      if (source.loop === undefined) return steps
      const block: BlockNode = { source, place: document.placeOf(base), placeOf: (path) => document.placeOf([...base, ...path]), frame: around.frame, conditions: around.conditions, tags: around.tags, block: steps, rescue: [], always: [] }
      handlers.push(...within(block, ofLists))
      return [block]
    }) ?? []
  }

  #frame(of: FrameSource['of'], parameters: Parameters | undefined, caller: Caller | undefined, document: YamlDocument, title: string): FrameSource | undefined {
    if (parameters === undefined && caller === undefined) return undefined
    const declared = parameters ?? {}
    const given = caller?.given ?? {}
    const defaults = (name: string, path: YamlPath = []): Place => document.placeOf(['params', name, 'default', ...path])
    this.mistakes.push(...defaultMistakes(declared, defaults))
    // a playbook takes parameters from the inventory and `--set` too: what is missing is told when it is looked up
    if (caller !== undefined) this.mistakes.push(...parameterMistakes(declared, given, title, caller.place).filter(({ code }) => of === 'list' || code !== 'missing-parameter'))
    return { of, parameters: declared, given, defaults, outer: caller?.frame }
  }

  /** A handler stands in the same play or a later one, which then pays what earlier ones owe. */
  checkNotified(play: PlayNode, plays: readonly PlayNode[]): void {
    const names = new Set(plays.flatMap(({ handlers }) => handlers.map(({ name }) => name)))
    for (const step of stepNodesIn([...play.steps, ...play.handlers.flatMap(({ steps }) => steps)])) {
      for (const [index, handler] of (step.source.notify ?? []).entries()) {
        if (!names.has(handler)) this.#mistake('no-handler', `there is no handler "${handler}"`, step.placeOf(['notify', index]), names.size === 0 ? 'add it under `handlers:`' : `there are: ${[...names].join(', ')}`)
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
      this.isComplete = false
      return undefined
    }
  }

  #mistake(code: string, message: string, at: Place, hint: string): void {
    this.mistakes.push(new ProvisionError(code, message, { exit: exitCode.input, at, hint }))
  }
}

const short = (file: string): string => file.slice(file.lastIndexOf('/') + 1)
const circle = (file: string, at: Place): ProvisionError => new ProvisionError('circular-include', `${short(file)} includes itself`, { exit: exitCode.input, at, hint: 'take this include away' })
const isVerify = (value: unknown): boolean => value === true || value === 'only'
