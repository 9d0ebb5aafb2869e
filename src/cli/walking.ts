import { createWriteStream, type WriteStream } from 'node:fs'
import { userInfo, hostname } from 'node:os'
import { exitCode } from '../core/errors.js'
import type { Emit, Reporter, RunEvent } from '../core/events.js'
import { connect, prefetch, type Fleet } from '../engine/run.js'
import type { Walk } from '../engine/walk.js'
import { issued } from '../formats/certificate.js'
import { eventLines, jsonDocument } from '../report/json.js'
import { plain } from '../report/plain.js'
import { tty } from '../report/tty.js'
import { doorsTo } from './doors.js'
import type { WalkFlags } from './options.js'
import { openProject, type Project } from './project.js'
import { terminalOf, type Terminal } from './terminal.js'

/** Everything that planning and running share: the project, the hosts, and who is told. */
export interface Walking {
  readonly project: Project
  readonly terminal: Terminal
  readonly fleet: Fleet
  readonly walk: Omit<Walk, 'mode' | 'hosts' | 'plan' | 'emit'>
  /** Tells machines: the file of events and the JSON document. */
  readonly record: Emit
  readonly failures: { readonly code: string }[]
  /** Starts telling people of a run. */
  narrate(resume: string): Reporter
}

/** Loads the files, connects, asks the hosts everything at once, and hands on; always ends by closing what it opened. */
export const walking = async (playbook: string, flags: WalkFlags, work: (walking: Walking) => Promise<number>): Promise<number> => {
  const terminal = terminalOf(flags)
  const project = await openProject(playbook, flags)
  const notices: RunEvent[] = []
  const doors = await doorsTo(project, (host, text) => notices.push({ type: 'notice', host, text }))
  const failures: { readonly code: string }[] = []
  const eventsFile = flags.events === undefined ? undefined : createWriteStream(flags.events, { mode: 0o600 })
  const machines: Reporter[] = [
    ...(eventsFile === undefined ? [] : [eventLines((line) => { eventsFile.write(line) })]),
    ...(flags.json === true ? [jsonDocument((text) => { terminal.out.write(text) })] : []),
  ]
  const record: Emit = (event) => { machines.forEach((reporter) => reporter.on(event)) }
  const stopping = { asked: false }
  const abort = new AbortController()
  const interrupt = onInterrupt(terminal, stopping, abort)
  const now = (): number => performance.now()
  const began = now()
  const mask = (text: string): string => project.secrets.reduce((masked, secret) => masked.replaceAll(secret, '••••••••'), text)
  const walk = {
    plays: project.plays, controller: project.controller, issue: issued, owner: `${userInfo().username}@${hostname()}, ${playbook}`,
    stopping, signal: abort.signal, now, mask, began,
  }
  try {
    const fleet = await connect(doors, Math.max(1, Number(flags.forks) || 20), { emit: () => {}, now })
    await prefetch(fleet, project.plays, { emit: () => {} })
    notices.splice(0).forEach((notice) => { if (notice.type === 'notice' && flags.quiet !== true) terminal.err.write(`note: ${notice.host ?? ''}: ${notice.text}\n`) })
    return await work({
      project, terminal, fleet, walk, record, failures,
      narrate: (resume) => {
        const telling = { style: terminal.style, diff: flags.diff === true, verbosity: flags.quiet === true ? -1 : flags.verbose ?? 0, resume }
        return terminal.isLive && flags.json !== true ? tty(telling, terminal.err, now) : plain(telling, (text) => { terminal.err.write(text) })
      },
    })
  } finally {
    interrupt()
    await Promise.all(machines.map((reporter) => reporter.end()))
    await ended(eventsFile)
    await Promise.all(doors.map((door) => door.close()))
  }
}

/** Remembers the failures that decide the exit code. */
export const failuresOf = (failures: { readonly code: string }[]): Emit => (event) => {
  if (event.type === 'step-settled' && event.verdict.status === 'failed' && event.ignored !== true) failures.push(event.verdict.error)
}

/** The first signal lets the frame in flight finish; the second ends at once. */
const onInterrupt = (terminal: Terminal, stopping: { asked: boolean }, abort: AbortController): (() => void) => {
  const listener = (): void => {
    if (stopping.asked) {
      abort.abort()
      terminal.err.write('\nstopped\n')
      process.exit(exitCode.interrupted)
    }
    stopping.asked = true
    terminal.err.write('\nstopping once what is under way is finished; again to stop now\n')
  }
  process.on('SIGINT', listener)
  process.on('SIGTERM', listener)
  return () => {
    process.off('SIGINT', listener)
    process.off('SIGTERM', listener)
  }
}

const ended = (stream: WriteStream | undefined): Promise<void> => new Promise((resolve, reject) => {
  if (stream === undefined) resolve()
  else {
    stream.once('error', reject)
    stream.end(() => resolve())
  }
})

