import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { exitCode } from '../../src/core/errors.js'
import type { Transport } from '../../src/core/transport.js'
import { askLock, takeAway } from '../../src/engine/lock.js'
import { exitOf, recapOf } from '../../src/engine/run.js'
import type { Walk } from '../../src/engine/walk.js'
import { scene, watched } from '../support/doors.js'
import { plan, play, run, settled, step, verdicts, type Told } from '../support/engine.js'
import { acts } from '../support/toys.js'

const at = scene()
const lock = (): string => at.at('home-here/.keep/lock')
const locked = (): boolean => existsSync(lock())
const file = (name = 'a'): ReturnType<typeof step> => step(name, 'file', { path: at.at(name), content: 'x' })
const failure = (told: Told): unknown => settled(told).flatMap(({ verdict }) => (verdict.status === 'failed' ? [verdict.error] : []))[0]
let releases: (() => void)[] = []
afterEach(() => { releases.forEach((release) => release()); releases = [] })

/** A run that stands still behind its first change until it is let go. */
const standing = async (more: Partial<Walk> = {}): Promise<{ done: Promise<Told>; go: () => void }> => {
  let go = (): void => {}
  const gate = new Promise<void>((resolve) => { go = resolve })
  releases.push(go)
  let reached = (): void => {}
  const there = new Promise<void>((resolve) => { reached = resolve })
  const door: Transport = watched(at.door(), async (script, proceed) => { if (script.includes('touch')) { reached(); await gate } return proceed() })
  const done = run([play([step('first', acts('true', { disturbs: [] }), {}), step('second', acts(`touch ${at.at('second')}`, { disturbs: [] }), {})])], [door], { owner: 'alice@one, run of x', ...more })
  await there
  return { done, go }
}

describe('the lock', () => {
  it('is held from the first change to the end, and given back', async () => {
    const { done, go } = await standing()
    expect(readFileSync(lock(), 'utf8')).toMatch(/^\d+ \d+ alice@one, run of x\n$/)
    go()
    expect([verdicts(await done), locked()]).toEqual([['first: change', 'second: change'], false])
  })

  it('is held until the handlers have run', async () => {
    const handler = { name: 'tell', steps: [step('tell', acts(`cp ${lock()} ${at.at('seen')}`, { disturbs: [] }), {})] }
    const told = await run([play([step('a', 'file', { path: at.at('a'), content: 'x' }, { notify: ['tell'] })], ['here'], [handler])], [at.door()])
    expect([verdicts(told), existsSync(at.at('seen')), locked()]).toEqual([['a: change', 'tell: change'], true, false])
  })

  it('is held until the last play has ended', async () => {
    const looks = step('look', acts(`cp ${lock()} ${at.at('seen')}`, { disturbs: [] }), {})
    const told = await run([play([file()]), play([looks])], [at.door()])
    expect([verdicts(told), existsSync(at.at('seen')), locked()]).toEqual([['a: change', 'look: change'], true, false])
  })

  it('makes another run wait, and then give up without a change', async () => {
    const { done, go } = await standing()
    const began = performance.now()
    const told = await run([play([file(), file('b')])], [at.door()], { lockPatience: 1 })
    expect([verdicts(told), existsSync(at.at('a'))]).toEqual([['a: failed'], false])
    expect(failure(told)).toMatchObject({ code: 'locked', message: expect.stringContaining('alice@one, run of x') })
    expect(performance.now() - began).toBeGreaterThan(900)
    expect(locked(), 'the first run still has it').toBe(true)
    go()
    await done
  })

  it('is taken by a run that waited long enough', async () => {
    const { done, go } = await standing()
    const waiting = run([play([file()])], [at.door()], { lockPatience: 20 })
    setTimeout(go, 500)
    expect(verdicts(await waiting)).toEqual(['a: change'])
    await done
    expect(locked()).toBe(false)
  })

  it.each([['whose shell is gone', '999999999 1 bob@two'], ['whose number another process has', `${process.pid} 1 bob@two`], ['of which only half was written', '']])('is taken over from a run %s', async (_what, content) => {
    at.door()
    mkdirSync(at.at('home-here/.keep'))
    writeFileSync(lock(), content === '' ? '' : `${content}\n`)
    expect([verdicts(await run([play([file()])], [at.door()], { lockPatience: 0 })), locked()]).toEqual([['a: change'], false])
  })

  it('is not left to be taken by two at once', async () => {
    const told = await Promise.all([1, 2, 3].map((n) => run([play([step('x', acts(`mkdir ${at.at('busy')} || exit 9; sleep 0.2; rmdir ${at.at('busy')}`, { disturbs: [] }), {}), file(`f${n}`)])], [at.door()], { lockPatience: 30, owner: `run ${n}` })))
    expect(told.map(verdicts)).toEqual([1, 2, 3].map((n) => ['x: change', `f${n}: change`]))
  })

  it('does not keep out a session of the same run, as on a machine that is two hosts of the inventory', async () => {
    const { done, go } = await standing()
    expect(verdicts(await run([play([file()])], [at.door()], { lockPatience: 0, owner: 'alice@one, run of x' }))).toEqual(['a: change'])
    expect(locked(), 'the first session still has it').toBe(true)
    go()
    await done
    expect(locked()).toBe(false)
  })

  it('is not taken by a plan, nor by a run that changes nothing', async () => {
    const { done, go } = await standing()
    writeFileSync(at.at('a'), 'x', { mode: 0o644 })
    expect(verdicts(await plan([play([file(), file('b')])], [at.door()]))).toEqual(['a: ok', 'b: change'])
    expect(verdicts(await run([play([file()])], [at.door()], { lockPatience: 0 }))).toEqual(['a: ok'])
    go()
    await done
  })

  it('is given back when the run fails', async () => {
    await run([play([file(), step('fails', acts('exit 1'), {})])], [at.door()])
    expect(locked()).toBe(false)
  })

  it('says why it cannot be written', async () => {
    at.door()
    writeFileSync(at.at('home-here/.keep'), 'not a folder')
    expect(failure(await run([play([file()])], [at.door()]))).toMatchObject({ code: 'frame-failed', output: expect.stringContaining('.keep') })
  })
})

describe('a run whose lock was taken away', () => {
  const ends = async (spoil: () => Promise<void>): Promise<Told> => {
    const { done, go } = await standing()
    await spoil()
    go()
    return done
  }
  const unlock = async (owner: string): Promise<number> => (await (await at.door().session()).exec(takeAway({ owner, keep: '.keep' }).text)).exit

  it.each<[string, () => Promise<void>, string]>([
    ['by somebody', async () => { expect(await unlock('alice@one, run of x')).toBe(0) }, 'the lock on the host was taken away from this run'],
    ['by another run', async () => { writeFileSync(lock(), `${process.pid} 1 bob@two\n`) }, 'the lock on the host was taken away from this run; now it is that of bob@two'],
  ])('%s changes nothing more', async (_who, spoil, message) => {
    const told = await ends(spoil)
    expect([verdicts(told), existsSync(at.at('second'))]).toEqual([['first: change', 'second: failed'], false])
    expect(failure(told)).toMatchObject({ code: 'lock-lost', message })
    expect(exitOf(recapOf(told.fleet), [{ code: 'lock-lost' }], undefined)).toBe(exitCode.locked)
  })

  it('takes none anew', async () => {
    await ends(async () => { await unlock('alice@one, run of x') })
    expect(failure(await run([play([file()])], [at.door()], { owner: 'alice@one, run of x' }))).toMatchObject({ code: 'lock-lost' })
    expect(verdicts(await run([play([file()])], [at.door()], { owner: 'carol@three' }))).toEqual(['a: change'])
  })

  it('keeps it where it is another\'s by now', async () => {
    await ends(async () => {
      expect(await unlock('bob@two')).toBe(1)
      expect(locked()).toBe(true)
    })
  })
})

describe('the lock of a shell that still runs', () => {
  const shells: ChildProcess[] = []
  afterEach(() => { for (const shell of shells.splice(0)) shell.kill('SIGKILL') })
  const held = async (command: string, silentFor: number): Promise<void> => {
    at.door()
    const shell = spawn('sh', ['-c', command], { stdio: ['pipe', 'ignore', 'ignore'] })
    shells.push(shell)
    await new Promise((resolve) => { setTimeout(resolve, 200) })
    const start = readFileSync(`/proc/${shell.pid}/stat`, 'utf8').replace(/.*\) /, '').split(' ')[19] ?? ''
    mkdirSync(at.at('home-here/.keep'), { recursive: true })
    writeFileSync(lock(), `${shell.pid} ${start} bob@two, run of y\n`)
    writeFileSync(at.at('home-here/.keep/beat'), '')
    const then = Date.now() / 1000 - silentFor
    utimesSync(at.at('home-here/.keep/beat'), then, then)
  }
  const looked = async (): Promise<string[]> => (await (await at.door().session()).exec(askLock({ keep: '.keep' }).text)).stdout.trim().split('\n')

  it.each([
    ['is taken over when its run has been silent and it does nothing', 'read line; :', 180, 'a: change', 'idle'],
    ['is left to a run that gave a sign of life', 'read line; :', 30, 'a: failed', 'idle'],
    ['is left to one that is at work, however silent', 'sleep 30; :', 180, 'a: failed', 'busy'],
  ])('%s', async (_what, command, silentFor, verdict, state) => {
    await held(command, silentFor)
    const [owner, , silent, shell] = await looked()
    expect([owner, Math.abs(Number(silent) - silentFor) < 5, shell]).toEqual(['bob@two, run of y', true, state])
    expect(verdicts(await run([play([file()])], [at.door()], { lockPatience: 0 }))).toEqual([verdict])
  })

  it('is known by signs of life that its run gives while it waits', async () => {
    const { go, done } = await standing({ beat: 0.1 })
    utimesSync(at.at('home-here/.keep/beat'), 1, 1)
    await vi.waitFor(() => { expect(statSync(at.at('home-here/.keep/beat')).mtimeMs).toBeGreaterThan(Date.now() - 10_000) }, 5000)
    go()
    await done
  })

  it('is nobody\'s where there is none', async () => { expect(await looked()).toEqual(['']) })
})
