import { sha256 } from '../core/digest.js'
import type { Because } from '../core/events.js'
import { oneLineEach, type FactKind, type HostFact } from '../core/fact.js'
import { script, sh } from '../core/shell.js'
import type { Handler } from '../core/step.js'
import type { Become } from '../core/transport.js'
import type { Host } from './host.js'
import { ledger } from './keep.js'
import type { Lane } from './lane.js'

/** The name under which a host's ledger keeps what is owed: a handler of this name pays it, in whatever play it stands. */
export const debtOf = (handler: string): string => `${handler.toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, 40)}-${sha256(handler).slice(0, 12)}`

interface Due { readonly because: Because; /** A deferred step that may or may not notify it. */ readonly until?: string }

/** Whether a handler is due on a host, and why. */
export const dueOn = (host: Host, handler: Handler): Due | undefined => {
  const debt = debtOf(handler.name)
  const notified = host.notified.get(debt)
  if (notified !== undefined) return { because: { notified } }
  if (host.owed.has(debt)) return { because: { owed: true } }
  const may = host.mayNotify.get(debt)
  return may === undefined ? undefined : { because: { notified: may }, until: may[0] ?? handler.name }
}

/** Takes debts out of a user's ledger. */
export const forgive = async ({ host, walk }: Lane, become: Become | undefined, debts: readonly string[]): Promise<void> => {
  await (await host.session(become)).exec(script(ledger(walk.keep), sh`for h in ${debts}; do rm -f -- "$l/owed/$h"; done`).text)
}

const kind: FactKind<readonly string[], string | undefined> = {
  name: 'owed',
  summary: 'Handlers that an earlier run still owes the host.',
  script: ([keep]) => sh`${ledger(keep)}; if [ -d "$l/owed" ]; then ls -1 -- "$l/owed" | tr '\\n' ' '; fi; echo`,
  ...oneLineEach,
  parse: (_subject, reply) => reply.split(' ').filter((debt) => debt !== ''),
}

/** Debts in the acting user's ledger: `owed:ledger`. */
export const owedFact = (keep: string | undefined): HostFact<readonly string[], string | undefined> => ({ key: 'owed:ledger', kind, subject: keep })
