import { exitCode, ProvisionError } from '../core/errors.js'
import type { Transport } from '../core/transport.js'
import { Host, reasonOf } from './host.js'
import { Snapshot } from './snapshot.js'
import type { Walk } from './walk.js'

/** All hosts of a walk, by name. */
export type Fleet = ReadonlyMap<string, Host>

/** Nodes that share a machine share what is believed of it. */
const remade = (fleet: Fleet, made: (host: Host, snapshot: Snapshot) => Host, snapshotOf: (before: Snapshot) => Snapshot): Fleet => {
  const snapshots = new Map<Snapshot, Snapshot>()
  return new Map([...fleet].map(([name, host]) => {
    const snapshot = snapshots.get(host.snapshot) ?? snapshotOf(host.snapshot)
    snapshots.set(host.snapshot, snapshot)
    return [name, made(host, snapshot)]
  }))
}

/** The same hosts with beliefs of their own, for a plan. */
export const forked = (fleet: Fleet): Fleet => remade(fleet, (host, snapshot) => host.fork(snapshot), (before) => new Snapshot(before))

/** The same hosts of which nothing is believed yet. */
export const forgotten = (fleet: Fleet): Fleet => remade(fleet, ({ name, transport }, snapshot) => new Host(name, transport, snapshot), () => new Snapshot())

/** Hosts of one machine stand together, in their order: what one does to it, the next one finds. */
export const byMachine = (hosts: readonly Host[]): readonly (readonly Host[])[] => [...new Set(hosts.map(({ snapshot }) => snapshot))].map((one) => hosts.filter(({ snapshot }) => snapshot === one))

/** Opens the doors to all hosts, a few at a time; a host that cannot be reached is lost, not an error. */
export const connect = async (transports: readonly Transport[], forks: number, walk: Pick<Walk, 'emit' | 'now'>, machineOf: (host: string) => string | undefined = () => undefined): Promise<Fleet> => {
  const machines = new Map<string, Snapshot>()
  const fleet = new Map(transports.map((transport) => {
    const machine = machineOf(transport.host)
    const snapshot = (machine === undefined ? undefined : machines.get(machine)) ?? new Snapshot()
    if (machine !== undefined) machines.set(machine, snapshot)
    return [transport.host, new Host(transport.host, transport, snapshot)]
  }))
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
