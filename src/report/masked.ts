import type { Action, Change } from '../core/change.js'
import type { Emit, Reporter } from '../core/events.js'
import type { Plan } from '../core/plan.js'
import { Secret, type Text } from '../core/secret.js'
import type { Verdict } from '../core/verdict.js'

type Mask = (text: string) => string

/** Tells of changes without the secrets that were read from hosts: a file that is edited may hold what an earlier run put there. */
export const masking = (emit: Emit, mask: Mask): Emit => (event) => {
  emit(event.type === 'step-settled' ? { ...event, verdict: maskedVerdict(event.verdict, mask) } : event)
}

/** A reporter that is told so. */
export const maskedReporter = (reporter: Reporter, mask: Mask): Reporter => ({ on: masking((event) => reporter.on(event), mask), end: () => reporter.end() })

/** The plan as people may see it; consent is held against the plan itself. */
export const maskedPlan = (plan: Plan, mask: Mask): Plan => ({ ...plan, steps: plan.steps.map((step) => ({ ...step, verdict: maskedVerdict(step.verdict, mask) })) })

const maskedVerdict = (verdict: Verdict, mask: Mask): Verdict => {
  switch (verdict.status) {
    case 'change': return { ...verdict, changes: verdict.changes.map((change) => maskedChange(change, mask)) }
    // it tells the values that a condition found, and these may come from a host
    case 'skipped': return { ...verdict, because: mask(verdict.because) }
    default: return verdict
  }
}

/** What a change says of content; its summary, paths and scripts are the module's own words. */
const maskedChange = (change: Change, mask: Mask): Change => ({
  ...change,
  ...(change.diff === undefined ? {} : { diff: { ...change.diff, lines: change.diff.lines.map((line) => ({ ...line, text: mask(line.text) })) } }),
  actions: change.actions.map((action) => maskedAction(action, mask)),
  predicts: change.predicts.map((prediction) => ('fact' in prediction ? { ...prediction, value: maskedValue(prediction.value, mask) } : prediction)),
})

const maskedAction = (action: Action, mask: Mask): Action => {
  switch (action.do) {
    case 'put': return typeof action.content === 'string' || action.content instanceof Secret ? { ...action, content: maskedText(action.content, mask) } : action
    case 'exec': return typeof action.stdin === 'string' || action.stdin instanceof Secret ? { ...action, stdin: maskedText(action.stdin, mask) } : action
    case 'reboot':
    case 'bring':
    case 'fetch': return action
    default: return action satisfies never
  }
}

/** Plain data with the secrets in its texts as dots. */
/** What is in the open of a text that is secret in part may hold other secrets. */
const maskedText = (text: Text, mask: Mask): Text => (text instanceof Secret ? new Secret(text.reveal(), mask(text.shown)) : mask(text))

export const maskedValue = (value: unknown, mask: Mask): unknown => {
  if (typeof value === 'string') return mask(value)
  if (value instanceof Secret) return maskedText(value, mask)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((inner) => maskedValue(inner, mask))
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, maskedValue(inner, mask)]))
}
