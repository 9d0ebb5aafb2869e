import { isDeepStrictEqual } from 'node:util'
import { exitCode, failureOf, ProvisionError } from '../core/errors.js'
import { honours } from '../core/plan.js'
import type { Outcome } from '../core/step.js'
import { sh } from '../core/shell.js'
import { flush, failureOfAction, verified, type FlushResult, type Pending } from './flush.js'
import { ledger } from './frame.js'
import { gather } from './gather.js'
import { debtOf } from './handlers.js'
import { userOf } from './host.js'
import { hostFacts } from './judge.js'
import type { Lane } from './lane.js'
import { streams } from './perform.js'
import { registeredOk } from './registered.js'
import { performStreaming } from './stream.js'
import { composeFrame } from './frame.js'
import { forgetBeyond, type Judged, type Mode, type Pointer, type Reached } from './walk.js'
import { takeLock } from './lock.js'

export type { Pending }

/** The mode that acts: performs changes in frames, asks the host again and verifies. */
export const running: Mode = {
  name: 'run',
  observe: (lane, reached) => guarded(lane, async () => {
    const { bound } = reached
    const user = userOf(bound.become)
    const facts = hostFacts(bound.bound.needs)
    const { snapshot } = lane.host
    if (bound.bound.kind === 'verb' || !facts.every((fact) => snapshot.isSettled(user, fact)) || otherUser(lane, user)) {
      const { back } = await flush(lane)
      if (back !== undefined || lane.stopped) return back
    }
    const missing = facts.filter((fact) => !snapshot.isSettled(user, fact))
    if (missing.length > 0) snapshot.learn(user, missing, await gather(await lane.host.session(bound.become), missing))
    return undefined
  }, reached),
  settle: (lane, judged) => guarded(lane, () => settle(lane, judged), judged.bound === undefined ? undefined : { ...judged, bound: judged.bound }),
  finish: (lane) => guarded(lane, async () => (await flush(lane)).back),
  paid: async (lane, debt) => {
    lane.host.notified.delete(debt)
    lane.host.owed.delete(debt)
    await guarded(lane, async () => {
      for (const become of lane.host.locked.values()) await (await lane.host.session(become)).exec(sh`${ledger}; rm -f -- "$l/owed/"${debt}`.text)
      return undefined
    })
  },
}

const otherUser = (lane: Lane, user: string): boolean => lane.pending.some(({ judged, changes, guards }) => changes.length + guards.length > 0 && userOf(judged.bound?.become) !== user)

const settle = async (lane: Lane, judged: Judged): Promise<Pointer | undefined> => {
  const { verdict, bound, step } = judged
  switch (verdict.status) {
    case 'ok':
    case 'skipped':
      if (step.register !== undefined) lane.host.registered.set(step.register, registeredOk(verdict))
      lane.pending.push({ judged, changes: [], guards: bound === undefined || verdict.status === 'skipped' ? [] : lane.host.snapshot.outdated(userOf(bound.become), hostFacts(bound.bound.needs)) })
      if (lane.pending.every(({ guards }) => guards.length === 0) || isFull(lane)) return (await flush(lane)).back
      return undefined
    case 'failed': {
      const { back } = await flush(lane)
      if (back === undefined && !lane.stopped) lane.tell(judged)
      return back
    }
    case 'deferred': {
      if (lane.pending.length > 0) return (await flush(lane)).back ?? judged.at
      lane.fail(judged, { code: 'not-known', message: `a value that this step needs is not known: ${verdict.until}`, hint: 'the step that registers it was not run' })
      return undefined
    }
    case 'change': {
      if (bound === undefined) throw new RangeError('a change without a bound step')
      agree(lane, judged)
      const user = userOf(bound.become)
      const guards = bound.bound.kind === 'verb' ? [] : hostFacts(bound.bound.needs).flatMap((fact): Pending['guards'][number][] => {
        const reply = lane.host.snapshot.replyOf(user, fact)
        return reply === undefined ? [] : [[fact, reply]]
      })
      if (isAlone(judged)) {
        const { back } = await flush(lane)
        if (back !== undefined || lane.stopped) return back
        return alone(lane, { judged, changes: verdict.changes, guards })
      }
      lane.walk.emit({ type: 'step-started', host: lane.host.name, step: bound.name })
      lane.pending.push({ judged, changes: verdict.changes, guards })
      lane.host.snapshot.believe(user, bound.name, verdict.changes)
      return verdict.changes.every(({ confirm }) => confirm !== undefined) && !isFull(lane) ? undefined : (await flush(lane)).back
    }
    default: return verdict satisfies never
  }
}

const isFull = ({ pending, walk }: Lane): boolean => pending.filter(({ changes, guards }) => changes.length + guards.length > 0).length >= (walk.frameSteps ?? Number.POSITIVE_INFINITY)

/** Whether a step has a frame to itself. */
const isAlone = ({ step, bound, verdict }: Judged): boolean =>
  bound?.bound.kind === 'verb' || step.register !== undefined || step.until !== undefined || step.timeout !== undefined || step.ignoreFailure
  || (verdict.status === 'change' && verdict.changes.some(({ actions }) => actions.some(streams)))

/** Nothing is done that was not agreed to. */
const agree = (lane: Lane, { bound, step, verdict }: Judged): void => {
  if (verdict.status !== 'change' || lane.walk.plan === undefined) return
  const same = lane.walk.plan.steps.filter((entry) => entry.host === lane.host.name && entry.play === lane.play.name
    && isDeepStrictEqual(entry.place, step.place) && (entry.handler === undefined) === (lane.handler === undefined))
  const planned = same.find((entry) => entry.step === bound?.name) ?? same.find((entry) => entry.verdict.status === 'deferred')
  if (planned !== undefined && honours(planned.verdict, verdict.changes)) return
  throw new ProvisionError('stale', `the host is not as the plan assumed: it now takes ${verdict.changes.map(({ summary }) => summary).join(', ')}`, { exit: exitCode.stale, hint: 'run again to see a new plan' })
}

/** One step in frames of its own, tried again as it says. */
const alone = async (lane: Lane, pending: Pending): Promise<Pointer | undefined> => {
  const { judged } = pending
  const { step, bound } = judged
  const name = bound?.name ?? step.name
  lane.walk.emit({ type: 'step-started', host: lane.host.name, step: name })
  for (let attempt = 1; ; attempt++) {
    const told: { verdict?: Judged['verdict'] } = {}
    const { back, output } = await once(lane, pending, (_judged) => { told.verdict = judged.verdict })
    if (back !== undefined || told.verdict === undefined) return back
    const outcome: Outcome = { stdout: output?.stdout.trimEnd() ?? '', stderr: output?.stderr.trimEnd() ?? '', exit: output?.exit ?? 0, changed: true }
    if (step.register !== undefined) lane.host.registered.set(step.register, outcome)
    const seen = new Map([...lane.host.registered, ['result', outcome] as const])
    if (step.until === undefined || step.until.holds(lane.host.name, seen)) {
      const changed = step.changedWhen === undefined || step.changedWhen(lane.host.name, seen)
      if (step.register !== undefined) lane.host.registered.set(step.register, { ...outcome, changed })
      lane.tell(judged, changed ? judged.verdict : { status: 'ok' })
      return undefined
    }
    if (attempt > step.until.retries || lane.walk.stopping.asked) {
      lane.fail(judged, { code: 'never-held', message: `\`until\` did not hold in ${attempt} tries`, output: lane.walk.mask(outcome.stdout || outcome.stderr) })
      return undefined
    }
    const { delay } = step.until
    await new Promise((resolve) => { setTimeout(resolve, delay * 1000) })
  }
}

const once = async (lane: Lane, pending: Pending, told: (judged: Judged) => void): Promise<FlushResult> => {
  const { judged } = pending
  const name = judged.bound?.name ?? judged.step.name
  if (pending.changes.some(({ actions }) => actions.some(streams))) return streaming(lane, pending, told)
  lane.pending.push(pending)
  return flush(lane, {
    ...(judged.step.timeout === undefined ? {} : { timeout: judged.step.timeout * 1000 }),
    onOutput: (text) => lane.walk.emit({ type: 'action-output', host: lane.host.name, step: name, text: lane.walk.mask(text) }),
  }, told)
}

/** A step whose files are streamed: its guard, its actions one by one, and the facts again. */
const streaming = async (lane: Lane, { judged, changes, guards }: Pending, told: (judged: Judged) => void): Promise<FlushResult> => {
  const { bound, step } = judged
  const user = userOf(bound?.become)
  const session = await lane.host.session(bound?.become)
  const first = composeFrame([{ guards, owes: step.notify.map((handler) => debtOf(handler)), changes: [], verifyHere: undefined }], [], lane.host.locked.has(user) ? undefined : takeLock(lane.walk.owner, 30), crypto.randomUUID())
  const { stdout, stderr } = await session.exec(first.program.text)
  const { results, lockedBy } = first.read(stdout, stderr)
  if (lockedBy !== undefined) throw new ProvisionError('locked', `the host is locked by ${lockedBy}`, { exit: exitCode.locked, hint: 'wait for that run to end, then run again' })
  lane.host.locked.set(user, bound?.become)
  if (results[0]?.status !== 'done') {
    lane.host.snapshot.forget(user, guards.map(([fact]) => fact))
    return { back: judged.at, output: undefined }
  }
  for (const change of changes) {
    for (const action of change.actions) {
      const { exit, ...output } = await performStreaming(lane, judged, session, action)
      if (exit === 0) continue
      lane.fail(judged, failureOfAction({ exit, ...output, unconfirmed: false }, [change], lane.walk))
      return { back: undefined, output: undefined }
    }
  }
  lane.host.snapshot.forgetPredictions()
  lane.host.snapshot.believe(user, step.name, changes)
  lane.host.snapshot.forgetPredictions()
  forgetBeyond(lane.walk, step.name)
  const facts = hostFacts(bound?.bound.needs ?? {})
  const replies = await gather(session, facts)
  lane.host.snapshot.learn(user, facts, replies)
  const problem = await verified(lane, judged, replies)
  if (problem === undefined) told(judged)
  else lane.fail(judged, problem)
  return { back: undefined, output: { stdout: '', stderr: '', exit: 0 } }
}

/** A lost connection takes the host out of the walk; what the reader must mend fails the step at hand. */
const guarded = async (lane: Lane, work: () => Promise<Pointer | undefined>, reached?: Reached): Promise<Pointer | undefined> => {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error
    lane.pending.length = 0
    if (error.exit === exitCode.unreachable) lane.lose(error.message)
    else if (reached !== undefined) lane.fail(reached, failureOf(error))
    else throw error
    return undefined
  }
}
