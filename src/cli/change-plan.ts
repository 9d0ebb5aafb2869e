import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import type { PlanBody, PlanFile, PlanHeader } from '../approval/plan-file.js'
import { planFileText, readPlanFile } from '../approval/plan-file.js'
import { fingerprintOf, recordOf, type Answers } from '../approval/record.js'
import { sha256 } from '../core/digest.js'
import { exitCode, ProvisionError } from '../core/errors.js'
import type { Plan } from '../core/plan.js'
import { holdsSecret, Secret } from '../core/secret.js'
import type { Fleet } from '../engine/fleet.js'
import type { WalkFlags } from './options.js'
import { packageRoot, version } from './package.js'
import type { Project } from './project.js'
import { setVariables } from './variables.js'

/** What a plan's file is told beside what it is made of. */
export interface ChangePlanFlags extends WalkFlags {
  readonly out?: string
  readonly expires?: string
  readonly window?: string
  readonly ticket?: string
  readonly author?: string
}

/** Keys what is written where no vault was opened: it tells equal from altered, and hides nothing. */
const OPEN = new Secret('provision: a plan without a vault')
export const keyOf = ({ planKey }: Pick<Project, 'planKey'>): Secret => planKey ?? OPEN

/** What a plan says of itself, to be told whether it can be written at all, before anything is connected. */
export const headerFor = (playbook: string, flags: ChangePlanFlags, now: Date): Pick<PlanHeader, 'created' | 'expires' | 'window' | 'ticket' | 'author' | 'playbook' | 'inventory'> => ({
  created: now.toISOString(),
  ...(flags.expires === undefined ? {} : { expires: expiryOf(flags.expires, now) }),
  ...(flags.window === undefined ? {} : { window: windowOf(flags.window) }),
  ...(flags.ticket === undefined ? {} : { ticket: flags.ticket }),
  author: flags.author ?? authorHere(),
  playbook, inventory: [...[flags.inventory].flat()],
})

/** Writes a plan's file, whole or not at all; gives what was written. */
export const writeChangePlan = (file: string, header: ReturnType<typeof headerFor>, plan: PlanBody, project: Project, flags: ChangePlanFlags): PlanFile => {
  const text = planFileText(wholeHeader(header, project, flags), plan)
  try {
    writeFileSync(resolve(file), text, { mode: 0o644 })
  } catch (cause) {
    throw new ProvisionError('unwritable-file', `${file} cannot be written: ${codeOf(cause)}`, { exit: exitCode.input, hint: 'name a file in a folder that is there', cause })
  }
  return readPlanFile(text, file)
}

/** The record of a plan that was made of these hosts; refuses to fingerprint secrets without a key. */
export const bodyOf = (plan: Plan, hosts: Fleet, project: Project): PlanBody => {
  if (project.planKey === undefined && plan.steps.some(({ basis, verdict }) => holdsSecret(basis?.args) || (verdict.status === 'change' && holdsSecret(verdict.changes)))) {
    throw new ProvisionError('no-plan-key', 'the plan has secrets, and there is no vault whose key tells equal from altered ones', { exit: exitCode.input, hint: 'keep secrets in the vault of the inventory: provision vault edit inventories/NAME/vault.yaml' })
  }
  return recordOf(plan, answersOf(hosts), { key: keyOf(project), mask: project.mask })
}

/** What hosts answered first, by host. */
export const answersOf = (hosts: Fleet): Answers => new Map([...hosts.values()].map((host) => [host.name, host.snapshot.answered]))

/** Variables of `--set` by name, and what tells whether their values are the same. */
export const setOf = (project: Project, set: readonly string[] | undefined): PlanHeader['set'] =>
  [...setVariables(set ?? [], process.cwd())].map(([name, { value }]) => ({ name, fingerprint: fingerprintOf(keyOf(project), value) })).toSorted((one, other) => (one.name < other.name ? -1 : 1))

const wholeHeader = (header: ReturnType<typeof headerFor>, project: Project, flags: ChangePlanFlags): PlanHeader => {
  const git = gitHere()
  const digest = toolDigest()
  return {
    tool: { version: version(), ...(digest === undefined ? {} : { digest }) },
    ...header,
    ...(flags.limit === undefined ? {} : { limit: flags.limit }), ...(flags.tags === undefined ? {} : { tags: flags.tags }),
    ...(flags.skipTags === undefined ? {} : { 'skip-tags': flags.skipTags }), ...(flags.startAt === undefined ? {} : { 'start-at': flags.startAt }),
    set: setOf(project, flags.set),
    inputs: { root: project.inputs.root, files: { ...project.inputs.files } },
    ...(git === undefined ? {} : { git }),
    key: project.planKey === undefined ? 'none' : 'vault', 'key-check': fingerprintOf(keyOf(project), 'key'),
  }
}

/** Reads a plan's file. */
export const openPlanFile = (file: string): { readonly text: string; readonly plan: PlanFile } => {
  let text: string
  try {
    text = readFileSync(resolve(file), 'utf8')
  } catch (cause) {
    throw new ProvisionError('unreadable-file', `${file} cannot be read: ${codeOf(cause)}`, { exit: exitCode.input, hint: 'name the file of a plan', cause })
  }
  return { text, plan: readPlanFile(text, file) }
}

/** The signatures that lie beside a plan's file: `change.plan.sig`, `change.plan.NAME.sig`. */
export const signaturesBeside = (file: string): readonly string[] => {
  const folder = dirname(resolve(file))
  const name = basename(file)
  return existsSync(folder) ? readdirSync(folder).filter((entry) => entry.startsWith(`${name}.`) && entry.endsWith('.sig')).toSorted().map((entry) => join(folder, entry)) : []
}

const DURATION = /^(\d+)(h|d)$/
const expiryOf = (text: string, now: Date): string => {
  const [, number, unit] = DURATION.exec(text) ?? []
  const at = number === undefined ? new Date(text) : new Date(now.getTime() + Number(number) * (unit === 'h' ? 3_600_000 : 86_400_000))
  if (!Number.isNaN(at.getTime())) return at.toISOString()
  throw new ProvisionError('wrong-time', `--expires takes a time or a number of hours or days, not ${text}`, { exit: exitCode.input, hint: 'such as 48h, 3d or 2026-11-30T18:00' })
}

const windowOf = (text: string): NonNullable<PlanHeader['window']> => {
  const [from, to, more] = text.split('/').map((part) => new Date(part))
  if (from !== undefined && to !== undefined && more === undefined && from < to) return { from: from.toISOString(), to: to.toISOString() }
  throw new ProvisionError('wrong-time', `--window takes two times, the later one last, not ${text}`, { exit: exitCode.input, hint: 'such as 2026-11-28T22:00/2026-11-29T02:00' })
}

const git = (args: readonly string[]): string | undefined => {
  try {
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return undefined // no repository, or no git: the plan says nothing of one
  }
}

/** The commit that the reader stands on; nothing where there is no repository. */
export const gitHere = (): PlanHeader['git'] => {
  const commit = git(['rev-parse', '--verify', '-q', 'HEAD'])
  return commit === undefined ? undefined : { commit, dirty: git(['status', '--porcelain']) !== '' }
}

/** As git knows the reader, else as the system does. */
const authorHere = (): string => {
  const email = git(['config', 'user.email'])
  return email === undefined || email === '' ? `${userInfo().username}@${hostname()}` : email
}

/** One checksum of the program's files, where it is installed. */
const toolDigest = (): string | undefined => {
  const folder = join(packageRoot, 'dist')
  if (!existsSync(folder)) return undefined
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js')).toSorted()
  return `sha256:${sha256(files.map((name) => `${sha256(readFileSync(join(folder, name)))} ${name}\n`).join(''))}`
}

const codeOf = (cause: unknown): string => (cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause))
