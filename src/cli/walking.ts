import { userInfo, hostname } from 'node:os'
import { counted } from '../core/counted.js'
import { failureOf, ProvisionError, ProvisionErrors } from '../core/errors.js'
import type { Emit, Reporter, WalkDocument } from '../core/events.js'
import { connect, type Fleet } from '../engine/fleet.js'
import { prefetch } from '../engine/prefetch.js'
import type { Walk } from '../engine/walk.js'
import { issued } from '../formats/certificate.js'
import { annotations, groups } from '../report/annotations.js'
import { eventLines, jsonDocument } from '../report/json.js'
import { masking } from '../report/masked.js'
import { plain } from '../report/plain.js'
import type { waiting } from '../report/tty.js'
import { transcribed } from '../transport/transcript.js'
import { doorsTo } from './doors.js'
import { interruption, UNTOUCHED } from './interruption.js'
import { lineFile } from './line-file.js'
import { documentOf, isOnGithub, junitFile, shownOnGithub } from './ci-reports.js'
import type { WalkFlags } from './options.js'
import { openProject, type Project, type Selected } from './project.js'
import { endAtOnce } from './signals.js'
import { terminalOf, type Terminal } from './terminal.js'

/** Everything that planning and running share: the project, the hosts, and who is told. */
export interface Walking {
  readonly project: Project
  readonly terminal: Terminal
  readonly fleet: Fleet
  readonly walk: Omit<Walk, 'mode' | 'hosts' | 'plan' | 'emit'>
  /** Tells everybody who listens: machines from the start, people and journals once they do. */
  readonly record: Emit
  readonly failures: { readonly code: string }[]
  /** Tells machines why nothing was done. */
  readonly refuse: WalkDocument['refuse']
  /** Tells people and machines of something beside the walk. */
  readonly notice: (text: string, host?: string) => void
  /** Starts telling people of a run, and first of all its journal; from now on an interruption lets what is under way be finished. */
  narrate(resume: string, journal: Pick<Reporter, 'on'>): Reporter
}

/** What must hold before anything is connected; whatever does not is thrown. */
interface Before {
  /** Before the files are read. */
  readonly first?: () => void
  readonly opened?: (project: Project) => Promise<void> | void
}

/** Loads the files, connects, asks the hosts everything at once, and hands on; always ends by closing what it opened. */
export const walking = async (playbook: string, flags: WalkFlags & Selected, work: (walking: Walking) => Promise<number>, before: Before = {}): Promise<number> => {
  const terminal = terminalOf(flags)
  const document = documentOf([
    ...(flags.json === true ? [jsonDocument((text) => { terminal.out.write(text) })] : []),
    ...(flags.junit === undefined ? [] : [junitFile(flags.junit, (text) => { terminal.err.write(`note: ${text}\n`) })]),
  ])
  const over = endAtOnce((text) => {
    document.on(nothingDone)
    void document.end()
    terminal.err.write(text)
  }, UNTOUCHED)
  try {
    before.first?.()
    const project = await openProject(playbook, { purpose: 'run', ...flags })
    await before.opened?.(project)
    return await walkingOn(project, { playbook, flags, terminal, document }, work)
  } catch (error) {
    if (error instanceof ProvisionErrors) document.refuse(error.errors.map(failureOf))
    else document.refuse([error instanceof ProvisionError ? failureOf(error) : { code: 'bug', message: String(error) }])
    throw error
  } finally {
    over()
    await document.end()
  }
}

/** How an interruption before the first answer is told to machines. */
const nothingDone = { type: 'run-ended', mode: 'plan', recap: {}, ms: 0, stopped: 'interrupted' } as const

interface Asked { readonly playbook: string; readonly flags: WalkFlags; readonly terminal: Terminal; readonly document: WalkDocument }

const walkingOn = async (project: Project, { playbook, flags, terminal, document }: Asked, work: (walking: Walking) => Promise<number>): Promise<number> => {
  const { mask } = project
  // where nobody watches, what draws live lines is not loaded
  const live = terminal.isLive ? await import('../report/tty.js') : undefined
  let people: Reporter | undefined
  let wait: ReturnType<typeof waiting> | undefined
  const sayEarly = (line: string): void => { if (wait === undefined) terminal.err.write(`${line}\n`); else wait.say(line) }
  const notice = (text: string, host?: string): void => {
    record({ type: 'notice', text, ...(host === undefined ? {} : { host }) })
    if (people === undefined && flags.quiet !== true) sayEarly(`note: ${host === undefined ? '' : `${host}: `}${mask(text)}`)
  }
  const line = (text: string): void => { terminal.err.write(`${text}\n`) }
  const events = flags.events === undefined ? undefined : lineFile(flags.events, '--events', notice)
  const transcript = flags.transcript === undefined ? undefined : lineFile(flags.transcript, '--transcript', notice)
  const machines: Reporter[] = [...(events === undefined ? [] : [eventLines((line) => { events.write(line) })]), document, ...(isOnGithub() ? [annotations(line, shownOnGithub)] : [])]
  const listening = new Set<Pick<Reporter, 'on'>>(machines)
  const record = masking((event) => { listening.forEach((one) => one.on(event)) }, mask)
  const now = (): number => performance.now()
  const began = now()
  const doors = (await doorsTo(project, (host, text) => notice(text, host))).map((door) =>
    (transcript === undefined ? door : transcribed(door, (exchange) => transcript.write(JSON.stringify({ ...exchange, script: mask(exchange.script) })), now)))
  const failures: { readonly code: string }[] = []
  const interrupted = interruption(notice, (text) => {
    wait?.end()
    void people?.end()
    if (people !== undefined) listening.delete(people)
    record({ ...nothingDone, mode: people === undefined ? 'plan' : 'run' })
    void document.end()
    terminal.err.write(`${text}\n`)
  })
  const walk = {
    plays: project.plays, controller: project.controller, basics: project.basics, issue: issued, owner: `${userInfo().username}@${hostname()}, ${playbook}, process ${process.pid}, since ${new Date().toISOString().slice(0, 19)}Z`,
    stopping: interrupted.stopping, signal: interrupted.signal, now, mask, began, ...(flags.waitForLock === undefined ? {} : { lockPatience: flags.waitForLock }),
  }
  try {
    if (live !== undefined && flags.quiet !== true) wait = live.waiting(`asking ${counted(doors.length, 'host')}`, terminal.err, terminal.style)
    const fleet = await connect(doors, flags.forks, { emit: record, now }, (name) => project.hosts.find((host) => host.name === name)?.connection.machine ?? name)
    await prefetch(fleet, project.plays, { ...walk, emit: record })
    wait?.end()
    wait = undefined
    return await work({
      project, terminal, fleet, walk, record, failures, notice, refuse: document.refuse,
      narrate: (resume, journal) => {
        interrupted.begun(resume)
        const telling = { style: terminal.style, diff: flags.diff === true, verbosity: flags.quiet === true || flags.json === true ? -1 : flags.verbose ?? 0, resume }
        // questions between the steps and live lines do not go together
        people = live !== undefined && flags.json !== true && flags.step !== true ? live.tty(telling, terminal.err, now) : plain(telling, (text) => { terminal.err.write(text) })
        listening.add(journal)
        if (isOnGithub() && telling.verbosity >= 0) listening.add(groups(line))
        listening.add(people)
        return people
      },
    })
  } finally {
    wait?.end()
    interrupted.over()
    events?.close()
    await Promise.all(doors.map((door) => door.close()))
    transcript?.close()
  }
}

/** Remembers the failures that decide the exit code. */
export const failuresOf = (failures: { readonly code: string }[]): Emit => (event) => {
  if (event.type === 'step-settled' && event.verdict.status === 'failed' && event.ignored !== true && event.rescued !== true) failures.push(event.verdict.error)
}
