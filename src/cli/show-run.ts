import { comparedSteps, summaryOf } from '../approval/run-comparison.js'
import { exitCode } from '../core/errors.js'
import { detailOf } from '../report/plan-text.js'
import { runText } from '../report/run-text.js'
import { runJournal, runNamed, runNames } from './runs.js'
import { terminalOf } from './terminal.js'

/** `provision show RUN`: what a run was expected to do and did, for people or for machines. */
export const showRun = (named: string, flags: { readonly json?: boolean; readonly verbose?: number; readonly color?: boolean }): number => {
  const names = runNames()
  const journal = runJournal(runNamed(named, names), names)
  const { out, outStyle: style } = terminalOf(flags)
  const { header, lost, end, digests } = journal
  if (flags.json === true) out.write(`${JSON.stringify({ summary: summaryOf(journal), header, steps: comparedSteps(journal), lost, end: end ?? null, digest: digests.at(-1) }, undefined, 2)}\n`)
  else out.write(`${runText(journal, { style, detail: detailOf(flags, out.isTTY) })}\n`)
  return exitCode.done
}
