import type { Availability, Outage } from '../approval/availability.js'
import type { Stage } from '../approval/stages.js'
import type { Estimate, Timeline } from '../approval/timeline.js'
import { counted } from '../core/counted.js'
import { seconds } from './words.js'

/** `Start nodes, batch 1 of 2`. */
export const stageTitle = ({ play, batch }: Pick<Stage, 'play' | 'batch'>): string => `${play}${batch === undefined ? '' : `, batch ${batch.nth} of ${batch.of}`}`

/** How many hosts serve a unit while the plan is applied, as one sentence. */
export const availabilityText = ({ hosts, least, worst, outages, isAwaited }: Availability): string => {
  const may = worst.isSure ? '' : 'may '
  if (least > 0) return `At least ${least} of ${counted(hosts.length, 'host')} ${least === 1 ? 'serves' : 'serve'} at all times${isAwaited ? '' : ', if each serves as soon as it is started: no step waits for it'}.`
  const isBefore = outages.every(({ kind }) => kind === 'not running before')
  if (hosts.length === 1) return isBefore ? 'It does not run on the only host of this plan with it before the plan starts it.' : `It ${may === '' ? 'is' : 'may be'} down on the only host of this plan with it.`
  return isBefore ? `It does not run on any of ${counted(hosts.length, 'host')} before the plan starts it.` : `All ${counted(hosts.length, 'host')} ${may}${may === '' ? 'are' : 'be'} down at the same time.`
}

/** What a forecast rests on. */
export const assumedText = (opaque: number): string =>
  `Assumed: a unit runs before the plan begins unless a step starts it for sure; hosts of a batch are at work at the same time; a host serves again when the batch has ended in which its unit is started; hosts that are not in this plan are not counted; nothing fails, and no package restarts what it brings.${opaque === 0 ? '' : ` ${counted(opaque, 'step')} may stop more than is known here: commands do what they say.`}`

/** A stage by its place. */
export const titleAt = (stages: readonly Stage[], index: number): string => {
  const stage = stages[index]
  return stage === undefined ? 'the end' : stageTitle(stage)
}

const titleOf = (stages: readonly Stage[], index: number): string => `“${titleAt(stages, index)}”`

/** When and why a unit does not run on a host. */
export const outageText = ({ host, from, until, step, kind, isSure, gate }: Outage, stages: readonly Stage[]): string => {
  const behind = gate === undefined ? 'no step waits until it serves' : `behind the gate “${gate}”`
  const may = isSure ? '' : ', if what is not known yet comes to it'
  switch (kind) {
    case 'restarts': return `${host}: restarts in ${titleOf(stages, from)} by “${step}”${may}; ${behind}`
    case 'stops': return `${host}: stops in ${titleOf(stages, from)} by “${step}”${may}; ${until === undefined ? 'no later step starts it' : until === from ? `starts in the same batch, ${behind}` : `starts in ${titleOf(stages, until)}, ${behind}`}`
    case 'not running before': return `${host}: does not run before “${step}” in ${titleOf(stages, until ?? from)}; ${behind}`
    default: return kind satisfies never
  }
}

/** An estimate as people read it; what no run is known of is said, and never made up. */
export const estimateText = ({ ms, unknown }: Estimate, steps: number): string => {
  if (unknown === steps) return steps === 1 ? 'no run of this step is known yet' : 'no run of these steps is known yet'
  return unknown === 0 ? `about ${seconds(ms)}` : `about ${seconds(ms)}, and ${counted(unknown, 'step')} of which no run is known`
}

/** The sum along the critical path, short. */
export const totalText = ({ total, stages }: Timeline): string => {
  const steps = stages.flatMap(({ work }) => work.filter(({ isCritical }) => isCritical)).reduce((sum, work) => sum + work.steps, 0)
  if (steps === 0) return 'nothing to do'
  return total.unknown === steps ? 'not known yet' : `${seconds(total.ms)}${total.unknown === 0 ? '' : ' and more'}`
}
