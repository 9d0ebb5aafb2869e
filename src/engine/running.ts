import { isDeepStrictEqual } from 'node:util'
import { exitCode, failureOf, ProvisionError, type Failure } from '../core/errors.js'
import { honours, type Plan, type PlannedStep } from '../core/plan.js'
import type { Action } from '../core/change.js'
import { reveal, Secret } from '../core/secret.js'
import { UnknownValue } from '../core/unknown.js'
import { alone } from './alone.js'
import { notNeeded } from './block.js'
import { flush, type Pending } from './flush.js'
import { gather } from './gather.js'
import { dueOn, forgive } from './handlers.js'
import { userOf } from './host.js'
import { hostFacts } from './judge.js'
import type { Lane } from './lane.js'
import { streams } from './perform.js'
import { register, registeredOk } from './registered.js'
import { throttled } from './throttle.js'
import type { Judged, Mode, Pointer, Reached } from './walk.js'

export type { Pending }

/** The mode that acts: performs changes in frames, asks the host again and verifies. */
export const running: Mode = {
  name: 'run',
  isOut: ({ out }) => out,
  observe: (lane, reached) => guarded(lane, async () => {
    const { bound } = reached
    const user = userOf(bound.become)
    const facts = hostFacts(bound.bound.needs)
    const { snapshot } = lane.host
    const isOther = otherUser(lane, user)
    if (bound.bound.kind === 'verb' || !facts.every((fact) => snapshot.isSettled(user, fact)) || isOther) {
      const { back } = await flush(lane, undefined, undefined, isOther ? {} : { asks: facts.filter((fact) => !snapshot.isSettled(user, fact)) })
      if (back !== undefined || lane.stopped) return back
    }
    const missing = facts.filter((fact) => !snapshot.isSettled(user, fact))
    if (missing.length > 0) snapshot.learn(user, missing, await gather(await lane.host.session(bound.become), missing))
    return undefined
  }, reached),
  settle: (lane, judged) => guarded(lane, () => settle(lane, judged), judged.bound === undefined ? undefined : { ...judged, bound: judged.bound }),
  finish: (lane) => guarded(lane, async () => (await flush(lane, undefined, undefined, { isLast: isLast(lane) })).back),
  unfailed: (lane, block, _isOpen, around) => notNeeded(lane, block, around),
  paid: async (lane, debts) => {
    lane.host.pay(debts)
    await guarded(lane, async () => {
      for (const become of lane.host.ledgers.values()) await forgive(lane, become, debts)
      return undefined
    })
  },
}

const otherUser = (lane: Lane, user: string): boolean => lane.pending.some(({ judged, changes, guards }) => changes.length + guards.length > 0 && userOf(judged.bound?.become) !== user)

/** Whether nothing comes behind what is pending on this host: no step, no handler. */
const isLast = (lane: Lane): boolean => {
  const { play, walk, handler, pending } = lane
  return handler === undefined && walk.plays.at(-1) === play && pending.at(-1)?.judged.step === play.steps.at(-1)
    && pending.every(({ judged }) => judged.step.notify.length === 0) && play.handlers.every((one) => dueOn(lane, one) === undefined)
}

const settle = async (lane: Lane, judged: Judged): Promise<Pointer | undefined> => {
  const { verdict, bound, step } = judged
  switch (verdict.status) {
    case 'ok':
    case 'skipped':
      register(lane.owner, step, judged.at.item, registeredOk(verdict))
      lane.pending.push({ judged, changes: [], guards: bound === undefined || verdict.status === 'skipped' ? [] : lane.host.snapshot.outdated(userOf(bound.become), hostFacts(bound.bound.needs)) })
      if (lane.pending.every(({ changes, guards }) => changes.length + guards.length === 0) || isFull(lane)) return (await flush(lane)).back
      return undefined
    case 'failed': {
      const again = await judgedAgain(lane, judged)
      if (again !== undefined || lane.stopped) return again
      lane.fail(judged, verdict.error)
      return undefined
    }
    case 'deferred': {
      if (lane.pending.length > 0) return (await flush(lane)).back ?? judged.at
      // another host's change came between asking and judging
      if (bound !== undefined && !hostFacts(bound.bound.needs).every((fact) => lane.host.snapshot.isSettled(userOf(bound.become), fact))) return judged.at
      lane.fail(judged, notKnown(verdict.until))
      return undefined
    }
    case 'change': {
      if (bound === undefined) throw new RangeError('a change without a bound step')
      const stale = disagreement(lane, judged)
      if (stale !== undefined) {
        const again = await judgedAgain(lane, judged)
        if (again === undefined && !lane.stopped) lane.fail(judged, stale)
        return again
      }
      if (lane.walk.confirm !== undefined) {
        const { back } = await flush(lane)
        if (back !== undefined || lane.stopped) return back
        if (!(await lane.walk.confirm(lane.owner.name, bound.name, verdict.changes))) return settle(lane, { ...judged, verdict: { status: 'skipped', because: 'you said no' } })
      }
      const user = userOf(bound.become)
      const guards = bound.bound.kind === 'verb' ? [] : hostFacts(bound.bound.needs).flatMap((fact): Pending['guards'][number][] => {
        const reply = lane.host.snapshot.replyOf(user, fact)
        return reply === undefined ? [] : [[fact, reply]]
      })
      if (isAlone(judged)) {
        const { back } = await flush(lane)
        if (back !== undefined || lane.stopped) return back
        return throttled(lane, step, () => alone(lane, { judged, changes: verdict.changes, guards }))
      }
      lane.walk.emit({ type: 'step-started', host: lane.owner.name, step: bound.name })
      lane.pending.push({ judged, changes: verdict.changes, guards })
      lane.host.snapshot.believe(user, bound.name, verdict.changes)
      return verdict.changes.every(({ confirm }) => confirm !== undefined) && !isFull(lane) ? undefined : (await flush(lane)).back
    }
    default: return verdict satisfies never
  }
}

const notKnown = (until: string): Failure => ({ code: 'not-known', message: `a value that this step needs is not known: ${until}`, hint: 'the step that registers it was not run' })

/** A shell starts every program the slower the more it holds: longer frames would take time by the square. */
const MOST_STEPS = 200
const MOST_CHARACTERS = 1_000_000

const isFull = ({ pending, walk }: Lane): boolean => {
  const taken = pending.filter(({ changes, guards }) => changes.length + guards.length > 0)
  if (taken.length >= (walk.frameSteps ?? MOST_STEPS)) return true
  return taken.reduce((sum, { changes }) => sum + changes.reduce((all, { actions }) => all + actions.reduce((size, action) => size + charactersOf(action), 0), 0), 0) >= MOST_CHARACTERS
}

/** What an action brings into its frame. */
const charactersOf = (action: Action): number => {
  if (action.do === 'reboot' || action.do === 'fetch' || action.do === 'bring') return 0
  const content = action.do === 'put' ? action.content : action.stdin
  return (action.do === 'exec' ? reveal(action.script).length : 0) + (typeof content === 'string' || content instanceof Secret ? reveal(content).length : 0)
}

/** Whether a step has a frame to itself. */
const isAlone = ({ step, bound, verdict }: Judged): boolean =>
  bound?.bound.kind === 'verb' || step.register !== undefined || step.until !== undefined || step.timeout !== undefined || step.throttle !== undefined || step.ignoreFailure
  || (verdict.status === 'change' && verdict.changes.some(({ actions, live }) => live === true || actions.some(streams)))

/** Where a step must be judged once more before it is given up: what it rests on was believed, or read before a change. */
const judgedAgain = async (lane: Lane, { at, bound }: Judged): Promise<Pointer | undefined> => {
  if (lane.pending.length > 0) return (await flush(lane)).back ?? at
  if (bound === undefined) return undefined
  const user = userOf(bound.become)
  const old = lane.host.snapshot.outdated(user, hostFacts(bound.bound.needs)).map(([fact]) => fact)
  lane.host.snapshot.forget(user, old)
  return old.length > 0 ? at : undefined
}

/** Plans are looked up for each change of each host: by host, so that many hosts cost no square. */
const byHost = new WeakMap<Plan, ReadonlyMap<string, readonly PlannedStep[]>>()

const plannedFor = (plan: Plan, host: string): readonly PlannedStep[] => {
  const known = byHost.get(plan)
  if (known !== undefined) return known.get(host) ?? []
  const hosts = new Map<string, PlannedStep[]>()
  for (const step of plan.steps) {
    const steps = hosts.get(step.host)
    if (steps === undefined) hosts.set(step.host, [step])
    else steps.push(step)
  }
  byHost.set(plan, hosts)
  return hosts.get(host) ?? []
}

/** Nothing is done that was not agreed to. */
const disagreement = (lane: Lane, { bound, step, verdict }: Judged): Failure | undefined => {
  if (verdict.status !== 'change' || lane.walk.plan === undefined) return undefined
  const same = plannedFor(lane.walk.plan, lane.owner.name).filter((entry) => entry.play === lane.play.name
    && (entry.place === step.place || isDeepStrictEqual(entry.place, step.place)) && (entry.handler === undefined) === (lane.handler === undefined))
  // a step list that is included twice gives one place to several steps
  const planned = same.filter((entry) => entry.step === bound?.name || entry.verdict.status === 'deferred')
  if (planned.some((entry) => honours(entry.verdict, verdict.changes))) return undefined
  return { code: 'stale', message: `the host is not as the plan assumed: it now takes ${verdict.changes.map(({ summary }) => summary).join(', ')}`, hint: 'run again to see a new plan' }
}

/** A lost connection takes the host out of the walk; what the reader must mend fails the step at hand. */
const guarded = async (lane: Lane, work: () => Promise<Pointer | undefined>, reached?: Reached): Promise<Pointer | undefined> => {
  try {
    return await work()
  } catch (error) {
    lane.pending.length = 0
    if (error instanceof ProvisionError && error.exit === exitCode.unreachable) {
      lane.lose(error)
      return undefined
    }
    const failure = error instanceof ProvisionError ? failureOf(error) : error instanceof UnknownValue ? notKnown(error.until) : undefined
    if (failure === undefined || reached === undefined) throw error
    lane.fail(reached, failure)
    return { ...reached.at, item: reached.at.item + 1 }
  }
}
