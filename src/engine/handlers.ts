import { sha256 } from '../core/digest.js'
import type { Because } from '../core/events.js'
import { oneLineEach, type FactKind, type HostFact } from '../core/fact.js'
import { script, sh } from '../core/shell.js'
import type { Handler, Step } from '../core/step.js'
import type { Become } from '../core/transport.js'
import { ledger } from './keep.js'
import type { Lane } from './lane.js'
import type { Judged } from './walk.js'

/** The name under which a host's ledger keeps what is owed: a handler of this name and variant pays it, in whatever play it stands. */
const debtOf = ({ name, variant }: Pick<Handler, 'name' | 'variant'>): string =>
  `${name.toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, 40)}-${sha256(name).slice(0, 12)}${variant === undefined ? '' : `.${variant}`}`

/** What of a handler's name is in that of its debt, for people. */
export const nameIn = (debt: string): string => debt.replace(/-[0-9a-f]{12}(\.[0-9a-f]{12})?$/, '')

/** What a step's change owes its host. */
export const debtsOf = ({ play, owner }: Lane, { notify }: Step): readonly string[] => notify.map((name) => {
  const variant = play.payerOf?.(owner.name, name)
  return debtOf({ name, ...(variant === undefined ? {} : { variant }) })
})

/** What an earlier run owes a handler of this name, such as there no longer is: the playbook was altered meanwhile, and any of the name may be meant. */
const strays = ({ host }: Lane, { name, variants = [] }: Handler): readonly string[] => {
  const known = (variants.length === 0 ? [undefined] : variants).map((variant) => debtOf({ name, ...(variant === undefined ? {} : { variant }) }))
  const plain = debtOf({ name })
  return [...host.owed].filter((debt) => !known.includes(debt) && (debt === plain || debt.startsWith(`${plain}.`)))
}

/** What a handler pays once its steps are done; a stray debt is paid when the last handler of its name has run. */
export const paidBy = (lane: Lane, handler: Handler): readonly string[] => {
  const { walk: { plays }, play, host } = lane
  const isLast = !plays.slice(plays.indexOf(play) + 1).some(({ hosts, handlers }) => hosts.includes(host.name) && handlers.some(({ name }) => name === handler.name))
  return [debtOf(handler), ...(isLast ? strays(lane, handler) : [])]
}

interface Due { readonly because: Because; /** A deferred step that may or may not notify it. */ readonly until?: string }

/** Whether a handler is due on a host, and why. */
export const dueOn = (lane: Lane, handler: Handler): Due | undefined => {
  const { host } = lane
  const debt = debtOf(handler)
  const notified = host.notified.get(debt)
  if (notified !== undefined) return { because: { notified } }
  if (host.owed.has(debt) || strays(lane, handler).length > 0) return { because: { owed: true } }
  const may = host.mayNotify.get(debt)
  return may === undefined ? undefined : { because: { notified: may }, until: may[0] ?? handler.name }
}

/** Takes debts out of a user's ledger. */
export const forgive = async ({ host, walk }: Lane, become: Become | undefined, debts: readonly string[]): Promise<void> => {
  await (await host.session(become)).exec(script(ledger(walk.keep), sh`for h in ${debts}; do rm -f -- "$l/owed/$h"; done`).text)
}

/** What a step notifies is owed before it acts; if nothing changed then, nobody is owed anything but what other steps or runs owe too. */
export const forgiveUnchanged = async (lane: Lane, { step, bound }: Judged): Promise<void> => {
  const debts = debtsOf(lane, step).filter((debt) => !lane.host.notified.has(debt) && !lane.host.owed.has(debt))
  if (debts.length > 0) await forgive(lane, bound?.become, debts)
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
