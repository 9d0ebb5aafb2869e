import type { ProvisionError } from '../core/errors.js'
import { reachError } from './reach-error.js'
import type { SshSettings } from './ssh-settings.js'

/** A property that Node and ssh2 put on their errors. */
export const property = (error: unknown, name: 'code' | 'level'): unknown => (error instanceof Error ? Reflect.get(error, name) : undefined)

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export const unreachable = ({ host, hostname, port }: SshSettings, what: string, cause: unknown, hint: string): ProvisionError =>
  reachError('unreachable', `${host} cannot be reached at ${hostname}:${port}: ${what}`, { hint, cause })

const causes: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  ECONNREFUSED: ['the connection was refused', 'is sshd running there, and is this its port?'],
  ECONNRESET: ['the connection was reset', 'a firewall, or sshd refusing more connections (MaxStartups)'],
  ETIMEDOUT: ['no answer', 'is the host up, and does a firewall let this port through?'],
  EHOSTUNREACH: ['there is no route to it', 'check the address and the network'],
  ENETUNREACH: ['there is no route to it', 'check the address and the network'],
  ENOTFOUND: ['its name cannot be resolved', 'correct the address in the inventory, or the name service'],
  EAI_AGAIN: ['its name cannot be resolved', 'correct the address in the inventory, or the name service'],
}

/** A connection that came to nothing before anybody spoke. */
export const networkError = (settings: SshSettings, error: unknown): ProvisionError => {
  const code = property(error, 'code')
  const [what, hint] = (typeof code === 'string' ? causes[code] : undefined) ?? [messageOf(error), 'try `ssh` to this host by hand']
  return unreachable(settings, what, error, hint)
}

/** How far a log-in came. */
export interface Progress { readonly keysExchanged: boolean; readonly tried: readonly string[]; readonly remarks: readonly string[] }

/** A connection that came to nothing between the greeting and the log-in. */
export const handshakeError = (settings: SshSettings, error: unknown, { keysExchanged, tried, remarks }: Progress): ProvisionError => {
  const level = property(error, 'level')
  // A number is the reason of a disconnection: after the key exchange, sshd has had enough of our attempts.
  if (level === 'client-authentication' || (keysExchanged && typeof property(error, 'code') === 'number')) {
    const attempts = tried.length === 0 ? 'nothing to log in with was found' : `tried ${tried.join(', ')}`
    return reachError('authentication-failed', `${settings.host} does not let ${settings.user} in at ${settings.hostname}:${settings.port}`,
      { hint: [attempts, ...remarks].join('; '), cause: error })
  }
  switch (level) {
    case 'handshake': return reachError('handshake-failed', `${settings.host} and this program do not agree on how to speak: ${messageOf(error)}`,
      { hint: 'its sshd may be very old, or allow very little', cause: error })
    case 'protocol': return unreachable(settings, 'it closed the connection before the SSH handshake', error,
      'is this an SSH server, and does it refuse more connections for now (MaxStartups)?')
    case 'client-timeout': return unreachable(settings, 'it does not finish the SSH handshake', error,
      'is this the port of an SSH server, and is the host overloaded?')
    default: return networkError(settings, error)
  }
}
