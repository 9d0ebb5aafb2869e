import type { Because, Recap } from '../core/events.js'
import type { DiffLine } from '../core/diff.js'
import type { Failure, Place } from '../core/errors.js'
import { oneLine, printable } from '../core/printable.js'
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
    case 'ok': return oneLine(verdict.says ?? '')
    case 'change': return verdict.changes.map(({ summary }) => oneLine(summary)).join(', ')
    case 'deferred': return `waits for "${oneLine(verdict.until)}"`
    case 'skipped': return oneLine(verdict.because)
    case 'failed': return oneLine(verdict.error.message)
    default: return verdict satisfies never
  }
}

/** So many letters of a line are shown where a diff is folded. */
const LETTERS = 160

/** A diff line by line; folded to its first lines where `most` is said, with keys and certificates as one line each. */
export const diffText = (whole: readonly DiffLine[], style: Style, indent: string, most?: number): string[] => {
  const { lines, more } = most === undefined ? { lines: whole, more: 0 } : foldedDiff(whole, most)
  const shown = lines.map(({ sign, text }) => {
    const clean = text.split('\t').map(oneLine).join('\t')
    const line = `${indent}${sign} ${most === undefined || clean.length <= LETTERS ? clean : `${clean.slice(0, LETTERS)}…`}`
    return sign === '+' ? style.green(line) : sign === '-' ? style.red(line) : style.dim(line)
  })
  return more > 0 ? [...shown, style.dim(`${indent}… ${more} more lines (--diff shows all)`)] : shown
}

/** The first lines of a diff, keys and certificates as one line each, and how many there are more. */
export const foldedDiff = (whole: readonly DiffLine[], most: number): { readonly lines: readonly DiffLine[]; readonly more: number } => {
  const lines = withoutRepeats(withoutPem(whole))
  const room = lines.length <= most + 1 ? lines.length : most // instead of a note on one line there is room for the line
  return { lines: lines.slice(0, room), more: lines.length - room }
}

/** Bodies of PEM say nothing to people: each is told by its first line. */
const withoutPem = (lines: readonly DiffLine[]): readonly DiffLine[] => {
  let isInside = false
  return lines.flatMap((line) => {
    const wasInside = isInside
    if (line.text.startsWith('-----BEGIN ')) isInside = true
    else if (line.text.startsWith('-----END ')) isInside = false
    else if (!wasInside) return [line]
    return wasInside && !line.text.startsWith('-----BEGIN ') ? [] : [{ ...line, text: `${line.text} …` }]
  })
}

const withoutRepeats = (lines: readonly DiffLine[]): readonly DiffLine[] => lines.filter(({ sign, text }, index) => {
  const before = lines[index - 1]
  return sign !== '-' || before?.sign !== sign || before.text !== text || !text.startsWith('••')
})

/** Why the steps of a handler run; the first two names and how many more are enough to know where to look. */
export const becauseText = (because: Because): string => {
  if ('owed' in because) return '(handler, owed by an earlier run)'
  const names = [...new Set(because.notified)].map((name) => `"${oneLine(name)}"`)
  return `(handler, notified by ${names.length <= 3 ? names.join(', ') : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`})`
}

export const placeText = ({ file, line, column }: Place): string => `${file}:${line}:${column}`

/** A failure with its place, output and cure, for the end of a run. */
export const failureText = (error: Failure, style: Style, indent: string): string[] => [
  `${indent}${style.red(oneLine(error.message))} ${style.dim(`[${error.code}]`)}`,
  ...(error.at === undefined ? [] : [style.dim(`${indent}at ${placeText(error.at)}`)]),
  ...(error.output === undefined ? [] : printable(error.output, 20).split('\n').map((line) => `${indent}| ${line}`)),
  ...(error.hint === undefined ? [] : error.hint.split('\n').map((line, index) => `${indent}${index === 0 ? style.bold('hint:') : '     '} ${oneLine(line)}`)),
]

/** `mi1: 12 ok, 3 changed, 0 failed`. */
export const recapLine = (host: string, recap: Recap, mode: 'plan' | 'run', width: number): string => {
  const parts = [`${recap.ok} ok`, `${recap.changed} ${mode === 'plan' ? 'to change' : 'changed'}`, `${recap.deferred} deferred`, `${recap.skipped} skipped`, `${recap.failed} failed`]
  return `${host.padEnd(width)}  ${parts.join(', ')}${recap.ignored > 0 ? `, ${recap.ignored} ignored` : ''}${recap.unreachable ? ', unreachable' : ''}`
}

export const seconds = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`)
