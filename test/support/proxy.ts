import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setImmediate as soon, setTimeout as sleep } from 'node:timers/promises'

export type Direction = 'there' | 'back'

export interface ProxyOptions {
  /** Milliseconds that bytes take longer, each way. */
  readonly latency?: number
  /** The target greets whoever connects, as SSH servers do: its first word answers nothing, however late it comes. */
  readonly greets?: boolean
  /** Forwards at most so many bytes at once. */
  readonly splitBytes?: number
  /** Called after bytes were forwarded, with the total of that direction: the moment to break the link midway. */
  readonly onForward?: (direction: Direction, total: number) => void
}

/** A TCP link that can be made bad. */
export interface TcpProxy {
  readonly host: '127.0.0.1'
  readonly port: number
  /** Connections accepted so far. */
  readonly connections: number
  /** How many answers came one because of the other, all connections together: the round trips that a distant host costs. What goes both ways at once is one. */
  readonly roundTrips: number
  readonly bytes: Readonly<Record<Direction, number>>
  /** Ends every connection politely (FIN). */
  cut(): void
  /** Breaks every connection (RST). */
  reset(): void
  /** Forwards nothing more, in connections that stay open; new ones are accepted and stay silent too. */
  silence(): void
  /** Forwards again, what was held back first. */
  resume(): void
  close(): Promise<void>
}

const queueLimit = 1024 * 1024

interface Piece { readonly due: number; readonly bytes: Buffer; /** How many round trips led to it. */ readonly depth: number }

/** Forwards connections to a loopback port of its own to a target, and counts; takes the place of a bad network. */
export const tcpProxy = async (target: { readonly host: string; readonly port: number }, options: ProxyOptions = {}): Promise<TcpProxy> => {
  const sockets = new Set<Socket>()
  const bytes = { there: 0, back: 0 }
  const wakers = new Set<() => void>()
  let [connections, roundTrips, silent] = [0, 0, false]

  const voiced = async (): Promise<void> => {
    while (silent) await new Promise<void>((resolve) => wakers.add(resolve))
  }

  const forward = (from: Socket, to: Socket, direction: Direction, depth: () => number, onPiece: (depth: number) => void): void => {
    const queue: Piece[] = []
    let [queued, ended, pumping] = [0, false, false]
    const pump = async (): Promise<void> => {
      if (pumping) return
      pumping = true
      for (let piece = queue.shift(); piece !== undefined; piece = queue.shift()) {
        const wait = piece.due - Date.now()
        if (wait > 0) await sleep(wait)
        const step = options.splitBytes ?? piece.bytes.length
        for (let start = 0; start < piece.bytes.length; start += step) {
          await voiced()
          if (to.destroyed || to.writableEnded) break
          const part = piece.bytes.subarray(start, start + step)
          if (!to.write(part)) await Promise.race([new Promise((resolve) => to.once('drain', resolve)), new Promise((resolve) => to.once('close', resolve))])
          bytes[direction] += part.length
          onPiece(piece.depth)
          options.onForward?.(direction, bytes[direction])
          // Gives each part a segment of its own, as far as the kernel lets us.
          if (options.splitBytes !== undefined) await soon()
        }
        queued -= piece.bytes.length
        if (queued < queueLimit) from.resume()
      }
      pumping = false
      if (ended && !to.destroyed) {
        await voiced()
        to.end()
      }
    }
    from.on('data', (chunk: Buffer) => {
      queue.push({ due: Date.now() + (options.latency ?? 0), bytes: chunk, depth: depth() })
      queued += chunk.length
      if (queued >= queueLimit) from.pause()
      void pump()
    })
    from.on('end', () => {
      ended = true
      void pump()
    })
  }

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    connections += 1
    const far = connect({ host: target.host, port: target.port, allowHalfOpen: true, noDelay: true })
    for (const [socket, other] of [[near, far], [far, near]] as const) {
      sockets.add(socket)
      // The other side learns of it as it would without us: by a reset after an error, by an end otherwise.
      socket.on('error', () => other.resetAndDestroy())
      socket.on('close', () => sockets.delete(socket))
    }
    // what has arrived where: bytes that leave an end may answer only what came to it before
    const arrived = { near: 0, far: 0 }
    let greeting = options.greets === true
    const answering = (): number => {
      const depth = greeting ? 0 : arrived.far
      greeting = false
      return depth
    }
    forward(near, far, 'there', () => arrived.near + 1, (depth) => { arrived.far = Math.max(arrived.far, depth) })
    forward(far, near, 'back', answering, (depth) => {
      roundTrips += Math.max(0, depth - arrived.near)
      arrived.near = Math.max(arrived.near, depth)
    })
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))

  const each = (act: (socket: Socket) => void): void => { for (const socket of sockets) act(socket) }
  const resume = (): void => {
    silent = false
    for (const wake of wakers) wake()
    wakers.clear()
  }
  return {
    host: '127.0.0.1',
    // A server that listens on TCP has an address of this form.
    port: (server.address() as AddressInfo).port,
    get connections() { return connections },
    get roundTrips() { return roundTrips },
    bytes,
    cut: () => each((socket) => socket.end()),
    reset: () => each((socket) => socket.resetAndDestroy()),
    silence: () => { silent = true },
    resume,
    close: async () => {
      resume()
      each((socket) => socket.destroy())
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
