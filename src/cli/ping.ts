import { ProvisionError } from '../core/errors.js'
import { oneLine } from '../core/printable.js'
import { sh } from '../core/shell.js'
import type { Become, Peer, Session, Transport } from '../core/transport.js'
import { exitOfAll } from '../engine/at-once.js'
import { failedText, lostText } from '../report/host-lines.js'
import { seconds } from '../report/words.js'
import { documentOf, reaching, type ReachFlags } from './reaching.js'
import { terminalOf } from './terminal.js'

/** What a host shows of itself. */
interface Pong {
  /** Milliseconds until a shell was there, and of one exchange with it. */
  readonly connected: number
  readonly latency: number
  readonly peer: Peer | undefined
  readonly user: string
  readonly system: string
  readonly root: string
}

/** Only looks; `sudo -n` never asks for a password. */
const LOOK = sh`id -un
( . /etc/os-release 2>/dev/null && printf '%s\\n' "\${PRETTY_NAME:-$NAME}" ) || uname -sr
if [ "$(id -u)" = 0 ]; then echo root; elif ! command -v sudo >/dev/null; then echo 'no sudo'; elif sudo -n true 2>/dev/null; then echo sudo; else echo asks; fi`

/** `provision ping`: reaches every host, over one connection each. */
export const ping = (pattern: string, flags: ReachFlags): Promise<number> => reaching(pattern, flags, async ({ known, becomeOf, each }) => {
  const { out, outStyle: style } = terminalOf(flags)
  const started = performance.now()
  const reached = await each(async (transport): Promise<Pong> => pong(transport, known.becomeOf(transport.host, {}, known.scopeOf(transport.host)), becomeOf(transport.host), started))
  if (flags.json === true) {
    const document = documentOf(reached, ({ connected, latency, peer, user, system, root }: Pong) => ({
      user, system, root, connect_ms: Math.round(connected), latency_ms: Math.round(latency * 10) / 10,
      ...(peer === undefined ? {} : { address: peer.address, port: peer.port, host_key: peer.hostKey, host_key_trusted: peer.trusted }),
    }))
    out.write(`${JSON.stringify(document, undefined, 2)}\n`)
    return exitOfAll(reached.values(), () => false)
  }
  const width = Math.max(...[...reached.keys()].map((host) => host.length))
  for (const [host, one] of reached) {
    if ('lost' in one) out.write(`${lostText(host, one.lost, width, style)}\n`)
    else if ('failure' in one) out.write(`${failedText(host, one.failure, width, style)}\n`)
    else {
      const { connected, latency, peer, user, system, root } = one.answer
      const where = peer === undefined ? `${user} on this machine` : `${user} at ${peer.address}:${peer.port}`
      const key = peer === undefined ? '' : `; ${peer.hostKey} ${peer.trusted === 'pinned' ? 'is pinned in the inventory' : 'is known'}`
      out.write(`${host.padEnd(width)}  ${style.green('reached')}  ${where}, ${oneLine(system)}, ${rootText(root)}${style.dim(`; connected after ${seconds(connected)}, ${latency.toFixed(1)} ms a round trip${key}`)}\n`)
    }
  }
  return exitOfAll(reached.values(), () => false)
})

const pong = async (transport: Transport, toRoot: Become, become: Become | undefined, began: number): Promise<Pong> => {
  const session = await transport.session(become)
  const connected = performance.now() - began
  const { stdout } = await session.exec(LOOK.text, { timeout: 30_000 })
  const before = performance.now()
  await session.exec(':')
  const latency = performance.now() - before
  const [user = '', system = '', root = ''] = stdout.split('\n')
  return { connected, latency, peer: transport.peer, user, system, root: root === 'asks' && become === undefined ? await withPassword(transport, toRoot) : root }
}

/** Where sudo asks for a password, the one of the inventory is tried, once. */
const withPassword = async (transport: Transport, become: Become): Promise<string> => {
  if (become.password === undefined) return 'asks'
  try {
    const session: Session = await transport.session(become)
    return session.user === 'root' ? 'password' : 'asks'
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error
    return error.code
  }
}

const rootText = (root: string): string => {
  switch (root) {
    case 'root': return 'is root'
    case 'sudo': return 'sudo without a password'
    case 'password': return "sudo with the inventory's password"
    case 'asks': return 'sudo asks for a password, and the inventory has none'
    case 'no sudo': return 'no sudo'
    default: return `sudo refuses: ${root}`
  }
}
