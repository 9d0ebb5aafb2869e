import { isAbsolute, join, resolve } from 'node:path'
import type { Place } from '../core/errors.js'
import { Secret, type Text } from '../core/secret.js'
import type { VariableLayer } from './layers.js'
import { merged } from './layers.js'
import type { ConnectionSource } from './schema.js'

/** How to reach one host, after all groups and the host had their say; text may still hold `{{ variables }}`. */
export interface Connection {
  readonly transport: 'ssh' | 'local'
  readonly user?: string
  /** A number, or the `{{ template }}` of one. */
  readonly port?: number | string
  /** The path of a private key, or as a `Secret` the key itself. */
  readonly identity?: Text
  readonly passphrase?: Text
  readonly password?: Text
  readonly sshConfig?: string
  readonly knownHosts?: string
  readonly hostKeys?: readonly string[]
  /** The host on whose machine this one is another node. */
  readonly machine?: string
  readonly jump?: string
  /** Seconds. */
  readonly connectTimeout?: number
  readonly become?: { readonly method: 'sudo' | 'su'; readonly user: string; readonly password?: Text }
}

/** Settings of one layer, flat, so that a host can add a password to the `become` of its group. */
type Settings = Partial<Connection> & { address?: string; 'become.on'?: boolean; 'become.method'?: 'sudo' | 'su'; 'become.user'?: string; 'become.password'?: Text }

/** Makes a layer of settings: paths become absolute, passwords written openly become secret. */
export const connectionSettings = (source: ConnectionSource, folder: string, home: string): Readonly<Record<string, unknown>> => {
  const path = (text: string): string => pathFrom(text, folder, home)
  const { become } = source
  const settings: Readonly<Record<Exclude<keyof Settings, 'address'>, unknown>> = {
    transport: source.transport,
    user: source.user,
    port: source.port,
    identity: source.identity instanceof Secret || source.identity === undefined ? source.identity : path(source.identity),
    passphrase: hidden(source.passphrase),
    password: hidden(source.password),
    sshConfig: source['ssh-config'] === undefined ? undefined : path(source['ssh-config']),
    knownHosts: source['known-hosts'] === undefined ? undefined : path(source['known-hosts']),
    hostKeys: source['host-keys'],
    machine: source.machine,
    jump: source.jump,
    connectTimeout: source['connect-timeout'],
    become: undefined,
    'become.on': become === undefined ? undefined : become !== false,
    'become.method': become === false ? undefined : become?.method,
    'become.user': become === false ? undefined : become?.user,
    'become.password': become === false ? undefined : hidden(become?.password),
  }
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
}

const hidden = (text: Text | undefined): Text | undefined => (typeof text === 'string' && !text.includes('{{') ? new Secret(text) : text)

const pathFrom = (text: string, folder: string, home: string): string => {
  if (text.includes('{{') || isAbsolute(text)) return text
  return text === '~' || text.startsWith('~/') ? join(home, text.slice(1)) : resolve(folder, text)
}

const keys: Readonly<Record<string, readonly string[]>> = {
  sshConfig: ['ssh-config'], knownHosts: ['known-hosts'], hostKeys: ['host-keys'], connectTimeout: ['connect-timeout'],
  'become.on': ['become'], 'become.method': ['become', 'method'], 'become.user': ['become', 'user'], 'become.password': ['become', 'password'],
}

/** Where a setting stands in the file, below `connection`. */
export const settingPath = (setting: string): readonly string[] => keys[setting] ?? [setting]

/** What a host's layers of settings say together. */
export const connectionOf = (layers: readonly VariableLayer[]): Connection => {
  // The layers were made by `connectionSettings`, whose values the schema has checked.
  const all = merged(layers) as Settings
  const { 'become.on': become, 'become.method': method = 'sudo', 'become.user': user = 'root', 'become.password': password, transport = 'ssh', address: _, ...rest } = all
  return { transport, ...rest, ...(become === true ? { become: { method, user, ...(password === undefined ? {} : { password }) } } : {}) }
}

/** The address among a host's settings, where an inventory of Ansible gives it as one. */
export const addressOf = (layers: readonly VariableLayer[]): string | undefined => (merged(layers) as Settings).address // made by `mapped`

/** Where the settings of a host stand that it was given; nothing for those that nobody gave. */
export const connectionPlaces = (layers: readonly VariableLayer[]): ReadonlyMap<string, Place> =>
  new Map(layers.flatMap((layer) => Object.keys(layer.values).map((setting) => [setting, layer.placeOf([setting])] as const)))
