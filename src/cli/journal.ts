import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { addressOf } from '../core/address.js'
import { exitCode, ProvisionError } from '../core/errors.js'
import type { RunEvent } from '../core/events.js'

/** What a journal begins with: which run it is of. Values of `--set` may be secret and are not kept. */
const head = z.object({ type: z.literal('run'), format: z.literal(1), at: z.string(), playbook: z.string(), inventory: z.array(z.string()), cwd: z.string() })
export type Head = Omit<z.output<typeof head>, 'type' | 'format' | 'at'>
const line = z.discriminatedUnion('type', [
  head,
  z.object({ type: z.literal('settled'), host: z.string(), address: z.string(), status: z.enum(['ok', 'change', 'deferred', 'skipped', 'failed']), ended: z.string().optional(), ms: z.number().optional() }),
  z.object({ type: z.literal('lost'), host: z.string() }),
  z.object({ type: z.literal('ended'), stopped: z.string().optional(), unfinished: z.array(z.string()) }),
])

/** Where the journals of this user's runs lie. */
export const runsFolder = (): string => join(process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local/state'), 'provision/runs')

/** Writes down what a run does, each thing at once, so that another run can go on where this one breaks off; nothing in it is secret. */
export interface Journal { readonly name: string; on(event: RunEvent): void; close(): void }

/** A new journal, in a file of its owner's; `onLoss` is told when it cannot be written, which does not end the run. */
export const openJournal = (of: Head, onLoss: (text: string) => void): Journal => {
  const name = `${new Date().toISOString().replaceAll(/[:.]/g, '-')}-${randomBytes(3).toString('hex')}`
  let file: number | undefined
  const lose = (error: unknown): void => {
    file = undefined
    onLoss(`what this run does cannot be written down, so that --resume will not know of it: ${error instanceof Error ? error.message : String(error)}`)
  }
  const write = (entry: z.output<typeof line>): void => {
    if (file === undefined) return
    try {
      writeSync(file, `${JSON.stringify(entry)}\n`)
    } catch (error) {
      lose(error)
    }
  }
  try {
    mkdirSync(runsFolder(), { recursive: true, mode: 0o700 })
    file = openSync(join(runsFolder(), `${name}.ndjson`), 'wx', 0o600)
  } catch (error) {
    lose(error)
  }
  write({ type: 'run', format: 1, at: new Date().toISOString(), ...of })
  return {
    name,
    on: (event) => {
      if (event.type === 'step-settled') write({ type: 'settled', host: event.host, address: addressOf(event), status: event.verdict.status, ended: new Date().toISOString(), ms: Math.round(event.ms) })
      if (event.type === 'host-lost') write({ type: 'lost', host: event.host })
      if (event.type === 'run-ended') write({ type: 'ended', ...(event.stopped === undefined ? {} : { stopped: event.stopped }), unfinished: Object.entries(event.recap).filter(([, { failed, unreachable }]) => failed > 0 || unreachable).map(([host]) => host) })
    },
    close: () => {
      if (file !== undefined) closeSync(file)
      file = undefined
    },
  }
}

/** What an earlier run has done, and which hosts it did not bring to the end; `undefined` for all hosts. */
export interface Earlier { readonly name: string; readonly unfinished: readonly string[] | undefined; done(host: string, address: string, nth: number): string | undefined }

/** The run that is to be gone on with: the last one of this playbook, inventory and folder, or the one that is named. */
export const earlierRun = (of: Head, named: string | undefined): Earlier => {
  const names = files().filter((name) => named === undefined || name === named).toReversed()
  for (const name of names) {
    const lines = read(name)
    const [first] = lines
    if (first?.type !== 'run' || (named === undefined && JSON.stringify([first.playbook, first.inventory, first.cwd]) !== JSON.stringify([of.playbook, of.inventory, of.cwd]))) continue
    const ended = lines.find((entry) => entry.type === 'ended')
    const counts = new Map<string, number>()
    for (const entry of lines) {
      if (entry.type !== 'settled' || entry.status === 'failed' || entry.status === 'deferred') continue
      const id = `${entry.host}\n${entry.address}`
      counts.set(id, (counts.get(id) ?? 0) + 1)
    }
    return {
      name, unfinished: ended === undefined || ended.stopped !== undefined ? undefined : ended.unfinished,
      done: (host, address, nth) => (nth < (counts.get(`${host}\n${address}`) ?? 0) ? `done by the run of ${first.at}` : undefined),
    }
  }
  throw new ProvisionError('nothing-to-resume', named === undefined ? `no earlier run of ${of.playbook} with ${of.inventory.join(', ')} from here is known` : `there is no run ${named}`, { exit: exitCode.input, hint: 'leave --resume away' })
}

const files = (): readonly string[] => {
  try {
    return readdirSync(runsFolder()).filter((name) => name.endsWith('.ndjson')).map((name) => name.replace(/\.ndjson$/, '')).toSorted()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw new ProvisionError('unreadable-file', `${runsFolder()} cannot be read`, { exit: exitCode.input, cause: error })
  }
}

/** The lines that are whole: a run that was killed may have left half of one. */
const read = (name: string): readonly z.output<typeof line>[] => readFileSync(join(runsFolder(), `${name}.ndjson`), 'utf8').split('\n').flatMap((text) => {
  try {
    return [line.parse(JSON.parse(text))]
  } catch {
    return [] // half a line, or one of a later version: what it tells is done again
  }
})
