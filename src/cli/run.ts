import { exitCode, ProvisionError } from '../core/errors.js'
import type { Emit } from '../core/events.js'
import type { PlannedStep } from '../core/plan.js'
import { exitOf, planOf, prefetch, recapOf, walkPlays } from '../engine/run.js'
import { Host } from '../engine/host.js'
import { running } from '../engine/running.js'
import { planText } from '../report/plan-text.js'
import type { WalkFlags } from './options.js'
import { plan } from './plan.js'
import { askYes } from './prompt.js'
import { terminalOf } from './terminal.js'
import { failuresOf, walking } from './walking.js'

/** `provision run`: shows the plan, asks, makes the changes, verifies each. */
export const run = async (playbook: string, flags: WalkFlags): Promise<number> => {
  if (flags.dryRun === true || flags.check === true) return plan(playbook, flags)
  const { isInteractive } = terminalOf(flags)
  if (flags.yes !== true && !isInteractive) {
    throw new ProvisionError('no-consent', 'nobody is there to ask whether to make the changes', { exit: exitCode.input, hint: 'say --yes, or look first with `provision plan`' })
  }
  return walking(playbook, flags, async ({ fleet, walk, record, failures, terminal, narrate, project }) => {
    const planned = await planOf(fleet, { ...walk, emit: failuresOf(failures) })
    const recap = recapOf(planned.hosts)
    const quiet = flags.quiet === true || flags.json === true
    const isOpen = planned.plan.steps.some(({ verdict }) => verdict.status === 'change' || verdict.status === 'deferred')
    const refused = failures.length > 0 || Object.keys(planned.plan.lost).length > 0
    if (refused || (isOpen && flags.yes !== true)) terminal.err.write(`${planText(planned.plan, recap, { style: terminal.style, diff: flags.diff === true, quiet })}\n`)
    if (refused) {
      replay(planned.plan.steps, recap, record)
      terminal.err.write(`\nNothing was changed.${Object.keys(planned.plan.lost).length > 0 && failures.length === 0 ? " To go on without the hosts that are not reached: --limit 'all:!HOST'" : ''}\n`)
      return exitOf(recap, failures, undefined)
    }
    let hosts = fleet
    if (isOpen && flags.yes !== true) {
      if (!(await askYes('Make these changes?'))) {
        terminal.err.write('Nothing was changed.\n')
        return exitCode.done
      }
      // the reader took time: what the hosts said before may be old
      hosts = new Map([...fleet.values()].map((host) => [host.name, new Host(host.name, host.transport)]))
      await prefetch(hosts, project.plays, { emit: () => {} })
    }
    const reporter = narrate(['provision run', playbook, '-i', flags.inventory, ...(flags.limit === undefined ? [] : ['--limit', `'${flags.limit}'`])].join(' '))
    const failed = failuresOf(failures)
    try {
      const { stopped } = await walkPlays({ ...walk, hosts, mode: running, plan: planned.plan, emit: (event) => {
        failed(event)
        record(event)
        if (flags.json !== true || event.type === 'run-ended') reporter.on(event)
      } })
      return exitOf(recapOf(hosts), failures, stopped)
    } finally {
      await reporter.end()
    }
  })
}

/** A refused run is told to machines as the plan that it was. */
const replay = (steps: readonly PlannedStep[], recap: ReturnType<typeof recapOf>, record: Emit): void => {
  let play: string | undefined
  for (const step of steps) {
    if (step.play !== play) record({ type: 'play-started', play: step.play, hosts: [...new Set(steps.filter((other) => other.play === step.play).map(({ host }) => host))], steps: 0 })
    play = step.play
    record({ type: 'step-settled', ...step, ms: 0 })
  }
  record({ type: 'run-ended', mode: 'plan', recap, ms: 0 })
}
