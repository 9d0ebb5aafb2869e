import { readFile } from 'node:fs/promises'
import { connect as dial, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { NodeSSH } from 'node-ssh'
import type { Algorithms, AnyAuthMethod, AuthenticationType, Client, ClientChannel } from 'ssh2'
import { exitCode, ProvisionError } from '../core/errors.js'
import { wholeGreeting } from './greeting.js'
import { hostKeyError, shownKey } from './host-key.js'
import { type KnownHost, knownName, parseKnownHosts, preferredAlgorithms } from './known-hosts.js'
import { reachError } from './reach-error.js'
import { handshakeError, networkError, property, unreachable } from './ssh-errors.js'
import { type Attempt, attemptsOf } from './ssh-keys.js'
import type { SshSettings } from './ssh-settings.js'
import type { Wire, WireEnd } from './wire.js'

/** An open SSH connection. */
export interface SshConnection {
  /** Why it was lost, once it was. */
  readonly lost: ProvisionError | undefined
  /** The key that the host has shown, of a type and with a fingerprint. */
  readonly hostKey: string
  exec(command: string): Promise<Wire>
  /** A TCP connection from the host to another one. */
  forward(hostname: string, port: number): Promise<Duplex>
  close(): Promise<void>
}

/** Opens a TCP connection to the host. */
export const openSocket = (settings: SshSettings): Promise<Socket> => new Promise((resolve, reject) => {
  const socket = dial({ host: settings.hostname, port: settings.port, noDelay: true })
  const timer = setTimeout(() => socket.destroy(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })), settings.connectTimeout)
  const failed = (error: Error): void => {
    clearTimeout(timer)
    reject(networkError(settings, error))
  }
  socket.once('error', failed)
  socket.once('connect', () => {
    clearTimeout(timer)
    socket.off('error', failed)
    resolve(socket)
  })
})

const readKnownHost = async (file: string): Promise<readonly KnownHost[]> => {
  try {
    return parseKnownHosts(await readFile(file, 'utf8'), file)
  } catch (error) {
    if (property(error, 'code') === 'ENOENT') return []
    throw new ProvisionError('unreadable-known-hosts', `cannot read ${file}`,
      { exit: exitCode.input, hint: 'make it readable, or name another file', cause: error })
  }
}

const beingRead = new Map<string, Promise<readonly KnownHost[]>>()

/** Logins of the same moment share one reading, later ones see what was written since. */
const readKnownHosts = async (files: readonly string[]): Promise<readonly KnownHost[]> => (await Promise.all(files.map((file) => {
  const reading = beingRead.get(file) ?? readKnownHost(file).finally(() => beingRead.delete(file))
  beingRead.set(file, reading)
  return reading
}))).flat()

/** Whether and why a connection was lost, and who wants to know. */
const lossOf = (settings: SshSettings) => {
  const listeners = new Set<(error: ProvisionError) => void>()
  let lost: ProvisionError | undefined
  return {
    get error() { return lost },
    lose(what: string, cause?: unknown): ProvisionError {
      if (lost !== undefined) return lost
      lost = reachError('connection-lost', `the connection to ${settings.host} was lost: ${what}`,
        { hint: 'whether the script that ran was done is not known', ...(cause === undefined ? {} : { cause }) })
      for (const listener of listeners) listener(lost)
      listeners.clear()
      return lost
    },
    /** Calls back at once when it is lost already; gives back what stops listening. */
    listen(listener: (error: ProvisionError) => void): () => void {
      if (lost === undefined) listeners.add(listener)
      else listener(lost)
      return () => { listeners.delete(listener) }
    },
  }
}
type Loss = ReturnType<typeof lossOf>

/** The channel's wire; a lost connection ends it at once, even where the channel would wait for a word from the other side. */
const wireOf = (channel: ClientChannel, loss: Loss): Wire => {
  // What is written to a channel that is gone has nowhere to go; that it is gone is told by `ended`.
  channel.on('error', () => {})
  const ended = new Promise<WireEnd>((resolve) => {
    let exit: number | undefined
    const forget = loss.listen((lost) => resolve({ lost }))
    channel.once('exit', (code: number | null) => { exit = code ?? undefined })
    channel.once('close', () => {
      forget()
      resolve(exit === undefined ? {} : { exit })
    })
  })
  return { stdin: channel, stdout: channel, stderr: channel.stderr, ended, close: () => { channel.close() } }
}

const execOn = (client: Client, settings: SshSettings, loss: Loss, command: string): Promise<Wire> => new Promise((resolve, reject) => {
  const forget = loss.listen(reject)
  if (loss.error !== undefined) return
  try {
    client.exec(command, (error, channel) => {
      forget()
      if (loss.error !== undefined) return reject(loss.error)
      if (error) {
        return reject(reachError('session-refused', `${settings.host} opens no channel for ${settings.user}`,
          { hint: 'look at MaxSessions in its sshd_config', cause: error }))
      }
      resolve(wireOf(channel, loss))
    })
  } catch (error) {
    // ssh2 throws when the socket is half closed already.
    reject(loss.lose('it is closed', error))
  }
})

/** Takes one attempt after the other, of those that the server would still hear. */
const authenticating = (attempts: readonly Attempt[], tried: string[]) => {
  let next = 0
  return (left: readonly AuthenticationType[] | null, _partial: boolean | null, go: (method: AnyAuthMethod) => void): false | undefined => {
    const attempt = attempts.slice(next).find(({ protocol }) => left === null || left.includes(protocol))
    if (attempt === undefined) return false
    next = attempts.indexOf(attempt) + 1
    tried.push(attempt.label)
    go(attempt.method)
    return undefined
  }
}

/** Logs in over a stream that leads to the host, once its key is found to be the known one. */
export const logIn = async (settings: SshSettings, open: () => Promise<Socket | Duplex>): Promise<SshConnection> => {
  // Before the connection: opening an encrypted key takes its time, and the server's patience is limited.
  const { attempts, remarks } = await attemptsOf(settings)
  const known = await readKnownHosts(settings.pinned.length > 0 ? [] : settings.knownHosts)
  const socket = await open()
  const loss = lossOf(settings)
  const tried: string[] = []
  const algorithms = preferredAlgorithms(known, settings.hostKeyAlias ?? knownName(settings.hostname, settings.port))
  const alias = settings.hostKeyAlias
  const check = { ...settings, ...(alias === undefined ? {} : { alias }), known, file: settings.knownHosts[0] ?? '~/.ssh/known_hosts' }
  let refusedKey: ProvisionError | undefined
  let hostKey = ''
  let keysExchanged = false
  let ready = false
  let closing = false

  const node = new NodeSSH()
  const connecting = node.connect({
    // A channel to another host will do, which the types do not say.
    sock: wholeGreeting(socket) as Socket,
    username: settings.user,
    // ssh2 gives null on the first call, which its types do not say.
    authHandler: authenticating(attempts, tried) as (left: AuthenticationType[], partial: boolean, go: (method: AnyAuthMethod) => void) => void,
    hostVerifier: (key: Buffer): boolean => {
      refusedKey = hostKeyError(check, key)
      hostKey = shownKey(key)
      return refusedKey === undefined
    },
    algorithms: {
      cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'chacha20-poly1305@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr'],
      // The list holds names that ssh2 knows; its type wants them one by one.
      serverHostKey: [...algorithms] as NonNullable<Algorithms['serverHostKey']> & string[],
    },
    keepaliveInterval: settings.keepalive.interval,
    keepaliveCountMax: settings.keepalive.count,
    readyTimeout: settings.connectTimeout,
  })
  // node-ssh takes its own listener away once connected: without this one a reset would end the program.
  const client: Client | null = node.connection
  if (client === null) throw new Error('node-ssh made no client')
  const closed = (): void => { if (ready) loss.lose(closing ? 'it was closed' : 'the other side closed it') }
  client.on('error', (error) => {
    if (ready) loss.lose(property(error, 'level') === 'client-timeout' ? 'no sign of life' : error.message, error)
  })
  client.on('handshake', () => { keysExchanged = true })
  client.on('end', closed)
  client.on('close', closed)
  try {
    await connecting
  } catch (error) {
    client.end()
    socket.destroy()
    throw refusedKey ?? handshakeError(settings, error, { keysExchanged, tried, remarks })
  }
  ready = true

  return {
    hostKey,
    get lost() { return loss.error },
    exec: (command) => execOn(client, settings, loss, command),
    forward: async (hostname, port) => {
      try {
        return await node.forwardOut('127.0.0.1', 0, hostname, port)
      } catch (error) {
        throw unreachable({ ...settings, hostname, port }, `${settings.hostname} does not forward to it`, error,
          'look at AllowTcpForwarding there, and whether the host is up')
      }
    },
    close: () => new Promise((resolve) => {
      closing = true
      if (loss.error !== undefined) return resolve()
      const timer = setTimeout(() => { client.destroy() }, 2000)
      client.once('close', () => {
        clearTimeout(timer)
        resolve()
      })
      client.end()
    }),
  }
}
