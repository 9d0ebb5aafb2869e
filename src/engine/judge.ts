import { failureOf, ProvisionError } from '../core/errors.js'
import { isHostFact, type Answers, type Controller, type HostFact, type LocalFact, type Needs } from '../core/fact.js'
import { UnknownValue } from '../core/unknown.js'
import type { Bound } from '../core/module.js'
import type { Verdict } from '../core/verdict.js'
import type { Reading } from './snapshot.js'

/** Judges a step by what is believed: pure but for the controller's facts, which are read before. */
export const judge = (bound: Bound, reading: (fact: HostFact) => Reading, local: LocalAnswers): Verdict => {
  const answers: Record<string, unknown> = {}
  let unknown: string | undefined
  for (const [need, fact] of Object.entries(bound.needs)) {
    const answer = isHostFact(fact) ? reading(fact) : local(fact)
    if (answer === 'never-asked') throw new RangeError(`${fact.key} was never asked`)
    if ('failure' in answer) return { status: 'failed', error: answer.failure }
    if ('unknown' in answer) unknown ??= answer.unknown
    else answers[need] = answer.known
  }
  if (unknown !== undefined) return { status: 'deferred', until: unknown }
  try {
    const changes = bound.check(answers as Answers<Needs>) // the names and kinds are those that the module asked for
    return changes.length === 0 ? { status: 'ok', ...(bound.says === undefined ? {} : { says: bound.says }) } : { status: 'change', changes }
  } catch (error) {
    if (error instanceof ProvisionError) return { status: 'failed', error: failureOf(error) }
    // a prediction that does not say what the check asks
    if (error instanceof UnknownValue) return { status: 'deferred', until: error.until }
    throw error
  }
}

export type LocalAnswers = (fact: LocalFact) => Reading

/** Reads what a step asks of the controller, once a fact; the reader's mistakes are failures of the step. */
export const localAnswers = async (needs: Needs, controller: Controller): Promise<LocalAnswers> => {
  const answers = new Map<LocalFact, Reading>()
  for (const fact of Object.values(needs)) {
    if (isHostFact(fact)) continue
    try {
      answers.set(fact, { known: await fact.read(controller) })
    } catch (error) {
      if (error instanceof UnknownValue) {
        if (error.asks !== undefined) throw error
        answers.set(fact, { unknown: error.until })
        continue
      }
      if (!(error instanceof ProvisionError)) throw error
      answers.set(fact, { failure: failureOf(error) })
    }
  }
  return (fact) => answers.get(fact) ?? 'never-asked'
}

export const hostFacts = (needs: Needs): HostFact[] => Object.values(needs).filter(isHostFact)
