import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import type { Transport } from '../../src/core/transport.js'
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
const standing = async (): Promise<{ done: Promise<Told>; go: () => void }> => {
  let go = (): void => {}
  const gate = new Promise<void>((resolve) => { go = resolve })
  releases.push(go)
  let reached = (): void => {}
  const there = new Promise<void>((resolve) => { reached = resolve })
  const door: Transport = watched(at.door(), async (script, proceed) => { if (script.includes('touch')) { reached(); await gate } return proceed() })
  const done = run([play([step('first', acts('true', { disturbs: [] }), {}), step('second', acts(`touch ${at.at('second')}`, { disturbs: [] }), {})])], [door], { owner: 'alice@one, run of x' })
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
