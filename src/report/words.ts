import type { Recap } from '../core/events.js'
import type { DiffLine } from '../core/diff.js'
import type { Failure, Place } from '../core/errors.js'
import type { Verdict } from '../core/verdict.js'
import type { Style } from './style.js'

/** The verdict as a word of fixed width, so that nothing is said by colour alone. */
export const statusWord = (status: Verdict['status'], mode: 'plan' | 'run', style: Style): string => {
  switch (status) {
    case 'ok': return style.green('ok      ')
    case 'change': return style.yellow(mode === 'plan' ? 'change  ' : 'changed ')
    case 'deferred': return style.cyan('deferred')
    case 'skipped': return style.dim('skipped ')
    case 'failed': return style.red('failed  ')
    default: return status satisfies never
  }
}

/** What follows the name of a step: its changes, or why it waits, was skipped, or failed. */
export const aboutVerdict = (verdict: Verdict): string => {
  switch (verdict.status) {
    case 'ok': return ''
    case 'change': return verdict.changes.map(({ summary }) => summary).join(', ')
    case 'deferred': return `waits for "${verdict.until}"`
    case 'skipped': return verdict.because
    case 'failed': return verdict.error.message
    default: return verdict satisfies never
  }
}

export const diffText = (lines: readonly DiffLine[], style: Style, indent: string, most = Number.POSITIVE_INFINITY): string[] => {
  const shown = lines.slice(0, most).map(({ sign, text }) => {
    const line = `${indent}${sign} ${text}`
    return sign === '+' ? style.green(line) : sign === '-' ? style.red(line) : style.dim(line)
  })
  return lines.length > most ? [...shown, style.dim(`${indent}… ${lines.length - most} more lines (--diff shows all)`)] : shown
}

export const placeText = ({ file, line, column }: Place): string => `${file}:${line}:${column}`

/** A failure with its place, output and cure, for the end of a run. */
export const failureText = (error: Failure, style: Style, indent: string): string[] => [
  `${indent}${style.red(error.message)} ${style.dim(`[${error.code}]`)}`,
  ...(error.at === undefined ? [] : [style.dim(`${indent}at ${placeText(error.at)}`)]),
  ...(error.output === undefined ? [] : error.output.split('\n').slice(-20).map((line) => `${indent}| ${line}`)),
  ...(error.hint === undefined ? [] : [`${indent}${style.bold('hint:')} ${error.hint}`]),
]

/** `mi1: 12 ok, 3 changed, 0 failed`. */
export const recapLine = (host: string, recap: Recap, mode: 'plan' | 'run', width: number): string => {
  const parts = [`${recap.ok} ok`, `${recap.changed} ${mode === 'plan' ? 'to change' : 'changed'}`, `${recap.deferred} deferred`, `${recap.skipped} skipped`, `${recap.failed} failed`]
  return `${host.padEnd(width)}  ${parts.join(', ')}${recap.unreachable ? ', unreachable' : ''}`
}

export const seconds = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`)
