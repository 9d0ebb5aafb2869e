import { z } from 'zod'
import { sha256 } from '../core/digest.js'
import { exitCode, ProvisionError } from '../core/errors.js'
import { risks } from '../core/risk.js'

/** The version of what is written: another major one is refused, a greater minor one may say more than is understood here. */
export const FORMAT = { major: 1, minor: 1 } as const

const fingerprint = z.string().regex(/^[0-9a-f]{32}$/)
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)
const status = z.enum(['ok', 'change', 'deferred', 'skipped'])

const changeSchema = z.object({
  summary: z.string(),
  diff: z.array(z.object({ sign: z.enum([' ', '+', '-', '~']), text: z.string() })),
  /** What is done, in order, secrets as dots. */
  actions: z.array(z.record(z.string(), z.unknown())),
  /** Facts that must then be as foretold, by key. */
  holds: z.array(z.string()),
  'back-out': z.string(),
  /** Of everything that is done, secrets included. */
  fingerprint,
})

const stepSchema = z.object({
  address: z.string(),
  play: z.string(), host: z.string(), on: z.string().optional(), /** Of a play whose hosts do not go all at once. */ batch: z.object({ nth: z.int(), of: z.int() }).optional(), step: z.string(), module: z.string(),
  file: z.string(), line: z.int(), column: z.int(),
  handler: z.union([z.object({ notified: z.array(z.string()) }), z.object({ owed: z.literal(true) })]).optional(),
  verdict: status,
  /** Why it is so. */
  reason: z.string(),
  /** What it waits for. */
  'known-after': z.string().optional(),
  user: z.string().optional(),
  changes: z.array(changeSchema),
  /** The facts that the verdict rests on, by key. */
  needs: z.array(z.string()),
  risks: z.array(z.enum(risks)),
  /** What is said of a step whose outcome is not known: its arguments, secrets as dots. */
  arguments: z.unknown().optional(),
  /** Of module and arguments, secrets included; left out where only a run will know them. */
  fingerprint: fingerprint.optional(),
})

const headerSchema = z.object({
  tool: z.object({ version: z.string(), digest: digest.optional() }),
  created: z.iso.datetime(), expires: z.iso.datetime().optional(),
  window: z.object({ from: z.iso.datetime({ offset: true }), to: z.iso.datetime({ offset: true }) }).optional(),
  ticket: z.string().optional(), author: z.string(),
  playbook: z.string(), inventory: z.array(z.string()), limit: z.string().optional(), tags: z.string().optional(), 'skip-tags': z.string().optional(), 'start-at': z.string().optional(),
  /** Names of variables given by `--set`, and fingerprints of their values, which may be secret. */
  set: z.array(z.object({ name: z.string(), fingerprint })),
  inputs: z.object({ root: digest, files: z.record(z.string(), digest) }),
  git: z.object({ commit: z.string(), dirty: z.boolean() }).optional(),
  /** What fingerprints are keyed by: a key that the vault's is the source of, or none, where there is no vault. */
  key: z.enum(['vault', 'none']),
  /** Tells whether a key is the one of then. */
  'key-check': fingerprint,
  /** The plan of which this is what is left. */
  parent: digest.optional(),
})

const bodySchema = z.object({
  class: z.enum(['exact', 'bounded']),
  hosts: z.record(z.string(), z.object({ facts: z.record(z.string(), fingerprint) })),
  steps: z.array(stepSchema),
})

const fileSchema = z.object({ format: z.string(), digest, header: headerSchema, plan: bodySchema })

export type PlanHeader = z.output<typeof headerSchema>
export type PlanBody = z.output<typeof bodySchema>
export type FiledStep = z.output<typeof stepSchema>
export type FiledChange = z.output<typeof changeSchema>
/** A plan as people approve it: whole, without secrets, and known by its digest. */
export interface PlanFile { readonly format: string; readonly digest: string; readonly header: PlanHeader; readonly plan: PlanBody }

const written = (value: unknown): string => `${JSON.stringify(value, undefined, 1)}\n`

const digestOf = (file: Omit<PlanFile, 'digest'>): string => `sha256:${sha256(written({ format: file.format, header: file.header, plan: file.plan }))}`

/** The text of a plan's file; the same plan gives the same bytes. */
export const planFileText = (header: PlanHeader, plan: PlanBody): string => {
  const file = { format: `${FORMAT.major}.${FORMAT.minor}`, header, plan }
  return written({ format: file.format, digest: digestOf(file), header, plan })
}

/** Reads a plan's file; throws `plan-malformed`, `plan-version`, or `plan-altered` where a single byte is not as it was written. */
export const readPlanFile = (text: string, path: string): PlanFile => {
  const refuse = (code: string, message: string, hint: string): ProvisionError => new ProvisionError(code, message, { exit: exitCode.input, hint })
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch {
    throw refuse('plan-malformed', `${path} is not the file of a plan, or not whole`, 'write it with `provision plan … -o FILE`, and copy it as it is')
  }
  const format = typeof data === 'object' && data !== null && 'format' in data && typeof data.format === 'string' ? /^(\d+)\.(\d+)$/.exec(data.format) : null
  if (format === null) throw refuse('plan-malformed', `${path} is not the file of a plan`, 'write it with `provision plan … -o FILE`')
  if (Number(format[1]) !== FORMAT.major) throw refuse('plan-version', `${path} has the format ${format[0]}, and this program reads ${FORMAT.major}.x`, 'use the version of provision that wrote it, or plan again')
  const raw = data as { digest?: unknown; header?: unknown; plan?: unknown } // what stands in it is looked at below
  const own = { format: format[0], digest: raw.digest, header: raw.header, plan: raw.plan }
  const isOwnMinor = Number(format[2]) <= FORMAT.minor
  const whole = isOwnMinor ? own : data
  if (written(whole) !== text || raw.digest !== `sha256:${sha256(written({ format: own.format, header: own.header, plan: own.plan }))}`) {
    throw refuse('plan-altered', `${path} is not as it was written: its digest does not match`, 'take the file from who made it, or plan again')
  }
  const parsed = fileSchema.safeParse(data)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw refuse('plan-malformed', `${path} cannot be read at ${issue?.path.join('.') ?? 'its top'}: ${issue?.message ?? ''}`, 'plan again')
}
