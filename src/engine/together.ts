import { below, type Disturbance } from '../core/change.js'
import { coverage, type FactPath } from '../core/disturbance.js'
import type { HostFact } from '../core/fact.js'
import { partOf } from '../core/part-file.js'
import type { FrameStep } from './frame.js'

/** Steps of a frame, one after the other, with their places in it. */
export type Span = readonly [Placed, ...Placed[]]
interface Placed { readonly step: FrameStep; readonly index: number }

/** So many at once: somebody else's change between a guard and its step shall stay unlikely. */
const MOST = 16

/**
 * Which steps of a frame are read together, behind the last of them. A script may alter more than it says, so that what was made before is read before it.
 * A file that is put in its place alters nothing but its path: what rests elsewhere is the same before and after.
 */
export const readTogether = (steps: readonly FrameStep[]): readonly Span[] => {
  const spares = sparing(steps)
  return spansOf(steps, (span, one) => spares(one, span.flatMap(({ step }) => step.verifyHere ?? [])))
}

const spansOf = (steps: readonly FrameStep[], joins: (span: Span, one: Placed) => boolean): readonly Span[] => {
  const spans: [Placed, ...Placed[]][] = []
  for (const [index, step] of steps.entries()) {
    const last = spans.at(-1)
    if (last !== undefined && last.length < MOST && joins(last, { step, index })) last.push({ step, index })
    else spans.push([{ step, index }])
  }
  return spans
}

/** Tells whether a step leaves facts alone for sure. */
const sparing = (steps: readonly FrameStep[]): ((one: Placed, facts: readonly HostFact[]) => boolean) => {
  const places = placesOf(steps)
  const alters = steps.map((step) => altered(step, places))
  return ({ index }, facts) => {
    const disturbances = alters[index]
    if (disturbances === undefined) return false
    const covered = coverage(disturbances)
    return facts.every(({ key, kind }) => kind.constant === true || (places.has(key) && !covered(key, places.get(key))))
  }
}

/** Where facts rest with links resolved, as far as a guard tells it. */
const placesOf = (steps: readonly FrameStep[]): ReadonlyMap<string, FactPath> => new Map(steps.flatMap(({ guards }) => guards.flatMap(([fact, reply]): [string, FactPath][] => {
  const at = fact.kind.path?.(fact.subject, reply)
  return at?.real === undefined ? [] : [[fact.key, at]]
})))

/** All that a step can alter, where the engine itself does it; `undefined`: a script does, or nobody knows where the path leads. */
const altered = ({ changes }: FrameStep, places: ReadonlyMap<string, FactPath>): readonly Disturbance[] | undefined => {
  const paths = changes.flatMap(({ actions }) => actions.map(({ action }) => {
    if (action.do !== 'put' || action.validate !== undefined || action.validateAfter !== undefined) return undefined
    const real = places.get(`file:${action.path}`)?.real
    return real === undefined ? undefined : [action.path, real]
  }))
  return paths.some((one) => one === undefined) ? undefined : paths.flatMap((one) => one ?? []).flatMap((path) => [below(path), below(partOf(path, 'new'))])
}

/** Which steps are guarded together, before the first of them, by the same reason: what they rest on is not altered in between. */
export const guardTogether = (steps: readonly FrameStep[]): readonly Span[] => {
  const spares = sparing(steps)
  return spansOf(steps, (span, { step }) => span.every((one) => spares(one, step.guards.map(([fact]) => fact))) && agree(span.flatMap((one) => one.step.guards), step.guards))
}

/** Whether no two guards expect different answers to one question. */
const agree = (some: FrameStep['guards'], more: FrameStep['guards']): boolean => {
  const replies = new Map(some.map(([fact, reply]) => [fact.key, reply]))
  return more.every(([fact, reply]) => (replies.get(fact.key) ?? reply) === reply)
}
