import { ProvisionError } from '../core/errors.js'
import type { HostFact } from '../core/fact.js'
import { UnknownValue } from '../core/unknown.js'
import { gather } from './gather.js'
import type { Host } from './host.js'
import type { Lane } from './lane.js'
import { parsed } from './snapshot.js'
import type { Walk } from './walk.js'

/** What expressions may ask of any host: one fact that stays the same as long as the command runs, and the answers so far. */
export interface Basics { readonly fact: HostFact<Readonly<Record<string, unknown>>>; readonly known: Map<string, Readonly<Record<string, unknown>>> }

/** Does what may turn out to ask what a host is: asks it then, and does it again. */
export const asked = async <T>({ walk }: Lane, work: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof UnknownValue) || error.asks === undefined) throw error
      await ask(walk, error.asks)
    }
  }
}

const ask = async ({ hosts, basics }: Walk, name: string): Promise<void> => {
  const host = hosts.get(name)
  if (basics === undefined || host === undefined) throw new ProvisionError('host-not-asked', `${name} is not among the hosts of this run, so that nothing is known of it`, { hint: 'say what is needed as a variable of the inventory' })
  if (host.lost !== undefined) throw new ProvisionError('host-not-asked', `${name} is not reached, so that nothing is known of it`)
  const replies = await gather(await host.session(host.usual), [basics.fact])
  takeBasics(basics, host, replies)
  if (!basics.known.has(name)) {
    const answer = replies.get(basics.fact.key)
    throw new ProvisionError('fact-failed', `${name} does not say what it is`, { output: answer !== undefined && 'failure' in answer ? answer.failure.output ?? answer.failure.message : undefined })
  }
}

/** Remembers what a host says of itself. */
export const takeBasics = ({ fact, known }: Basics, host: Host, replies: Awaited<ReturnType<typeof gather>>): void => {
  const answer = replies.get(fact.key)
  if (answer === undefined || 'failure' in answer) return
  const reading = parsed(fact, answer.reply)
  if (reading !== 'never-asked' && 'known' in reading) known.set(host.name, reading.known as Readonly<Record<string, unknown>>) // what the fact's own kind made of it
}
