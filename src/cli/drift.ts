import { driftOf, rememberedFrom, type Remembered } from '../approval/drift.js'
import type { RunJournal } from '../approval/journal.js'
import { fingerprintOf, recordOf } from '../approval/record.js'
import { exitCode, ProvisionError } from '../core/errors.js'
import { exitOf, planOf, recapOf } from '../engine/run.js'
import { driftText } from '../report/drift-text.js'
import { answersOf, keyOf } from './change-plan.js'
import { headOf, type Head } from './journal.js'
import type { WalkFlags } from './options.js'
import { runHeader, runJournal, runNames } from './runs.js'
import { terminalOf } from './terminal.js'
import { failuresOf, walking } from './walking.js'

/** `provision drift`: what somebody changed on the hosts since the last run, apart from what the files newly want; exit 3 when something has moved. */
export const drift = async (playbook: string, flags: WalkFlags): Promise<number> => {
  const { out, err, outStyle: style } = terminalOf(flags)
  const of = headOf(playbook, flags)
  let journals: readonly RunJournal[] = []
  return walking(playbook, { ...flags, json: false }, async ({ fleet, walk, record, failures, project }) => {
    const failed = failuresOf(failures)
    const { plan, hosts } = await planOf(fleet, { ...walk, emit: (event) => {
      failed(event)
      record(event)
    } })
    const code = exitOf(recapOf(hosts), failures, walk.stopping.asked ? 'interrupted' : undefined)
    for (const [host, reason] of Object.entries(plan.lost)) err.write(`${host}: ${project.mask(reason)}\n`)
    for (const { host, step, verdict } of plan.steps) if (verdict.status === 'failed') err.write(`${host}: ${project.mask(`${step}: ${verdict.error.message}`)}\n`)
    const key = keyOf(project)
    const known = journals.filter(({ header }) => header['key-check'] === fingerprintOf(key, 'key'))
    if (known.length === 0) throw new ProvisionError('other-vault-key', 'the vault has another key than at the last run, so that nothing can be compared', { exit: exitCode.stale, hint: 'run once more' })
    // verbs are done each time: they tell nothing of the hosts
    const states = plan.steps.filter(({ basis, verdict }) => basis?.kind !== 'verb' && verdict.status !== 'failed')
    const remembered: Remembered = rememberedFrom(known, of.playbook)
    const found = driftOf(remembered, recordOf({ ...plan, steps: states }, answersOf(hosts), { key, mask: project.mask }))
    const files = movedFiles(known.find(({ header }) => header.playbook === of.playbook), project.inputs.files)
    if (flags.json === true) out.write(`${JSON.stringify({ since: known[0]?.header.run, ...found, files }, undefined, 2)}\n`)
    else out.write(`${driftText(found, files, { style, diff: flags.diff === true })}\n`)
    return code === exitCode.done && found.moved.length > 0 ? exitCode.changes : code
  }, { first: () => { journals = journalsOf(of) } })
}

/** What older runs saw is old. */
const MOST_RUNS = 20

/** The last runs with this inventory from here, newest first; one of the playbook must be among them. */
const journalsOf = (of: Head): readonly RunJournal[] => {
  const names = runNames()
  const found: RunJournal[] = []
  for (const name of names.toReversed()) {
    if (found.length >= MOST_RUNS) break
    const header = runHeader(name)
    if (header !== undefined && JSON.stringify([header.inventory, header.cwd]) === JSON.stringify([of.inventory, of.cwd])) found.push(runJournal(name, names))
  }
  if (found.some(({ header }) => header.playbook === of.playbook)) return found
  throw new ProvisionError('no-record', `no run of ${of.playbook} with ${of.inventory.join(', ')} from here is known, so that nobody can tell what has moved since`, { exit: exitCode.input, hint: `look at what a run would change: provision plan ${of.playbook} -i ${of.inventory.join(' -i ')}` })
}

/** Which of the reader's files are not as they were at the last run of the playbook. */
const movedFiles = (last: RunJournal | undefined, now: Readonly<Record<string, string>>): readonly string[] => {
  const before = last?.header.inputs.files ?? {}
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].filter((file) => before[file] !== now[file]).toSorted()
}
