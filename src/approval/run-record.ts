import type { RunEvent } from '../core/events.js'
import type { Basis, PlannedStep } from '../core/plan.js'
import { holdsSecret } from '../core/secret.js'
import type { Verdict } from '../core/verdict.js'
import type { PredictedStep, SettledStep } from './journal.js'
import { factId, filedAddress, fingerprintOf, reasonOf, type Recording } from './record.js'

/** How a run is written down. */
export interface RunRecording extends Recording {
  /** Whether the key is a secret: without one nothing is told of what holds secrets. */
  readonly isKeyed: boolean
  /** What a host answers now; nothing where that is not known. */
  readonly replyOf: (host: string, user: string, key: string) => string | undefined
}

type Settled = Extract<RunEvent, { type: 'step-settled' }>

/** What a run is expected to do at one step. */
export const predictedOf = (planned: PlannedStep, recording: RunRecording): PredictedStep => ({
  type: 'predicted', ...placed(planned, recording), ...outcome(planned, recording), ...fingerprinted(planned.module, planned.basis, recording),
})

/** What a run did at one step, and what the host said then; the event has lost its secrets already. */
export const settledOf = (event: Settled, basis: Basis | undefined, at: Date, recording: RunRecording): SettledStep => {
  const { verdict, ms, ignored, rescued } = event
  const facts = factsOf(event, basis, recording)
  return {
    type: 'settled', ...placed(event, recording), ...outcome(event, recording), ...fingerprinted(event.module, basis, recording),
    started: new Date(at.getTime() - ms).toISOString(), ended: at.toISOString(), ms: Math.round(ms),
    ...(verdict.status === 'failed' ? { failure: verdict.error.code, ...(verdict.error.exited === undefined ? {} : { exit: verdict.error.exited }) } : {}),
    ...(ignored === undefined ? {} : { ignored }), ...(rescued === undefined ? {} : { rescued }),
    ...(facts === undefined ? {} : { facts }),
  }
}

/** The facts of a step by who asks them: none of verbs, which ask nothing, and of what is not known or nobody may fingerprint. */
export const answersOf = ({ host, on, verdict }: Pick<Settled, 'host' | 'on' | 'verdict'>, basis: Basis | undefined, { isKeyed, replyOf }: RunRecording): readonly { readonly user: string; readonly key: string; readonly reply: string }[] => {
  if (basis === undefined || basis.kind === 'verb' || (verdict.status !== 'ok' && verdict.status !== 'change') || (!isKeyed && holdsSecret(basis.args))) return []
  return basis.needs.flatMap((key) => {
    const reply = replyOf(on ?? host, basis.user, key)
    return reply === undefined ? [] : [{ user: basis.user, key, reply }]
  })
}

const factsOf = (event: Settled, basis: Basis | undefined, recording: RunRecording): Record<string, string> | undefined => {
  const answers = answersOf(event, basis, recording)
  // what a key asks may itself hold what nobody shall read
  return answers.length === 0 ? undefined : Object.fromEntries(answers.map(({ user, key, reply }) => [recording.mask(factId(user, key)), fingerprintOf(recording.key, reply)]))
}

const placed = (step: Pick<PlannedStep, 'play' | 'host' | 'on' | 'step' | 'module' | 'place' | 'handler'>, { mask }: RunRecording): Pick<PredictedStep, 'host' | 'on' | 'address' | 'play' | 'step' | 'module' | 'file' | 'line'> => ({
  host: step.host, ...(step.on === undefined ? {} : { on: step.on }), address: filedAddress(step, mask),
  play: mask(step.play), step: mask(step.step), module: step.module, file: step.place.file, line: step.place.line,
})

const outcome = (step: Pick<PlannedStep, 'verdict' | 'basis'>, { mask }: RunRecording): Pick<PredictedStep, 'status' | 'changes' | 'reason'> => {
  const { verdict } = step
  return { status: verdict.status, changes: verdict.status === 'change' ? verdict.changes.map(({ summary }) => mask(summary)) : [], ...(isPlain(verdict) ? {} : { reason: mask(reasonOf(step)) }) }
}

/** Nothing is to be said of it beyond its verdict. */
const isPlain = (verdict: Verdict): boolean => verdict.status === 'change' || (verdict.status === 'ok' && verdict.says === undefined)

const fingerprinted = (module: string, basis: Basis | undefined, { key, isKeyed }: RunRecording): { readonly fingerprint?: string } =>
  (basis === undefined || (!isKeyed && holdsSecret(basis.args)) ? {} : { fingerprint: fingerprintOf(key, [module, basis.args]) })
