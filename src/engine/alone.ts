import { counted } from '../core/counted.js'
import { exitCode, ProvisionError, type Failure } from '../core/errors.js'
import type { Outcome } from '../core/step.js'
import type { Output, Session } from '../core/transport.js'
import { afterTrouble, failureOfAction, flush, requireLock, restless, verified, type FlushResult, type Pending, type Telling } from './flush.js'
import { composeFrame } from './frame.js'
import { gather } from './gather.js'
import { debtsOf, forgiveUnchanged } from './handlers.js'
import { userOf } from './host.js'
import { hostFacts } from './judge.js'
import type { Lane } from './lane.js'
import { takeLock } from './lock.js'
import { isAsBefore, streams } from './perform.js'
import { register } from './registered.js'
import { performStreaming } from './stream.js'
import { forgetBeyond, type Pointer } from './walk.js'

/** One step in frames of its own, tried again as it says. */
export const alone = async (lane: Lane, pending: Pending): Promise<Pointer | undefined> => {
  const { judged } = pending
  const { step, bound } = judged
  const { owner, walk } = lane
  const say = (outcome: Outcome): void => register(owner, step, judged.at.item, outcome)
  walk.emit({ type: 'step-started', host: owner.name, step: bound?.name ?? step.name })
  for (let attempt = 1; ; attempt++) {
    let failure: Failure | undefined
    let isMade = false
    const { back, output } = await once(lane, pending, { made: () => { isMade = true }, failed: (_judged, why) => { failure = why } })
    // judged again; or lost, stopped, or told already
    if (back !== undefined || (!isMade && failure === undefined)) return back
    const outcome: Outcome = { stdout: output?.stdout.trimEnd() ?? '', stderr: output?.stderr.trimEnd() ?? '', exit: output?.exit ?? 0, changed: isMade }
    say(outcome)
    const seen = new Map([...owner.registered, ['result', outcome] as const])
    const holds = step.until === undefined ? true : step.until.holds(owner.name, seen, bound?.around)
    if (holds && failure === undefined) {
      const changed = step.changedWhen === undefined || step.changedWhen(owner.name, seen, bound?.around)
      say({ ...outcome, changed })
      lane.tell(judged, changed ? judged.verdict : { status: 'ok' })
      if (!changed) await forgiveUnchanged(lane, judged)
      return undefined
    }
    const isLast = holds || step.until === undefined || attempt > step.until.retries || walk.stopping.asked || await interrupted(lane, step.until.delay)
    if (isLast) {
      lane.fail(judged, failure ?? { code: 'never-held', message: `\`until\` did not hold in ${counted(attempt, 'try', 'tries')}`, output: outcome.stdout || outcome.stderr })
      say(outcome)
      return undefined
    }
  }
}

/** Milliseconds after which an interruption is noticed while a step waits to be tried again. */
const NOTICED = 200

/** Waits, and tells whether the reader asked to stop meanwhile. */
const interrupted = async ({ walk: { stopping, signal } }: Lane, seconds: number): Promise<boolean> => {
  for (let left = seconds * 1000; left > 0 && !stopping.asked && signal?.aborted !== true; left -= NOTICED) {
    await new Promise((resolve) => { setTimeout(resolve, Math.min(left, NOTICED)) })
  }
  return stopping.asked || signal?.aborted === true
}

const once = async (lane: Lane, pending: Pending, telling: Telling): Promise<FlushResult> => {
  const { judged, changes } = pending
  const name = judged.bound?.name ?? judged.step.name
  lane.host.snapshot.believe(userOf(judged.bound?.become), name, changes)
  if (changes.some(({ actions }) => actions.some(streams))) return streaming(lane, pending, telling)
  lane.pending.push(pending)
  return flush(lane, {
    ...(judged.step.timeout === undefined ? {} : { timeout: judged.step.timeout * 1000 }),
    onOutput: (text) => lane.walk.emit({ type: 'action-output', host: lane.owner.name, step: name, text: lane.walk.mask(text), ...(changes.some(({ live }) => live === true) ? { live: true } : {}) }),
  }, telling)
}

const nothing: FlushResult = { back: undefined, output: undefined }

/** A step whose files are streamed: its guards, its actions and confirmations one by one, and the facts again. */
const streaming = async (lane: Lane, pending: Pending, telling: Telling): Promise<FlushResult> => {
  const { judged: { bound, step }, judged } = pending
  const { host, walk } = lane
  if (walk.stopping.asked) return nothing
  const session = await host.session(bound?.become)
  try {
    const begun = await begin(lane, pending, session, telling)
    if (begun !== 'begun') return begun
    const output = await act(lane, pending, session, telling)
    host.snapshot.forgetPredictions()
    forgetBeyond(walk, bound?.name ?? step.name)
    if (output === undefined || output.exit !== 0) return { back: undefined, output }
    if (bound?.bound.kind !== 'verb') {
      const facts = hostFacts(bound?.bound.needs ?? {}).filter(({ kind }) => kind.constant !== true)
      const replies = await gather(session, facts)
      host.snapshot.learn(userOf(bound?.become), facts, replies)
      const problem = await verified(lane, judged, replies)
      if (problem !== undefined) {
        lane.fail(judged, problem)
        return nothing
      }
    }
    telling.made(judged)
    return { back: undefined, output }
  } catch (error) {
    if (error instanceof ProvisionError && error.exit !== exitCode.unreachable) afterTrouble(lane, bound?.become, judged)
    throw error
  }
}

/** Takes the lock, holds the guards against the host, and writes down what will be owed. */
const begin = async (lane: Lane, { judged, guards, changes }: Pending, session: Session, telling: Telling): Promise<FlushResult | 'begun'> => {
  const { host, walk } = lane
  const become = judged.bound?.become
  const { program, read } = composeFrame([{ guards, owes: debtsOf(lane, judged.step), changes: [], verifyHere: undefined }], [],
    { lock: takeLock(walk, host.locked.has(userOf(become))), keep: walk.keep, token: crypto.randomUUID() })
  const { stdout, stderr, exit } = await session.exec(program.text, walk.signal === undefined ? {} : { signal: walk.signal })
  const outcome = read(stdout, stderr)
  requireLock(outcome)
  const [result] = outcome.results
  if (result === undefined || result.status === 'not-reached') throw new ProvisionError('frame-failed', `the host's shell ended with exit ${exit} before the first change`, { output: stderr })
  host.holds(userOf(become), become)
  if (result.status === 'done') return 'begun'
  host.snapshot.forgetPredictions()
  if (result.status === 'failed') {
    telling.failed(judged, failureOfAction(result, changes, walk))
    return { back: undefined, output: { stdout: result.stdout, stderr: result.stderr, exit: result.exit } }
  }
  host.snapshot.forget(userOf(become), guards.map(([fact]) => fact))
  return { back: restless(lane, judged) ? undefined : judged.at, output: undefined }
}

/** Performs all actions; the output of the last, or of the one that failed. */
const act = async (lane: Lane, { judged, changes }: Pending, session: Session, telling: Telling): Promise<Output | undefined> => {
  let last: Output | undefined
  for (const change of changes) {
    for (const action of change.actions) {
      last = await performStreaming(lane, judged, session, action)
      if (last.exit === 0) continue
      telling.failed(judged, failureOfAction({ ...last, unconfirmed: false }, [change], lane.walk))
      if (isAsBefore(changes, last.exit)) await forgiveUnchanged(lane, judged)
      return last
    }
    if (change.confirm === undefined) continue
    const confirmed = await session.exec(change.confirm, lane.walk.signal === undefined ? {} : { signal: lane.walk.signal })
    if (confirmed.exit === 0) continue
    telling.failed(judged, failureOfAction({ ...confirmed, unconfirmed: true }, [change], lane.walk))
    return confirmed
  }
  return last
}
