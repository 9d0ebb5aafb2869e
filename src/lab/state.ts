import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Identity } from './identity.js'
import type { LabPaths } from './naming.js'

/** One host as the lab last knew it; written before each step, so that what a killed `up` began can be found again. */
export interface HostState {
  readonly name: string
  readonly address: string
  readonly machine: string
  /** `new`: has no disk yet or is to lose it · `booting`: was started and never answered · `up`: has answered with its name. */
  readonly phase: 'new' | 'booting' | 'up'
  /** The digest of the base image that its disk lies upon. */
  readonly image?: string
  /** The digest of the keys that its disk lets in and answers with. */
  readonly keys?: string
  /** The process that everything of this host descends from. */
  readonly supervisor?: Identity
}

export interface LabState {
  readonly version: 1
  readonly directory: string
  readonly subnet: string
  readonly hosts: readonly HostState[]
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null

const isIdentity = (value: unknown): value is Identity =>
  isRecord(value) && typeof value['pid'] === 'number' && typeof value['started'] === 'string' && typeof value['boot'] === 'string'

const isHost = (value: unknown): value is HostState =>
  isRecord(value) && ['name', 'address', 'machine'].every((key) => typeof value[key] === 'string') && ['new', 'booting', 'up'].includes(String(value['phase']))
  && ['image', 'keys'].every((key) => value[key] === undefined || typeof value[key] === 'string') && (value['supervisor'] === undefined || isIdentity(value['supervisor']))

const isState = (value: unknown): value is LabState =>
  isRecord(value) && value['version'] === 1 && typeof value['directory'] === 'string' && typeof value['subnet'] === 'string'
  && Array.isArray(value['hosts']) && value['hosts'].every(isHost)

/** A state that cannot be read is none: what runs under its name is then found by its control group. */
const read = (path: string): LabState | undefined => {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
  try {
    const value: unknown = JSON.parse(text)
    return isState(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** What is recorded in this directory, even by a lab of another directory that was copied or moved here. */
export const recordedState = (paths: LabPaths): LabState | undefined => read(paths.state)

/** The lab's own state; a copied directory's is not. When `.lab` was deleted under running hosts, these are known still, and their disks lost. */
export const readState = (paths: LabPaths): LabState | undefined => {
  const own = read(paths.state)
  if (own?.directory === paths.directory) return own
  const copy = read(paths.stateCopy)
  return copy?.directory === paths.directory ? { ...copy, hosts: copy.hosts.map((host) => ({ ...host, phase: 'new' })) } : undefined
}

const write = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}

/** The state while a command works on it: each update is on disk before it returns. */
export interface StateRecord {
  current(): LabState
  host(name: string): HostState | undefined
  update(change: (state: LabState) => LabState): void
  updateHost(name: string, change: (host: HostState) => HostState): void
  remove(): void
}

export const stateRecord = (paths: LabPaths, initial: LabState): StateRecord => {
  let state = initial
  const update: StateRecord['update'] = (change) => {
    state = change(state)
    const text = `${JSON.stringify(state, undefined, 2)}\n`
    write(paths.stateCopy, text)
    write(paths.state, text)
  }
  return {
    current: () => state,
    host: (name) => state.hosts.find((host) => host.name === name),
    update,
    updateHost: (name, change) => update((before) => ({ ...before, hosts: before.hosts.map((host) => (host.name === name ? change(host) : host)) })),
    remove: () => {
      rmSync(paths.state, { force: true })
      rmSync(paths.stateCopy, { force: true })
    },
  }
}
