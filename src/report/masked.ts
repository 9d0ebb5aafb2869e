import type { Failure, Place } from '../core/errors.js'
import type { Emit, RunEvent } from '../core/events.js'
import type { Plan } from '../core/plan.js'
import { maskedValue } from '../core/mask.js'
import type { Verdict } from '../core/verdict.js'

type Mask = (text: string) => string

/** The one door through which events leave the engine: whoever is told, people, machines and journals, is told of no known secret, in whichever text it stands. */
export const masking = (emit: Emit, mask: Mask): Emit => (event) => { emit(maskedEvent(event, mask)) }

/** The plan as people may see it; consent is held against the plan itself. */
export const maskedPlan = ({ steps, lost }: Plan, mask: Mask): Plan => ({ steps: steps.map((step) => maskedStep(step, mask)), lost: maskedBut(lost, mask) })

/** What machines hold on to stays as it is: words of ours, names of hosts and modules. */
const HELD = ['type', 'mode', 'host', 'hosts', 'on', 'module']

const maskedEvent = (event: RunEvent, mask: Mask): RunEvent => (event.type === 'step-settled' ? maskedStep(event, mask) : maskedBut(event, mask, HELD))

const maskedStep = <T extends { readonly place: Place; readonly verdict: Verdict }>(step: T, mask: Mask): T =>
  ({ ...maskedBut(step, mask, [...HELD, 'place', 'verdict']), place: maskedPlace(step.place, mask), verdict: maskedVerdict(step.verdict, mask) })

/** Where something stands is told as it is, but for the line that stands there. */
const maskedPlace = (place: Place, mask: Mask): Place => (place.text === undefined ? place : { ...place, text: mask(place.text) })

const maskedVerdict = (verdict: Verdict, mask: Mask): Verdict => {
  switch (verdict.status) {
    case 'change': return { ...verdict, changes: verdict.changes.map((change) => ({ ...maskedBut(change, mask, ['actions']), actions: change.actions.map((action) => maskedBut(action, mask, ['do'])) })) }
    case 'failed': return { ...verdict, error: maskedFailure(verdict.error, mask) }
    case 'ok':
    case 'deferred':
    case 'skipped': return maskedBut(verdict, mask, ['status'])
    default: return verdict satisfies never
  }
}

/** Why something failed, in words that a host may have said. */
export const maskedFailure = (failure: Failure, mask: Mask): Failure => ({ ...maskedBut(failure, mask, ['code', 'at']), ...(failure.at === undefined ? {} : { at: maskedPlace(failure.at, mask) }) })

/** Plain data of the same form, masked but for what is held of it. */
const maskedBut = <T extends object>(value: T, mask: Mask, held: readonly string[] = []): T =>
  Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, held.includes(key) ? inner : maskedValue(inner, mask)])) as T // only what its texts say is another
