import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { PastStep } from '../approval/past-runs.js'
import type { PlanHeader } from '../approval/plan-file.js'
import { runsFolder } from './journal.js'

const head = z.object({ type: z.literal('run'), playbook: z.string(), inventory: z.array(z.string()), cwd: z.string() })
const settled = z.object({ type: z.literal('settled'), host: z.string(), address: z.string(), status: z.string(), ended: z.string(), ms: z.number() })

/** So many of the latest journals are looked into. */
const LATEST = 100

/** What this user's runs of a playbook and inventory from this folder did, oldest first; journals that cannot be read, or tell no times, tell nothing. */
export const pastRuns = ({ playbook, inventory }: Pick<PlanHeader, 'playbook' | 'inventory'>): readonly (readonly PastStep[])[] => names().map((name) => {
  const [first, ...rest] = linesOf(name)
  const run = head.safeParse(first).data
  if (run === undefined || JSON.stringify([run.playbook, run.inventory, run.cwd]) !== JSON.stringify([playbook, inventory, process.cwd()])) return []
  return rest.flatMap((line) => settled.safeParse(line).data ?? []).map((step) => ({ ...step, address: step.address.replaceAll('\n', ' · ') }))
})

const names = (): readonly string[] => {
  try {
    return readdirSync(runsFolder()).filter((name) => name.endsWith('.ndjson')).toSorted().slice(-LATEST)
  } catch {
    return [] // no run is known
  }
}

const linesOf = (name: string): readonly unknown[] => {
  try {
    return readFileSync(join(runsFolder(), name), 'utf8').split('\n').flatMap((text): readonly unknown[] => {
      try {
        return [JSON.parse(text)]
      } catch {
        return [] // half a line is what a killed run leaves
      }
    })
  } catch {
    return []
  }
}
