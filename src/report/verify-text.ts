import { counted } from '../core/counted.js'
import type { Recap } from '../core/events.js'
import type { PlannedStep } from '../core/plan.js'
import { oneLine, printable } from '../core/printable.js'
import type { Verdict } from '../core/verdict.js'
import { lostText } from './host-lines.js'
import { styleOf, type Style } from './style.js'

/** What was looked at, and what came of it. */
export interface Checked {
  readonly steps: readonly PlannedStep[]
  /** Why hosts are not reached. */
  readonly lost: Readonly<Record<string, string>>
  readonly recap: Readonly<Record<string, Recap>>
}

const HEAD = { host: 'Host', check: 'Check', result: 'Result' } as const

/** A table of checks for people: host, check, result, and below a failed one what was seen instead. */
export const verifyText = ({ steps, lost, recap }: Checked, { style = styleOf(false), quiet = false }: { readonly style?: Style; readonly quiet?: boolean } = {}): string => {
  const width = (texts: readonly string[]): number => texts.reduce((most, text) => Math.max(most, text.length), 0)
  const hosts = width([HEAD.host, ...steps.map(({ host }) => host), ...Object.keys(lost)])
  const checks = width([HEAD.check, ...steps.map(({ step }) => oneLine(step))])
  const shown = steps.filter(({ verdict }) => !quiet || verdict.status === 'failed')
  const rows = shown.flatMap(({ host, step, verdict }) => [
    `${host.padEnd(hosts)}  ${oneLine(step).padEnd(checks)}  ${resultText(verdict, style)}`,
    ...seenInstead(verdict).map((line) => `${' '.repeat(hosts)}    ${style.dim(line)}`),
  ])
  const table = rows.length === 0 ? [] : [style.bold(`${HEAD.host.padEnd(hosts)}  ${HEAD.check.padEnd(checks)}  ${HEAD.result}`), ...rows, '']
  return [...table, ...Object.entries(lost).map(([host, reason]) => lostText(host, reason, hosts, style)), summary(steps, recap)].join('\n')
}

const resultText = (verdict: Verdict, style: Style): string => {
  switch (verdict.status) {
    case 'ok': return style.green('ok')
    case 'skipped': return style.dim(`skipped: ${oneLine(verdict.because)}`)
    case 'failed': return style.red('failed')
    case 'deferred': return style.cyan(`not known: waits for "${oneLine(verdict.until)}"`)
    case 'change': return style.yellow('not so')
    default: return verdict satisfies never
  }
}

/** The lines below a failed check: what it says, what was seen, what to do. */
const seenInstead = (verdict: Verdict): readonly string[] => {
  if (verdict.status !== 'failed') return []
  const { message, output, hint } = verdict.error
  return [...(output === undefined ? [message] : printable(output).split('\n').map((line) => line.trim()).filter(Boolean)), ...(hint === undefined ? [] : [`hint: ${hint}`])].map(oneLine)
}

const summary = (steps: readonly PlannedStep[], recap: Readonly<Record<string, Recap>>): string => {
  const count = (status: string): number => steps.filter(({ verdict }) => verdict.status === status).length
  const lost = Object.values(recap).filter(({ unreachable }) => unreachable).length
  const parts = [
    ...(count('failed') === 0 ? [] : [`${count('failed')} failed`]),
    ...(count('deferred') === 0 ? [] : [`${count('deferred')} not known`]),
    ...(lost === 0 ? [] : [`${counted(lost, 'host')} not reached`]),
  ]
  return `Verified: ${count('ok')} of ${counted(steps.length - count('skipped'), 'check')} ok${parts.length === 0 ? '' : `, ${parts.join(', ')}`}.`
}
