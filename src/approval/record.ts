import { addressOf } from '../core/address.js'
import { canonical } from '../core/canonical.js'
import { byExit, type Action, type Change } from '../core/change.js'
import { keyedDigest } from '../core/digest.js'
import type { Prediction } from '../core/fact.js'
import { maskedValue } from '../core/mask.js'
import type { Plan, PlannedStep } from '../core/plan.js'
import { risks as allRisks, type Risk } from '../core/risk.js'
import { holdsSecret, type Secret } from '../core/secret.js'
import { backOutOf } from './back-out.js'
import type { FiledChange, FiledStep, PlanBody } from './plan-file.js'

/** What hosts answered when the plan was made, by host. */
export type Answers = ReadonlyMap<string, readonly { readonly user: string; readonly key: string; readonly reply: string }[]>

export interface Recording {
  /** Keys all fingerprints, so that they tell nothing of what they are of. */
  readonly key: Secret
  /** Foreign text with every known secret as dots. */
  readonly mask: (text: string) => string
}

/** The id of a fact on its host: who asked, and what. */
export const factId = (user: string, key: string): string => `${user} ${key}`

/** Tells whether two values are the same, and nothing else of them. */
export const fingerprintOf = (key: Secret, value: unknown): string => keyedDigest(key, canonical(value)).slice(0, 32)

/** The address of a step as it is written down, on one line. */
export const filedAddress = (step: Parameters<typeof addressOf>[0], mask: Recording['mask']): string => oneAddress(addressOf(step), mask)
/** The same of an address that is known already. */
export const oneAddress = (address: string, mask: Recording['mask']): string => mask(address).replaceAll('\n', ' · ')

/** A plan as it is written down: equal plans give equal records, and no secret is in them. */
export const recordOf = ({ steps }: Plan, answers: Answers, recording: Recording): PlanBody => ({
  class: steps.every((step) => isExact(step)) ? 'exact' : 'bounded',
  hosts: Object.fromEntries([...answers].map(([host, replies]) => [host, {
    // what a key asks may itself hold what nobody shall read
    facts: Object.fromEntries(replies.map(({ user, key, reply }) => [recording.mask(factId(user, key)), fingerprintOf(recording.key, reply)] as const).toSorted(([one], [other]) => (one < other ? -1 : 1))),
  }])),
  steps: steps.map((step) => stepOf(step, recording)),
})

/** Whether all that a step will do is known now. */
const isExact = ({ verdict, basis }: PlannedStep): boolean => verdict.status !== 'deferred' && !(verdict.status === 'change' && basis?.risks.includes('opaque') === true)

const stepOf = (planned: PlannedStep, recording: Recording): FiledStep => {
  const { play, host, on, batch, step, module, place, handler, verdict, basis } = planned
  const changes = verdict.status === 'change' ? verdict.changes : []
  const { mask } = recording
  return {
    address: filedAddress(planned, mask),
    play: mask(play), host, ...(on === undefined ? {} : { on }), ...(batch === undefined ? {} : { batch }), step: mask(step), module,
    file: place.file, line: place.line, column: place.column,
    ...(handler === undefined ? {} : { handler: 'owed' in handler ? handler : { notified: handler.notified.map(mask) } }),
    verdict: statusOf(planned), reason: mask(reasonOf(planned)),
    ...(verdict.status === 'deferred' ? { 'known-after': mask(verdict.until) } : {}),
    ...(basis === undefined ? {} : { user: basis.user }),
    changes: changes.map((change) => changeOf(change, recording)),
    needs: [...new Set(basis?.needs.map((key) => mask(key)))].toSorted(),
    risks: risksOf(planned),
    ...(basis === undefined || isExact(planned) ? {} : { arguments: plain(maskedValue(basis.args, mask)) }),
    ...(basis === undefined ? {} : { fingerprint: fingerprintOf(recording.key, [module, basis.args]) }),
  }
}

const statusOf = ({ verdict }: PlannedStep): FiledStep['verdict'] => {
  if (verdict.status === 'failed') throw new RangeError('a plan with failures is not written down')
  return verdict.status
}

/** Why a verdict is what it is, in words. */
export const reasonOf = ({ verdict, basis }: Pick<PlannedStep, 'verdict' | 'basis'>): string => {
  switch (verdict.status) {
    case 'ok': return verdict.says ?? 'it is so already'
    case 'change': return basis?.kind === 'verb' ? 'it is done each time' : 'the host is otherwise'
    case 'deferred': return `waits for "${verdict.until}"`
    case 'skipped': return verdict.because
    case 'failed': return verdict.error.message
    default: return verdict satisfies never
  }
}

const changeOf = (change: Change, { key, mask }: Recording): FiledChange => ({
  summary: mask(change.summary),
  diff: (change.diff?.lines ?? []).map(({ sign, text }) => ({ sign, text: mask(text) })),
  actions: change.actions.map((action) => plain(maskedValue(portable(action), mask)) as Record<string, unknown>), // an object stays one
  holds: change.predicts.map((prediction) => mask(placeOf(prediction))),
  'back-out': mask(backOutOf(change)),
  fingerprint: fingerprintOf(key, [change.summary, change.actions.map(portable), change.confirm ?? byExit]),
})

const placeOf = (prediction: Prediction): string => ('fact' in prediction ? prediction.fact : `everything below ${prediction.below}`)

/** An action as it is on every controller: files of this one are told by what they hold. */
const portable = (action: Action): unknown => {
  const content = (value: unknown): unknown => (typeof value === 'object' && value !== null && 'local' in value && 'sha256' in value && 'size' in value ? { sha256: value.sha256, size: value.size } : value)
  if (action.do === 'put') return { ...action, content: content(action.content) }
  return action.do === 'exec' && action.stdin !== undefined ? { ...action, stdin: content(action.stdin) } : action
}

const risksOf = ({ verdict, basis }: PlannedStep): Risk[] => {
  if (verdict.status !== 'change' && verdict.status !== 'deferred') return []
  const changes = verdict.status === 'change' ? verdict.changes : []
  const found = new Set<Risk>(basis?.risks ?? ['opaque'])
  if (changes.some(({ predicts }) => predicts.some((prediction) => 'fact' in prediction && isGone(prediction.value))) || isRemoval(basis?.args)) found.add('destructive')
  if (holdsSecret(changes.map(({ actions }) => actions)) || (verdict.status === 'deferred' && holdsSecret(basis?.args))) found.add('secret')
  return allRisks.filter((risk) => found.has(risk))
}

const isGone = (value: unknown): boolean => typeof value === 'object' && value !== null && 'type' in value && value.type === 'absent'
const isRemoval = (args: unknown): boolean => typeof args === 'object' && args !== null && 'state' in args && args.state === 'absent'

/** As it is after it was written and read: secrets are what they show. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null)) as unknown
