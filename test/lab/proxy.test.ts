import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { tcpProxy, type ProxyOptions, type TcpProxy } from '../support/proxy.js'

describe('the bad network', () => {
  let echo: Server
  let open: (Socket | TcpProxy)[] = []
  beforeEach(async () => {
    echo = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.pipe(socket)
    }).listen(0, '127.0.0.1')
    await once(echo, 'listening')
  })
  afterEach(async () => {
    for (const each of open) await ('close' in each ? each.close() : each.destroy())
    open = []
    await new Promise((resolve) => echo.close(resolve))
  })

  const through = async (options: ProxyOptions = {}): Promise<{ proxy: TcpProxy; socket: Socket; read: () => Buffer }> => {
    const proxy = await tcpProxy({ host: '127.0.0.1', port: (echo.address() as AddressInfo).port }, options)
    const socket = connect(proxy.port, proxy.host)
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    open.push(socket, proxy)
    return { proxy, socket, read: () => Buffer.concat(chunks) }
  }
  const reads = async (read: () => Buffer, length: number): Promise<void> => { while (read().length < length) await sleep(5) }

  test('forwards both ways and counts round trips', async () => {
    const { proxy, socket, read } = await through()
    for (const length of [1, 2, 3]) {
      socket.write('x')
      await reads(read, length)
    }
    expect({ roundTrips: proxy.roundTrips, connections: proxy.connections, bytes: proxy.bytes }).toEqual({ roundTrips: 3, connections: 1, bytes: { there: 3, back: 3 } })
  })

  test('forwards a great deal unaltered, in the smallest pieces too', async () => {
    const large = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251))
    const whole = await through()
    whole.socket.write(large)
    await reads(whole.read, large.length)
    expect(whole.read().equals(large)).toBe(true)
    const split = await through({ splitBytes: 1 })
    split.socket.write(large.subarray(0, 2000))
    await reads(split.read, 2000)
    expect(split.read().equals(large.subarray(0, 2000))).toBe(true)
  })

  test('takes its time', async () => {
    const { socket, read } = await through({ latency: 60 })
    const began = performance.now()
    socket.write('x')
    await reads(read, 1)
    expect(performance.now() - began).toBeGreaterThanOrEqual(118)
  })

  test('falls silent and comes back, with nothing lost', async () => {
    const { proxy, socket, read } = await through()
    proxy.silence()
    socket.write('held')
    await sleep(60)
    expect([read().length, socket.destroyed]).toEqual([0, false])
    proxy.resume()
    await reads(read, 4)
    expect(read().toString()).toBe('held')
  })

  test('ends connections politely', async () => {
    const { proxy, socket } = await through()
    const ended = once(socket, 'end')
    proxy.cut()
    await ended
    expect(socket.errored).toBeNull()
  })

  test('breaks connections, midway if asked to', async () => {
    const opened: TcpProxy[] = []
    const bad = await through({ onForward: (direction, total) => { if (direction === 'there' && total >= 3) opened[0]?.reset() } })
    opened.push(bad.proxy)
    const broken = new Promise((resolve) => bad.socket.once('close', resolve))
    bad.socket.write('abc')
    await broken
    expect(bad.socket.errored).toMatchObject({ code: 'ECONNRESET' })
  })
})
