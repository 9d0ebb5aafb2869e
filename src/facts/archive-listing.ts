import type { ArchiveEntry, LocalFact } from '../core/fact.js'

/** Everything that unpacking an archive of the controller makes. */
export const archiveListing = (path: string): LocalFact<readonly ArchiveEntry[]> => ({ key: `archive-listing:${path}`, read: (controller) => controller.archive(path) })
