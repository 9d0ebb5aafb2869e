import type { Step } from '../core/step.js'
import type { Verdict } from '../core/verdict.js'
import type { Lane } from './lane.js'

/** What becomes of a step that another host of the batch has done for all; undefined where none has. */
export const onceDone = ({ batch, owner }: Lane, step: Step): Verdict | undefined => {
  const by = batch.once.get(step)
  if (by === undefined || by === owner) return undefined
  return by.out
    ? { status: 'failed', error: { code: 'once-failed', message: `this is done once for all hosts, and failed on ${by.name}` } }
    : { status: 'skipped', because: `done once, on ${by.name}` }
}

/** What the step registered where it was done is known here too. */
export const shareRegistered = ({ batch, owner }: Lane, step: Step): void => {
  const by = batch.once.get(step)
  if (step.register !== undefined && by?.registered.has(step.register) === true) owner.registered.set(step.register, by.registered.get(step.register))
}
