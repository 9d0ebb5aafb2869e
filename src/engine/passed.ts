import { addressOf } from '../core/address.js'
import type { BoundStep, Step } from '../core/step.js'
import { Unknown } from '../core/unknown.js'
import type { Lane } from './lane.js'

/** Why a step need not be done: an earlier run, which this one takes up, has done it. States that register something are asked again, as nobody kept what they said. */
export const donePassed = (lane: Lane, step: Step, one: BoundStep): string | undefined => {
  const { walk, owner, play, handler } = lane
  if (walk.done === undefined) return undefined
  const address = addressOf({ play: play.name, place: step.place, step: one.name, handler })
  const nth = owner.passed.get(address) ?? 0
  owner.passed.set(address, nth + 1)
  return one.bound.kind === 'state' && step.register !== undefined ? undefined : walk.done(owner.name, address, nth)
}

/** What a verb said in the earlier run is not known any more. */
export const forgetSaid = ({ owner }: Lane, step: Step, name: string): void => {
  if (step.register !== undefined) owner.registered.set(step.register, new Unknown(`${name}, which the earlier run has done`))
}
