import { exitCode } from '../core/errors.js'
import { exitOf, planOf, recapOf } from '../engine/run.js'
import { maskedPlan } from '../report/masked.js'
import { detailOf, planText } from '../report/plan-text.js'
import type { ChangePlanFlags } from './change-plan.js'
import { failuresOf, walking } from './walking.js'

/** `provision plan`: what a run would change; nothing is written on any host. */
export const plan = async (playbook: string, flags: ChangePlanFlags): Promise<number> => {
  // what is said of the file is held against its form before anything is connected
  const writing = flags.out === undefined ? undefined : await import('./change-plan.js')
  const header = writing?.headerFor(playbook, flags, new Date())
  return walking(playbook, { ...flags, records: writing !== undefined }, async ({ fleet, walk, record, failures, terminal, project }) => {
    const failed = failuresOf(failures)
    const planned = await planOf(fleet, { ...walk, emit: (event) => {
      failed(event)
      record(event)
    } })
    const recap = recapOf(planned.hosts)
    if (flags.json !== true) terminal.out.write(`${planText(maskedPlan(planned.plan, walk.mask), recap, { style: terminal.outStyle, diff: flags.diff === true, detail: detailOf(flags, terminal.out.isTTY) })}\n`)
    const code = exitOf(recap, failures, walk.stopping.asked ? 'interrupted' : undefined)
    if (writing !== undefined && header !== undefined && flags.out !== undefined) {
      if (code === exitCode.done) {
        const { digest } = writing.writeChangePlan(flags.out, header, writing.bodyOf(planned.plan, planned.hosts, project), project, flags)
        terminal.err.write(`Wrote ${flags.out}, ${digest}\n`)
      } else terminal.err.write(`${flags.out} was not written: a plan that cannot be done as things are is none to approve.\n`)
    }
    const open = planned.plan.steps.some(({ verdict }) => verdict.status === 'change' || verdict.status === 'deferred')
    return code === exitCode.done && open && flags.detailedExitcode === true ? exitCode.changes : code
  })
}
