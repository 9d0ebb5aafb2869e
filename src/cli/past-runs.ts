import type { PastStep } from '../approval/past-runs.js'
import type { PlanHeader } from '../approval/plan-file.js'
import { ProvisionError } from '../core/errors.js'
import { runHeader, runJournal, runNames } from './runs.js'

/** So many of the latest journals are looked into. */
const LATEST = 100

/** What this user's runs of a playbook and inventory from this folder did, oldest first; journals that cannot be read, or were altered, tell nothing. */
export const pastRuns = ({ playbook, inventory }: Pick<PlanHeader, 'playbook' | 'inventory'>): readonly (readonly PastStep[])[] => {
  const names = runNames()
  return names.slice(-LATEST).map((name) => {
    try {
      const header = runHeader(name)
      if (header === undefined || JSON.stringify([header.playbook, header.inventory, header.cwd]) !== JSON.stringify([playbook, inventory, process.cwd()])) return []
      return runJournal(name, names).settled
    } catch (error) {
      if (error instanceof ProvisionError) return [] // said where that run is looked at
      throw error
    }
  })
}
