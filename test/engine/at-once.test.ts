import { describe, expect, it } from 'vitest'
import { exitCode, ProvisionError } from '../../src/core/errors.js'
import type { Transport } from '../../src/core/transport.js'
import { atOnce, exitOfAll } from '../../src/engine/at-once.js'
import { connectionLost, scripted } from '../support/doors.js'

const door = (host: string, open?: () => Promise<void>): Transport & { closed: number } => {
  const inner = scripted(host, () => ({ stdout: '', stderr: '', exit: 0 }), open)
  return { host, roundTrips: 0, closed: 0, open: () => inner.open(), session: () => inner.session(), async close() { this.closed++ } }
}
const never = new AbortController().signal

describe('many hosts at once', () => {
  it('come in their order, whoever is first; each door is closed', async () => {
    const doors = [door('slow'), door('fast'), door('lost', () => Promise.reject(connectionLost())), door('bad')]
    const reached = await atOnce(doors, { forks: 9, signal: never }, async ({ host }) => {
      if (host === 'slow') await new Promise((resolve) => { setTimeout(resolve, 20) })
      if (host === 'bad') throw new ProvisionError('timed-out', 'too long')
      return host
    })
    expect([...reached]).toEqual([['slow', { answer: 'slow' }], ['fast', { answer: 'fast' }], ['lost', { lost: 'the connection was lost\nrun again' }], ['bad', { failure: { code: 'timed-out', message: 'too long' } }]])
    expect(doors.map(({ closed }) => closed)).toEqual([1, 1, 1, 1])
  })

  it('are never more than the forks', async () => {
    let now = 0
    let most = 0
    await atOnce(['a', 'b', 'c', 'd', 'e'].map((host) => door(host)), { forks: 2, signal: never }, async () => {
      most = Math.max(most, ++now)
      await new Promise((resolve) => { setTimeout(resolve, 5) })
      now--
    })
    expect(most).toBe(2)
  })

  it('are not begun with after an interruption, nor waited for', async () => {
    const abort = new AbortController()
    const begun: string[] = []
    const reached = atOnce([door('a'), door('silent', () => new Promise(() => {})), door('b')], { forks: 1, signal: abort.signal }, async ({ host }) => { begun.push(host) })
    setTimeout(() => { abort.abort() }, 20)
    const all = await reached
    expect(begun).toEqual(['a'])
    expect([...all.values()].map((one) => ('failure' in one ? one.failure.code : 'answered'))).toEqual(['answered', 'interrupted', 'interrupted'])
    expect(exitOfAll(all.values(), () => false)).toBe(exitCode.interrupted)
  })

  it('do not hide a fault of the program', async () => {
    await expect(atOnce([door('a')], { forks: 1, signal: never }, () => Promise.reject(new TypeError('a bug')))).rejects.toThrow('a bug')
  })
})

it('a failure comes before a host that is not reached', () => {
  const failed = { answer: 1 }
  expect(exitOfAll([{ answer: 0 }, failed, { lost: 'x' }], (exit) => exit !== 0)).toBe(exitCode.failed)
  expect(exitOfAll([{ answer: 0 }, { lost: 'x' }], (exit) => exit !== 0)).toBe(exitCode.unreachable)
  expect(exitOfAll([{ answer: 0 }], (exit) => exit !== 0)).toBe(exitCode.done)
})
