import { ProvisionError } from '../core/errors.js'
import type { Controller, HostFact } from '../core/fact.js'
import type { Become } from '../core/transport.js'
import { UnknownValue } from '../core/unknown.js'
import { gather } from './gather.js'
import { userOf, type Host } from './host.js'
import type { Lane } from './lane.js'
import { parsed, type Reading } from './snapshot.js'

/** The controller as a step of this lane sees it: it asks other hosts too, as whom the step acts. */
export const askingElsewhere = (lane: Lane, become: Become | undefined): Controller => ({
  ...lane.walk.controller,
  elsewhere: async (host, fact) => {
    const other = otherHost(lane, host)
    const answer = await reading(lane, other, become, fact)
    if (answer === 'never-asked') throw new ProvisionError('fact-failed', `${host} did not answer ${fact.key}`)
    if ('unknown' in answer) throw new UnknownValue(answer.unknown)
    if ('failure' in answer) throw new ProvisionError(answer.failure.code, `${host}: ${answer.failure.message}`, { ...answer.failure })
    return answer.known as Awaited<ReturnType<typeof fact.kind.parse>> // what the fact's own kind made of it
  },
})

/** A host that a step asks beside its own. */
export const otherHost = ({ walk, host }: Lane, name: string): Host => {
  const other = walk.hosts.get(name)
  if (other === undefined) throw new ProvisionError('host-not-asked', `${name} is not among the hosts of this run, so that nothing is known of it`, { hint: 'name a host of the inventory' })
  if (other.lost !== undefined) throw new ProvisionError('host-not-asked', `${name} is not reached, so that nothing is known of it`)
  if (other === host) throw new ProvisionError('own-host', `${name} is the host of this step itself`, { hint: `say \`when: "host.name != '${name}'"\` at the step` })
  return other
}

/** A plan believes of the other host what its own steps before this one make of it; a run asks it as it is now. */
const reading = async ({ walk }: Lane, other: Host, become: Become | undefined, fact: HostFact): Promise<Reading> => {
  const user = userOf(become)
  const isKnown = walk.mode.name === 'plan' && other.snapshot.read(user, fact) !== 'never-asked'
  const replies = isKnown ? new Map() : await gather(await other.session(become), [fact])
  if (walk.mode.name === 'plan') {
    other.snapshot.learn(user, [fact], replies)
    return other.snapshot.read(user, fact)
  }
  const answer = replies.get(fact.key)
  return answer === undefined ? 'never-asked' : 'failure' in answer ? answer : parsed(fact, answer.reply)
}
