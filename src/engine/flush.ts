import { everything, type Change } from '../core/change.js'
import { covers } from '../core/disturbance.js'
import { exitCode, failureOf, ProvisionError, type Failure } from '../core/errors.js'
import type { HostFact } from '../core/fact.js'
import { printable } from '../core/printable.js'
import type { Session } from '../core/transport.js'
import type { Become, ExecOptions } from '../core/transport.js'
import { askingElsewhere } from './elsewhere.js'
import { composeFrame, isBeat, type FrameOutcome, type FrameStep } from './frame.js'
import type { Replies } from './gather.js'
import { debtsOf, forgiveUnchanged } from './handlers.js'
import { userOf, type Host } from './host.js'
import { hostFacts, judge, localAnswers } from './judge.js'
import type { Lane } from './lane.js'
import { releaseLock, takeLock } from './lock.js'
import { contentOf, isAsBefore, type Inline } from './perform.js'
import { parsed } from './snapshot.js'
import type { Judged, Pointer, Walk } from './walk.js'
import { forgetBeyond } from './walk.js'

/** A judged step that waits for its frame, with the replies that its verdict rests on. */
export interface Pending {
  readonly judged: Judged
  readonly changes: readonly Change[]
  readonly guards: FrameStep['guards']
}

export interface FlushResult {
  /** Where the walk must go on, since a host was not as believed. */
  readonly back: Pointer | undefined
  /** What the last changed step said. */
  readonly output: { readonly stdout: string; readonly stderr: string; readonly exit: number } | undefined
}

/** How an outcome is told: a step that is tried again keeps it to itself. */
export interface Telling {
  readonly made: (judged: Judged) => void
  readonly failed: (judged: Judged, failure: Failure) => void
}

/** What comes behind a frame: facts that are asked in it already, or nothing at all. */
export interface Behind { readonly asks?: readonly HostFact[]; readonly isLast?: boolean }

/** Makes what is pending in one frame, asks again, and tells how each step came out. */
export const flush = async (lane: Lane, options: ExecOptions = {}, telling: Telling = { made: (judged) => lane.tell(judged), failed: (judged, failure) => lane.fail(judged, failure) }, behind: Behind = {}): Promise<FlushResult> => {
  const changed = lane.pending.filter(({ changes, guards }) => changes.length + guards.length > 0)
  // the reader asked to stop: what is not under way does not begin
  if (changed.length > 0 && lane.walk.stopping.asked) return { back: undefined, output: undefined }
  const pending = lane.pending.splice(0)
  const become = changed[0]?.judged.bound?.become
  if (changed.length === 0) {
    for (const { judged } of pending) lane.tell(judged)
    return { back: undefined, output: undefined }
  }
  const user = userOf(become)
  const attempted = await attempt(lane, become, changed, options, behind)
  if (attempted === undefined) return { back: undefined, output: undefined }
  const { outcome, atEnd } = attempted
  afterChanges(lane, user, atEnd, outcome.replies, changed)

  for (const { judged, changes, guards } of pending) {
    const result = changes.length + guards.length === 0 ? undefined : outcome.results[changed.findIndex((one) => one.judged === judged)]
    if (result === undefined) {
      lane.tell(judged)
      continue
    }
    const output = { stdout: result.stdout, stderr: result.stderr, exit: result.status === 'failed' ? result.exit : 0 }
    switch (result.status) {
      case 'done': {
        const problem = judged.bound?.bound.kind === 'verb' || changes.length === 0 ? undefined : await verified(lane, judged, result.replies ?? outcome.replies)
        if (problem !== undefined) {
          lane.fail(judged, problem)
          return { back: undefined, output }
        }
        const answers = changes.length === 0 ? new Map(guards.map(([fact, reply]) => [fact.key, { reply }])) : result.replies
        const told = answers === undefined ? judged : { ...judged, answers }
        if (changes.length === 0) lane.tell(told)
        else telling.made(told)
        if (judged === changed.at(-1)?.judged && judged === pending.at(-1)?.judged) return { back: undefined, output }
        break
      }
      case 'moved':
        lane.host.snapshot.forget(user, guards.map(([fact]) => fact))
        return { back: restless(lane, judged) ? undefined : judged.at, output }
      case 'not-reached':
        return { back: judged.at, output }
      case 'failed':
        telling.failed(judged, failureOfAction(result, changes, lane.walk))
        // steps before it in the frame are told by now, and what they owe with them
        if (!result.unconfirmed && isAsBefore(changes, result.exit)) await forgiveUnchanged(lane, judged)
        return { back: undefined, output }
      default: result satisfies never
    }
  }
  return { back: undefined, output: undefined }
}

/** One frame; a failure that is no answer of the frame's own is the first step's, and what the host is now has to be asked. */
const attempt = async (lane: Lane, become: Become | undefined, changed: readonly Pending[], options: ExecOptions, { asks = [], isLast = false }: Behind): Promise<{ outcome: FrameOutcome; atEnd: readonly HostFact[] } | undefined> => {
  try {
    const { steps, atEnd: verifying } = await compiled(lane, changed)
    const atEnd = [...verifying, ...asks]
    return { outcome: await exchange(lane.host, await lane.host.session(become), become, steps, atEnd, lane.walk, options, isLast), atEnd }
  } catch (error) {
    if (!(error instanceof ProvisionError) || error.exit === exitCode.unreachable || changed[0] === undefined) throw error
    afterTrouble(lane, become, changed[0].judged)
    lane.fail(changed[0].judged, failureOf(error))
    return undefined
  }
}

/** Nobody knows how far a frame came whose answer is missing, and the shell that held the lock may be gone. */
export const afterTrouble = (lane: Lane, become: Become | undefined, { bound, step }: Judged): void => {
  lane.host.locked.delete(userOf(become))
  lane.host.snapshot.forgetPredictions()
  forgetBeyond(lane.walk, bound?.name ?? step.name)
}

/** How often a step is judged again because its host was not as believed. */
const MOST_MOVES = 5

export const restless = (lane: Lane, judged: Judged): boolean => {
  const id = `${judged.at.step}.${judged.at.item}.${judged.bound?.name ?? ''}`
  const moves = (lane.moves.get(id) ?? 0) + 1
  lane.moves.set(id, moves)
  if (moves <= MOST_MOVES) return false
  lane.fail(judged, { code: 'restless', message: `what this step looks at changed ${moves} times while it was at work`, hint: 'find out who changes it, then run again' })
  return true
}

const compiled = async (lane: Lane, changed: readonly Pending[]): Promise<{ steps: readonly FrameStep[]; atEnd: readonly HostFact[] }> => {
  const atEnd: HostFact[] = []
  const steps = await Promise.all(changed.map(async ({ judged, changes, guards }, index): Promise<FrameStep> => {
    const facts = judged.bound?.bound.kind === 'verb' || changes.length === 0 ? [] : hostFacts(judged.bound?.bound.needs ?? {}).filter(({ kind }) => kind.constant !== true)
    const later = changed.slice(index + 1).flatMap((other) => other.changes)
    if (!facts.some((fact) => later.some((change) => alters(change, fact)))) atEnd.push(...facts)
    return {
      guards,
      owes: changes.length === 0 ? [] : debtsOf(lane, judged.step),
      changes: await Promise.all(changes.map(async (change) => ({
        change,
        actions: await Promise.all(change.actions.map(async (action): Promise<Inline> => ({ action, content: await contentOf(action, lane.walk.issue) }))),
      }))),
      // what comes later may alter more than it says: whether this step was made shows only before it
      verifyHere: later.length === 0 ? undefined : facts,
    }
  }))
  return { steps, atEnd }
}

const alters = (change: Change, fact: HostFact): boolean => {
  const at = fact.kind.path?.(fact.subject)
  return change.predicts.some((prediction) => ('fact' in prediction ? prediction.fact === fact.key : at?.path.startsWith(`${prediction.below}/`) === true))
    || (change.disturbs ?? [everything]).some((disturbance) => covers(disturbance, fact.key, at))
}

const exchange = async (host: Host, session: Session, become: Become | undefined, steps: readonly FrameStep[], atEnd: readonly HostFact[], walk: Walk, options: ExecOptions, isLast: boolean): Promise<FrameOutcome> => {
  const user = userOf(become)
  const token = crypto.randomUUID()
  const { program, read } = composeFrame(steps, atEnd, { lock: steps.every(({ changes }) => changes.length === 0) ? undefined : takeLock(walk, host.locked.has(user)), unlock: isLast ? releaseLock(walk) : undefined, keep: walk.keep, token })
  const { stdout, stderr, exit } = await session.exec(program.text, {
    ...options,
    ...(walk.signal === undefined ? {} : { signal: walk.signal }),
    ...(options.onOutput === undefined ? {} : { onOutput: withoutMarks(token, options.onOutput) }),
  })
  const outcome = read(stdout, stderr)
  requireLock(outcome)
  if (outcome.results.every(({ status }) => status === 'not-reached')) {
    throw new ProvisionError('frame-failed', `the host's shell ended with exit ${exit} before the first change`, { output: printable(stderr) })
  }
  if (steps.some(({ changes }) => changes.length > 0)) host.holds(user, become)
  if (isLast) host.locked.delete(user)
  return outcome
}

/** Throws where another run works on the host, or the lock was taken away from this one. */
export const requireLock = ({ lockedBy, lostTo }: Pick<FrameOutcome, 'lockedBy' | 'lostTo'>): void => {
  if (lockedBy !== undefined) throw new ProvisionError('locked', `the host is locked by ${printable(lockedBy, 1)}`, { exit: exitCode.locked, hint: 'wait for that run to end, then run again; where it will not end, provision unlock' })
  if (lostTo === undefined) return
  throw new ProvisionError('lock-lost', `the lock on the host was taken away from this run${lostTo === '' ? '' : `; now it is that of ${printable(lostTo, 1)}`}`, { exit: exitCode.locked, hint: 'ask who took it, then run again' })
}

const afterChanges = (lane: Lane, user: string, facts: readonly HostFact[], replies: Replies, changed: readonly Pending[]): void => {
  lane.host.snapshot.forgetPredictions()
  lane.host.snapshot.learn(user, facts.filter((fact) => 'reply' in (replies.get(fact.key) ?? {})), replies)
  if (changed.some(({ changes }) => changes.length > 0)) forgetBeyond(lane.walk, changed.at(-1)?.judged.step.name ?? lane.play.name)
}

/** Judges the step once more by what the host answers now: nothing may be left to do. */
export const verified = async (lane: Lane, { bound }: Judged, replies: Replies): Promise<Failure | undefined> => {
  if (bound === undefined) return undefined
  const local = await localAnswers(bound.bound.needs, askingElsewhere(lane, bound.become))
  const verdict = judge(bound.bound, (fact) => {
    const answer = replies.get(fact.key)
    if (answer === undefined && fact.kind.constant === true) return lane.host.snapshot.read(userOf(bound.become), fact)
    if (answer === undefined) return { failure: { code: 'fact-failed', message: `the host did not answer ${fact.key} again` } }
    return 'failure' in answer ? answer : parsed(fact, answer.reply)
  }, local)
  switch (verdict.status) {
    case 'ok': return undefined
    case 'failed': return verdict.error
    case 'change': return { code: 'not-converged', message: `the step was made, yet it is still to be done: ${verdict.changes.map(({ summary }) => summary).join(', ')}`, hint: 'something else on the host works against it, or the module is wrong' }
    case 'deferred':
    case 'skipped': return { code: 'not-converged', message: `the step was made, yet cannot be judged again (${verdict.status})` }
    default: return verdict satisfies never
  }
}

export const failureOfAction = (result: { exit: number; unconfirmed: boolean; stdout: string; stderr: string }, changes: readonly Change[], walk: Walk): Failure => {
  const what = changes.map(({ summary }) => summary).join(', ')
  const output = printable(walk.mask([result.stderr, result.stdout].map((text) => text.trim()).filter(Boolean).join('\n')))
  return {
    code: result.unconfirmed ? 'not-confirmed' : 'action-failed',
    message: result.unconfirmed ? `made, but the host does not confirm it: ${what}` : `${what} failed with exit ${result.exit}`,
    ...(output === '' ? {} : { output }), ...(result.unconfirmed ? {} : { exited: result.exit }),
  }
}

/** Live output of a step's actions alone: what the frame asks afterwards are answers, which may hold secrets. */
const withoutMarks = (token: string, onOutput: NonNullable<ExecOptions['onOutput']>): NonNullable<ExecOptions['onOutput']> => {
  const rest = { stdout: '', stderr: '' }
  const isOpen = { stdout: false, stderr: false }
  return (text, stream) => {
    const lines = (rest[stream] + text).split('\n')
    rest[stream] = lines.pop() ?? ''
    for (const line of lines) {
      if (isBeat(line, token)) continue
      if (line.startsWith(token)) isOpen[stream] = line.startsWith(`${token} step `)
      else if (line !== '' && isOpen[stream]) onOutput(`${line}\n`, stream)
    }
  }
}

