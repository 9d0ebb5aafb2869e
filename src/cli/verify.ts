import { exitCode } from '../core/errors.js'
import type { PlannedStep } from '../core/plan.js'
import { exitOf, recapOf, walkPlays } from '../engine/run.js'
import { verifying } from '../engine/verifying.js'
import { maskedPlan } from '../report/masked.js'
import { verifyText } from '../report/verify-text.js'
import type { WalkFlags } from './options.js'
import { failuresOf, walking } from './walking.js'

/** `provision verify`: the checks of a playbook as a table; nothing is written on any host, and nothing asked. */
export const verify = (playbook: string, flags: WalkFlags): Promise<number> => walking(playbook, { ...flags, purpose: 'verify' }, async ({ fleet, walk, record, failures, terminal }) => {
  const failed = failuresOf(failures)
  const steps: PlannedStep[] = []
  const { stopped } = await walkPlays({ ...walk, hosts: fleet, mode: verifying, emit: (event) => {
    failed(event)
    if (event.type === 'step-settled') steps.push(event)
    record(event)
  } })
  const recap = recapOf(fleet)
  const lost = Object.fromEntries([...fleet.values()].flatMap((host) => (host.lost === undefined ? [] : [[host.name, host.lost]])))
  if (flags.json !== true) terminal.out.write(`${verifyText({ ...maskedPlan({ steps, lost }, walk.mask), recap }, { style: terminal.outStyle, quiet: flags.quiet === true })}\n`)
  const code = exitOf(recap, failures, stopped)
  // what cannot be told is not verified
  return code === exitCode.done && steps.some(({ verdict }) => verdict.status === 'deferred') ? exitCode.failed : code
})
