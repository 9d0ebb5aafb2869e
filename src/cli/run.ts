import { exitCode, ProvisionError } from '../core/errors.js'
import type { Emit } from '../core/events.js'
import type { PlannedStep } from '../core/plan.js'
import { prefetch } from '../engine/prefetch.js'
import { exitOf, planOf, recapOf, walkPlays } from '../engine/run.js'
import { forgotten } from '../engine/fleet.js'
import { running } from '../engine/running.js'
import type { Walk } from '../engine/walk.js'
import { maskedPlan } from '../report/masked.js'
import { detailOf, planText } from '../report/plan-text.js'
import type { WalkFlags } from './options.js'
import { plan } from './plan.js'
import { earlierRun, headOf, openJournal } from './journal.js'
import { askStep, askYes } from './prompt.js'
import { terminalOf } from './terminal.js'
import { typedCommand } from './typed-command.js'
import { failuresOf, walking } from './walking.js'

/** `provision run`: shows the plan, asks, makes the changes, verifies each. */
export const run = async (playbook: string, flags: WalkFlags): Promise<number> => {
  if (flags.dryRun === true || flags.check === true) return plan(playbook, flags)
  const { isInteractive, err } = terminalOf(flags)
  const consent = (): void => {
    if (flags.step === true && !isInteractive) throw new ProvisionError('no-consent', 'nobody is there to be asked before each step', { exit: exitCode.input, hint: 'leave --step away' })
    if (flags.yes === true || isInteractive) return
    throw new ProvisionError('no-consent', 'nobody is there to ask whether to make the changes', { exit: exitCode.input, hint: 'say --yes, or look first with `provision plan`' })
  }
  const of = headOf(playbook, flags)
  const earlier = flags.resume === undefined ? undefined : earlierRun(of, flags.resume === true ? undefined : flags.resume)
  if (earlier?.unfinished?.length === 0) {
    err.write(`The run ${earlier.name} came to its end on every host: there is nothing to go on with.\n`)
    return exitCode.done
  }
  return walking(playbook, { ...flags, only: earlier?.unfinished }, async ({ fleet, walk: common, record, failures, terminal, narrate, project, notice }) => {
    const walk = earlier === undefined ? common : { ...common, done: (host: string, address: string, nth: number) => earlier.done(host, project.mask(address), nth) }
    const planned = await planOf(fleet, { ...walk, emit: failuresOf(failures) })
    const recap = recapOf(planned.hosts)
    if (walk.stopping.asked) return exitCode.interrupted
    const quiet = flags.quiet === true || flags.json === true
    const isOpen = planned.plan.steps.some(({ verdict }) => verdict.status === 'change' || verdict.status === 'deferred')
    const refused = failures.length > 0 || Object.keys(planned.plan.lost).length > 0
    const asks = isOpen && flags.yes !== true && flags.step !== true
    if (refused || asks) terminal.err.write(`${planText(maskedPlan(planned.plan, project.mask), recap, { style: terminal.style, diff: flags.diff === true, detail: detailOf({ ...flags, quiet }, terminal.err.isTTY) })}\n`)
    if (refused) {
      replay(planned.plan.steps, recap, record)
      const lost = Object.keys(planned.plan.lost)
      const without = lost.length > 0 && lost.length < planned.hosts.size && failures.length === 0
      terminal.err.write(`\nNothing was changed.${without ? ` To go on without the hosts that are not reached: --limit '${[flags.limit ?? 'all', ...lost.map((host) => `!${host}`)].join(':')}'` : ''}\n`)
      return exitOf(recap, failures, undefined)
    }
    let hosts = fleet
    if (asks) {
      if (!(await askYes('Make these changes?'))) {
        terminal.err.write('Nothing was changed.\n')
        return exitCode.done
      }
      // the reader took time: what the hosts said before may be old
      hosts = forgotten(fleet)
      await prefetch(hosts, project.plays, { ...walk, emit: record })
    }
    const journal = openJournal({ ...of, ...(earlier === undefined ? {} : { resumes: earlier.name }) }, { plan: planned.plan, hosts, project }, notice)
    const reporter = narrate(typedCommand({ argv: process.argv, env: process.env, cwd: process.cwd() }), journal)
    const failed = failuresOf(failures)
    try {
      const { stopped } = await walkPlays({ ...walk, ...(asks ? { began: walk.now() } : {}), hosts, mode: running, plan: planned.plan, rests: journal.rests, ...(flags.step === true ? { confirm: stepByStep(project.mask), frameSteps: 1 } : {}), emit: (event) => {
        failed(event)
        record(event)
      } })
      const code = exitOf(recapOf(hosts), failures, stopped)
      journal.ended(code)
      return code
    } finally {
      journal.close()
      await reporter.end()
    }
  }, {
    first: consent,
    opened: ({ inventory: { approvals: [policy] } }) => {
      if (policy === undefined) return
      throw new ProvisionError('needs-approval', 'these hosts are altered by approved plans alone', {
        exit: exitCode.unapproved, at: policy.at, hint: `provision plan ${playbook} -i ${of.inventory.join(' -i ')} -o change.plan, have it approved with \`provision approve change.plan --key KEY\`, and \`provision apply change.plan\``,
      })
    },
  })
}

/** Asks before each step, one question at a time, until the reader wants no more of it. */
const stepByStep = (mask: (text: string) => string): NonNullable<Walk['confirm']> => {
  let goesOn = false
  let turn: Promise<unknown> = Promise.resolve()
  return (host, step, changes) => {
    const mine = turn.then(async () => {
      if (goesOn) return true
      const answer = await askStep(`${host}: ${mask(`${step} (${changes.map(({ summary }) => summary).join(', ')})`)}?`)
      goesOn = answer === 'continue'
      return answer !== 'no'
    })
    turn = mine.catch(() => undefined)
    return mine
  }
}

/** A refused run is told to machines as the plan that it was. */
export const replay = (steps: readonly PlannedStep[], recap: ReturnType<typeof recapOf>, record: Emit): void => {
  let play: string | undefined
  for (const { basis: _basis, ...step } of steps) {
    if (step.play !== play) record({ type: 'play-started', play: step.play, hosts: [...new Set(steps.filter((other) => other.play === step.play).map(({ host }) => host))], steps: 0 })
    play = step.play
    record({ type: 'step-settled', ...step, ms: 0 })
  }
  record({ type: 'run-ended', mode: 'plan', recap, ms: 0 })
}
