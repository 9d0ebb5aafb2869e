import { exitCode, ProvisionError } from '../core/errors.js'
import { stepsIn, type BoundStep, type Play, type Step } from '../core/step.js'
import { Unknown, UnknownValue } from '../core/unknown.js'
import { Lane } from './lane.js'
import { reach } from './reach.js'

/** A step of one host that is done on another: the hosts of a batch take turns there, so that nobody else is at work on it. */
export const delegated = async (lane: Lane, step: Step, { delegate: _there, ...one }: BoundStep, name: string): Promise<void> => {
  const target = lane.walk.hosts.get(name)
  const reached = { at: { step: 0, item: 0 }, step, bound: one, started: lane.walk.now() }
  if (target === undefined || target.lost !== undefined) {
    lane.fail(reached, target === undefined
      ? { code: 'unknown-delegate', message: `${name} is not among the hosts of this run`, hint: 'name a host of the inventory under `delegate:`' }
      : { code: 'delegate-lost', message: `${name}, where this step is done, is not reached` })
    return
  }
  const there = new Lane(target, lane.play, lane.walk, lane.batch, lane.owner)
  there.handler = lane.handler
  there.nets = lane.nets
  const { once: _once, delegates: _delegates, ...inner } = step
  await there.steps([{ ...inner, bind: () => ({ steps: [one] }) }])
  lane.failing = there.failing
  if (target.lost !== undefined && lane.failing === undefined) lane.fail(reached, { code: 'delegate-lost', message: `${name}, where this step is done, was lost` })
}

/** Hosts that do steps for others, which must be connected too; where it is not known before the run it is a mistake of the playbook. */
export const delegatesOf = (plays: readonly Play[]): ReadonlySet<string> => {
  const found = new Set<string>()
  for (const play of plays) {
    const parts = [...play.steps, ...play.handlers.flatMap(({ steps }) => steps)]
    const registered = new Map(stepsIn(parts).flatMap(({ register, name }) => (register === undefined ? [] : [[register, new Unknown(name)] as const])))
    for (const host of play.hosts) {
      for (const { step, around } of reach(parts, host, registered, () => {})) for (const name of namesOf(step, () => step.delegates?.(host, registered, around) ?? [])) found.add(name)
    }
  }
  return found
}

const namesOf = (step: Step, evaluate: () => readonly string[]): readonly string[] => {
  try {
    return evaluate()
  } catch (error) {
    if (error instanceof ProvisionError) return [] // told with the other mistakes of the files
    if (!(error instanceof UnknownValue)) throw error
    throw new ProvisionError('unknown-delegate', `where this step is done must be known before the run, and waits for "${error.until}"`, { exit: exitCode.input, at: step.place, hint: 'name the host by variables of the inventory' })
  }
}
