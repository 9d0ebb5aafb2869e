import { z } from 'zod'
import { canonical } from '../core/canonical.js'
import { sha256 } from '../core/digest.js'
import { exitCode, ProvisionError } from '../core/errors.js'

/** The version of what is written: another major one is refused, a greater minor one may say more than is understood here. */
export const JOURNAL = { major: 2, minor: 0 } as const

const fingerprint = z.string().regex(/^[0-9a-f]{32}$/)
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)
const status = z.enum(['ok', 'change', 'deferred', 'skipped', 'failed'])

/** What a journal begins with: which run it is of. Values of `--set` may be secret and are not kept. */
const headerSchema = z.object({
  type: z.literal('run'), format: z.string(), run: z.string(),
  at: z.iso.datetime(), by: z.string(), tool: z.object({ version: z.string() }),
  playbook: z.string(), inventory: z.array(z.string()), cwd: z.string(),
  limit: z.string().optional(), tags: z.string().optional(), 'skip-tags': z.string().optional(), 'start-at': z.string().optional(),
  /** The run that this one goes on with. */
  resumes: z.string().optional(),
  /** The approved plan that is performed, and the one of which that is the rest. */
  plan: digest.optional(), parent: digest.optional(),
  git: z.object({ commit: z.string(), dirty: z.boolean() }).optional(),
  inputs: z.object({ root: digest, files: z.record(z.string(), digest) }),
  /** What fingerprints are keyed by: a key that the vault's is the source of, or none, where there is no vault. */
  key: z.enum(['vault', 'none']),
  /** Tells whether a key is the one of then. */
  'key-check': fingerprint,
  /** The run before in the same folder, and the last line that it had then: whoever cuts lines off its end is found out. */
  after: z.object({ run: z.string(), digest }).optional(),
})

/** One step of one host. */
const step = {
  host: z.string(), on: z.string().optional(), address: z.string(),
  play: z.string(), step: z.string(), module: z.string(), file: z.string(), line: z.int(),
  status,
  /** What would be done, or was done. */
  changes: z.array(z.string()),
  /** Why nothing was to be done, what it waits for, or why it failed. */
  reason: z.string().optional(),
  /** Of module and arguments, secrets included. */
  fingerprint: fingerprint.optional(),
}

const predictedSchema = z.object({ type: z.literal('predicted'), ...step })
const settledSchema = z.object({
  type: z.literal('settled'), ...step,
  started: z.iso.datetime(), ended: z.iso.datetime(), ms: z.number(),
  /** The code of its failure, and the exit code of the program that failed. */
  failure: z.string().optional(), exit: z.int().optional(),
  ignored: z.literal(true).optional(), rescued: z.literal(true).optional(),
  /** What the host answered once the step was settled, by user and key. */
  facts: z.record(z.string(), fingerprint).optional(),
})
const count = z.int().min(0)
const recap = z.object({ ok: count, changed: count, deferred: count, skipped: count, failed: count, ignored: count, unreachable: z.boolean(), round_trips: count })
const endedSchema = z.object({
  type: z.literal('ended'), at: z.iso.datetime(), ms: z.number(), exit: z.int(), stopped: z.string().optional(),
  hosts: z.record(z.string(), recap),
  /** Hosts that did not come to the end. */
  unfinished: z.array(z.string()),
  /** Facts that later steps may have altered after they were read, by host. */
  unsure: z.record(z.string(), z.array(z.string())),
})
const lineSchema = z.discriminatedUnion('type', [headerSchema, predictedSchema, settledSchema, z.object({ type: z.literal('lost'), host: z.string(), reason: z.string() }), endedSchema])

export type JournalHeader = z.output<typeof headerSchema>
export type PredictedStep = z.output<typeof predictedSchema>
export type SettledStep = z.output<typeof settledSchema>
export type JournalEnd = z.output<typeof endedSchema>
export type JournalLine = z.output<typeof lineSchema>

/** What the first line follows. */
export const BEGINNING = `sha256:${'0'.repeat(64)}`

/** A line as it is written behind the one of this digest: it names that one, and is known by its own. */
export const chained = (entry: JournalLine, previous: string): { readonly text: string; readonly digest: string } => {
  const own = digestOf({ ...entry, previous })
  return { text: canonical({ ...entry, previous, digest: own }), digest: own }
}

const digestOf = (line: object): string => `sha256:${sha256(canonical(line))}`

/** A journal as it was read: whole, or valid as far as it goes. */
export interface RunJournal {
  readonly header: JournalHeader
  readonly predicted: readonly PredictedStep[]
  readonly settled: readonly SettledStep[]
  readonly lost: Readonly<Record<string, string>>
  /** Left out where the run was killed, or is still at work. */
  readonly end: JournalEnd | undefined
  /** The digests of its lines; the last one stands for all of it. */
  readonly digests: readonly string[]
}

/** Reads a journal; throws `journal-altered`, with the line, where it is not as it was written. A last line without its end is what a killed run leaves. */
export const readJournal = (text: string, run: string): RunJournal => {
  const lines = text.split('\n').slice(0, -1)
  const digests: string[] = []
  const entries = lines.flatMap((line, index) => {
    const { entry, digest: own } = checked(line, { run, number: index + 1, previous: digests.at(-1) ?? BEGINNING })
    digests.push(own)
    return entry === undefined ? [] : [entry]
  })
  const [header, ...rest] = entries
  if (header?.type !== 'run') throw new ProvisionError('journal-malformed', `the journal of the run ${run} does not say what it is of`, { exit: exitCode.input, hint: 'the run was killed before it did anything, or the file is no journal' })
  const end = rest.findIndex(({ type }) => type === 'ended')
  if (end !== -1 && end !== rest.length - 1) throw altered(run, end + 3, 'it stands behind the end')
  const of = <T extends JournalLine['type']>(type: T): readonly Extract<JournalLine, { type: T }>[] => rest.filter((entry): entry is Extract<JournalLine, { type: T }> => entry.type === type)
  return { header, predicted: of('predicted'), settled: of('settled'), lost: Object.fromEntries(of('lost').map(({ host, reason }) => [host, reason])), end: of('ended').at(-1), digests }
}

/** What the first line of a journal says, if it is one of this version; throws where that line was altered. */
export const headerOf = (line: string, run: string): JournalHeader | undefined => {
  const { entry } = checked(line, { run, number: 1, previous: BEGINNING })
  return entry?.type === 'run' ? entry : undefined
}

const checked = (line: string, { run, number, previous }: { readonly run: string; readonly number: number; readonly previous: string }): { readonly entry: JournalLine | undefined; readonly digest: string } => {
  let raw: unknown
  try {
    raw = JSON.parse(line)
  } catch {
    throw altered(run, number, 'it is not whole')
  }
  if (typeof raw !== 'object' || raw === null) throw altered(run, number, 'it is not as it was written')
  if (number === 1) requireVersion(raw, run)
  const { digest: own, ...content } = raw as { digest?: unknown; previous?: unknown } // what stands in it is looked at here
  if (canonical(raw) !== line || own !== digestOf(content)) throw altered(run, number, 'its digest does not match')
  if (content.previous !== previous) throw altered(run, number, 'it does not follow the line before')
  // a line of a later minor version, which is part of the chain all the same
  return { entry: lineSchema.safeParse(raw).data, digest: own }
}

const requireVersion = (raw: object, run: string): void => {
  const format = 'format' in raw ? /^(\d+)(\.\d+)?$/.exec(String(raw.format)) : null
  if (format === null || Number(format[1]) === JOURNAL.major) return
  throw new ProvisionError('journal-version', `the journal of the run ${run} has the format ${format[0]}, and this program reads ${JOURNAL.major}.x`, { exit: exitCode.input, hint: 'use the version of provision that wrote it' })
}

/** A journal that is not as it was written, and where that shows first. */
export const altered = (run: string, line: number, why: string): ProvisionError =>
  new ProvisionError('journal-altered', `the journal of the run ${run} was altered: line ${line}: ${why}`, { exit: exitCode.input, hint: 'nothing that it says can be relied on; find out who altered it' })
