import type { Explanation, Giver, Outcome } from '../core/explanation.js'
import { oneLine } from '../core/printable.js'
import { Secret } from '../core/secret.js'
import type { Style } from './style.js'
import { failureText, placeText } from './words.js'

/** So many letters of a value stand on a line of a table. */
const LETTERS = 72

/** How a variable comes by its value, for people: who gives it, nearest first, and what it is made of. */
export const explanationText = ({ name, outcome, givers, madeOf }: Explanation, host: string, style: Style): string => [
  `${style.bold(name)} ${style.dim('on')} ${host} ${style.dim('=')} ${wholeText(outcome, style)}`,
  ...('failure' in outcome ? failureText(outcome.failure, style, '  ').slice(1) : []),
  ...giverLines(givers, 'won', style),
  ...(madeOf.length === 0 ? [] : ['', style.dim('made of'), ...table(madeOf.flatMap((part) => treeRows(part, 1, style)))]),
].join('\n')

/** Who else gives it in some steps. */
export const nearerText = (givers: readonly Giver[], style: Style): string =>
  (givers.length === 0 ? '' : ['', style.dim('in some steps it is something else'), ...giverLines(givers, '', style)].join('\n'))

/** One line a variable, by name: value, and who gave it. */
export const variablesText = (all: readonly Explanation[], style: Style): string => table(all.map(({ name, outcome, givers: [first, ...others] }) =>
  ({ cells: [style.bold(name), shortText(outcome, style), originText(first)], end: `${placeOf(first, style)}${others.length === 0 ? '' : style.dim(`  over ${others.map(originText).join(', ')}`)}` }))).join('\n')

/** One line a host: what a variable is there, and who gave it. */
export const hostsText = (all: readonly (readonly [host: string, explanation: Explanation | undefined])[], style: Style): string => table(all.map(([host, explanation]) =>
  ({ cells: [host, explanation === undefined ? style.dim('nobody gives it') : shortText(explanation.outcome, style), originText(explanation?.givers[0])], end: placeOf(explanation?.givers[0], style) }))).join('\n')

const giverLines = (givers: readonly Giver[], won: string, style: Style): readonly string[] =>
  table(givers.map((giver, index) => ({ cells: [index === 0 ? style.green(won) : '', originText(giver), oneLineText(giver.written)], end: placeOf(giver, style) })), '  ')

const treeRows = ({ name, outcome, givers, madeOf }: Explanation, depth: number, style: Style): readonly Row[] => [
  { cells: [`${'  '.repeat(depth)}${name}`, shortText(outcome, style), originText(givers[0])], end: placeOf(givers[0], style) },
  ...madeOf.flatMap((part) => treeRows(part, depth + 1, style)),
]

const originText = (giver: Giver | undefined): string => {
  if (giver === undefined) return ''
  const { origin, of = '' } = giver
  switch (origin) {
    case 'set': return '--set'
    case 'given': return 'with: of an import'
    case 'default': return "the playbook's default"
    case 'built in': return origin
    case 'step': case 'step list': case 'host': case 'group': case 'play': return `${origin} ${of}`.trim()
    default: return origin satisfies never
  }
}

/** `--set` has no place but itself. */
const placeOf = (giver: Giver | undefined, style: Style): string => (giver?.place === undefined || giver.origin === 'set' ? '' : style.dim(placeText(giver.place)))

const wholeText = (outcome: Outcome, style: Style): string => ('known' in outcome ? valueText(outcome.known, 2) : shortText(outcome, style))

const shortText = (outcome: Outcome, style: Style): string => {
  if ('known' in outcome) return oneLineText(outcome.known)
  return 'unknown' in outcome ? style.cyan(`known after ${oneLine(outcome.unknown)}`) : style.red(oneLine(outcome.failure.message))
}

const oneLineText = (value: unknown): string => {
  const text = oneLine(valueText(value))
  return text.length <= LETTERS ? text : `${text.slice(0, LETTERS - 1)}…`
}

/** Texts are in quotes, so that '8290' and 8290 differ; secrets are dots, however many lines they have. */
const valueText = (value: unknown, indent?: number): string =>
  (value instanceof Secret ? oneLine(value.shown) : JSON.stringify(value, undefined, indent) ?? 'nothing').replaceAll(/••••••••(?:(?:\\n|\s)+••••••••)+/g, '••••••••')

interface Row { readonly cells: readonly string[]; readonly end: string }

/** Cells below one another; colours take no room. */
const table = (rows: readonly Row[], indent = ''): readonly string[] => {
  const widths = (rows[0]?.cells ?? []).map((_cell, column) => Math.max(...rows.map(({ cells }) => widthOf(cells[column] ?? ''))))
  return rows.map(({ cells, end }) => `${indent}${[...cells.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell))), end].join('  ')}`.trimEnd())
}
const widthOf = (text: string): number => text.replaceAll(/\u001b\[[\d;]*m/g, '').length
