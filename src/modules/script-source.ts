import { z } from 'zod'
import { counted } from '../core/counted.js'
import { ProvisionError } from '../core/errors.js'
import type { LocalFact } from '../core/fact.js'
import { localText } from '../facts/local-file.js'
import { zipEntry } from '../facts/zip-entry.js'

/** Where a SQL script comes from. */
export const scriptSource = z.union([
  z.strictObject({
    archive: z.string().min(1).describe('Zip or tar.gz on this machine.'),
    entry: z.string().min(1).describe('Path of the script inside it.'),
  }),
  z.strictObject({ src: z.string().min(1).describe('SQL file on this machine, as given or relative to the playbook.') }),
])
type ScriptSource = z.output<typeof scriptSource>

export const textOf = (source: ScriptSource): LocalFact<string> =>
  'archive' in source ? zipEntry(source.archive, source.entry) : localText(source.src)

/** What a reader calls the script. */
export const nameOf = (source: ScriptSource): string => {
  const path = 'archive' in source ? source.entry : source.src
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Whether a script has run, by the tables that tell it; one that has run in part is never run again on top. */
export const hasRun = (script: string, database: string, wanted: readonly string[], isThere: (table: string) => boolean): boolean => {
  if (wanted.length === 0) throw new ProvisionError('no-tables', `${script} creates no table, so nothing tells whether it has run`, { hint: 'name tables that tell it, as `tables: […]`' })
  const missing = wanted.filter((table) => !isThere(table))
  if (missing.length === 0 || missing.length === wanted.length) return missing.length === 0
  throw new ProvisionError('partial-schema', `${database} has ${wanted.length - missing.length} of the ${counted(wanted.length, 'table')} of ${script}`, {
    hint: 'the script stopped half way, or the tables are those of another version; it is never run again on top: drop the database (or these tables) if nothing in it is needed, else bring it to the full schema by hand',
    output: `present: ${wanted.filter(isThere).join(' ')}\nmissing: ${missing.join(' ')}`,
  })
}
