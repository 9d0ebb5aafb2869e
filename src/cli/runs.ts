import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { altered, headerOf, readJournal, type JournalHeader, type RunJournal } from '../approval/journal.js'
import { exitCode, ProvisionError } from '../core/errors.js'

/** Where the journals of this user's runs lie. */
export const runsFolder = (): string => join(process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local/state'), 'provision/runs')
export const journalFile = (run: string): string => join(runsFolder(), `${run}.ndjson`)

/** The runs of which there are journals, oldest first: their names begin with the time. */
export const runNames = (): readonly string[] => {
  try {
    return readdirSync(runsFolder()).filter((name) => name.endsWith('.ndjson')).map((name) => name.replace(/\.ndjson$/, '')).toSorted()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw new ProvisionError('unreadable-file', `${runsFolder()} cannot be read`, { exit: exitCode.input, cause: error })
  }
}

/** What a run was of; nothing where its journal has no whole first line, or is of another version. */
export const runHeader = (run: string): JournalHeader | undefined => {
  const line = firstLine(journalFile(run))
  if (line === undefined) return undefined
  try {
    return headerOf(line, run)
  } catch (error) {
    if (error instanceof ProvisionError && error.code === 'journal-version') return undefined
    throw error
  }
}

/** A run's journal, held against what later runs saw of it; throws where it was altered. */
export const runJournal = (run: string, names = runNames()): RunJournal => {
  const journal = readJournal(readFileSync(journalFile(run), 'utf8'), run)
  const seen = seenLater(run, names)
  if (seen !== undefined && !journal.digests.includes(seen)) throw altered(run, journal.digests.length + 1, 'lines are missing at its end, which a later run has seen')
  return journal
}

/** The last line of a run's journal that a later run saw: mostly the next one. One that was altered itself tells nothing. */
const seenLater = (run: string, names: readonly string[]): string | undefined => {
  for (const later of names.slice(names.indexOf(run) + 1)) {
    try {
      const after = runHeader(later)?.after
      if (after?.run === run) return after.digest
    } catch {
      continue // told when that one is looked at
    }
  }
  return undefined
}

/** The run that the reader means: by its name, how that begins, or the letters at its end. */
export const runNamed = (named: string, names = runNames()): string => {
  const found = names.includes(named) ? [named] : names.filter((name) => name.startsWith(named) || name.endsWith(`-${named}`))
  const [run] = found
  if (run === undefined) throw new ProvisionError('no-such-run', `there is no run ${named}`, { exit: exitCode.input, hint: 'look at `provision history`' })
  if (found.length > 1) throw new ProvisionError('ambiguous-run', `several runs begin with ${named}: ${found.slice(-3).join(', ')}${found.length > 3 ? ', …' : ''}`, { exit: exitCode.input, hint: 'say more of its name' })
  return run
}

/** The digest of the last line that a journal has; nothing where it has none of this version. */
export const lastDigest = (run: string): string | undefined => {
  try {
    const line = readFileSync(journalFile(run), 'utf8').split('\n').at(-2)
    const last: unknown = line === undefined ? undefined : JSON.parse(line)
    return typeof last === 'object' && last !== null && 'digest' in last && typeof last.digest === 'string' && /^sha256:[0-9a-f]{64}$/.test(last.digest) ? last.digest : undefined
  } catch {
    return undefined // whatever is wrong with it is told when it is looked at
  }
}

const CHUNK = 64 * 1024

/** The first line of a file, without the rest of it: journals are long. */
const firstLine = (path: string): string | undefined => {
  const file = openSync(path, 'r')
  try {
    const chunks: Buffer[] = []
    for (;;) {
      const chunk = Buffer.alloc(CHUNK)
      const read = readSync(file, chunk)
      const end = chunk.subarray(0, read).indexOf('\n')
      chunks.push(chunk.subarray(0, end === -1 ? read : end))
      if (end !== -1) return Buffer.concat(chunks).toString('utf8')
      if (read === 0) return undefined
    }
  } finally {
    closeSync(file)
  }
}
