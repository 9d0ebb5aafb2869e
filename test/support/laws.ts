import { isDeepStrictEqual } from 'node:util'
import type { Change } from '../../src/core/change.js'
import type { HostFact } from '../../src/core/fact.js'
import { Secret } from '../../src/core/secret.js'
import type { Replies } from '../../src/engine/gather.js'
import { parsed, Snapshot, type Reading } from '../../src/engine/snapshot.js'

/** What somebody's changes make of a host, step by step. */
export interface Made { readonly step: string; readonly changes: readonly Change[] }

/** Secrets as their text, whatever holds them. */
export const revealed = (value: unknown): unknown => {
  if (value instanceof Secret) return value.reveal()
  if (Array.isArray(value)) return value.map(revealed)
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revealed(inner)]))
  return value
}

/** Whether an answer has every field that was predicted, with its value. */
const isWithin = (predicted: unknown, answer: unknown): boolean => {
  if (typeof predicted !== 'object' || predicted === null || Array.isArray(predicted)) return isDeepStrictEqual(predicted, answer)
  if (typeof answer !== 'object' || answer === null) return false
  const entries = new Map(Object.entries(answer))
  return Object.entries(predicted).every(([key, value]) => entries.has(key) && isWithin(value, entries.get(key)))
}

const shortly = (value: unknown): string => JSON.stringify(revealed(value))?.slice(0, 500) ?? 'undefined'

/** Beliefs about a host: what it answered, and what changes made of that. */
export const beliefs = (user: string, facts: readonly HostFact[], before: Replies, made: readonly Made[]): Snapshot => {
  const snapshot = new Snapshot()
  snapshot.learn(user, facts, before)
  for (const { step, changes } of made) snapshot.believe(user, step, changes)
  return snapshot
}

const reading = (fact: HostFact, reply: string): Exclude<Reading, 'never-asked'> => {
  const read = parsed(fact, reply)
  return read === 'never-asked' ? { unknown: 'nobody asked' } : read
}

/** Honesty and disturbance: what is believed to be known, by prediction or because nothing altered it, is what the host answers now. */
export const untrue = (snapshot: Snapshot, user: string, facts: readonly HostFact[], now: Replies): readonly string[] => facts.flatMap((fact) => {
  const belief = snapshot.read(user, fact)
  const answer = now.get(fact.key)
  if (belief === 'never-asked' || 'unknown' in belief || answer === undefined) return []
  const reply = snapshot.replyOf(user, fact)
  const is: Exclude<Reading, 'never-asked'> = 'reply' in answer ? reading(fact, answer.reply) : answer
  if (reply === undefined && 'known' in belief) {
    return 'known' in is && isWithin(revealed(belief.known), revealed(is.known)) ? [] : [`${fact.key} was predicted as ${shortly(belief.known)}, but is ${shortly(is)}`]
  }
  if (fact.kind.beyond === true) return []
  const same = reply === undefined ? 'failure' in is : 'reply' in answer && answer.reply === reply
  return same ? [] : [`${fact.key} was not said to change, but was ${shortly(belief)} and is ${shortly(is)}`]
})
