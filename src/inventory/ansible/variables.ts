import type { Place, ProvisionError } from '../../core/errors.js'
import { Secret } from '../../core/secret.js'
import { connectionSettings } from '../connection.js'
import type { VariableLayer } from '../layers.js'
import { mistake } from '../mistake.js'
import type { ConnectionSource } from '../schema.js'
import { sshArguments } from './ssh-args.js'

/** Something that the reader should know and need not mend. */
export interface Note { readonly message: string; readonly at: Place }

export interface Mapping {
  readonly cwd: string
  readonly home: string
  readonly mistakes: ProvisionError[]
  readonly notes: Note[]
}

/** What a layer of variables says of the connection, and the layer itself with its passwords hidden. */
export interface Mapped { readonly variables: VariableLayer; readonly settings: VariableLayer | undefined }

const aliases: Readonly<Record<string, string>> = {
  ansible_ssh_host: 'ansible_host', ansible_ssh_port: 'ansible_port', ansible_ssh_user: 'ansible_user',
  ansible_ssh_pass: 'ansible_password', ansible_ssh_password: 'ansible_password', ansible_private_key_file: 'ansible_ssh_private_key_file',
  ansible_timeout: 'ansible_ssh_timeout', ansible_become_pass: 'ansible_become_password', ansible_sudo_pass: 'ansible_become_password',
  ansible_ssh_extra_args: 'ansible_ssh_common_args', ansible_ssh_args: 'ansible_ssh_common_args',
}

const secrets = ['ansible_password', 'ansible_become_password', 'ansible_ssh_private_key_passphrase']

/** What needs no counterpart: hosts need no Python, and one shell a host is pipelining. */
const needless = /^ansible_(\w+_interpreter|(ssh_)?pipelining|group_priority|shell_type|ssh_retries|remote_tmp)$/

/** Takes the variables of Ansible that tell how to reach a host out of a layer; they stay variables too. */
export const mapped = (layer: VariableLayer, { cwd, home, mistakes, notes }: Mapping): Mapped => {
  const values: Record<string, unknown> = {}
  const settings: Record<string, unknown> = {}
  const places = new Map<string, Place>()
  for (const [name, given] of Object.entries(layer.values)) {
    const at = layer.placeOf([name])
    const meaning = aliases[name] ?? name
    const value = secrets.includes(meaning) ? hidden(given) : given
    // the order of groups is no variable to Ansible either
    if (name === 'ansible_group_priority' && layer.level === 'group') continue
    values[name] = value
    if (!meaning.startsWith('ansible_') || value === null || value === '') continue
    const note = (message: string): void => { notes.push({ message: `${name} ${message}`, at }) }
    if (meaning === 'ansible_host') {
      settings['address'] = shownAs(name, given)
      places.set('address', at)
      continue
    }
    const source = sourceOf(meaning, value instanceof Secret && secrets.includes(meaning) ? value : shownAs(name, value), note, () => mistake('wrong-variable', `${name} cannot be this value`, { at, hint: 'run provision docs ansible-variables' }))
    if (source instanceof Error) mistakes.push(source)
    else {
      for (const [setting, one] of Object.entries(connectionSettings(source, cwd, home))) {
        settings[setting] = one
        places.set(setting, at)
      }
    }
  }
  const placeOf: VariableLayer['placeOf'] = ([setting]) => places.get(String(setting)) ?? layer.placeOf([])
  const variables = { ...layer, values }
  return { variables, settings: places.size === 0 ? undefined : { ...layer, values: settings, placeOf } }
}

/** A password is one, whatever Ansible's reading has made of its digits. */
const hidden = (value: unknown): unknown => {
  if (value instanceof Secret || (typeof value === 'string' && value.includes('{{')) || value === null || value === '') return value
  return new Secret(String(value))
}

const isTemplate = (text: string): boolean => text.includes('{{')

/** What stands in an encrypted file is not shown with the connection: it is looked up, as a variable, when the connection is made. */
const shownAs = (name: string, value: unknown): string => (value instanceof Secret ? `{{ ${name} }}` : String(value))

const sourceOf = (meaning: string, value: Secret | string, note: (message: string) => void, wrong: () => ProvisionError): ConnectionSource | ProvisionError => {
  const text = String(value)
  switch (meaning) {
    case 'ansible_port': {
      if (isTemplate(text)) return { port: text as unknown as number } // evaluated at the door, where it must be a number
      const port = Number(text)
      return Number.isInteger(port) && port > 0 && port < 65536 ? { port } : wrong()
    }
    case 'ansible_user': return { user: text }
    case 'ansible_password': return { password: value }
    case 'ansible_ssh_private_key_file': return { identity: text }
    case 'ansible_ssh_private_key_passphrase': return { passphrase: value }
    case 'ansible_ssh_timeout': return Number(text) > 0 ? { 'connect-timeout': Number(text) } : wrong()
    case 'ansible_connection': {
      const kind = text.replace(/^ansible\.(builtin|netcommon)\./, '')
      if (['ssh', 'smart', 'paramiko', 'paramiko_ssh'].includes(kind)) return { transport: 'ssh' }
      if (kind === 'local') return { transport: 'local' }
      note(`is ${text}, which is not known here: the host is reached by ssh`)
      return {}
    }
    case 'ansible_ssh_common_args': {
      const read = sshArguments(text)
      if (read === undefined) return wrong()
      for (const unused of read.unused) note(`says ${unused}, which has no counterpart here${/host-?key-?checking/i.test(unused) ? ': host keys are always checked' : '; an ssh config can say it'}`)
      return read.source
    }
    case 'ansible_become_method': {
      const method = text.replace(/^ansible\.builtin\./, '')
      if (method === 'sudo' || method === 'su') return { become: { method } }
      note(`is ${text}, which is not known here: it is sudo or su`)
      return {}
    }
    case 'ansible_become_user': return { become: { user: text } }
    case 'ansible_become_password': return { become: { password: value } }
    case 'ansible_become':
      note('is not used: plays and steps say `become`')
      return {}
    default:
      if (!needless.test(meaning)) note('has no counterpart here; it is a variable like any other')
      return {}
  }
}
