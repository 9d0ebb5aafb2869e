import type { Drift, MovedFact, OpenStep } from '../approval/drift.js'
import type { FiledStep } from '../approval/plan-file.js'
import { counted } from '../core/counted.js'
import { oneLine } from '../core/printable.js'
import { shortName } from './run-text.js'
import { styleOf, type Style } from './style.js'
import { diffText } from './words.js'

const SHORT_DIFF = 6

/** What somebody has changed on the hosts, what the files newly want, and what nobody can tell, one behind the other. */
export const driftText = ({ moved, wanted, unknown }: Drift, files: readonly string[], { style = styleOf(false), diff = false }: { readonly style?: Style; readonly diff?: boolean } = {}): string => {
  const width = Math.max(4, ...moved.map(({ host }) => host.length), ...[...wanted, ...unknown].map(({ step }) => step.host.length))
  const steps = (open: readonly OpenStep[]): readonly string[] => open.flatMap(({ step, why }) => [`  ${step.host.padEnd(width)}  ${stepText(step)}`, style.dim(`${' '.repeat(width + 4)}${oneLine(why)}  ${step.file}:${step.line}`)])
  return [
    ...(moved.length === 0 ? [] : [style.bold('Moved on the hosts'), ...movedLines(moved, width, style, diff), '']),
    ...(wanted.length === 0 ? [] : [style.bold('Newly wanted'), ...steps(wanted), ...(files.length === 0 ? [] : [style.dim(`  other than at the last run: ${files.map(oneLine).join(', ')}`)]), '']),
    ...(unknown.length === 0 ? [] : [style.bold('Not known'), ...steps(unknown), '']),
    `${moved.length === 0 ? style.green('Nothing has moved') : style.yellow(`${counted(moved.length, 'fact')} moved`)}: ${counted(wanted.length, 'step')} newly wanted, ${unknown.length} not known.`,
  ].join('\n')
}

const movedLines = (moved: readonly MovedFact[], width: number, style: Style, diff: boolean): readonly string[] => {
  const indent = ' '.repeat(width + 4)
  const told = new Set<FiledStep>()
  return moved.flatMap(({ host, fact, run, isUnsure, steps, waiting, isWanted }) => [
    `  ${host.padEnd(width)}  ${style.yellow(oneLine(fact))} ${style.dim(`since the run ${shortName(run)}${isUnsure ? ' looked at it, by somebody or by a later step or run' : ''}`)}`,
    ...(steps.length > 0 ? [] : [style.dim(`${indent}${waiting.length === 0 ? 'nothing would be done about it' : `what would be done about it waits: ${waiting.map(({ step }) => oneLine(step)).join(', ')}`}`)]),
    ...steps.flatMap((step) => {
      const isTold = told.has(step)
      told.add(step)
      return [`${indent}a run would do: ${stepText(step)}`, ...(isTold ? [] : step.changes.flatMap((change) => diffText(change.diff, style, `${indent}  `, diff ? undefined : SHORT_DIFF)))]
    }),
    ...(isWanted ? [style.dim(`${indent}which is newly wanted too`)] : []),
  ])
}

const stepText = ({ step, changes }: FiledStep): string => `${oneLine(step)}${changes.length === 0 ? '' : ` — ${changes.map(({ summary }) => oneLine(summary)).join(', ')}`}`
