import { availabilityOf, unforeseen, type Availability, type Outage } from '../approval/availability.js'
import type { PlanBody } from '../approval/plan-file.js'
import { stagesOf, type Stage } from '../approval/stages.js'
import type { Estimate, HostWork, StageWork, Timeline } from '../approval/timeline.js'
import { counted } from '../core/counted.js'
import { html, type Markup } from './html.js'
import { stageTitle } from './plan-page-steps.js'
import { seconds } from './words.js'

/** Which units run on how many hosts at all times, with what that assumes. */
export const availabilitySection = (plan: Pick<PlanBody, 'steps'>): Markup => {
  const stages = stagesOf(plan)
  const units = availabilityOf(plan)
  const opaque = unforeseen(plan)
  return html`<section aria-labelledby="availability"><h2 id="availability">Availability</h2>
${units.length === 0 ? html`<p>No step of the plan stops or restarts a unit${opaque > 0 ? ' by what is known of it' : ''}.</p>` : units.map((unit) => html`<div class="forecast"><h3><code>${unit.unit}</code> <small>on ${unit.hosts.join(', ')}</small></h3>
<p><span class="says ${unit.least > 0 ? 'kept' : 'lost'}">${availabilityText(unit)}</span> ${worstText(unit, stages)}</p>
<ul>${unit.outages.map((outage) => html`<li>${outageText(outage, stages)}</li>`)}</ul></div>`)}
<p class="quiet-text">Assumed: a unit runs before the plan begins unless a step starts it for sure; hosts of a batch are at work at the same time; a host serves again when the batch has ended in which its unit is started; hosts that are not in this plan are not counted; nothing fails.${opaque > 0 && ` ${counted(opaque, 'step')} may stop more than is known here: commands do what they say.`}</p></section>`
}

/** How many hosts serve a unit while the plan is applied, as one sentence. */
export const availabilityText = ({ hosts, least, worst, outages }: Availability): string => {
  const may = worst.isSure ? '' : 'may '
  if (least > 0) return `At least ${least} of ${counted(hosts.length, 'host')} ${least === 1 ? 'serves' : 'serve'} at all times.`
  const isBefore = outages.every(({ kind }) => kind === 'not running before')
  if (hosts.length === 1) return isBefore ? `It does not run on ${hosts.join()}, the only host of this plan with it, before the plan starts it.` : `It ${may === '' ? 'is' : 'may be'} down on ${hosts.join()}, the only host of this plan with it.`
  return isBefore ? `It does not run on any of ${counted(hosts.length, 'host')} before the plan starts it.` : `All ${counted(hosts.length, 'host')} ${may}${may === '' ? 'are' : 'be'} down at the same time.`
}

const titleOf = (stages: readonly Stage[], index: number): string => {
  const stage = stages[index]
  return stage === undefined ? 'the end' : `“${stageTitle(stage)}”`
}

const worstText = ({ worst }: Availability, stages: readonly Stage[]): string => `Fewest in ${titleOf(stages, worst.stage)}: without ${worst.down.join(', ')}.`

const outageText = ({ host, from, until, step, kind, isSure, gate }: Outage, stages: readonly Stage[]): string => {
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

/** Plays and batches one after the other, who is at work in each, and the longest way through. */
export const timelineSection = (timeline: Timeline): Markup => {
  const { stages } = timeline
  const most = Math.max(1, ...stages.flatMap(({ work }) => work.map(sizeOf(stages))))
  const path = stages.flatMap((stage) => stage.work.filter(({ isCritical }) => isCritical).map(({ host }) => `${stageTitle(stage)} (${host})`))
  return html`<section aria-labelledby="timeline"><h2 id="timeline">Timeline</h2>
${stages.length === 0 ? html`<p>There is nothing to do.</p>` : html`<p>Critical path: ${path.join(' → ')}. Estimate: ${totalText(timeline)}.</p>
<ol class="timeline">${stages.map((stage) => stageItem(stage, most, sizeOf(stages)))}</ol>`}
<p class="quiet-text">Plays and batches follow one another; hosts within one are at work at the same time. A bar is ${isTimed(stages) ? 'the time that earlier runs took' : 'the number of steps, as not all of them are known from earlier runs'}. Plays without anything to do are left out.</p></section>`
}

const isTimed = (stages: readonly StageWork[]): boolean => stages.every(({ work }) => work.every(({ estimate }) => estimate.unknown === 0))
const sizeOf = (stages: readonly StageWork[]) => ({ estimate, steps }: HostWork): number => (isTimed(stages) ? estimate.ms : steps)

const stageItem = (stage: StageWork, most: number, size: (work: HostWork) => number): Markup => html`<li><b>${stageTitle(stage)}</b>
<div class="work">${stage.work.map((work) => html`<span class="host">${work.host}</span>
<svg class="bar ${work.isCritical ? 'critical' : 'other'}" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect width="${Math.max(1, Math.round((100 * size(work)) / most))}" height="4"></rect></svg>
<span>${counted(work.steps, 'step')}${work.isCritical && stage.work.length > 1 && ', on the critical path'} <span class="quiet-text">${estimateText(work.estimate, work.steps)}</span></span>`)}</div></li>`
