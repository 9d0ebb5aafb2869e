import { exitCode } from '../core/errors.js'
import { exitOf, planOf, recapOf } from '../engine/run.js'
import { maskedPlan } from '../report/masked.js'
import { detailOf, planText } from '../report/plan-text.js'
import type { WalkFlags } from './options.js'
import { failuresOf, walking } from './walking.js'

/** `provision plan`: what a run would change; nothing is written on any host. */
export const plan = (playbook: string, flags: WalkFlags): Promise<number> => walking(playbook, flags, async ({ fleet, walk, record, failures, terminal }) => {
  const failed = failuresOf(failures)
  const planned = await planOf(fleet, { ...walk, emit: (event) => {
    failed(event)
    record(event)
  } })
  const recap = recapOf(planned.hosts)
  if (flags.json !== true) terminal.out.write(`${planText(maskedPlan(planned.plan, walk.mask), recap, { style: terminal.outStyle, diff: flags.diff === true, detail: detailOf(flags, terminal.out.isTTY) })}\n`)
  const code = exitOf(recap, failures, walk.stopping.asked ? 'interrupted' : undefined)
  const open = planned.plan.steps.some(({ verdict }) => verdict.status === 'change' || verdict.status === 'deferred')
  return code === exitCode.done && open && flags.detailedExitcode === true ? exitCode.changes : code
})
