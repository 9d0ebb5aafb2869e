import { join } from 'node:path'
import { exitCode, ProvisionError } from '../core/errors.js'
import type { Secret } from '../core/secret.js'
import type { SshOption } from '../formats/ssh-config.js'
import { lookUpSsh } from './ssh-config-lookup.js'
import { sshDefaults, type SshIdentity, type SshSettings } from './ssh-settings.js'

/** What the inventory says about reaching a host; all of it goes before the ssh_config. */
export interface SshTarget {
  readonly host: string
  /** Address or name to connect to, and the name looked up in the ssh_config; left out: the name of the host. */
  readonly address?: string
  readonly port?: number
  readonly user?: string
  readonly identities?: readonly SshIdentity[]
  readonly password?: Secret
  readonly pinned?: readonly string[]
  readonly knownHosts?: readonly string[]
  /** `[user@]host[:port]`, several with commas, the first one first; `none` for none. */
  readonly jump?: string
  readonly keepalive?: SshSettings['keepalive']
  readonly connectTimeout?: number
  readonly startTimeout?: number
}

/** Who runs this program, and where their keys are. */
export interface SshEnvironment {
  readonly home: string
  readonly user: string
  /** The value of SSH_AUTH_SOCK. */
  readonly agent?: string
}

export interface SshResolution { readonly settings: SshSettings; readonly notes: readonly string[] }

const standardKeys = ['id_ed25519', 'id_ecdsa', 'id_rsa']
const userKnownHosts = ['~/.ssh/known_hosts', '~/.ssh/known_hosts2']
const globalKnownHosts = ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']
const LONGEST_CHAIN = 8

interface Hop { readonly address: string; readonly user?: string; readonly port?: number }

const hopOf = (text: string): Hop => {
  const match = /^(?:ssh:\/\/)?(?:([^@]+)@)?(\[[^\]]+\]|[^:]+)(?::(\d+))?\/?$/.exec(text.trim())
  if (match?.[2] === undefined) {
    throw new ProvisionError('wrong-jump-host', `\`${text}\` is not a jump host`, { exit: exitCode.input, hint: 'write [user@]host[:port]' })
  }
  const [, user, address, port] = match
  return { address: address.replace(/^\[|\]$/g, ''), ...(user === undefined ? {} : { user }), ...(port === undefined ? {} : { port: Number(port) }) }
}

const numberOf = (name: string, values: readonly string[] | undefined): number | undefined => {
  if (values?.[0] === undefined) return undefined
  const number = Number(values[0])
  if (!Number.isInteger(number) || number < 0) {
    throw new ProvisionError('wrong-ssh-option', `the ssh_config says ${name} ${values[0]}`, { exit: exitCode.input, hint: 'write a number' })
  }
  return number
}

const isYes = (values: readonly string[] | undefined): boolean => values?.[0]?.toLowerCase() === 'yes'

/** What was said of a host in the inventory, then in the ssh_config, then by custom. */
export const resolveSshSettings = (target: SshTarget, config: readonly SshOption[], environment: SshEnvironment, chain = 0): SshResolution => {
  const name = target.address ?? target.host
  const found = lookUpSsh(config, { name, user: target.user, localUser: environment.user })
  const hostname = found.first('hostname')?.[0]?.replaceAll('%h', name).replaceAll('%%', '%') ?? name
  const port = target.port ?? numberOf('Port', found.first('port')) ?? sshDefaults.port
  const user = target.user ?? found.first('user')?.[0] ?? environment.user
  const { home } = environment
  const tokens: Readonly<Record<string, string>> = { '%': '%', d: home, h: hostname, n: name, p: String(port), r: user, u: environment.user }
  const path = (text: string): string =>
    text.replace(/^~(?=\/|$)/, home).replace(/%(.)/g, (whole, token: string) => tokens[token] ?? whole)
  const paths = (values: readonly string[]): readonly string[] => values.filter((value) => value !== 'none').map(path)

  const configured = found.all('identityfile').flat()
  const standard = standardKeys.map((file) => ({ path: join(home, '.ssh', file), standard: true }))
  const identities: readonly SshIdentity[] = target.identities
    ?? (configured.length > 0 ? paths(configured).map((file) => ({ path: file })) : standard)
  const knownHosts = target.knownHosts?.map(path)
    ?? paths([...(found.first('userknownhostsfile') ?? userKnownHosts), ...(found.first('globalknownhostsfile') ?? globalKnownHosts)])
  const identityAgent = found.first('identityagent')?.[0]
  const agent = identityAgent === undefined || identityAgent === 'SSH_AUTH_SOCK' ? environment.agent
    : identityAgent === 'none' ? undefined
    : path(identityAgent)
  const hostKeyAlias = found.first('hostkeyalias')?.[0]
  const interval = numberOf('ServerAliveInterval', found.first('serveraliveinterval'))
  const count = numberOf('ServerAliveCountMax', found.first('serveralivecountmax')) ?? sshDefaults.keepalive.count
  const timeout = numberOf('ConnectTimeout', found.first('connecttimeout'))

  const notes = found.unjudged.map((text) => `the ssh_config's \`Match ${text}\` cannot be judged here and is passed over for ${target.host}`)
  const strict = found.first('stricthostkeychecking')?.[0]?.toLowerCase()
  if (strict !== undefined && !['yes', 'true', 'ask'].includes(strict)) {
    notes.push(`StrictHostKeyChecking ${strict} is not followed for ${target.host}: an unknown host key always stops`)
  }
  if (found.first('certificatefile') !== undefined) notes.push(`CertificateFile is not supported; ${target.host} is offered plain keys`)

  const proxyJump = target.jump ?? found.first('proxyjump')?.[0]
  const proxyCommand = found.first('proxycommand')?.[0]
  if (proxyJump === undefined && proxyCommand !== undefined && proxyCommand !== 'none') {
    throw new ProvisionError('unsupported-ssh-option', `the ssh_config reaches ${target.host} by a ProxyCommand, which is not supported`,
      { exit: exitCode.input, hint: 'say the same with ProxyJump' })
  }
  const jumps: SshSettings[] = []
  if (proxyJump !== undefined && proxyJump.toLowerCase() !== 'none') {
    if (chain >= LONGEST_CHAIN) {
      throw new ProvisionError('endless-jump', `the jump hosts of ${target.host} lead in a circle`,
        { exit: exitCode.input, hint: 'look at ProxyJump in the ssh_config' })
    }
    for (const [index, text] of proxyJump.split(',').entries()) {
      const hop = hopOf(text)
      // A jump host named in the inventory is one of its world; one named in the ssh_config is taken as OpenSSH takes it.
      const inherited = target.jump === undefined ? {} : { user, ...(target.identities === undefined ? {} : { identities: target.identities }) }
      const own = lookUpSsh(config, { name: hop.address, user: hop.user, localUser: environment.user })
      const { settings, notes: more } = resolveSshSettings({
        ...(own.first('user') === undefined ? inherited : { ...inherited, user: own.first('user')?.[0] ?? user }),
        host: hop.address, ...hop,
        // Only the first jump host may have a way of its own to get there: the others are reached through the one before.
        ...(index === 0 ? {} : { jump: 'none' }),
      }, config, environment, chain + 1)
      jumps.push(...settings.jumps, { ...settings, jumps: [] })
      notes.push(...more)
    }
  }

  return { notes, settings: {
    host: target.host, hostname, port, user, identities, knownHosts, jumps,
    identitiesOnly: isYes(found.first('identitiesonly')),
    pinned: target.pinned ?? [],
    ...(agent === undefined ? {} : { agent }),
    ...(target.password === undefined ? {} : { password: target.password }),
    ...(hostKeyAlias === undefined ? {} : { hostKeyAlias }),
    keepalive: target.keepalive ?? (interval === undefined || interval === 0 ? sshDefaults.keepalive : { interval: interval * 1000, count }),
    connectTimeout: target.connectTimeout ?? (timeout === undefined ? sshDefaults.connectTimeout : timeout * 1000),
    startTimeout: target.startTimeout ?? sshDefaults.startTimeout,
  } }
}
