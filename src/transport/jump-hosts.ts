import { logIn, openSocket, type SshConnection } from './ssh.js'
import type { SshSettings } from './ssh-settings.js'

interface Shared { readonly connection: Promise<SshConnection>; users: number }

/** Connections to jump hosts, each shared by all hosts behind it and closed after the last of them. */
export class JumpHosts {
  readonly #open = new Map<string, Shared>()

  /** The connection known by this key; opened when there is none or it was lost. */
  async take(key: string, open: () => Promise<SshConnection>): Promise<SshConnection> {
    const before = this.#open.get(key)
    if (before !== undefined) {
      before.users += 1
      const connection = await before.connection
      if (connection.lost === undefined) return connection
      before.users -= 1
      if (this.#open.get(key) === before) this.#open.delete(key)
      return this.take(key, open)
    }
    const shared: Shared = { connection: open(), users: 1 }
    this.#open.set(key, shared)
    try {
      return await shared.connection
    } catch (error) {
      this.#open.delete(key)
      throw error
    }
  }

  async release(key: string, connection: SshConnection): Promise<void> {
    const shared = this.#open.get(key)
    // One that was lost has been replaced, and is not ours to count any more.
    if (shared === undefined || (await shared.connection) !== connection) return
    shared.users -= 1
    if (shared.users > 0) return
    this.#open.delete(key)
    await connection.close()
  }
}

const through = (settings: SshSettings, before: SshConnection | undefined): Promise<SshConnection> =>
  logIn(settings, () => (before === undefined ? openSocket(settings) : before.forward(settings.hostname, settings.port)))

/** Connects to a host, through its jump hosts if it has any; every host on the way shows a known key. */
export const connectSsh = async (settings: SshSettings, jumpHosts: JumpHosts = new JumpHosts()): Promise<SshConnection> => {
  const taken: { readonly key: string; readonly connection: SshConnection }[] = []
  const release = async (): Promise<void> => {
    for (const { key, connection } of taken.splice(0).reverse()) await jumpHosts.release(key, connection)
  }
  try {
    for (const hop of settings.jumps) {
      const before = taken.at(-1)
      const key = `${before?.key ?? ''} ${hop.user}@${hop.hostname}:${hop.port}`
      taken.push({ key, connection: await jumpHosts.take(key, () => through(hop, before?.connection)) })
    }
    const connection = await through(settings, taken.at(-1)?.connection)
    return { hostKey: connection.hostKey, get lost() { return connection.lost }, exec: connection.exec, forward: connection.forward, close: async () => {
      await connection.close()
      await release()
    } }
  } catch (error) {
    await release()
    throw error
  }
}
