import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { exitCode, ProvisionError } from '../../src/core/errors.js'
import { reveal } from '../../src/core/secret.js'
import type { Become, ExecOptions, Output, Session, Transport } from '../../src/core/transport.js'
import { LocalTransport } from '../../src/transport/local.js'

/** A folder a test, and doors to hosts that live in it; all closed and removed afterwards. */
export interface Scene {
  /** The test's own folder. */
  readonly folder: string
  /** A path in it. */
  at(...names: readonly string[]): string
  /** This machine as a host with a home of its own. */
  door(host?: string): LocalTransport
}

export const scene = (): Scene => {
  let folder = ''
  const doors: LocalTransport[] = []
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'provision-engine-')) })
  afterEach(async () => {
    await Promise.all(doors.splice(0).map((door) => door.close()))
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    get folder() { return folder },
    at: (...names) => join(folder, ...names),
    door: (host = 'here') => {
      const home = join(folder, `home-${host}`)
      mkdirSync(home, { recursive: true })
      const door = new LocalTransport({ host, env: { ...process.env, HOME: home } })
      doors.push(door)
      return door
    },
  }
}

/** What happens at each frame: go on, answer in its place, or throw. */
export type Hook = (script: string, go: () => Promise<Output>, user: string) => Promise<Output>

/** A door at which a test stands: it sees each frame, and may spoil, delay or lose it. */
export const watched = (door: Transport, hook: Hook, sessionOf: (become?: Become) => Promise<Session> = (become) => door.session(become)): Transport => ({
  host: door.host,
  get roundTrips() { return door.roundTrips },
  open: () => door.open(),
  close: () => door.close(),
  session: async (become) => {
    const session = await sessionOf(become)
    return { user: session.user, exec: (script, options?: ExecOptions) => hook(reveal(script), () => session.exec(script, options), become?.user ?? '') }
  },
})

/** A host that says only what it was told to say; a frame that nobody foresaw is an error of the test. */
export const scripted = (host: string, answer: (script: string) => Output | undefined, open: () => Promise<void> = async () => {}): Transport => {
  let roundTrips = 0
  const exec = async (script: string): Promise<Output> => {
    roundTrips++
    const output = answer(script)
    if (output === undefined) throw new Error(`${host} was asked what nobody foresaw:\n${script}`)
    return output
  }
  return { host, get roundTrips() { return roundTrips }, open, close: async () => {}, session: async () => ({ user: 'root', exec: (script) => exec(reveal(script)) }) }
}

export const connectionLost = (): ProvisionError => new ProvisionError('connection-lost', 'the connection was lost', { exit: exitCode.unreachable, hint: 'run again' })

/** Whether a frame makes changes, by the marks that it sets. */
export const isChanging = (script: string): boolean => script.includes('m step 0')
