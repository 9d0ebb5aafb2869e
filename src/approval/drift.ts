import type { RunJournal } from './journal.js'
import type { FiledStep, PlanBody } from './plan-file.js'
import { factId } from './record.js'

/** What a run saw of a fact last. */
interface Seen { readonly fingerprint: string; readonly run: string; /** Later steps or runs may have altered it. */ readonly isUnsure: boolean }

/** What earlier runs have left of a host. */
interface Left { readonly facts: Map<string, Seen>; readonly wanted: Set<string>; readonly undone: Set<string>; /** A later run has changed something, so that what earlier ones saw may be old. */ isAltered: boolean; /** All steps of the playbook are known. */ isWhole: boolean }
export type Remembered = ReadonlyMap<string, Left>

/** What the hosts were when they were looked at last, from journals of one inventory, newest first; steps are those of this playbook. */
export const rememberedFrom = (journals: readonly RunJournal[], playbook: string): Remembered => {
  const hosts = new Map<string, Left>()
  const leftOf = (host: string): Left => {
    const left = hosts.get(host) ?? { facts: new Map<string, Seen>(), wanted: new Set<string>(), undone: new Set<string>(), isAltered: false, isWhole: false }
    hosts.set(host, left)
    return left
  }
  for (const journal of journals) {
    takeFacts(journal, leftOf)
    if (journal.header.playbook === playbook) takeSteps(journal, leftOf)
  }
  return hosts
}

const takeFacts = ({ header, settled, lost, end }: RunJournal, leftOf: (host: string) => Left): void => {
  const seen = new Map<string, Map<string, Seen>>()
  const altered = new Set(Object.keys(lost))
  for (const { host, on, facts, status } of settled) {
    const where = on ?? host
    const mine = seen.get(where) ?? new Map<string, Seen>()
    seen.set(where, mine)
    for (const [fact, fingerprint] of Object.entries(facts ?? {})) mine.set(fact, { fingerprint, run: header.run, isUnsure: end === undefined || end.unsure[where]?.includes(fact) === true })
    if (status === 'change' || status === 'failed') altered.add(where)
  }
  for (const [host, facts] of seen) {
    const left = leftOf(host)
    for (const [fact, one] of facts) if (!left.facts.has(fact)) left.facts.set(fact, left.isAltered ? { ...one, isUnsure: true } : one)
  }
  // who was killed may have altered any host that was at work
  for (const host of [...altered, ...(end === undefined ? seen.keys() : [])]) leftOf(host).isAltered = true
}

const takeSteps = ({ header, predicted, settled }: RunJournal, leftOf: (host: string) => Left): void => {
  const isWhole = header.tags === undefined && header['skip-tags'] === undefined && header['start-at'] === undefined
  const done = new Set(settled.flatMap(({ host, fingerprint, status }) => (fingerprint === undefined || status === 'failed' || status === 'deferred' ? [] : [`${host}\n${fingerprint}`])))
  for (const host of new Set(predicted.map((step) => step.host))) {
    const left = leftOf(host)
    if (left.isWhole) continue
    const before = new Set(left.wanted)
    for (const step of [...predicted, ...settled]) {
      if (step.host !== host || step.fingerprint === undefined) continue
      left.wanted.add(step.fingerprint)
      if (!before.has(step.fingerprint) && !done.has(`${host}\n${step.fingerprint}`)) left.undone.add(step.fingerprint)
    }
    left.isWhole = isWhole
  }
}

/** A fact that somebody has moved, and what a run would do about it. */
export interface MovedFact { readonly host: string; readonly fact: string; /** The run that saw it last. */ readonly run: string; /** A later step or run may have moved it, where a second run would not have found everything done. */ readonly isUnsure: boolean; readonly steps: readonly FiledStep[]; /** Steps that rest on it and wait for others. */ readonly waiting: readonly FiledStep[]; /** Among the steps are such as the files newly want. */ readonly isWanted: boolean }
/** A step that something is to be done at, for another reason. */
export interface OpenStep { readonly step: FiledStep; readonly why: string }

export interface Drift { readonly moved: readonly MovedFact[]; readonly wanted: readonly OpenStep[]; readonly unknown: readonly OpenStep[] }

/** Holds hosts and files as they are now against what earlier runs have left: what somebody has moved, what is newly wanted, and what nobody can tell. */
export const driftOf = (remembered: Remembered, { hosts, steps }: PlanBody): Drift => {
  const moved = new Map<string, Omit<MovedFact, 'steps' | 'waiting' | 'isWanted'> & { readonly steps: Set<FiledStep>; readonly waiting: Set<FiledStep> }>()
  const differs = (host: string, id: string): Seen | undefined => {
    const before = remembered.get(host)?.facts.get(id)
    const now = hosts[host]?.facts[id]
    return before !== undefined && now !== undefined && before.fingerprint !== now ? before : undefined
  }
  const move = (host: string, id: string, { run, isUnsure }: Seen): { readonly steps: Set<FiledStep>; readonly waiting: Set<FiledStep> } => {
    // who asks makes no difference to what was moved
    const fact = keyIn(id)
    const one = moved.get(`${host}\n${fact}`) ?? { host, fact, run, isUnsure, steps: new Set(), waiting: new Set() }
    moved.set(`${host}\n${fact}`, one)
    return one
  }
  for (const [host, { facts }] of Object.entries(hosts)) {
    for (const id of Object.keys(facts)) {
      const seen = differs(host, id)
      // what a later step altered in passing, and no step minds, is nobody's doing
      if (seen?.isUnsure === false) move(host, id, seen)
    }
  }
  const wanted: OpenStep[] = []
  const unknown: OpenStep[] = []
  for (const step of steps) {
    if (step.verdict === 'ok' || step.verdict === 'skipped') continue
    const where = step.on ?? step.host
    const ids = step.needs.map((key) => factId(step.user ?? '', key))
    const mine = ids.flatMap((id) => {
      const seen = differs(where, id)
      return seen === undefined || (seen.isUnsure && step.verdict !== 'change') ? [] : [move(where, id, seen)]
    })
    if (step.verdict === 'change') for (const one of mine) one.steps.add(step)
    else for (const one of mine) one.waiting.add(step)
    if (step.verdict === 'change' && mine.length > 0) continue
    const { why, isNew } = reasonFor(step, ids, remembered.get(where), remembered.get(step.host))
    ;(isNew ? wanted : unknown).push({ step, why })
  }
  return {
    moved: [...moved.values()].map((one): MovedFact => ({ ...one, steps: [...one.steps], waiting: [...one.waiting], isWanted: [...one.steps].some((step) => isNewly(step, remembered.get(step.host))) })),
    wanted, unknown,
  }
}

const keyIn = (id: string): string => id.slice(id.indexOf(' ') + 1)

/** No run of the playbook had this step with these arguments. */
const isNewly = ({ fingerprint }: FiledStep, left: Left | undefined): boolean => fingerprint !== undefined && left?.isWhole === true && !left.wanted.has(fingerprint)

const reasonFor = (step: FiledStep, ids: readonly string[], there: Left | undefined, mine: Left | undefined): { readonly why: string; readonly isNew: boolean } => {
  if (isNewly(step, mine)) return { why: 'it is new, or has other arguments', isNew: true }
  if (step.verdict === 'deferred') return { why: `it waits for "${step['known-after'] ?? ''}"`, isNew: false }
  if (step.fingerprint !== undefined && mine?.undone.has(step.fingerprint) === true) return { why: 'the last run left it undone', isNew: false }
  const seen = ids.map((id) => there?.facts.get(id))
  if (seen.includes(undefined)) return { why: 'no run has seen what it rests on', isNew: false }
  return { why: 'the host is as it was left: what the step is made of is otherwise, such as a template', isNew: true }
}
