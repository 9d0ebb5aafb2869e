import { ProvisionError } from '../core/errors.js'
import { oneLineEach, type FactKind, type HostFact } from '../core/fact.js'
import { script, sh, type Script } from '../core/shell.js'
import type { Gate } from './gate.js'

/** The kernel's own list of sockets: local address, remote address 0, state 0A (listening). */
const TABLE = sh`sockets=$(if [ -r /proc/net/tcp6 ]; then cat /proc/net/tcp /proc/net/tcp6; else cat /proc/net/tcp; fi)`
const listening = (port: number): Script =>
  sh`case $sockets in *:${hex(port)}' 00000000:0000 0A '*|*:${hex(port)}' 00000000000000000000000000000000:0000 0A '*) `
const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0')

const kind: FactKind<boolean, number> = {
  name: 'port',
  summary: 'Whether something on the host listens on a TCP port, at any address.',
  script: (ports) => script(
    sh`${TABLE} || sockets=`,
    ...ports.map((port) => sh`${listening(port)}echo yes ;; '') echo unread ;; *) echo no ;; esac`)),
  ...oneLineEach,
  parse: (_port, reply) => {
    if (reply === 'unread') throw new ProvisionError('not-told', 'port: /proc/net/tcp cannot be read', { hint: 'see that /proc is mounted on the host' })
    return reply === 'yes'
  },
}

/** Whether something listens on a port of the host: `port:8290`. */
export const portListens = (port: number): HostFact<boolean, number> => ({ key: `port:${port}`, kind, subject: port })
export const portKind = kind

/** Waits for something to listen on a port of the host. */
export const portGate = (port: number): Gate => ({
  fact: portListens(port),
  label: `port ${port}`,
  holds: sh`${TABLE} || exit 2
${listening(port)};; *) echo 'nothing listens there'; exit 1 ;; esac`,
})
