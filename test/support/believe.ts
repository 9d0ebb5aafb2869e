import type { Change } from '../../src/core/change.js'
import { isHostFact, type Needs } from '../../src/core/fact.js'
import { covers } from '../../src/core/disturbance.js'

export const UNKNOWN = Symbol('unknown')

/** What a step's facts are believed to be after its own changes: predicted, unknown where disturbed, else as before. */
export const afterChanges = (needs: Needs, facts: Readonly<Record<string, unknown>>, changes: readonly Change[]): Record<string, unknown> => {
  const believed: Record<string, unknown> = { ...facts }
  for (const change of changes) {
    for (const [need, fact] of Object.entries(needs)) {
      if (!isHostFact(fact)) continue
      const predicted = change.predicts.find((prediction) => 'fact' in prediction && prediction.fact === fact.key)
      const path = fact.kind.path?.(fact.subject)
      if (predicted !== undefined && 'fact' in predicted) believed[need] = predicted.value
      else if (change.disturbs === undefined || change.disturbs.some((disturbance) => covers(disturbance, fact.key, path))) believed[need] = UNKNOWN
      for (const prediction of change.predicts) {
        if (!('below' in prediction) || path === undefined || !path.path.startsWith(`${prediction.below}/`)) continue
        const value = fact.kind.fromTree?.(fact.subject, prediction.tree)
        believed[need] = value === undefined ? UNKNOWN : value
      }
    }
  }
  return believed
}
