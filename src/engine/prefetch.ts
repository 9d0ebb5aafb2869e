import { ProvisionError } from '../core/errors.js'
import { isHostFact, type HostFact } from '../core/fact.js'
import type { BoundStep, Play } from '../core/step.js'
import { noSuchBecomeUser, type Become, type Session } from '../core/transport.js'
import { UnknownValue } from '../core/unknown.js'
import { takeBasics } from './basics.js'
import { attempt, type Fleet } from './fleet.js'
import { gather } from './gather.js'
import { owedFact } from './handlers.js'
import { userOf, type Host } from './host.js'
import { hostFacts, localAnswers } from './judge.js'
import { reach } from './reach.js'
import type { Walk } from './walk.js'

type Asking = Pick<Walk, 'emit' | 'keep' | 'basics' | 'controller'>
interface Questions { readonly become: Become | undefined; readonly facts: HostFact[] }

/**
 * Asks everything that can be asked at the start, in one frame a host and user. Where values of steps depend on what a host is, that is asked with it,
 * and what depends on it in a second frame.
 */
export const prefetch = async (fleet: Fleet, plays: readonly Play[], walk: Asking): Promise<void> => {
  const wanted = await round(fleet, plays, walk, new Set())
  if (wanted.size > 0) await round(fleet, plays, walk, wanted)
}

/** Asks what is not known yet; hosts of which values want to know what they are, unless they were asked before. */
const round = async (fleet: Fleet, plays: readonly Play[], walk: Asking, before: ReadonlySet<string>): Promise<ReadonlySet<string>> => {
  const wanted = new Set<string>()
  const present = [...fleet.values()].filter(({ lost }) => lost === undefined)
  const questions = new Map<Host, ReadonlyMap<string, Questions>>()
  for (const host of present) questions.set(host, await questionsOf(host, plays, walk, (name) => { if (!before.has(name)) wanted.add(name) }))
  await Promise.all([...questions].map(([host, users]) => attempt(host, walk, () => ask(host, users, walk, wanted.has(host.name), before.size === 0))))
  return wanted
}

const ask = async (host: Host, users: ReadonlyMap<string, Questions>, walk: Asking, isWanted: boolean, isFirst: boolean): Promise<void> => {
  const debts = owedFact(walk.keep)
  const all = users.size === 0 && isWanted ? new Map([[userOf(undefined), { become: undefined, facts: [] }]]) : users
  let isLeft = isWanted && walk.basics !== undefined
  await Promise.all([...all].map(async ([user, { become, facts }]) => {
    const missing = isFirst ? facts : facts.filter((fact) => host.snapshot.read(user, fact) === 'never-asked')
    if (!isFirst && missing.length === 0 && !isLeft) return
    const session = await sessionOf(host, become)
    if (session === undefined) return
    const basics = isLeft && walk.basics !== undefined ? [walk.basics.fact] : []
    isLeft = false
    if (!isFirst && missing.length + basics.length === 0) return
    host.usual ??= become
    const replies = await gather(session, [...(isFirst ? [debts] : []), ...basics, ...missing])
    host.snapshot.learn(user, missing, replies)
    if (walk.basics !== undefined) takeBasics(walk.basics, host, replies)
    const answer = replies.get(debts.key)
    if (!isFirst) return
    if (answer === undefined || 'failure' in answer) {
      walk.emit({ type: 'notice', host: host.name, text: `what an earlier run owes the host cannot be read: ${answer?.failure.output ?? 'no answer'}` })
      return
    }
    const owed = debts.kind.parse(debts.subject, answer.reply)
    for (const debt of owed) host.owed.add(debt)
    if (owed.length > 0) host.ledgers.set(user, become)
  }))
}

/** Nothing is asked as somebody who is not there: an earlier step may make him, and else the walk tells when it comes to the step. */
const sessionOf = async (host: Host, become: Become | undefined): Promise<Session | undefined> => {
  try {
    return await host.session(become)
  } catch (error) {
    if (become !== undefined && error instanceof ProvisionError && error.code === noSuchBecomeUser) return undefined
    throw error
  }
}

const questionsOf = async (host: Host, plays: readonly Play[], { controller }: Asking, onWanted: (name: string) => void): Promise<ReadonlyMap<string, Questions>> => {
  const users = new Map<string, Questions>()
  // mistakes are told when the walk reaches the step
  const passing = (error: unknown): void => {
    if (error instanceof UnknownValue) {
      if (error.asks !== undefined) onWanted(error.asks)
    } else if (!(error instanceof ProvisionError)) throw error
  }
  const take = async ({ bound, become, delegate }: BoundStep): Promise<void> => {
    if (delegate !== undefined && delegate !== host.name) return
    const user = userOf(become)
    const entry = users.get(user) ?? { become, facts: [] }
    users.set(user, entry)
    if (bound.kind === 'state') entry.facts.push(...hostFacts(bound.needs))
    if (Object.values(bound.needs).some((fact) => !isHostFact(fact) && fact.evaluates === true)) await localAnswers(bound.needs, controller).catch(passing)
  }
  for (const play of plays) {
    if (!play.hosts.includes(host.name)) continue
    for (const { step, around } of [play.steps, ...play.handlers.map(({ steps }) => steps)].flatMap((parts) => [...reach(parts, host.name, host.registered, passing)])) {
      try {
        const binding = step.bind(host.name, host.registered, around)
        if (!('skipped' in binding)) for (const one of binding.steps) await take(one)
      } catch (error) {
        passing(error)
      }
    }
  }
  return users
}
