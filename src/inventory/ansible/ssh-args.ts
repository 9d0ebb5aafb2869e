import type { ConnectionSource } from '../schema.js'
import { wordsOf } from './words.js'

/** What options of ssh say of the connection, and the options that have no counterpart here. */
export interface SshArguments { readonly source: ConnectionSource; readonly unused: readonly string[] }

const flagged: Readonly<Record<string, string>> = { '-J': 'proxyjump', '-F': 'configfile', '-i': 'identityfile', '-p': 'port', '-l': 'user' }

/** What reuses or keeps alive a connection, which is done here anyway. */
const needless = /^(control(master|path|persist)|serveralive(interval|countmax)|tcpkeepalive|loglevel)$/

/** Reads `ansible_ssh_common_args` and its like; undefined when a quote in it stays open. */
export const sshArguments = (text: string): SshArguments | undefined => {
  // a template is one piece, whatever blanks and quotes stand in it
  const templates: string[] = []
  const words = wordsOf(text.replace(/\{\{.*?\}\}/g, (template) => `\uE000${templates.push(template) - 1}\uE001`))
  if (words === undefined) return undefined
  const whole = (word: string): string => word.replace(/\uE000(\d+)\uE001/g, (_, index: string) => templates[Number(index)] ?? '')
  const source: Record<string, unknown> = {}
  const unused: string[] = []
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? ''
    const flag = word.slice(0, 2)
    const isOption = flag === '-o'
    if (!isOption && flagged[flag] === undefined) {
      unused.push(whole(word))
      continue
    }
    const value = word.length > 2 ? word.slice(2) : words[index += 1] ?? ''
    const [, name = '', setting = ''] = isOption ? /^\s*(\w+)\s*[\s=]\s*([^]*)$/.exec(value) ?? [] : [value, flagged[flag], value]
    const taken = taking(name.toLowerCase(), whole(setting))
    if (taken === undefined) unused.push(whole(isOption ? `-o ${value}` : `${flag} ${value}`))
    else for (const [key, one] of Object.entries(taken)) source[key] ??= one
  }
  return { source, unused }
}

/** Where an option of ssh goes; `{}` for what is done without being asked. */
const taking = (name: string, value: string): ConnectionSource | undefined => {
  if (value === '') return undefined
  switch (name) {
    case 'proxyjump': return { jump: value }
    case 'proxycommand': {
      const jump = jumpOf(value)
      return jump === undefined ? undefined : { jump }
    }
    case 'configfile': return { 'ssh-config': value }
    case 'userknownhostsfile': return /\s|^\/dev\/null$/.test(value) ? undefined : { 'known-hosts': value }
    case 'identityfile': return { identity: value }
    case 'port': return /^\d+$/.test(value) ? { port: Number(value) } : undefined
    case 'user': return { user: value }
    case 'connecttimeout': return /^[1-9]\d*$/.test(value) ? { 'connect-timeout': Number(value) } : undefined
    default: return needless.test(name) ? {} : undefined
  }
}

/** The host of `ssh -W %h:%p host`, which is what people wrote before there was ProxyJump. */
const jumpOf = (command: string): string | undefined => {
  const [program, ...words] = wordsOf(command) ?? []
  if (program !== 'ssh') return undefined
  const found: { host?: string; port?: string; user?: string; forwards?: boolean } = {}
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? ''
    if (/^-[qTnax4-6]+$/.test(word)) continue
    if (word.startsWith('-W')) found.forwards = /^\[?%h\]?:%p$/.test(word.length > 2 ? word.slice(2) : words[index += 1] ?? '')
    else if (word.startsWith('-p')) found.port = word.length > 2 ? word.slice(2) : words[index += 1] ?? ''
    else if (word.startsWith('-l')) found.user = word.length > 2 ? word.slice(2) : words[index += 1] ?? ''
    else if (word.startsWith('-') || found.host !== undefined) return undefined
    else found.host = word
  }
  if (found.host === undefined || found.forwards !== true) return undefined
  return `${found.user === undefined ? '' : `${found.user}@`}${found.host}${found.port === undefined ? '' : `:${found.port}`}`
}
