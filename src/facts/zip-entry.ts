import type { LocalFact } from '../core/fact.js'

/** The text of one file inside an archive of the controller: a script that lies in a distribution. */
export const zipEntry = (archive: string, entry: string): LocalFact<string> =>
  ({ key: `zip-entry:${archive}!${entry}`, read: (controller) => controller.archiveText(archive, entry) })
