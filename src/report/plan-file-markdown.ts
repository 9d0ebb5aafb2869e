import { availabilityOf, unforeseen } from '../approval/availability.js'
import type { FiledStep, PlanBody, PlanFile } from '../approval/plan-file.js'
import { stagesOf } from '../approval/stages.js'
import { counted } from '../core/counted.js'
import { aboutRisk } from '../core/risk.js'
import { assumedText, availabilityText, titleAt } from './forecast-text.js'
import { html } from './html.js'
import { code, fenced } from './markdown.js'
import { classText, commandOf, facts, hostCounts, irrevocable, openSteps, toldRisks } from './plan-file-text.js'
import { foldedDiff } from './words.js'

/** So many lines of a diff are shown, since forges cut long texts off. */
const LINES = 60

/** A plan's file as Markdown for a merge request: all that it says of files and hosts is code there, so that it is neither markup nor HTML, and calls nobody by name. */
export const planFileAsMarkdown = (file: PlanFile, { diff = false }: { readonly diff?: boolean } = {}): string => {
  const { plan, digest } = file
  const open = openSteps(file)
  const changes = plan.steps.filter(({ verdict }) => verdict === 'change')
  const lasting = plan.steps.flatMap((step) => {
    const why = irrevocable(step)
    return why === undefined ? [] : [`- ${where(step)}: ${why}`]
  })
  return `${[
    `**${classText(file)}**`,
    list(facts(file).filter(([name]) => name !== 'hosts').map(([name, value]) => `- ${name}: ${code(value)}`)),
    ...section('Not known before it is done', open.flatMap((step) => [`- ${where(step)} ${waits(step)}`, ...commandBlock(step)])),
    ...section('Risks', [list(toldRisks(file).map(([risk, count]) => `- **${risk}**, ${counted(count, 'step')}: ${aboutRisk[risk]}`))]),
    ...section('Availability', availabilityBlocks(plan)),
    ...section('Hosts', [list(hostCounts(file).map(({ host, counts }) => `- ${code(host)}: ${(['change', 'deferred', 'ok', 'skipped'] as const).map((verdict) => `${counts[verdict]} ${verdict}`).join(', ')}`))]),
    ...section('Changes', changes.flatMap((step) => changeBlocks(step, diff))),
    ...section('Back-out', changes.length === 0 ? [] : [
      'Undone by applying the files as they were before, or step by step, the last one first:',
      folded(html`${counted(changes.length, 'step')}`.text, [list(changes.toReversed().flatMap((step) => step.changes.map((change) => `- ${where(step)}: ${code(change['back-out'])}`)))]),
    ]),
    ...section('What cannot be undone', changes.length + open.length === 0 ? [] : [lasting.length === 0 ? open.length === 0 ? 'Nothing: each step that changes something has a way back.' : 'Nothing that is known: each step that is decided has a way back.' : list(lasting)]),
    `Digest: ${code(digest)}`,
  ].join('\n\n')}\n`
}

const availabilityBlocks = (plan: PlanBody): readonly string[] => {
  const units = availabilityOf(plan)
  const stages = stagesOf(plan)
  return units.length === 0 ? [] : [
    list(units.map((unit) => `- ${code(unit.unit)} on ${unit.hosts.map((host) => code(host)).join(', ')}: **${availabilityText(unit)}** Fewest in ${code(titleAt(stages, unit.worst.stage))}: without ${unit.worst.down.map((host) => code(host)).join(', ')}.`)),
    assumedText(unforeseen(plan)),
  ]
}

const section = (title: string, blocks: readonly string[]): readonly string[] => (blocks.every((block) => block === '') ? [] : [`## ${title}`, ...blocks])
const list = (items: readonly string[]): string => items.join('\n')

/** The blank lines make Markdown of what is folded; the summary is HTML. */
const folded = (summary: string, blocks: readonly string[]): string => ['<details>', `<summary>${summary}</summary>`, '', blocks.join('\n\n'), '', '</details>'].join('\n')

const where = ({ host, on, step, verdict }: FiledStep): string => `**${verdict}** ${code(host)} ${code(step)}${on === undefined ? '' : ` on ${code(on)}`}`
const waits = (step: FiledStep): string => (step['known-after'] === undefined ? `does ${step.changes.map(({ summary }) => code(summary)).join(', ')}` : `waits for ${code(step['known-after'])}`)

const commandBlock = (step: FiledStep): readonly string[] => {
  const lines = commandOf(step)
  return lines.length === 0 ? [] : [fenced(lines)]
}

const changeBlocks = (step: FiledStep, whole: boolean): readonly string[] => {
  const summaries = step.changes.map(({ summary }) => summary).join(', ')
  const title = html`<code>${oneRow(step.host)}</code> <code>${oneRow(step.step)}</code>: <code>${oneRow(summaries)}</code>${step.risks.length === 0 ? '' : ` [${step.risks.join(', ')}]`}`.text
  const diffs = step.changes.filter(({ diff }) => diff.length > 0).map(({ diff }) => {
    const { lines, more } = whole ? { lines: diff, more: 0 } : foldedDiff(diff, LINES)
    return `${fenced(lines.map(({ sign, text }) => `${sign} ${text}`), 'diff')}${more === 0 ? '' : `\n\n${more} more lines: ${code('provision show FILE --md --diff')}`}`
  })
  return [folded(title, [...diffs, list([`- step: ${code(step.address)}`, ...step.changes.map((change) => `- back: ${code(change['back-out'])}`)])])]
}

/** An HTML block of Markdown ends at an empty line; as code it calls nobody by name either. */
const oneRow = (text: string): string => text.replace(/\s+/g, ' ')
