import { comparedSteps, summaryOf } from '../approval/run-comparison.js'
import { exitCode, ProvisionError } from '../core/errors.js'
import { detailOf } from '../report/plan-text.js'
import { runAsPage } from '../report/run-page.js'
import { runText } from '../report/run-text.js'
import { runJournal, runNamed, runNames } from './runs.js'
import { terminalOf } from './terminal.js'

/** `provision show RUN`: what a run was expected to do and did, for people or for machines. */
export const showRun = (named: string, flags: { readonly json?: boolean; readonly html?: boolean; readonly md?: boolean; readonly verbose?: number; readonly color?: boolean }): number => {
  if (flags.md === true) throw new ProvisionError('no-markdown', 'a run is told on a terminal, as a page, or as JSON', { exit: exitCode.input, hint: 'say --html, or leave --md away' })
  const names = runNames()
  const journal = runJournal(runNamed(named, names), names)
  const { out, outStyle: style } = terminalOf(flags)
  const { header, lost, end, digests } = journal
  if (flags.json === true) out.write(`${JSON.stringify({ summary: summaryOf(journal), header, steps: comparedSteps(journal), lost, end: end ?? null, digest: digests.at(-1) }, undefined, 2)}\n`)
  else if (flags.html === true) out.write(runAsPage(journal))
  else out.write(`${runText(journal, { style, detail: detailOf(flags, out.isTTY) })}\n`)
  return exitCode.done
}
