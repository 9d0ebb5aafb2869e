import { sha256 } from '../core/digest.js'
import type { Because } from '../core/events.js'
import { oneLineEach, type FactKind, type HostFact } from '../core/fact.js'
import { sh } from '../core/shell.js'
import type { Handler, Play } from '../core/step.js'
import { ledger } from './frame.js'
import type { Host } from './host.js'

/** The name under which a host's ledger keeps what is owed: a handler of this name pays it, in whatever play it stands. */
export const debtOf = (handler: string): string => `${handler.toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, 40)}-${sha256(handler).slice(0, 12)}`

interface Due { readonly handler: Handler; readonly because: Because; /** A deferred step that may or may not notify it. */ readonly until?: string }

/** Handlers that are due on a host, in the order of the play, and why. */
export const handlersDue = (play: Play, host: Host): readonly Due[] =>
  play.handlers.flatMap((handler): Due[] => {
    const debt = debtOf(handler.name)
    const notified = host.notified.get(debt)
    if (notified !== undefined) return [{ handler, because: { notified } }]
    if (host.owed.has(debt)) return [{ handler, because: { owed: true } }]
    const may = host.mayNotify.get(debt)
    return may === undefined ? [] : [{ handler, because: { notified: may }, until: may[0] ?? handler.name }]
  })

const kind: FactKind<readonly string[]> = {
  name: 'owed',
  summary: 'Handlers that an earlier run still owes the host.',
  script: () => sh`${ledger}; if [ -d "$l/owed" ]; then ls -1 -- "$l/owed" | tr '\\n' ' '; fi; echo`,
  ...oneLineEach,
  parse: (_subject, reply) => reply.split(' ').filter((debt) => debt !== ''),
}

/** Debts in the acting user's ledger: `owed:ledger`. */
export const owedFact: HostFact<readonly string[], string> = { key: 'owed:ledger', kind, subject: 'ledger' }
