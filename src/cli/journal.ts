import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { BEGINNING, chained, JOURNAL, type JournalEnd, type JournalHeader, type JournalLine } from '../approval/journal.js'
import { factId, fingerprintOf, oneAddress } from '../approval/record.js'
import { answersOf, predictedOf, settledOf, type RunRecording } from '../approval/run-record.js'
import { exitCode, ProvisionError } from '../core/errors.js'
import type { RunEvent } from '../core/events.js'
import type { Basis, Plan } from '../core/plan.js'
import type { Fleet } from '../engine/fleet.js'
import type { Walk } from '../engine/walk.js'
import { gitHere, keyOf } from './change-plan.js'
import type { WalkFlags } from './options.js'
import { version } from './package.js'
import type { Project } from './project.js'
import { journalFile, lastDigest, runHeader, runJournal, runNames, runsFolder } from './runs.js'

/** Which run a journal is of. */
export type Head = Pick<JournalHeader, 'playbook' | 'inventory' | 'cwd' | 'limit' | 'tags' | 'skip-tags' | 'start-at' | 'resumes' | 'plan' | 'parent'>

/** What a run is told by: what is expected of it, and where the hosts' answers are. */
export interface Begun { readonly plan: Plan; readonly hosts: Fleet; readonly project: Pick<Project, 'planKey' | 'mask' | 'inputs'> }

/** Writes down what a run does, each thing at once and each line chained to the one before, so that another run can go on where this one breaks off; nothing in it is secret. */
export interface Journal {
  readonly name: string
  on(event: RunEvent): void
  /** Told right before a step is settled: what that rests on, and what the host answered right behind it. */
  rests: NonNullable<Walk['rests']>
  /** The run has come to its end, with this exit code. */
  ended(exit: number): void
  close(): void
}

/** What the flags of a run say of it. */
export const headOf = (playbook: string, flags: Pick<WalkFlags, 'inventory' | 'limit' | 'tags' | 'skipTags' | 'startAt'>): Head => ({
  playbook, inventory: [flags.inventory].flat(), cwd: process.cwd(),
  ...(flags.limit === undefined ? {} : { limit: flags.limit }), ...(flags.tags === undefined ? {} : { tags: flags.tags }),
  ...(flags.skipTags === undefined ? {} : { 'skip-tags': flags.skipTags }), ...(flags.startAt === undefined ? {} : { 'start-at': flags.startAt }),
})

/** A new journal, in a file of its owner's; `onLoss` is told when it cannot be written, which does not end the run. */
export const openJournal = (of: Head, { plan, hosts, project }: Begun, onLoss: (text: string) => void): Journal => {
  const name = `${new Date().toISOString().replaceAll(/[:.]/g, '-')}-${randomBytes(3).toString('hex')}`
  let file: number | undefined
  let previous = BEGINNING
  let rested: { readonly basis: Basis; readonly answers: Parameters<Journal['rests']>[1] } | undefined
  let end: Extract<RunEvent, { type: 'run-ended' }> | undefined
  const read = new Map<string, { readonly host: string; readonly user: string; readonly key: string; readonly reply: string }>()
  const recording: RunRecording = {
    key: keyOf(project), isKeyed: project.planKey !== undefined, mask: project.mask,
    replyOf: (host, user, key) => {
      const answer = rested?.answers?.get(key)
      return answer !== undefined && 'reply' in answer ? answer.reply : hosts.get(host)?.snapshot.replyOf(user, { key })
    },
  }
  const write = (entries: readonly JournalLine[]): void => {
    if (file === undefined) return
    try {
      writeSync(file, entries.map((entry) => {
        const { text, digest } = chained(entry, previous)
        previous = digest
        return `${text}\n`
      }).join(''))
    } catch (error) {
      lose(error)
    }
  }
  const close = (): void => {
    if (file !== undefined) closeSync(file)
    file = undefined
  }
  const lose = (error: unknown): void => {
    file = undefined
    onLoss(`what this run does cannot be written down, so that --resume will not know of it: ${error instanceof Error ? error.message : String(error)}`)
  }
  const ended = (exit: number): void => {
    if (end === undefined) return
    write([endOf(end, exit, [...read.values()].filter(({ host, user, key, reply }) => recording.replyOf(host, user, key) !== reply), recording)])
    close()
  }
  try {
    const before = runNames().at(-1)
    mkdirSync(runsFolder(), { recursive: true, mode: 0o700 })
    file = openSync(journalFile(name), 'ax', 0o600)
    write([headerOf(name, of, before, recording, project.inputs), ...plan.steps.map((step) => predictedOf(step, recording))])
  } catch (error) {
    lose(error)
  }
  return {
    name, ended, close,
    rests: (basis, answers) => { rested = { basis, answers } },
    on: (event) => {
      if (event.type === 'step-settled') {
        for (const answer of answersOf(event, rested?.basis, recording)) read.set(`${event.on ?? event.host}\n${factId(answer.user, answer.key)}`, { host: event.on ?? event.host, ...answer })
        write([settledOf(event, rested?.basis, new Date(), recording)])
        rested = undefined
      }
      if (event.type === 'host-lost') write([{ type: 'lost', host: event.host, reason: event.reason }])
      if (event.type !== 'run-ended') return
      end = event
      // who ends it at once hears nothing of an exit code
      if (event.stopped === 'interrupted') ended(exitCode.interrupted)
    },
  }
}

const headerOf = (run: string, of: Head, before: string | undefined, { key, isKeyed }: RunRecording, inputs: Project['inputs']): JournalHeader => {
  const git = gitHere()
  const digest = before === undefined ? undefined : lastDigest(before)
  return {
    type: 'run', format: `${JOURNAL.major}.${JOURNAL.minor}`, run, at: new Date().toISOString(), by: `${userInfo().username}@${hostname()}`, tool: { version: version() },
    ...of, ...(git === undefined ? {} : { git }), inputs: { root: inputs.root, files: { ...inputs.files } },
    key: isKeyed ? 'vault' : 'none', 'key-check': fingerprintOf(key, 'key'),
    ...(before === undefined || digest === undefined ? {} : { after: { run: before, digest } }),
  }
}

const endOf = ({ recap, ms, stopped }: Extract<RunEvent, { type: 'run-ended' }>, exit: number, unsure: readonly { readonly host: string; readonly user: string; readonly key: string }[], { mask }: RunRecording): JournalEnd => ({
  type: 'ended', at: new Date().toISOString(), ms: Math.round(ms), exit, ...(stopped === undefined ? {} : { stopped }), hosts: recap,
  unfinished: Object.entries(recap).filter(([, { failed, unreachable }]) => failed > 0 || unreachable).map(([host]) => host),
  unsure: Object.fromEntries([...new Set(unsure.map(({ host }) => host))].toSorted().map((host) => [host, unsure.filter((fact) => fact.host === host).map(({ user, key }) => mask(factId(user, key))).toSorted()])),
})

/** What an earlier run has done, and which hosts it did not bring to the end; `undefined` for all hosts. */
export interface Earlier { readonly name: string; readonly unfinished: readonly string[] | undefined; done(host: string, address: string, nth: number): string | undefined }

/** The run that is to be gone on with: the last one of this playbook, inventory and folder, or the one that is named. */
export const earlierRun = (of: Head, named: string | undefined): Earlier => {
  const names = runNames()
  const name = names.findLast((run) => (named === undefined ? isSame(of, run) : run === named))
  if (name === undefined) throw new ProvisionError('nothing-to-resume', named === undefined ? `no earlier run of ${of.playbook} with ${of.inventory.join(', ')} from here is known` : `there is no run ${named}`, { exit: exitCode.input, hint: 'leave --resume away' })
  const { header, settled, end } = runJournal(name, names)
  const counts = new Map<string, number>()
  for (const { host, address, status } of settled) if (status !== 'failed' && status !== 'deferred') counts.set(`${host}\n${address}`, (counts.get(`${host}\n${address}`) ?? 0) + 1)
  return {
    name, unfinished: end === undefined || end.stopped !== undefined ? undefined : end.unfinished,
    done: (host, address, nth) => (nth < (counts.get(`${host}\n${oneAddress(address, (text) => text)}`) ?? 0) ? `done by the run of ${header.at}` : undefined),
  }
}

/** Whether a run was of the same playbook and inventory, from the same folder. */
const isSame = (of: Head, run: string): boolean => {
  const header = runHeader(run)
  return header !== undefined && JSON.stringify([header.playbook, header.inventory, header.cwd]) === JSON.stringify([of.playbook, of.inventory, of.cwd])
}
