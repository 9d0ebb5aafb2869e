import { execFile } from 'node:child_process'
import { exitCode, type Place, ProvisionError } from '../../core/errors.js'
import type { HostsFile } from '../hosts.js'
import { collected, mistake } from '../mistake.js'
import type { Noted } from '../read.js'
import { type Gathering, gather } from './gathering.js'

export interface ScriptOptions {
  /** The name of the program in messages. */
  readonly shown: string
  /** The folder that it runs in. */
  readonly cwd: string
  /** Seconds that each call may take. */
  readonly patience?: number
  readonly noted?: Noted | undefined
}

/** An inventory is asked for at the start of everything: a cloud's answer of a minute is slow, two are not coming. */
const PATIENCE = 120
/** Calls of `--host` at the same time. */
const ABREAST = 8
const MOST_OUTPUT = 256 * 1024 * 1024

/** Runs an executable inventory, `--list` and where it is needed `--host NAME`, and reads the JSON that it prints. */
export const readScript = async (path: string, options: ScriptOptions, mistakes: ProvisionError[]): Promise<HostsFile> => {
  const call = `${options.shown} --list`
  const at: Place = { file: call, line: 1, column: 1 }
  const list = mapOf(await answer(path, ['--list'], options), at, 'it')
  const gathering = gather(call, mistakes)
  const meta = list['_meta'] === undefined ? undefined : mapOf(list['_meta'], at, '_meta')['hostvars']
  const hosts = new Set<string>()
  for (const [name, group] of Object.entries(list)) {
    if (name !== '_meta') collected(mistakes, () => (takeGroup(name, group, at, gathering, hosts), []))
  }
  const known = meta === undefined ? await asked(path, [...hosts], options) : mapOf(meta, at, '_meta.hostvars')
  for (const host of hosts) {
    const variables = known[host] === undefined || known[host] === null ? {} : mapOf(known[host], at, `what it says of ${host}`)
    for (const [variable, value] of Object.entries(variables)) gathering.variable('host', host, variable, { value, at: meta === undefined ? { ...at, file: `${options.shown} --host ${host}` } : at })
  }
  return gathering.done()
}

const takeGroup = (name: string, data: unknown, at: Place, gathering: Gathering, hosts: Set<string>): void => {
  gathering.group(name, at)
  // a list of hosts alone is a group, as it was before groups had variables
  const group = Array.isArray(data) ? { hosts: data } : mapOf(data ?? {}, at, `the group "${name}"`)
  for (const host of namesOf(group['hosts'], at, `the hosts of "${name}"`)) {
    hosts.add(host)
    gathering.host(host, name, at)
  }
  for (const [variable, value] of Object.entries(mapOf(group['vars'] ?? {}, at, `the vars of "${name}"`))) gathering.variable('group', name, variable, { value, at })
  for (const child of namesOf(group['children'], at, `the children of "${name}"`)) {
    gathering.group(child, at)
    gathering.child(name, child, at)
  }
  const unknown = Object.keys(group).find((key) => !['hosts', 'vars', 'children'].includes(key))
  if (unknown !== undefined) throw mistake('unknown-key', `the group "${name}" has the unknown key "${unknown}"`, { at, hint: 'groups have hosts, children and vars' })
}

const asked = async (path: string, hosts: readonly string[], options: ScriptOptions): Promise<Readonly<Record<string, unknown>>> => {
  const found: Record<string, unknown> = {}
  const waiting = [...hosts]
  const ask = async (): Promise<void> => {
    for (let host = waiting.shift(); host !== undefined; host = waiting.shift()) found[host] = await answer(path, ['--host', host], options)
  }
  await Promise.all(Array.from({ length: ABREAST }, ask))
  return found
}

/** What the program prints, as data; nothing printed is nothing said. */
const answer = async (path: string, args: readonly string[], { shown, cwd, patience = PATIENCE, noted }: ScriptOptions): Promise<unknown> => {
  const call = [shown, ...args].join(' ')
  const { stdout, stderr } = await ran(path, args, call, cwd, patience)
  noted?.(`${path} ${args.join(' ')}`, stdout)
  if (stdout.trim() === '' && args[0] === '--host') return {}
  try {
    return JSON.parse(stdout) as unknown
  } catch (cause) {
    throw failed('inventory-output', `${call} printed something that is not JSON`, `run it and look: ${call}`, stdout.trim() === '' ? stderr : stdout, cause)
  }
}

const ran = (path: string, args: readonly string[], call: string, cwd: string, patience: number): Promise<{ readonly stdout: string; readonly stderr: string }> => new Promise((settle, reject) => {
  const child = execFile(path, args, { cwd, timeout: patience * 1000, killSignal: 'SIGKILL', maxBuffer: MOST_OUTPUT }, (error, stdout, stderr) => {
    if (error === null) settle({ stdout, stderr })
    else if (error.killed === true && error.signal === 'SIGKILL') reject(failed('inventory-timeout', `${call} did not end within ${patience} seconds`, `run it and look what it waits for: ${call}`, stderr, error))
    else if (error.signal !== undefined && error.signal !== null) reject(failed('inventory-failed', `${call} was ended by ${error.signal}`, `run it and look: ${call}`, stderr, error))
    else if (typeof error.code === 'number') reject(failed('inventory-failed', `${call} ended with exit ${error.code}`, `run it and look: ${call}`, stderr, error))
    else reject(failed('inventory-failed', `${call} could not be run: ${String(error.code)}`, 'its first line names its interpreter: see that it is installed', stderr, error))
  })
  child.stdin?.on('error', () => {}) // a program that reads nothing may have closed it
  child.stdin?.end()
})

const failed = (code: string, message: string, hint: string, output: string, cause: unknown): ProvisionError =>
  new ProvisionError(code, message, { exit: exitCode.input, hint, cause, ...(output.trim() === '' ? {} : { output: output.trim().slice(-2000) }) })

const mapOf = (value: unknown, at: Place, what: string): Readonly<Record<string, unknown>> => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>> // JSON's objects have text for keys
  throw mistake('inventory-output', `${at.file}: ${what} is not an object`, { hint: 'print {"group": {"hosts": […], "vars": {…}, "children": […]}, "_meta": {"hostvars": {…}}}' })
}

const namesOf = (value: unknown, at: Place, what: string): readonly string[] => {
  if (value === undefined || value === null) return []
  if (Array.isArray(value) && value.every((name): name is string => typeof name === 'string')) return value
  throw mistake('inventory-output', `${at.file}: ${what} are not a list of names`, { hint: 'print names in a list: ["web1", "web2"]' })
}
