import { existsSync } from 'node:fs'
import { compareWith } from '../approval/compare.js'
import { historyOf } from '../approval/past-runs.js'
import { exitCode } from '../core/errors.js'
import { planFileAsMarkdown } from '../report/plan-file-markdown.js'
import { planFileAsPage } from '../report/plan-page.js'
import { movedText, planFileAsText } from '../report/plan-file-text.js'
import { openPlanFile } from './change-plan.js'
import { pastRuns } from './past-runs.js'
import { terminalOf } from './terminal.js'

export interface ShowFlags { readonly json?: boolean; readonly md?: boolean; readonly html?: boolean; readonly diff?: boolean; readonly verbose?: number; readonly color?: boolean }

/** `provision show`: a plan's file for people, or for machines; or a run, where there is no such file. */
export const show = async (file: string, flags: ShowFlags): Promise<number> => {
  // runs have names without dots and slashes
  if (/^[\w-]+$/.test(file) && !existsSync(file)) return (await import('./show-run.js')).showRun(file, flags)
  const { plan } = openPlanFile(file)
  const { out, outStyle: style } = terminalOf(flags)
  if (flags.json === true) out.write(`${JSON.stringify(plan, undefined, 2)}\n`)
  else if (flags.md === true) out.write(planFileAsMarkdown(plan, { diff: flags.diff === true }))
  else if (flags.html === true) out.write(planFileAsPage(plan, { history: historyOf(pastRuns(plan.header)) }))
  else out.write(`${planFileAsText(plan, { style, diff: flags.diff === true })}\n`)
  return exitCode.done
}

/** `provision diff`: what a later plan does otherwise than an earlier one; exit 3 when it does. */
export const diffPlans = (one: string, other: string, flags: ShowFlags): number => {
  const { moved, done } = compareWith(openPlanFile(one).plan.plan, openPlanFile(other).plan.plan)
  const { out, outStyle: style } = terminalOf(flags)
  if (flags.json === true) out.write(`${JSON.stringify({ moved, done }, undefined, 2)}\n`)
  else out.write(moved.length + done.length === 0 ? 'The plans do the same.\n' : `${movedText([...moved, ...done], 'plans', style)}\n`)
  return moved.length + done.length === 0 ? exitCode.done : exitCode.changes
}
