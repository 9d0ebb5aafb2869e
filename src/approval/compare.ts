import type { FiledStep, PlanBody } from './plan-file.js'

/** Something that is not as it was when the plan was approved. */
export interface Moved { readonly host: string; readonly what: string; readonly how: string }

/** What became of an approved plan: nothing may be done where something has moved; what others have done already is left out. */
export interface Comparison { readonly moved: readonly Moved[]; readonly done: readonly Moved[] }

/** Holds a plan that was made just now against the approved one: less may be done, other or more never. */
export const compareWith = (approved: PlanBody, now: PlanBody): Comparison => {
  const moved: Moved[] = []
  const done: Moved[] = []
  const mine = inOrder(approved.steps)
  const theirs = inOrder(now.steps)
  /** Facts that moved because somebody did what the plan would have done, by host. */
  const reached = new Set<string>()
  for (const [id, step] of theirs) {
    const before = mine.get(id)
    const how = before === undefined ? (isQuiet(step) ? undefined : 'was not in the plan') : howMoved(before, step)
    if (how !== undefined) moved.push({ host: step.host, what: step.step, how })
    else if (before?.verdict === 'change' && step.verdict === 'ok') {
      done.push({ host: step.host, what: step.step, how: 'is so already' })
      for (const fact of step.needs) reached.add(`${step.on ?? step.host}\n${step.user ?? ''} ${fact}`)
    }
  }
  for (const [id, step] of mine) {
    if (theirs.has(id) || isQuiet(step)) continue
    moved.push({ host: step.host, what: step.step, how: 'is in the plan, and would not be done now' })
  }
  for (const [host, { facts }] of Object.entries(approved.hosts)) {
    const answers = now.hosts[host]?.facts
    for (const [fact, fingerprint] of Object.entries(facts)) {
      const answer = answers?.[fact]
      if (answer === undefined || answer === fingerprint || reached.has(`${host}\n${fact}`)) continue
      moved.push({ host, what: fact, how: 'answers otherwise than when the plan was made' })
    }
  }
  return { moved, done }
}

const isQuiet = ({ verdict }: FiledStep): boolean => verdict === 'ok' || verdict === 'skipped'

/** Steps by host and address; the same one several times is told apart by how often. */
const inOrder = (steps: readonly FiledStep[]): ReadonlyMap<string, FiledStep> => {
  const counts = new Map<string, number>()
  return new Map(steps.map((step) => {
    const id = `${step.host}\n${step.address}`
    const nth = counts.get(id) ?? 0
    counts.set(id, nth + 1)
    return [`${id}\n${nth}`, step]
  }))
}

/** Why a step may not be done as it would be now; nothing where it does what was approved, or less. */
const howMoved = (before: FiledStep, now: FiledStep): string | undefined => {
  if (before.on !== now.on || before.user !== now.user) return 'would be done elsewhere, or by somebody else'
  if (before.verdict === 'deferred') {
    return before.fingerprint !== undefined && now.fingerprint !== undefined && before.fingerprint !== now.fingerprint ? 'has other arguments' : undefined
  }
  if (before.fingerprint !== now.fingerprint) return 'has other arguments'
  if (now.verdict === 'deferred') return 'was decided, and is not known any more'
  if (before.verdict !== 'change') return now.verdict === 'change' ? `was ${before.verdict}, and would change something` : undefined
  if (now.verdict === 'skipped') return 'would change something, and is skipped now'
  let at = 0
  for (const change of now.changes) {
    while (at < before.changes.length && before.changes[at]?.fingerprint !== change.fingerprint) at++
    if (at++ >= before.changes.length) return `would do something else: ${change.summary}`
  }
  return undefined
}
