import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withLock } from '../../src/lab/lock.js'

describe('the lock', () => {
  let directory = ''
  beforeAll(async () => { directory = await mkdtemp(join(tmpdir(), 'provision-lock-')) })
  afterAll(() => rm(directory, { recursive: true }))

  const options = (said: string[], signal?: AbortSignal) => ({ waiting: 'waiting', say: (text: string) => { said.push(text) }, signal })

  test('lets one work at a time, and says so to the one that waits', async () => {
    const [events, said]: [string[], string[]] = [[], []]
    const work = (name: string) => async (): Promise<void> => {
      events.push(`${name} begins`)
      await sleep(100)
      events.push(`${name} ends`)
    }
    const first = withLock(join(directory, 'a'), options(said), work('first'))
    await sleep(50)
    await Promise.all([first, withLock(join(directory, 'a'), options(said), work('second'))])
    expect(events).toEqual(['first begins', 'first ends', 'second begins', 'second ends'])
    expect(said).toEqual(['waiting'])
  })

  test('is free again after work that fails', async () => {
    await expect(withLock(join(directory, 'b'), options([]), () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await withLock(join(directory, 'b'), options([]), () => Promise.resolve('next'))).toBe('next')
  })

  test('stops waiting when it is aborted', async () => {
    const controller = new AbortController()
    const said: string[] = []
    const first = withLock(join(directory, 'c'), options([]), () => sleep(300))
    await sleep(50)
    setTimeout(() => controller.abort(new Error('enough')), 50)
    await expect(withLock(join(directory, 'c'), options(said, controller.signal), () => Promise.resolve())).rejects.toThrow('enough')
    await first
    expect(said).toEqual(['waiting'])
  })
})
