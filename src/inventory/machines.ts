import { exitCode, ProvisionError } from '../core/errors.js'
import type { Host } from './inventory.js'

/** Gives each node on another host's machine that host's address and way to it, where it has none of its own. */
export const onMachines = (hosts: readonly Host[], mistakes: ProvisionError[]): readonly Host[] => {
  const byName = new Map(hosts.map((host) => [host.name, host]))
  return hosts.map((host) => {
    const { machine } = host.connection
    if (machine === undefined || machine === host.name) return host
    const other = byName.get(machine)
    if (other === undefined || (other.connection.machine ?? machine) !== machine) {
      mistakes.push(new ProvisionError('unknown-machine', other === undefined ? `${host.name} is on the machine of ${machine}, which is no host` : `${host.name} is on the machine of ${machine}, which is on that of ${other.connection.machine ?? machine}`, {
        exit: exitCode.input, at: host.connectionPlaces.get('machine') ?? host.at, hint: 'name the host of the inventory that was there first',
      }))
      return host
    }
    const address = host.address ?? other.address
    return { ...host, connection: { ...other.connection, ...host.connection }, ...(address === undefined ? {} : { address }) }
  })
}
