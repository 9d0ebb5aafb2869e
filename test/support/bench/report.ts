import type { Spread } from './measured.js'

/** A figure held against what is aimed at. */
export interface Verdict {
  readonly what: string
  readonly figure: string
  readonly target: string
  readonly met: boolean
  /** Whether the bench fails when it is missed. */
  readonly gates: boolean
}

/** What one part of the bench found out, as it stands in docs/benchmarks.md. */
export interface Section {
  /** The mark that it is found by again. */
  readonly key: string
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly verdicts: readonly Verdict[]
}

export const fixed = (value: number, digits = 2): string => (Number.isNaN(value) ? '–' : value.toFixed(digits))
export const spreadText = ({ median, least, most }: Spread): string => (least === most ? fixed(median) : `${fixed(median)} (${fixed(least)}–${fixed(most)})`)

export const atMost = (what: string, figure: number, target: number, { unit = '', gates = false, digits = 2 } = {}): Verdict =>
  ({ what, figure: `${fixed(figure, digits)}${unit}`, target: `≤ ${target}${unit}`, met: figure <= target, gates })
export const atLeast = (what: string, figure: number, target: number, { unit = '', gates = false, digits = 1 } = {}): Verdict =>
  ({ what, figure: `${fixed(figure, digits)}${unit}`, target: `≥ ${target}${unit}`, met: figure >= target, gates })

/** For the terminal, in columns. */
export const printed = ({ title, head, rows, verdicts }: Section): string => {
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => (row[column] ?? '').length)))
  const line = (cells: readonly string[]): string => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()
  return [`\n${title}`, line(head), ...rows.map(line), ...verdicts.map(({ what, figure, target, met }) => `${met ? 'reached' : 'MISSED '} ${what}: ${figure} (${target})`)].join('\n')
}

const markdown = ({ key, title, head, rows, verdicts }: Section, machine: string): string => [
  `<!-- part: ${key} -->`, `## ${title}`, '', machine, '',
  `| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`, ...rows.map((row) => `| ${row.join(' | ')} |`),
  ...(verdicts.length === 0 ? [] : ['', '| aim | target | figure | |', '|---|---|---|---|', ...verdicts.map(({ what, figure, target, met }) => `| ${what} | ${target} | ${figure} | ${met ? 'reached' : '**missed**'} |`)]),
  '<!-- end of part -->',
].join('\n')

/** The document with this part in the place of its older one, or behind the last part. */
export const written = (document: string, section: Section, machine: string): string => {
  const part = markdown(section, machine)
  const start = document.indexOf(`<!-- part: ${section.key} -->`)
  const endMark = '<!-- end of part -->'
  if (start >= 0) return `${document.slice(0, start)}${part}${document.slice(document.indexOf(endMark, start) + endMark.length)}`
  const behind = document.lastIndexOf(endMark)
  if (behind < 0) return `${document.trimEnd()}\n\n${part}\n`
  return `${document.slice(0, behind + endMark.length)}\n\n${part}${document.slice(behind + endMark.length)}`
}
