import { coverage, folderOf, type FactPath } from '../core/disturbance.js'
import { below, everything, type Change } from '../core/change.js'
import { ProvisionError, failureOf, type Failure } from '../core/errors.js'
import type { HostFact, Prediction } from '../core/fact.js'
import type { Replies } from './gather.js'

/** What is believed of one fact. */
type Belief =
  | { readonly state: 'read'; readonly reply: string; /** The reply as its kind reads it, once it was asked for. */ parsed?: Reading; /** How many frames of changes were made before it was read. */ readonly made: number }
  | { readonly state: 'predicted'; readonly value: unknown }
  | { readonly state: 'unknown'; readonly until: string }
  | { readonly state: 'failed'; readonly failure: Failure }
interface Entry { readonly user: string; readonly fact: HostFact; readonly belief: Belief; /** Where the answer rests, links resolved as far as a reply told. */ readonly at: FactPath | undefined }

/** How a fact may be read by a check. */
export type Reading = { readonly known: unknown } | { readonly unknown: string } | { readonly failure: Failure } | 'never-asked'

/** What a step's changes do to beliefs; `user` is who makes them. */
interface Effect { readonly user: string; readonly step: string; readonly predicts: readonly Prediction[]; readonly covers: ReturnType<typeof coverage> }

/** What a host answered first. */
export interface Answered { readonly user: string; readonly key: string; readonly reply: string }

/** What is believed of a host at a point of the walk; an answer belongs to user and key. */
export class Snapshot {
  readonly #answered: Map<string, Answered>
  readonly #entries: Map<string, Entry>
  readonly #effects: Effect[]
  #made = 0
  /** Since which step of a plan nothing beyond the host is known. */
  #beyond: string | undefined
  /** What asks beyond the host, by the ids of entries. */
  readonly #askingBeyond: Set<string>
  constructor(from?: Snapshot) {
    this.#entries = new Map(from === undefined ? [] : from.#entries)
    this.#effects = from === undefined ? [] : [...from.#effects]
    // what a host said is so whoever believes what of it
    this.#answered = from === undefined ? new Map() : from.#answered
    this.#beyond = from === undefined ? undefined : from.#beyond
    this.#askingBeyond = new Set(from === undefined ? [] : from.#askingBeyond)
  }

  /** Takes in what the host answered; what planned changes did since the start is believed of it too. */
  learn(user: string, facts: readonly HostFact[], replies: Replies): void {
    for (const fact of facts) {
      const answer = replies.get(fact.key)
      if (answer === undefined) continue
      if ('failure' in answer) this.#set(user, fact, { state: 'failed', failure: answer.failure })
      else {
        this.#set(user, fact, { state: 'read', reply: answer.reply, made: this.#made })
        const id = idOf(user, fact.key)
        if (!this.#answered.has(id)) this.#answered.set(id, { user, key: fact.key, reply: answer.reply })
      }
      for (const effect of this.#effects) this.#affect(idOf(user, fact.key), effect)
      if (fact.kind.beyond === true && this.#beyond !== undefined) this.#set(user, fact, { state: 'unknown', until: this.#beyond })
    }
  }

  read(user: string, fact: HostFact): Reading {
    const entry = this.#entries.get(idOf(user, fact.key))
    if (entry === undefined) return 'never-asked'
    switch (entry.belief.state) {
      case 'read': return (entry.belief.parsed ??= parsed(fact, entry.belief.reply))
      case 'predicted': return { known: entry.belief.value }
      case 'unknown': return { unknown: entry.belief.until }
      case 'failed': return { failure: entry.belief.failure }
      default: return entry.belief satisfies never
    }
  }

  /** Everything that the host has answered so far, as it was first. */
  get answered(): readonly Answered[] { return [...this.#answered.values()] }

  /** The raw reply that a decision rests on; none when it rests on a prediction. */
  replyOf(user: string, fact: Pick<HostFact, 'key'>): string | undefined {
    const belief = this.#entries.get(idOf(user, fact.key))?.belief
    return belief?.state === 'read' ? belief.reply : undefined
  }

  /** The replies among these that are older than a change that was made or is pending: whoever rests on them has them read again at its place. */
  outdated(user: string, facts: readonly HostFact[]): readonly (readonly [HostFact, string])[] {
    return facts.flatMap((fact): (readonly [HostFact, string])[] => {
      const belief = this.#entries.get(idOf(user, fact.key))?.belief
      return belief?.state === 'read' && fact.kind.constant !== true && (belief.made < this.#made || this.#effects.length > 0) ? [[fact, belief.reply]] : []
    })
  }

  /** Whether something is known, by reading or by a prediction. */
  isSettled(user: string, fact: HostFact): boolean {
    const state = this.#entries.get(idOf(user, fact.key))?.belief.state
    return state === 'read' || state === 'predicted'
  }

  /** Believes changes: what they predict is known, what they disturb no longer, under every user. */
  believe(user: string, step: string, changes: readonly Pick<Change, 'predicts' | 'disturbs'>[]): void {
    for (const { predicts, disturbs } of changes) {
      const effect: Effect = { user, step, predicts, covers: coverage(this.#withLinksResolved(user, disturbs ?? [everything])) }
      this.#effects.push(effect)
      for (const id of this.#entries.keys()) this.#affect(id, effect)
    }
  }

  /** Takes it that nobody knows these until a step is made. */
  suppose(user: string, facts: readonly HostFact[], until: string): void {
    for (const fact of facts) this.#set(user, fact, { state: 'unknown', until })
  }

  /** The last planned step that foretells or disturbs what this key asks. */
  alteredBy(key: string): string | undefined {
    return this.#effects.findLast(({ predicts, covers }) => predicts.some((prediction) => 'fact' in prediction && prediction.fact === key) || covers(key, undefined))?.step
  }

  /** What planned changes of any host may alter stays unknown, asked before or later. */
  believeBeyond(step: string): void {
    this.#beyond = step
    this.forgetBeyond(step)
  }

  /** What other hosts' changes may have altered is no longer known. */
  forgetBeyond(step: string): void {
    for (const id of this.#askingBeyond) {
      const entry = this.#entries.get(id)
      if (entry !== undefined) this.#entries.set(id, { ...entry, belief: { state: 'unknown', until: step } })
    }
  }

  get asksBeyond(): boolean { return [...this.#askingBeyond].some((id) => (this.#entries.get(id)?.belief.state ?? 'unknown') !== 'unknown') }

  /** After changes were really made: predictions have served, whatever rests on one is asked again when it is needed. */
  forgetPredictions(): void {
    if (this.#effects.length > 0) this.#made++
    this.#effects.length = 0
    for (const [id, { belief }] of this.#entries) if (belief.state === 'predicted' || belief.state === 'unknown') this.#entries.delete(id)
  }

  /** These facts are asked again when they are needed. */
  forget(user: string, facts: readonly HostFact[]): void {
    for (const { key } of facts) this.#entries.delete(idOf(user, key))
  }

  #set(user: string, fact: HostFact, belief: Belief): void {
    const id = idOf(user, fact.key)
    if (fact.kind.beyond === true) this.#askingBeyond.add(id)
    this.#entries.set(id, { user, fact, belief, at: belief.state === 'read' ? fact.kind.path?.(fact.subject, belief.reply) : this.#entries.get(id)?.at ?? fact.kind.path?.(fact.subject) })
  }

  #affect(id: string, { user: actor, step, predicts, covers }: Effect): void {
    const entry = this.#entries.get(id)
    if (entry === undefined || entry.fact.kind.constant === true) return
    const { user, fact, at } = entry
    for (const prediction of predicts) {
      if ('fact' in prediction ? prediction.fact !== fact.key : !at?.path.startsWith(`${prediction.below}/`)) continue
      const value = 'fact' in prediction ? prediction.value : fact.kind.fromTree?.(fact.subject, prediction.tree)
      this.#set(user, fact, value === undefined || user !== actor ? { state: 'unknown', until: step } : { state: 'predicted', value })
      return
    }
    // what is foretold of a file tells of a tree around it that it will be another one
    const inside = at?.isTree === true && coverage(predicts.map((prediction) => ('fact' in prediction ? prediction.fact : below(prediction.below))))(fact.key, at)
    if (inside || (fact.kind.aside !== true && covers(fact.key, at))) this.#set(user, fact, { state: 'unknown', until: step })
  }

  /** A change named through a link also disturbs what is known by the real path. */
  #withLinksResolved(user: string, disturbs: readonly string[]): readonly string[] {
    return disturbs.flatMap((disturbance) => {
      const path = folderOf(disturbance)
      const real = path === undefined ? undefined : this.#entries.get(idOf(user, `file:${path}`))?.at?.real
      return path === undefined || real === undefined || real === path ? [disturbance] : [disturbance, below(real)]
    })
  }
}

/** Reads a reply as its kind does; the host's refusals are failures, not faults of ours. */
export const parsed = (fact: HostFact, reply: string): Reading => {
  try {
    return { known: fact.kind.parse(fact.subject, reply) }
  } catch (error) {
    if (error instanceof ProvisionError) return { failure: failureOf(error) }
    throw error
  }
}

const idOf = (user: string, key: string): string => `${user}\n${key}`
