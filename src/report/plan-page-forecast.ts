import { availabilityOf, unforeseen } from '../approval/availability.js'
import type { PlanBody } from '../approval/plan-file.js'
import { stagesOf } from '../approval/stages.js'
import type { HostWork, StageWork, Timeline } from '../approval/timeline.js'
import { counted } from '../core/counted.js'
import { assumedText, availabilityText, estimateText, outageText, stageTitle, titleAt, totalText } from './forecast-text.js'
import { html, type Markup } from './html.js'

/** Which units run on how many hosts at all times, with what that assumes. */
export const availabilitySection = (plan: Pick<PlanBody, 'steps'>): Markup => {
  const stages = stagesOf(plan)
  const units = availabilityOf(plan)
  const opaque = unforeseen(plan)
  return html`<section aria-labelledby="availability"><h2 id="availability">Availability</h2>
${units.length === 0 ? html`<p>No step of the plan stops or restarts a unit${opaque > 0 ? ' by what is known of it' : ''}.</p>` : units.map((unit) => html`<div class="forecast"><h3><code>${unit.unit}</code> <small>on ${unit.hosts.join(', ')}</small></h3>
<p><span class="says ${unit.least === 0 ? 'lost' : unit.isAwaited ? 'kept' : 'bounded'}">${availabilityText(unit)}</span> Fewest in “${titleAt(stages, unit.worst.stage)}”: without ${unit.worst.down.join(', ')}.</p>
<ul>${unit.outages.map((outage) => html`<li>${outageText(outage, stages)}</li>`)}</ul></div>`)}
<p class="quiet-text">${assumedText(opaque)}</p></section>`
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
