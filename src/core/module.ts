import type { z } from 'zod'
import type { Change, Disturbance } from './change.js'
import type { Claim } from './claim.js'
import type { Answers, Needs, Scope } from './fact.js'
import type { Risk } from './risk.js'

export type ModuleKind = 'state' | 'verb'

/** A kind of step, whole, in one file. */
export interface Module<S extends z.ZodType = any, N extends Needs = any> {
  readonly name: string
  /** A state is judged, performed, asked again and must then be ok; a verb always acts: handlers and procedures only. */
  readonly kind: ModuleKind | ((args: z.output<S>) => ModuleKind)
  readonly summary: string
  /** Every field described. */
  readonly args: S
  /** YAML of one step each; parsed, checked and held to the laws by the tests. */
  readonly examples: readonly string[]
  /** Pure. */
  needs(args: z.output<S>, scope: Scope): N
  /** What a step may alter whose outcome is not known yet: the most that any of its changes disturbs or predicts; left out: everything. */
  mayDisturb?(args: z.output<S>): readonly Disturbance[]
  /** The argument that names another host of the inventory, which the step asks; the hosts of a batch come to it together and take turns. */
  readonly asks?: keyof z.output<S> & string
  /** What is told when there is nothing to do, without secrets. */
  says?(args: z.output<S>): string
  /** What the step says of the host, compared with what other steps and hosts say before anything is connected; left out: nothing that others could contradict. */
  claims?(args: z.output<S>, scope: Scope): readonly Claim[]
  /** What fails because of the arguments alone is told before anything is connected. */
  readonly early?: true
  /** It never alters a host, so that it may stand in a play with `verify: true`; its changes are only waits, and their `confirm` tells what is missing. */
  readonly looks?: true
  /** What may come of it beside what it is for, as far as the change itself does not tell; left out: nothing. */
  risks?(args: z.output<S>): readonly Risk[]
  /** Pure; what the reader must mend is thrown as a ProvisionError. */
  check(args: z.output<S>, facts: Answers<N>): readonly Change[]
}

/** Infers arguments and facts, so that a module is written without a type of its own. */
export const defineModule = <S extends z.ZodType, const N extends Needs>(module: Module<S, N>): Module<S, N> => module

/** A module with its arguments applied. Generics end here; the engine sees only this. */
export interface Bound {
  readonly module: string
  readonly kind: ModuleKind
  readonly needs: Needs
  readonly mayDisturb?: readonly Disturbance[]
  readonly says?: string
  readonly early?: true
  /** Its arguments, for people to read, and to tell whether they are the same. */
  readonly args: unknown
  readonly risks: readonly Risk[]
  claims?(): readonly Claim[]
  check(facts: Answers<Needs>): readonly Change[]
}

/** Applies arguments that the module's schema has accepted. */
export const bind = (module: Module, args: unknown, scope: Scope): Bound => ({
  module: module.name,
  kind: typeof module.kind === 'function' ? module.kind(args) : module.kind,
  needs: module.needs(args, scope),
  ...(module.mayDisturb === undefined ? {} : { mayDisturb: module.mayDisturb(args) }),
  ...(module.says === undefined ? {} : { says: module.says(args) }),
  ...(module.early === undefined ? {} : { early: module.early }),
  args,
  risks: module.risks?.(args) ?? [],
  claims: () => module.claims?.(args, scope) ?? [],
  check: (facts) => module.check(args, facts),
})
