import { exitCode, ProvisionError } from '../core/errors.js'
import type { Become, Transport } from '../core/transport.js'
import { atOnce, type Reached } from '../engine/at-once.js'
import { limitHosts } from '../inventory/patterns.js'
import { doorsTo } from './doors.js'
import type { WalkFlags } from './options.js'
import { openKnown, type Known } from './project.js'
import { onSignal } from './signals.js'
import { terminalOf } from './terminal.js'

/** Flags of the commands that reach hosts without a playbook. */
export interface ReachFlags extends WalkFlags { readonly become?: boolean; readonly becomeUser?: string }

/** The hosts that a command is about, and a way to do the same with each. */
export interface Reaching {
  readonly known: Known
  readonly signal: AbortSignal
  /** As whom to act on a host, as flags and inventory say. */
  becomeOf(host: string): Become | undefined
  each<T>(work: (transport: Transport) => Promise<T>): Promise<ReadonlyMap<string, Reached<T>>>
}

/** Loads the inventory, and ends what is under way on the hosts when the reader interrupts; a second time ends the program at once. */
export const reaching = async (pattern: string, flags: ReachFlags, work: (reaching: Reaching) => Promise<number>): Promise<number> => {
  const all = await openKnown(flags)
  const named = new Set(limitHosts(all.inventory, pattern))
  const known: Known = { ...all, hosts: all.hosts.filter((host) => named.has(host)) }
  if (known.hosts.length === 0) throw new ProvisionError('no-hosts', `"${pattern}" names no host within --limit ${flags.limit ?? ''}`, { exit: exitCode.input, hint: 'see what there is with provision inventory --graph' })
  const { err } = terminalOf(flags)
  const abort = new AbortController()
  const over = onSignal((signal) => {
    if (abort.signal.aborted && signal === 'SIGHUP') return
    if (abort.signal.aborted) process.exit(exitCode.interrupted)
    err.write('note: ending what is under way on the hosts; again to leave at once\n')
    abort.abort()
  })
  try {
    const doors = await doorsTo(known, (host, text) => { err.write(`note: ${host}: ${known.mask(text)}\n`) })
    return await work({
      known, signal: abort.signal,
      becomeOf: (host) => (flags.become === true || flags.becomeUser !== undefined ? known.becomeOf(host, { user: flags.becomeUser }, known.scopeOf(host)) : undefined),
      each: (one) => atOnce(doors, { forks: flags.forks, signal: abort.signal }, one),
    })
  } finally {
    over()
  }
}

/** What came of each host, for machines: `of` tells an answer. */
export const documentOf = <T>(reached: ReadonlyMap<string, Reached<T>>, of: (answer: T) => object): { readonly hosts: Readonly<Record<string, object>> } => ({
  hosts: Object.fromEntries([...reached].map(([host, one]) => [host, 'answer' in one ? of(one.answer) : 'lost' in one ? { unreachable: true, reason: one.lost } : { error: one.failure }])),
})
