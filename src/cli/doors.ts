import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import { exitCode, ProvisionError } from '../core/errors.js'
import { Secret } from '../core/secret.js'
import type { Transport } from '../core/transport.js'
import type { SshOption } from '../formats/ssh-config.js'
import type { Host } from '../inventory/inventory.js'
import { LocalTransport } from '../transport/local.js'
import { JumpHosts } from '../transport/jump-hosts.js'
import { patient } from '../transport/patient.js'
import { readSshConfig } from '../transport/ssh-config-lookup.js'
import { resolveSshSettings, type SshTarget } from '../transport/ssh-resolve.js'
import { SshTransport } from '../transport/ssh-transport.js'
import { secretOf, textOf, type Known } from './project.js'

/** What the doors are made from. */
type Described = Pick<Known, 'inventory' | 'hosts' | 'scopeOf'>

/** The doors to these hosts, as the inventory and the ssh config describe them; nothing is opened yet. */
export const doorsTo = async (project: Described, onNotice: (host: string, text: string) => void): Promise<readonly Transport[]> => {
  const paths = [...new Set(project.hosts.map(configPath))]
  const configs = new Map(await Promise.all(paths.map(async (path) => [path, await readSshConfig(path, homedir())] as const)))
  const jumpHosts = new JumpHosts()
  return project.hosts.map((host) => doorTo(host, project, configs.get(configPath(host)) ?? [], jumpHosts, (text) => onNotice(host.name, text)))
}

const configPath = ({ connection }: Host): string => connection.sshConfig ?? join(homedir(), '.ssh/config')

const doorTo = (host: Host, project: Described, config: readonly SshOption[], jumpHosts: JumpHosts, onNotice: (text: string) => void): Transport => {
  const { connection } = host
  if (connection.transport === 'local') return new LocalTransport({ host: host.name, onNotice })
  const scope = project.scopeOf(host.name)
  const place = { file: project.inventory.file, line: host.at.line, column: host.at.column }
  const text = (value: string): string => textOf(value, scope, place)
  const passphrase = connection.passphrase === undefined ? {} : { passphrase: secretOf(connection.passphrase, scope, place) }
  const target: SshTarget = {
    host: host.name,
    ...(connection.user === undefined ? {} : { user: text(connection.user) }),
    ...(connection.port === undefined ? {} : { port: portOf(connection.port, text) }),
    ...(connection.identity === undefined ? {} : { identities: [connection.identity instanceof Secret ? { name: 'inventory', content: connection.identity, ...passphrase } : { path: text(connection.identity), ...passphrase }] }),
    ...(connection.password === undefined ? {} : { password: secretOf(connection.password, scope, place) }),
    ...(connection.hostKeys === undefined ? {} : { pinned: connection.hostKeys }),
    ...(connection.knownHosts === undefined ? {} : { knownHosts: [text(connection.knownHosts)] }),
    ...(connection.jump === undefined ? {} : { jump: text(connection.jump) }),
    ...(connection.connectTimeout === undefined ? {} : { connectTimeout: connection.connectTimeout * 1000 }),
  }
  const home = homedir()
  const agent = process.env['SSH_AUTH_SOCK']
  const environment = { home, user: userInfo().username, ...(agent === undefined ? {} : { agent }) }
  // a node is reached as the host of its machine is
  const { machine = host.name } = connection
  const byName = resolveSshSettings({ ...target, address: machine }, config, environment)
  // the ssh config has the first word on where a host is reached, its address in the inventory the second
  const { settings, notes } = byName.settings.hostname === machine && host.address !== undefined ? resolveSshSettings({ ...target, address: text(host.address) }, config, environment) : byName
  notes.forEach(onNotice)
  return patient(new SshTransport(settings, { onNotice, jumpHosts }), { tries: 2, onNotice })
}

/** A port may be a template in an inventory of Ansible. */
const portOf = (port: number | string, text: (value: string) => string): number => {
  const value = typeof port === 'number' ? port : Number(text(port))
  if (Number.isInteger(value) && value > 0 && value < 65536) return value
  throw new ProvisionError('wrong-port', `the port ${port} is not one from 1 to 65535`, { exit: exitCode.input, hint: 'see what the variable says with provision inventory --json' })
}
