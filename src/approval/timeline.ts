import type { FiledStep, PlanBody } from './plan-file.js'
import { isToDo, stagesOf, type Stage } from './stages.js'

/** Milliseconds that a step took on its host in earlier runs; none where no such run is known. */
export type History = (step: FiledStep) => readonly number[]

/** How long something takes by what earlier runs took; of so many of its steps no run is known. */
export interface Estimate { readonly ms: number; readonly unknown: number }

/** One host's way through a stage, with what is done for it on others, in turn. */
export interface HostWork { readonly host: string; readonly steps: number; readonly estimate: Estimate; readonly isCritical: boolean }

/** A stage in which something is done, and who does it at the same time. */
export interface StageWork extends Pick<Stage, 'play' | 'batch'> { readonly stage: number; readonly work: readonly HostWork[] }

/** What is done one after the other, and the way through it that takes longest. */
export interface Timeline { readonly stages: readonly StageWork[]; readonly total: Estimate }

/** The timeline of a plan. The longest work of a stage is told by time where all of its steps are known from earlier runs, and else by the number of steps. */
export const timelineOf = (plan: Pick<PlanBody, 'steps'>, history: History = () => []): Timeline => {
  const stages = stagesOf(plan).map(({ play, batch, steps }, stage): StageWork => ({ play, ...(batch === undefined ? {} : { batch }), stage, work: workOf(steps.filter(isToDo), history) })).filter(({ work }) => work.length > 0)
  const critical = stages.flatMap(({ work }) => work.filter(({ isCritical }) => isCritical))
  return { stages, total: { ms: sum(critical.map(({ estimate }) => estimate.ms)), unknown: sum(critical.map(({ estimate }) => estimate.unknown)) } }
}

const workOf = (steps: readonly FiledStep[], history: History): readonly HostWork[] => {
  const work = [...new Set(steps.map(({ host }) => host))].map((host) => {
    const own = steps.filter((step) => step.host === host)
    return { host, steps: own.length, estimate: estimateOf(own, history) }
  })
  const areKnown = work.every(({ estimate }) => estimate.unknown === 0)
  const size = (one: (typeof work)[number]): number => (areKnown ? one.estimate.ms : one.steps)
  const longest = work.toSorted((one, other) => size(other) - size(one))[0]
  return work.map((one) => ({ ...one, isCritical: one === longest }))
}

/** The sum of what the steps took in the middle of all runs that are known. */
export const estimateOf = (steps: readonly FiledStep[], history: History): Estimate => {
  const known = steps.map((step) => middleOf(history(step)))
  return { ms: sum(known.map((ms) => ms ?? 0)), unknown: known.filter((ms) => ms === undefined).length }
}

const middleOf = (values: readonly number[]): number | undefined => values.toSorted((one, other) => one - other)[Math.floor((values.length - 1) / 2)]
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
