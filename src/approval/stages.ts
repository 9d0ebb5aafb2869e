import type { FiledStep, PlanBody } from './plan-file.js'

/** What is done at once: the hosts of a play, or of one of its batches; stages follow one another. */
export interface Stage { readonly play: string; readonly batch?: FiledStep['batch']; readonly steps: readonly FiledStep[] }

/** The stages of a plan, in order. Two plays of one name that follow one another are one: more is taken to be at once than is. */
export const stagesOf = ({ steps }: Pick<PlanBody, 'steps'>): readonly Stage[] => {
  const stages: { play: string; batch?: FiledStep['batch']; steps: FiledStep[] }[] = []
  for (const step of steps) {
    const last = stages.at(-1)
    if (last?.play === step.play && last.batch?.nth === step.batch?.nth) last.steps.push(step)
    else stages.push({ play: step.play, ...(step.batch === undefined ? {} : { batch: step.batch }), steps: [step] })
  }
  return stages
}

/** Whether a step does something, or may. */
export const isToDo = ({ verdict }: FiledStep): boolean => verdict === 'change' || verdict === 'deferred'

/** The host on which a step is done. */
export const placeOfWork = ({ host, on }: FiledStep): string => on ?? host
