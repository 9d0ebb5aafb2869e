import { resolve } from 'node:path'
import type { JournalHeader } from '../approval/journal.js'
import { summaryOf } from '../approval/run-comparison.js'
import { exitCode, ProvisionError } from '../core/errors.js'
import { historyText, type ListedRun } from '../report/run-text.js'
import { runHeader, runJournal, runNames } from './runs.js'
import { terminalOf } from './terminal.js'

export interface HistoryFlags { readonly inventory?: readonly string[]; readonly host?: string; readonly last: number; readonly json?: boolean; readonly color?: boolean }

/** `provision history`: the runs of which there are journals, newest first; exit 2 when one of them was altered. */
export const history = (playbook: string | undefined, flags: HistoryFlags): number => {
  const { out, err, outStyle } = terminalOf(flags)
  const names = runNames()
  const found: ListedRun[] = []
  let more = false
  for (const name of names.toReversed()) {
    const one = listed(name, names, (header) => isWanted(header, playbook, flags))
    if (one === undefined || (flags.host !== undefined && 'hosts' in one && !one.hosts.includes(flags.host))) continue
    more = found.length === flags.last
    if (more) break
    found.push(one)
  }
  if (flags.json === true) out.write(`${JSON.stringify(found, undefined, 2)}\n`)
  else if (found.length === 0) err.write('No run is known.\n')
  else out.write(`${historyText(found, outStyle)}\n${more ? outStyle.dim('There are earlier runs: --last says how many are shown.\n') : ''}`)
  return found.some((one) => 'altered' in one) ? exitCode.input : exitCode.done
}

/** A run that is wanted, or whose journal was altered: nobody knows any more of what that was. */
const listed = (name: string, names: readonly string[], wants: (header: JournalHeader) => boolean): ListedRun | undefined => {
  try {
    const header = runHeader(name)
    return header === undefined || !wants(header) ? undefined : summaryOf(runJournal(name, names))
  } catch (error) {
    if (error instanceof ProvisionError && error.code === 'journal-altered') return { run: name, altered: error.message }
    throw error
  }
}

const isWanted = ({ playbook, inventory, cwd }: JournalHeader, wanted: string | undefined, { inventory: among }: HistoryFlags): boolean => {
  const isSame = (one: string, other: string): boolean => one === other || resolve(cwd, one) === resolve(other)
  return (wanted === undefined || isSame(playbook, wanted)) && (among === undefined || among.every((one) => inventory.some((other) => isSame(other, one))))
}
