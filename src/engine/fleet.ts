import { exitCode, ProvisionError } from '../core/errors.js'
import type { Transport } from '../core/transport.js'
import { Host, reasonOf } from './host.js'
import type { Walk } from './walk.js'

/** All hosts of a walk, by name. */
export type Fleet = ReadonlyMap<string, Host>

/** Opens the doors to all hosts, a few at a time; a host that cannot be reached is lost, not an error. */
export const connect = async (transports: readonly Transport[], forks: number, walk: Pick<Walk, 'emit' | 'now'>): Promise<Fleet> => {
  const fleet = new Map(transports.map((transport) => [transport.host, new Host(transport.host, transport)]))
  const waiting = [...fleet.values()]
  const open = async (): Promise<void> => {
    for (let host = waiting.shift(); host !== undefined; host = waiting.shift()) {
      const started = walk.now()
      const { name, transport } = host
      await attempt(host, walk, () => transport.open())
      if (host.lost === undefined) walk.emit({ type: 'host-connected', host: name, ms: walk.now() - started })
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, forks) }, open))
  return fleet
}

/** Does work on a host; one that is no longer reached is lost. */
export const attempt = async (host: Host, { emit }: Pick<Walk, 'emit'>, work: () => Promise<void>): Promise<void> => {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof ProvisionError) || error.exit !== exitCode.unreachable) throw error
    host.lost = reasonOf(error)
    emit({ type: 'host-lost', host: host.name, reason: host.lost })
  }
}
