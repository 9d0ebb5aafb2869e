import { oneLineEach, type FactKind, type HostFact } from '../core/fact.js'
import { sh } from '../core/shell.js'

const kind: FactKind<string> = {
  name: 'clock',
  summary: "The host's date in UTC, as YYYY-MM-DD: a whole day, so that the answer stands still while a run lasts.",
  script: () => sh`date -u +%Y-%m-%d`,
  ...oneLineEach,
  parse: (_subject, reply) => reply,
}

/** Today, by the host: `clock:day`. */
export const today: HostFact<string, string> = { key: 'clock:day', kind, subject: 'day' }

/** The day that many days after another. */
export const daysAfter = (day: string, days: number): string => new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
