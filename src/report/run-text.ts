import type { RunJournal } from '../approval/journal.js'
import { comparedSteps, summaryOf, type ComparedStep, type Outcome, type RunSummary } from '../approval/run-comparison.js'
import { counted } from '../core/counted.js'
import { oneLine } from '../core/printable.js'
import type { Detail } from './plan-text.js'
import { styleOf, type Style } from './style.js'
import { recapLine, seconds, statusWord } from './words.js'

/** A run in a list of them; one whose journal was altered tells nothing but that, and where. */
export type ListedRun = RunSummary | { readonly run: string; readonly altered: string }

const HEAD = ['Run', 'Started', 'Who', 'Playbook', 'Inventory', 'Outcome', 'Changed', 'Failed', 'Time'] as const

/** Runs as a table, in the order given. */
export const historyText = (runs: readonly ListedRun[], style = styleOf(false)): string => {
  const rows = runs.map((one) => ('altered' in one ? [shortName(one.run)] : [
    shortName(one.run), timeText(one.at), one.by, one.playbook, one.inventory.join(', '), one.outcome, String(one.changed), String(one.failed), one.ms === undefined ? '' : seconds(one.ms),
  ].map(oneLine)))
  const widths = HEAD.map((name, column) => Math.max(name.length, ...rows.map((row) => (row[column] ?? '').length)))
  const line = (cells: readonly string[]): string => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()
  return [style.bold(line(HEAD)), ...runs.map((one, index) => {
    if ('altered' in one) return `${shortName(one.run).padEnd(widths[0] ?? 0)}  ${style.red(oneLine(one.altered))}`
    const text = line(rows[index] ?? [])
    return one.outcome === 'done' ? text : text.replace(`  ${one.outcome} `, `  ${colourOf(one.outcome, style)(one.outcome)} `)
  })].join('\n')
}

/** The letters at the end of a run's name, which are enough to name it. */
export const shortName = (run: string): string => run.split('-').at(-1) ?? run
const timeText = (at: string): string => `${at.slice(0, 10)} ${at.slice(11, 19)}Z`
const colourOf = (outcome: Outcome, style: Style): ((text: string) => string) => (outcome === 'done' ? style.green : outcome === 'unfinished' || outcome === 'interrupted' ? style.yellow : style.red)

export interface RunTextOptions { readonly style?: Style; readonly detail?: Detail }

/** A run for people: how it came out, where that is not what was expected, and each step. */
export const runText = (journal: RunJournal, { style = styleOf(false), detail = 'all' }: RunTextOptions = {}): string => {
  const { end, lost, digests } = journal
  const summary = summaryOf(journal)
  const steps = comparedSteps(journal)
  const otherwise = steps.filter(({ difference }) => difference !== undefined)
  const rest = steps.filter(({ difference }) => difference === undefined)
  const told = detail === 'all' ? rest : rest.filter(({ observed }) => observed?.status === 'change')
  const width = Math.max(4, ...[...summary.hosts].map((host) => host.length))
  return [
    outcomeText(journal).replace(/^[a-z]+/, (word) => colourOf(summary.outcome, style)(word)),
    ...(summary.outcome === 'unfinished' ? [style.yellow('The journal breaks off: the run was killed, or is still at work.')] : []),
    ...runFacts(journal).map(([name, value]) => `${style.dim(name.padEnd(10))} ${oneLine(value)}`),
    ...(otherwise.length === 0 ? [] : ['', style.bold('Otherwise than expected'), ...otherwise.flatMap((step) => stepLines(step, width, style))]),
    ...Object.entries(lost).map(([host, reason]) => `  ${host.padEnd(width)}  ${style.red('lost    ')}  ${oneLine(reason.split('\n')[0] ?? '')}`),
    ...(told.length === 0 ? [] : ['', style.bold('As expected'), ...told.flatMap((step) => stepLines(step, width, style))]),
    ...(told.length === rest.length ? [] : ['', style.dim(`${counted(rest.length - told.length, 'step')} more with nothing to do, as expected (-v shows them)`)]),
    ...(end === undefined || Object.keys(end.hosts).length === 0 ? [] : ['', ...Object.entries(end.hosts).map(([host, counts]) => recapLine(host, counts, 'run', width))]),
    '',
    `${style.dim('digest')}     ${digests.at(-1) ?? ''}`,
  ].join('\n')
}

/** How a run came out, in one line. */
export const outcomeText = (journal: RunJournal): string => {
  const { outcome, changed, failed } = summaryOf(journal)
  const steps = comparedSteps(journal)
  const otherwise = steps.filter(({ difference }) => difference !== undefined).length
  return `${outcome}: ${changed} changed, ${failed} failed of ${counted(steps.length, 'step')}, ${otherwise === 0 ? 'each as expected' : `${otherwise} otherwise than expected`}`
}

/** What a run was of, and how it came out. */
export const runFacts = ({ header, end }: RunJournal): readonly (readonly [string, string])[] => [
  ['run', header.run], ['started', `${header.at} by ${header.by} with provision ${header.tool.version}`],
  ...(end === undefined ? [] : [['ended', `${end.at}, after ${seconds(end.ms)}, with exit code ${end.exit}`] as const]),
  ...(end?.stopped === undefined ? [] : [['stopped', end.stopped] as const]),
  ['playbook', header.playbook], ['inventory', header.inventory.join(', ')], ['in', header.cwd],
  ...(['limit', 'tags', 'skip-tags', 'start-at'] as const).flatMap((name) => (header[name] === undefined ? [] : [[name, header[name]] as const])),
  ...(header.plan === undefined ? [] : [['plan', header.plan] as const]), ...(header.parent === undefined ? [] : [['rest of', header.parent] as const]),
  ...(header.resumes === undefined ? [] : [['resumes', header.resumes] as const]),
  ...(header.git === undefined ? [] : [['commit', `${header.git.commit}${header.git.dirty ? ', with changes that are not committed' : ''}`] as const]),
]

const stepLines = ({ expected, observed, difference }: ComparedStep, width: number, style: Style): readonly string[] => {
  const one = observed ?? expected
  if (one === undefined) return []
  const indent = ' '.repeat(width + 14)
  const word = observed === undefined ? style.yellow('not done') : statusWord(observed.status, 'run', style)
  const letPass = observed?.ignored === true ? ' (ignored)' : observed?.rescued === true ? ' (rescued)' : ''
  const time = observed?.status === 'change' || observed?.status === 'failed' ? ` ${style.dim(seconds(observed.ms))}` : ''
  const about = observed === undefined ? '' : aboutStep(observed)
  return [
    `  ${one.host.padEnd(width)}  ${word}  ${oneLine(one.step)}${about === '' ? '' : style.dim(` — ${about}`)}${one.on === undefined ? '' : style.dim(` on ${one.on}`)}${letPass}${difference === undefined && expected?.status === 'deferred' ? style.cyan(' (left open by the plan)') : ''}${time}`,
    ...(difference === undefined ? [] : [`${indent}${style.yellow(difference)}${style.dim(`: ${expected === undefined ? 'nothing was expected' : `expected ${expectedText(expected)}`}`)}  ${style.dim(`${one.file}:${one.line}`)}`]),
  ]
}

/** What a step did, or why it did nothing. */
export const aboutStep = ({ changes, reason, failure }: NonNullable<ComparedStep['observed']>): string =>
  (changes.length > 0 ? changes.map(oneLine).join(', ') : `${oneLine(reason ?? '')}${failure === undefined ? '' : ` [${failure}]`}`)

/** What was expected of a step, in words. */
export const expectedText = ({ status, changes, reason }: NonNullable<ComparedStep['expected']>): string => {
  switch (status) {
    case 'ok': return 'that it is so already'
    case 'change': return changes.map(oneLine).join(', ')
    case 'deferred': return `what only the run would know: it ${oneLine(reason ?? '')}`
    case 'skipped': return `that it is skipped: ${oneLine(reason ?? '')}`
    case 'failed': return 'that it fails'
    default: return status satisfies never
  }
}
