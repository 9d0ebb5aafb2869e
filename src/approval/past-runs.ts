import type { FiledStep } from './plan-file.js'
import type { History } from './timeline.js'

/** A step of an earlier run, as its journal tells it. */
export interface PastStep { readonly host: string; readonly address: string; readonly status: string; /** When it was settled. */ readonly ended: string; readonly ms: number }

/** So many of the latest runs tell how long a step takes. */
const RUNS = 20

/**
 * How long steps took in earlier runs, oldest first. Steps of one frame are settled together, and each has the time of them all: the first one is given it, so that
 * the sum over a host is what passed there.
 */
export const historyOf = (runs: readonly (readonly PastStep[])[]): History => {
  const times = new Map<string, number[]>()
  for (const run of runs.filter(({ length }) => length > 0).slice(-RUNS)) {
    const before = new Map<string, number>()
    for (const { host, address, status, ended, ms } of run) {
      const at = Date.parse(ended)
      const passed = Math.min(ms, at - (before.get(host) ?? -Infinity))
      before.set(host, at)
      const id = idOf(host, address, status)
      times.set(id, [...(times.get(id) ?? []), Math.max(0, passed)])
    }
  }
  // what waits may turn out to be right already
  return (step) => (step.verdict === 'deferred' ? ['change', 'ok'] : ['change']).flatMap((status) => times.get(idOf(step.host, step.address, status)) ?? [])
}

const idOf = (host: FiledStep['host'], address: FiledStep['address'], status: string): string => `${host}\n${address}\n${status}`
