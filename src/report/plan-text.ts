import { counted } from '../core/counted.js'
import type { Plan, PlannedStep } from '../core/plan.js'
import type { Recap } from '../core/events.js'
import { oneLine } from '../core/printable.js'
import { lostText } from './host-lines.js'
import { styleOf, type Style } from './style.js'
import { aboutVerdict, becauseText, diffText, failureText, recapLine, statusWord } from './words.js'

/** Which steps are told: all; what changes, waits or fails, with counts of the rest; or that alone. */
export type Detail = 'all' | 'counted' | 'open'
/** How much of a plan people want to see. */
export interface PlanTextOptions { readonly style?: Style; readonly diff?: boolean; readonly detail?: Detail }

const SHORT_DIFF = 6

/** A reader who scrolls is told what is open, and everything on `-v`; what goes into a pipe or a file is whole. */
export const detailOf = ({ quiet = false, verbose = 0 }: { readonly quiet?: boolean | undefined; readonly verbose?: number | undefined }, isTerminal: boolean): Detail =>
  (quiet ? 'open' : isTerminal && verbose === 0 ? 'counted' : 'all')

/** A plan for people, play by play, with what would change. */
export const planText = (plan: Plan, recap: Readonly<Record<string, Recap>>, { style = styleOf(false), diff = false, detail = 'all' }: PlanTextOptions = {}): string => {
  const width = Math.max(4, ...[...plan.steps.map(({ host }) => host), ...Object.keys(plan.lost)].map((host) => host.length))
  const told = playsOf(plan.steps).map((steps) => ({ steps, shown: steps.filter((step) => detail === 'all' || isOpen(step) || (detail === 'counted' && isSaying(step))) }))
    .filter(({ shown }) => detail !== 'open' || shown.length > 0)
  const lines = told.flatMap(({ steps, shown }, index) => [
    // plays of which only counts are told stand close together
    ...(index > 0 && shown.length + (told[index - 1]?.shown.length ?? 0) > 0 ? [''] : []),
    `${style.bold(steps[0]?.play ?? '')}${detail === 'counted' ? style.dim(quietCounts(steps)) : ''}`,
    ...shown.flatMap((step) => stepLines(step, width, style, diff)),
  ])
  return [...lines, ...(lines.length === 0 ? [] : ['']), ...Object.entries(plan.lost).flatMap(([host, reason]) => lostText(host, reason, width, style)), ...Object.entries(recap).map(([host, counts]) => recapLine(host, counts, 'plan', width)), summary(plan)].join('\n')
}

const isOpen = ({ verdict }: PlannedStep): boolean => verdict.status !== 'ok' && verdict.status !== 'skipped'
const isSaying = ({ verdict }: PlannedStep): boolean => verdict.status === 'ok' && verdict.says !== undefined

/** Steps of one play that follow one another. */
const playsOf = (steps: readonly PlannedStep[]): readonly (readonly PlannedStep[])[] => {
  const plays: PlannedStep[][] = []
  for (const step of steps) {
    const last = plays.at(-1)
    if (last?.[0]?.play === step.play) last.push(step)
    else plays.push([step])
  }
  return plays
}

/** `  12 ok, 3 skipped`: what of a play is not told step by step. */
const quietCounts = (steps: readonly PlannedStep[]): string => {
  const counts = (['ok', 'skipped'] as const).map((status) => [steps.filter(({ verdict }) => verdict.status === status).length, status] as const).filter(([number]) => number > 0)
  return counts.length === 0 ? '' : `  ${counts.map(([number, status]) => `${number} ${status}`).join(', ')}`
}

const stepLines = (entry: PlannedStep, width: number, style: Style, diff: boolean): string[] => {
  const { host, step, verdict, handler, on } = entry
  const about = aboutVerdict(verdict)
  const why = handler === undefined ? '' : becauseText(handler)
  const indent = ' '.repeat(width + 14)
  return [
    `  ${host.padEnd(width)}  ${statusWord(verdict.status, 'plan', style)}  ${[oneLine(step), about === '' || about === step ? '' : style.dim(`— ${about}`), on === undefined ? '' : style.dim(`on ${on}`), style.dim(why)].filter(Boolean).join(' ')}`,
    ...(verdict.status === 'change' ? verdict.changes.flatMap((change) => diffText(change.diff?.lines ?? [], style, indent, diff ? undefined : SHORT_DIFF)) : []),
    ...(verdict.status === 'failed' ? failureText(verdict.error, style, indent).slice(1) : []),
  ]
}

/** One sentence: how much would change, and how much of it is sure. */
const summary = ({ steps, lost }: Plan): string => {
  const count = (status: string): number => steps.filter(({ verdict }) => verdict.status === status).length
  const [change, deferred, failed] = [count('change'), count('deferred'), count('failed')]
  const rest = `${count('ok')} ok${count('skipped') === 0 ? '' : `, ${count('skipped')} skipped`}`
  if (failed > 0) return `Plan: ${failed} of ${counted(steps.length, 'step')} cannot be done as things are.`
  if (steps.length === 0 && Object.keys(lost).length > 0) return 'Plan: none, since no host was reached.'
  if (change + deferred === 0) return `Plan: nothing to do; ${rest} of ${counted(steps.length, 'step')}${Object.keys(lost).length > 0 ? ' of the hosts that are reached' : ''}.`
  const decided = steps.length === 0 ? 100 : Math.floor((100 * (steps.length - deferred)) / steps.length)
  return `Plan: ${change} to change, ${deferred} deferred, ${rest} of ${counted(steps.length, 'step')}; ${decided} % decided.`
}
