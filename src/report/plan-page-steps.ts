import type { FiledChange, FiledStep, PlanBody } from '../approval/plan-file.js'
import { isToDo, stagesOf } from '../approval/stages.js'
import { estimateOf, type History } from '../approval/timeline.js'
import { counted } from '../core/counted.js'
import { estimateText, stageTitle } from './forecast-text.js'
import { html, type Markup } from './html.js'
import { commandOf } from './plan-file-text.js'

/** Steps as the playbook has them: by play and batch; what is ok or skipped is folded. */
export const stageSections = (plan: Pick<PlanBody, 'steps'>, history: History = () => []): Markup[] => stagesOf(plan).map((stage) => {
  const quiet = stage.steps.filter((step) => !isToDo(step))
  return html`<section class="stage"><h3>${stageTitle(stage)} <small>${counts(stage.steps)}</small></h3>
${stage.steps.filter(isToDo).map((step) => stepItem(step, history))}
${quiet.length > 0 && html`<details class="rest"><summary>${counts(quiet)}</summary><ul>${quiet.map((step) => html`<li class="step-row step" data-host="${step.host}" data-on="${step.on ?? ''}" data-verdict="${step.verdict}">${heading(step)} <span class="quiet-text">${step.reason}</span></li>`)}</ul></details>`}</section>
`
})

const counts = (steps: readonly FiledStep[]): string => (['change', 'deferred', 'ok', 'skipped'] as const)
  .map((verdict) => [steps.filter((step) => step.verdict === verdict).length, verdict] as const).filter(([number]) => number > 0).map(([number, verdict]) => `${number} ${verdict}`).join(', ')

const heading = ({ verdict, host, on, step }: FiledStep): Markup =>
  html`<span class="tag verdict ${verdict}">${verdict}</span> <span class="host">${host}${on !== undefined && ` on ${on}`}</span> <span class="name">${step}</span>`

const risks = (step: FiledStep): Markup[] => step.risks.map((risk) => html` <span class="tag risk">${risk}</span>`)

/** A step that does something, or may: what, with the difference, and on what it rests. */
const stepItem = (step: FiledStep, history: History): Markup => html`<details class="step" data-host="${step.host}" data-on="${step.on ?? ''}" data-verdict="${step.verdict}"><summary>${heading(step)}${risks(step)}</summary>
<div class="body">${step.changes.map((change) => changeText(change))}
${step.verdict === 'deferred' && html`<p>${step.reason}</p>`}
${commandText(step)}
<dl>${[
    ['where', `${step.file}:${step.line}:${step.column}`], ['module', step.module], ...(step.user === undefined ? [] : [['as', step.user]]), ...(step.handler === undefined ? [] : [['handler', 'owed' in step.handler ? 'owed by an earlier run' : `notified by ${step.handler.notified.join(', ')}`]]),
    ...(step.needs.length === 0 ? [] : [['rests on', step.needs.join(', ')]]),
    ...step.changes.flatMap((change) => [...(change.holds.length === 0 ? [] : [['must hold then', change.holds.join(', ')]]), ['way back', change['back-out']]]),
    ['estimate', estimateText(estimateOf([step], history), 1)],
  ].map(([name, value]) => html`<dt>${name}</dt><dd><code>${value}</code></dd>`)}</dl></div></details>
`

/** A step of the list that stands first; it is told in full among the others. */
export const openStepItem = (step: FiledStep): Markup => html`<div class="forecast"><p>${heading(step)}${risks(step)}</p>
<p>${step.verdict === 'deferred' ? step.reason : step.changes.map(({ summary }) => summary).join(', ')}</p>${commandText(step)}</div>
`

/** A command of more lines is folded. */
const LONG = 8

const commandText = (step: FiledStep): Markup | false => {
  const lines = commandOf(step)
  const text = html`<pre>${lines.map((line) => html`<span>${line}</span>`)}</pre>`
  return lines.length > LONG ? html`<details><summary class="quiet-text">${counted(lines.length, 'line')} of it</summary>${text}</details>` : lines.length > 0 && text
}

const SIGNS = { '+': 'add', '-': 'remove', '~': 'fold', ' ': 'same' } as const

const changeText = ({ summary, diff, actions }: FiledChange): Markup => html`<p>${summary}</p>
${diff.length > 0 && html`<pre>${diff.map(({ sign, text }) => html`<span class="${SIGNS[sign]}">${sign === ' ' ? '\u00a0' : sign} ${text}</span>`)}</pre>`}
${actions.length > 0 && html`<details><summary class="quiet-text">${counted(actions.length, 'action')}, as it is done</summary><pre>${actions.flatMap((action) => Object.entries(action)).flatMap(([name, value]) => linesOf(name, value))}</pre></details>`}
`

const linesOf = (name: string, value: unknown): Markup[] => {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const lines = text.trimEnd().split('\n')
  return lines.length === 1 ? [html`<span>${name}: ${text.trimEnd()}</span>`] : [html`<span>${name}:</span>`, ...lines.map((line) => html`<span>${line}</span>`)]
}
