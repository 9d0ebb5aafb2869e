import type { Plan, PlannedStep } from '../core/plan.js'
import type { Recap } from '../core/events.js'
import { oneLine } from '../core/printable.js'
import { lostText } from './host-lines.js'
import { styleOf, type Style } from './style.js'
import { aboutVerdict, becauseText, diffText, failureText, recapLine, statusWord } from './words.js'

/** How much of a plan people want to see. */
export interface PlanTextOptions { readonly style?: Style; readonly diff?: boolean; readonly quiet?: boolean }

const SHORT_DIFF = 6

/** A plan for people: every step of every host, play by play, with what would change. */
export const planText = (plan: Plan, recap: Readonly<Record<string, Recap>>, { style = styleOf(false), diff = false, quiet = false }: PlanTextOptions = {}): string => {
  const width = Math.max(4, ...[...plan.steps.map(({ host }) => host), ...Object.keys(plan.lost)].map((host) => host.length))
  const lines: string[] = []
  let play: string | undefined
  for (const entry of plan.steps) {
    if (quiet && (entry.verdict.status === 'ok' || entry.verdict.status === 'skipped')) continue
    if (entry.play !== play) lines.push(...(play === undefined ? [] : ['']), style.bold(entry.play))
    play = entry.play
    lines.push(...stepLines(entry, width, style, diff))
  }
  return [...lines, ...(lines.length === 0 ? [] : ['']), ...Object.entries(plan.lost).flatMap(([host, reason]) => lostText(host, reason, width, style)), ...Object.entries(recap).map(([host, counts]) => recapLine(host, counts, 'plan', width)), summary(plan)].join('\n')
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
  if (failed > 0) return `Plan: ${failed} of ${steps.length} steps cannot be done as things are.`
  if (steps.length === 0 && Object.keys(lost).length > 0) return 'Plan: none, since no host was reached.'
  if (change + deferred === 0) return `Plan: nothing to do; all ${steps.length} steps${Object.keys(lost).length > 0 ? ' of the hosts that are reached' : ''} are as they should be.`
  const decided = steps.length === 0 ? 100 : Math.floor((100 * (steps.length - deferred)) / steps.length)
  return `Plan: ${change} to change, ${deferred} deferred, ${count('ok')} ok of ${steps.length} steps; ${decided} % decided.`
}
