import type { RunJournal } from '../approval/journal.js'
import { comparedSteps, summaryOf, type ComparedStep } from '../approval/run-comparison.js'
import { counted } from '../core/counted.js'
import { html, type Markup } from './html.js'
import { definitions, pageOf, stepControls } from './page.js'
import { aboutStep, expectedText, outcomeText, runFacts } from './run-text.js'
import { seconds } from './words.js'

/** A run as one page that needs nothing beside itself: how it came out, where that is not what was expected, and each step. */
export const runAsPage = (journal: RunJournal): string => {
  const { header, lost, end, digests } = journal
  const summary = summaryOf(journal)
  const steps = comparedSteps(journal)
  const otherwise = steps.filter(({ difference }) => difference !== undefined)
  const recap = Object.entries(end?.hosts ?? {})
  return pageOf({
    title: `${summary.outcome}: ${header.playbook} for ${header.inventory.join(', ')}`,
    parts: [['summary', 'Summary'], ...(otherwise.length > 0 ? [['otherwise', 'Otherwise'] as const] : []), ...(recap.length > 0 ? [['hosts', 'Hosts'] as const] : []), ['steps', 'Steps']],
    header: html`<p class="class ${summary.outcome === 'done' && otherwise.length === 0 ? 'exact' : 'bounded'}">${outcomeText(journal)}</p>
<h1>Run of <code>${header.playbook}</code> for <code>${header.inventory.join(', ')}</code></h1>
${definitions(runFacts(journal))}`,
    main: html`<section aria-labelledby="summary"><h2 id="summary">Summary</h2>
<ul class="cards">${([
      [summary.changed, 'changed something'], [summary.failed, 'failed'], [steps.length, 'steps'], [otherwise.length, 'otherwise than expected'], [summary.hosts.length, 'hosts'], [summary.ms === undefined ? 'unknown' : seconds(summary.ms), 'taken'],
    ] as const).map(([number, what]) => html`<li><b>${number}</b> ${what}</li>`)}</ul>
${summary.outcome === 'unfinished' && html`<p>The journal breaks off: the run was killed, or is still at work.</p>`}
${Object.entries(lost).map(([host, reason]) => html`<p><span class="host">${host}</span> was lost: ${reason}</p>`)}</section>
${otherwise.length > 0 && html`<section aria-labelledby="otherwise"><h2 id="otherwise">Otherwise than expected</h2>
${otherwise.map((one) => html`<div class="forecast"><p>${heading(one)}</p>${differing(one)}</div>`)}</section>`}
${recap.length > 0 && html`<section aria-labelledby="hosts"><h2 id="hosts">Hosts</h2>
<table><thead><tr><th scope="col">Host</th>${['changed', 'ok', 'skipped', 'deferred', 'failed', 'round trips'].map((word) => html`<th scope="col" class="number">${word}</th>`)}</tr></thead>
<tbody>${recap.map(([host, counts]) => html`<tr><th scope="row" class="host">${host}${counts.unreachable && ' (lost)'}</th>${[counts.changed, counts.ok, counts.skipped, counts.deferred, counts.failed, counts.round_trips].map((number) => html`<td class="number">${number}</td>`)}</tr>`)}</tbody></table></section>`}
<section aria-labelledby="steps"><h2 id="steps">Steps</h2>
${stepControls(summary.hosts, ['change', 'failed', 'not done', 'ok', 'skipped'])}
${playsOf(steps).map(([play, ofPlay]) => playSection(play, ofPlay))}</section>`,
    footer: html`<p>This page is a view of the journal of the run <code>${header.run}</code>, whose last line has the digest <code>${digests.at(-1) ?? ''}</code>. Whoever keeps that digest can tell whether the journal was altered since.</p>`,
  })
}

/** What was observed, and else what was expected: one of them is there. */
const eitherOf = ({ expected, observed }: ComparedStep): NonNullable<ComparedStep['expected']> | NonNullable<ComparedStep['observed']> | undefined => observed ?? expected
const wordOf = ({ observed }: ComparedStep): string => observed?.status ?? 'not done'

const playsOf = (steps: readonly ComparedStep[]): readonly (readonly [string, readonly ComparedStep[]])[] => {
  const names = [...new Set(steps.flatMap((one) => eitherOf(one)?.play ?? []))]
  return names.map((name) => [name, steps.filter((one) => eitherOf(one)?.play === name)])
}

const heading = (one: ComparedStep): Markup => {
  const step = eitherOf(one)
  return html`<span class="tag verdict ${wordOf(one) === 'not done' || wordOf(one) === 'failed' ? 'deferred' : wordOf(one)}">${wordOf(one)}</span> <span class="host">${step?.host}${step?.on !== undefined && ` on ${step.on}`}</span> <span class="name">${step?.step}</span>`
}

const differing = ({ expected, observed, difference }: ComparedStep): Markup =>
  html`<p>It ${difference ?? 'came as expected'}: expected was ${expected === undefined ? 'nothing' : expectedText(expected)}.${observed !== undefined && aboutStep(observed) !== '' && html` Seen was <code>${aboutStep(observed)}</code>.`}</p>`

const playSection = (play: string, steps: readonly ComparedStep[]): Markup => {
  const told = steps.filter((one) => one.difference !== undefined || one.observed?.status === 'change')
  const quiet = steps.filter((one) => !told.includes(one))
  return html`<section class="stage"><h3>${play} <small>${counted(told.length, 'step')} with something to tell</small></h3>
${told.map((one) => html`<details class="step" data-host="${eitherOf(one)?.host}" data-on="${eitherOf(one)?.on ?? ''}" data-verdict="${wordOf(one)}"><summary>${heading(one)}</summary>
<div class="body">${one.observed !== undefined && aboutStep(one.observed) !== '' && html`<p>${aboutStep(one.observed)}</p>`}
${one.difference === undefined ? one.expected?.status === 'deferred' && html`<p>The plan left it open.</p>` : differing(one)}
${definitions([['where', `${eitherOf(one)?.file ?? ''}:${eitherOf(one)?.line ?? ''}`], ['module', eitherOf(one)?.module ?? ''], ...(one.observed === undefined ? [] : [['from', one.observed.started], ['to', one.observed.ended], ['time', seconds(one.observed.ms)]] as const)])}</div></details>
`)}
${quiet.length > 0 && html`<details class="rest"><summary>${counted(quiet.length, 'step')} with nothing to do, as expected</summary><ul>${quiet.map((one) => html`<li class="step-row step" data-host="${eitherOf(one)?.host}" data-on="${eitherOf(one)?.on ?? ''}" data-verdict="${wordOf(one)}">${heading(one)} <span class="quiet-text">${one.observed?.reason ?? ''}</span></li>`)}</ul></details>`}</section>
`
}
