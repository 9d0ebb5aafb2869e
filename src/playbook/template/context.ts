import type { Scope } from '../../core/fact.js'
import { type Origin, templateError, withPlace } from './origin.js'
import type { MacroDefinition, Position } from './tree.js'

/** The variables of a host's step; `names` serves to say what a mistyped name may have meant. */
export interface TemplateScope extends Scope { names?(): Iterable<string> }

/** A template's text and the file that messages name. */
export interface TemplateSource { readonly text: string; readonly file: string }
/** Gives a template by its name, or `undefined` when there is none. */
export interface Loader {
  (name: string): TemplateSource | undefined
  /** Where it looks, in order, as people know these places. */
  readonly folders?: readonly string[]
}

/** What a name stands for inside of a template. */
export type Local =
  | { readonly type: 'value'; readonly value: unknown }
  | { readonly type: 'macro'; readonly definition: MacroDefinition; readonly context: Context }
  | { readonly type: 'imported'; readonly macros: ReadonlyMap<string, Local> }

/** The names that a loop, a macro or a `set` made; the outer ones show through. */
export interface Frame { readonly names: Map<string, Local>; readonly outer?: Frame }

/** What is left of the work that one evaluation may do. */
export interface Budget { steps: number; depth: number; nesting: number }

/** All that an expression is evaluated against. */
export interface Context {
  readonly scope: TemplateScope
  readonly origin: Origin
  readonly frame: Frame
  readonly budget: Budget
  readonly loader?: Loader
}

const MOST_STEPS = 1_000_000
const DEEPEST = 50
/** Expressions and tags within one another, over all macros and templates that are open: far less than the stack bears. */
const MOST_NESTED = 800

export const contextOf = (scope: TemplateScope, origin: Origin, loader?: Loader): Context =>
  ({ scope, origin, frame: { names: new Map() }, budget: { steps: MOST_STEPS, depth: 0, nesting: 0 }, ...(loader === undefined ? {} : { loader }) })

/** The same context with a frame of its own on top. */
export const inner = (context: Context, names: Iterable<readonly [string, Local]> = []): Context =>
  ({ ...context, frame: { names: new Map(names), outer: context.frame } })

export const localOf = (frame: Frame, name: string): Local | undefined => {
  for (let at: Frame | undefined = frame; at !== undefined; at = at.outer) {
    const local = at.names.get(name)
    if (local !== undefined) return local
  }
  return undefined
}

export const localNames = (frame: Frame): readonly string[] => [...frame.names.keys(), ...(frame.outer === undefined ? [] : localNames(frame.outer))]

/** Counts steps of loops and calls, so that no template runs for ever. */
export const spend = (budget: Budget, steps = 1): void => {
  budget.steps -= steps
  if (budget.steps < 0) throw templateError('template-too-long', 'the template takes more than a million steps', {
    hint: 'look for a loop over too much, or a loop within a loop',
  })
}

/** Runs a macro or another template one level further in. */
export const deeper = <T>(budget: Budget, part: () => T): T => {
  if (budget.depth >= DEEPEST) throw templateError('template-too-deep', `macros and templates call each other more than ${DEEPEST} levels deep`, {
    hint: 'look for one that includes or calls itself',
  })
  budget.depth += 1
  try {
    return part()
  } finally {
    budget.depth -= 1
  }
}

/** Evaluates one expression or tag of a template: its mistakes get its place, and nothing goes deeper than the stack bears. */
export const within = <T>({ origin, budget }: Context, position: Position, part: () => T): T => {
  budget.nesting += 1
  try {
    if (budget.nesting > MOST_NESTED) throw templateError('template-too-deep', 'macros, templates and expressions are nested too deeply', {
      hint: 'look for a macro that calls itself, or split the expression with {% set %}',
    })
    return part()
  } catch (error) {
    throw withPlace(error, origin, position)
  } finally {
    budget.nesting -= 1
  }
}
