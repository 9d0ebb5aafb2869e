import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { compareWith, type Moved } from '../approval/compare.js'
import { planFileText, type PlanFile } from '../approval/plan-file.js'
import { requireApprovals, requireTime } from '../approval/policy.js'
import { filedAddress, fingerprintOf } from '../approval/record.js'
import { canonical } from '../core/canonical.js'
import { exitCode, ProvisionError } from '../core/errors.js'
import type { Emit, WalkDocument } from '../core/events.js'
import { quote } from '../core/shell.js'
import { exitOf, planOf, recapOf, walkPlays } from '../engine/run.js'
import { running } from '../engine/running.js'
import { movedText } from '../report/plan-file-text.js'
import { bodyOf, keyOf, openPlanFile, setOf, signaturesBeside } from './change-plan.js'
import { headOf, openJournal } from './journal.js'
import type { WalkFlags } from './options.js'
import type { Project } from './project.js'
import { replay } from './run.js'
import { signerOf } from './ssh-keygen.js'
import { terminalOf } from './terminal.js'
import { typedCommand } from './typed-command.js'
import { failuresOf, walking } from './walking.js'

/** `provision apply`: performs what a plan says and was approved, or less of it; never other or more. */
export const apply = async (file: string, flags: WalkFlags): Promise<number> => {
  const { text, plan } = openPlanFile(file)
  const { header } = plan
  const approved = approvedOf(file, text, plan)
  const { err, style } = terminalOf(flags)
  const selection = {
    ...flags, inventory: header.inventory, records: true,
    ...(header.limit === undefined ? {} : { limit: header.limit }), ...(header.tags === undefined ? {} : { tags: header.tags }),
    ...(header['skip-tags'] === undefined ? {} : { skipTags: header['skip-tags'] }), ...(header['start-at'] === undefined ? {} : { startAt: header['start-at'] }),
  }
  requireTime(plan, [], new Date())
  const refused = (moved: readonly Moved[], what: 'files' | 'hosts', refuse: WalkDocument['refuse']): number => {
    refuse(moved.map(({ host, what: thing, how }) => ({ code: 'moved', message: `${host === '' ? '' : `${host}: `}${thing} ${how}` })))
    err.write(`${movedText(moved, what, style)}\nNothing was changed.\n`)
    return exitCode.stale
  }
  let altered: readonly Moved[] = []
  return walking(header.playbook, selection, async ({ fleet, walk, record, failures, narrate, project, notice, refuse }) => {
    const planned = await planOf(fleet, { ...walk, emit: failuresOf(failures) })
    if (walk.stopping.asked) return exitCode.interrupted
    if (failures.length > 0 || Object.keys(planned.plan.lost).length > 0) {
      for (const [host, reason] of Object.entries(planned.plan.lost)) err.write(`${host}: ${project.mask(reason)}\n`)
      for (const { host, step, verdict } of planned.plan.steps) if (verdict.status === 'failed') err.write(`${host}: ${project.mask(`${step}: ${verdict.error.message}`)}\n`)
      err.write('Nothing was changed.\n')
      replay(planned.plan.steps, recapOf(planned.hosts), record)
      return exitOf(recapOf(planned.hosts), failures, undefined)
    }
    altered = movedInputs(plan, project, true)
    if (altered.length > 0) return refused(altered, 'files', refuse)
    const { moved, done } = compareWith(plan.plan, bodyOf(planned.plan, planned.hosts, project))
    if (moved.length > 0) return refused(moved, 'hosts', refuse)
    for (const { host, what, how } of done) notice(`${what}: ${how}`, host)
    const settled: Settled[] = []
    const journal = openJournal({ ...headOf(header.playbook, selection), plan: plan.digest, ...(header.parent === undefined ? {} : { parent: header.parent }) }, { plan: planned.plan, hosts: fleet, project }, notice)
    const reporter = narrate(typedCommand({ argv: process.argv, env: process.env, cwd: process.cwd() }), journal)
    const failed = failuresOf(failures)
    const watch: Emit = (event) => {
      failed(event)
      if (event.type === 'step-settled' && event.verdict.status !== 'failed') settled.push({ host: event.host, address: filedAddress(event, project.mask) })
      record(event)
    }
    try {
      const { stopped } = await walkPlays({ ...walk, hosts: fleet, mode: running, plan: planned.plan, rests: journal.rests, emit: watch })
      const code = exitOf(recapOf(fleet), failures, stopped)
      journal.ended(code)
      if (code !== exitCode.done) leaveRest(file, plan, settled, (line) => { err.write(line) })
      return code
    } finally {
      journal.close()
      await reporter.end()
    }
  }, {
    opened: async (project) => {
      const policies = project.inventory.approvals
      requireTime(plan, policies, new Date())
      const signers = await Promise.all(policies.map(async (policy) => ({ policy, found: await Promise.all(signaturesBeside(approved.file).map((signature) => signerOf(approved.text, signature, policy.signers))) })))
      for (const { policy, found } of signers) requireApprovals(approved.plan, policy, found.filter((signer) => signer !== undefined))
      if (plan.header['key-check'] !== fingerprintOf(keyOf(project), 'key')) {
        throw new ProvisionError('other-vault-key', 'the vault has another key than when the plan was made, so that nothing of it can be compared', { exit: exitCode.stale, hint: 'plan again' })
      }
      altered = [...movedInputs(plan, project, false), ...movedSet(plan, project, flags.set)]
      if (altered.length === 0) return
      err.write(`${movedText(altered, 'files', style)}\n`)
      throw new ProvisionError('inputs-moved', 'the files are not those that the plan was made of: nothing was changed', { exit: exitCode.stale, hint: 'go back to the files of then, or plan again' })
    },
  })
}

interface Settled { readonly host: string; readonly address: string }

/** What is given by `--set` and was given otherwise then, which is not written down, since it may be secret. */
const movedSet = ({ header }: PlanFile, project: Project, set: readonly string[] | undefined): readonly Moved[] => {
  const now = new Map(setOf(project, set).map(({ name, fingerprint }) => [name, fingerprint]))
  const before = new Map(header.set.map(({ name, fingerprint }) => [name, fingerprint]))
  return [...new Set([...before.keys(), ...now.keys()])].filter((name) => now.get(name) !== before.get(name))
    .map((name) => ({ host: '', what: `--set ${name}`, how: !now.has(name) ? 'was given then: give it again' : before.has(name) ? 'has another value' : 'was not given then' }))
}

/** What of the reader's files is not as it was; those that are read only later are looked at once all are. */
const movedInputs = ({ header }: PlanFile, project: Project, isWhole: boolean): readonly Moved[] => {
  const now = project.inputs.files
  const moved: Moved[] = Object.entries(now).flatMap(([path, digest]) => {
    const before = header.inputs.files[path]
    return before === digest ? [] : [{ host: '', what: path, how: before === undefined ? 'was not read then' : 'has other content' }]
  })
  if (isWhole) for (const path of Object.keys(header.inputs.files)) if (now[path] === undefined) moved.push({ host: '', what: path, how: 'is not read any more' })
  return moved
}

/** What an apply that broke off leaves: the rest of the plan, as it was approved. */
const leaveRest = (file: string, { header, plan, digest }: PlanFile, settled: readonly Settled[], say: (text: string) => void): void => {
  const counts = new Map<string, number>()
  for (const { host, address } of settled) counts.set(`${host}\n${address}`, (counts.get(`${host}\n${address}`) ?? 0) + 1)
  /** What the steps that are done rested on, and what they have altered. */
  const past = new Set<string>()
  const steps = plan.steps.filter((step) => {
    const id = `${step.host}\n${step.address}`
    const left = counts.get(id) ?? 0
    if (left === 0) return true
    counts.set(id, left - 1)
    if (step.verdict !== 'ok' && step.verdict !== 'skipped') for (const fact of [...step.needs, ...step.changes.flatMap(({ holds }) => holds)]) past.add(`${step.on ?? step.host}\n${step.user ?? ''} ${fact}`)
    return false
  })
  const hosts = Object.fromEntries(Object.entries(plan.hosts).map(([host, { facts }]) => [host, { facts: Object.fromEntries(Object.entries(facts).filter(([fact]) => !past.has(`${host}\n${fact}`))) }]))
  const rest = restOf(file)
  writeFileSync(rest, planFileText({ ...header, parent: header.parent ?? digest }, { ...plan, hosts, steps }))
  say(`What is left of the plan: ${rest}. To go on: provision apply ${quote(rest)}\n`)
}

const restOf = (file: string): string => (/\.resume\.plan$/.test(file) ? file : `${file.replace(/\.plan$/, '')}.resume.plan`)

/** The plan that was approved: the file itself, or the one of which it is the rest, which must lie beside it. */
const approvedOf = (file: string, text: string, plan: PlanFile): { readonly file: string; readonly text: string; readonly plan: PlanFile } => {
  const { parent } = plan.header
  if (parent === undefined) return { file, text, plan }
  const folder = dirname(resolve(file))
  for (const name of readdirSync(folder).filter((entry) => entry.endsWith('.plan'))) {
    const path = join(folder, name)
    if (!readFileSync(path, 'utf8').includes(parent)) continue
    const found = openPlanFile(path)
    if (found.plan.digest !== parent) continue
    const other = beyond(plan, found.plan)
    if (other !== undefined) throw new ProvisionError('not-approved', `${other} not what the plan says of which this is the rest`, { exit: exitCode.unapproved, hint: 'apply what was approved, or plan again' })
    return { file: path, ...found }
  }
  throw new ProvisionError('no-parent-plan', `the plan ${parent}, of which this is the rest, does not lie beside it`, { exit: exitCode.unapproved, hint: 'put the approved plan and its signatures into the same folder' })
}

/** What of a rest was never approved: another header, a fact that answered otherwise, a step; facts and steps may be missing. */
const beyond = (rest: PlanFile, whole: PlanFile): string | undefined => {
  if (canonical(rest.header) !== canonical({ ...whole.header, parent: whole.digest })) return 'its header is'
  const fact = Object.entries(rest.plan.hosts).find(([host, { facts }]) => Object.entries(facts).some(([key, fingerprint]) => whole.plan.hosts[host]?.facts[key] !== fingerprint))
  if (fact !== undefined) return `what ${fact[0]} answered is`
  const known = new Set(whole.plan.steps.map(canonical))
  const step = rest.plan.steps.find((one) => !known.has(canonical(one)))
  return step === undefined ? undefined : `the step "${step.step}" of ${step.host} is`
}
