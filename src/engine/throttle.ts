import type { Step } from '../core/step.js'
import type { Lane } from './lane.js'

/** So many places, and who waits for one. */
export interface Throttle { free: number; readonly waiting: (() => void)[] }

/** Does the work of a step when one of its places is free. */
export const throttled = async <T>({ batch: { throttles } }: Lane, step: Step, work: () => Promise<T>): Promise<T> => {
  if (step.throttle === undefined) return work()
  const places = throttles.get(step) ?? { free: step.throttle, waiting: [] }
  throttles.set(step, places)
  if (places.free > 0) places.free--
  else await new Promise<void>((resolve) => { places.waiting.push(resolve) })
  try {
    return await work()
  } finally {
    const next = places.waiting.shift()
    if (next === undefined) places.free++
    else next()
  }
}
