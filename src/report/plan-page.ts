import type { PlanFile } from '../approval/plan-file.js'
import { timelineOf, type History } from '../approval/timeline.js'
import { counted } from '../core/counted.js'
import { aboutRisk } from '../core/risk.js'
import { totalText } from './forecast-text.js'
import { html, type Markup } from './html.js'
import { definitions, pageOf, stepControls } from './page.js'
import { classText, facts, hostCounts, irrevocable, openSteps, toldRisks } from './plan-file-text.js'
import { availabilitySection, timelineSection } from './plan-page-forecast.js'
import { openStepItem, stageSections } from './plan-page-steps.js'

/** What stands on the page of a plan and is not in its file. */
export interface PlanPageOptions { readonly history?: History }

/** A plan's file as one page that needs nothing beside itself: for a browser, a phone, and paper. */
export const planFileAsPage = (file: PlanFile, { history }: PlanPageOptions = {}): string => {
  const { header, plan, digest } = file
  const open = openSteps(file)
  const timeline = timelineOf(plan, history)
  const title = `${plan.class}: ${header.playbook} for ${header.inventory.join(', ')}`
  return pageOf({
    title, parts: parts(open.length > 0),
    header: html`<p class="class ${plan.class}">${classText(file)}</p>
<h1>Plan of <code>${header.playbook}</code> for <code>${header.inventory.join(', ')}</code></h1>
${definitions(facts(file).filter(([name]) => name !== 'steps' && name !== 'hosts'))}`,
    main: html`<section aria-labelledby="summary"><h2 id="summary">Summary</h2>
<ul class="cards">${summaryCards(file, totalText(timeline))}</ul>
${risksList(file)}</section>
${open.length > 0 && html`<section aria-labelledby="unknown"><h2 id="unknown">Not known before it is done</h2>
<p>What waits may do only what its module and its arguments allow; a command does what it says.</p>
${open.map((step) => openStepItem(step))}</section>`}
${availabilitySection(plan)}
${timelineSection(timeline)}
${hostsSection(file)}
<section aria-labelledby="steps"><h2 id="steps">Steps</h2>
${stepControls(Object.keys(plan.hosts), ['change', 'deferred', 'ok', 'skipped'])}
${stageSections(plan, history)}</section>
${undoSection(file)}
<section aria-labelledby="files"><h2 id="files">What it was made of</h2>
<details><summary>${counted(Object.keys(header.inputs.files).length, 'file')}, each with its checksum</summary>${definitions(Object.entries(header.inputs.files))}</details></section>`,
    footer: html`<p>This page is a view of the plan with the digest <code>${digest}</code>. What is approved is that file: <code>provision approve FILE --key KEY</code>; what is applied is derived anew, and held against it.</p>`,
  })
}

const parts = (isOpen: boolean): readonly (readonly [string, string])[] => [
  ['summary', 'Summary'], ...(isOpen ? [['unknown', 'Not known'] as const] : []), ['availability', 'Availability'], ['timeline', 'Timeline'], ['hosts', 'Hosts'], ['steps', 'Steps'], ['undo', 'Back-out'], ['files', 'Files'],
]

const summaryCards = (file: PlanFile, duration: string): Markup[] => {
  const count = (verdict: string): number => file.plan.steps.filter((step) => step.verdict === verdict).length
  return ([
    [count('change'), 'change something'], [count('deferred'), 'wait for other steps'], [count('ok'), 'are so already'], [count('skipped'), 'are skipped'],
    [Object.keys(file.plan.hosts).length, 'hosts'], [duration, 'estimated, from earlier runs'],
  ] as const).map(([number, what]) => html`<li><b>${number}</b> ${what}</li>`)
}

const risksList = (file: PlanFile): Markup => {
  const told = toldRisks(file)
  return told.length === 0 ? html`<p>No step has a risk that is known: nothing is removed, restarted, or irreversible.</p>` : html`<ul>${told.map(([risk, count]) => html`<li><span class="tag risk">${risk}</span> ${counted(count, 'step')}: ${aboutRisk[risk]}</li>`)}</ul>`
}

const hostsSection = (file: PlanFile): Markup => html`<section aria-labelledby="hosts"><h2 id="hosts">Hosts</h2>
<table><thead><tr><th scope="col">Host</th>${['change', 'wait', 'ok', 'skipped'].map((word) => html`<th scope="col" class="number">${word}</th>`)}</tr></thead>
<tbody>${hostCounts(file).map(({ host, counts }) => html`<tr><th scope="row" class="host">${host}</th>${[counts.change, counts.deferred, counts.ok, counts.skipped].map((number) => html`<td class="number">${number}</td>`)}</tr>`)}</tbody></table></section>`

const undoSection = (file: PlanFile): Markup => {
  const lasting = file.plan.steps.flatMap((step) => {
    const why = irrevocable(step)
    return why === undefined ? [] : [html`<li><span class="host">${step.host}</span> <code>${step.step}</code>: ${why}</li>`]
  })
  const none = openSteps(file).length === 0 ? 'Nothing: each step that changes something has a way back.' : 'Nothing that is known: each step that is decided has a way back.'
  return html`<section aria-labelledby="undo"><h2 id="undo">Back-out</h2>
<p>Undone by applying the files as they were before, or step by step, the last one first: each step tells its way back.</p>
<h3>What cannot be undone</h3>
${lasting.length === 0 ? html`<p>${none}</p>` : html`<ul>${lasting}</ul>`}</section>`
}
