import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LocalTransport } from '../../src/transport/local.js'
import { plan, play, run, settled, step, verdicts } from '../support/engine.js'
import { makes } from '../support/toys.js'

let folder: string
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'provision-engine-')) })
afterEach(() => { rmSync(folder, { recursive: true, force: true }) })

const here = (): LocalTransport => new LocalTransport({ host: 'here', env: { ...process.env, HOME: folder } })
const text = (name: string): string => readFileSync(join(folder, name), 'utf8')
const leftovers = (): string[] => readdirSync(folder).filter((name) => name.startsWith('.') && name.includes('provision-'))

describe('a play on one host', () => {
  const steps = (): ReturnType<typeof step>[] => [
    step('folder', 'directory', { path: `${folder}/a` }),
    step('one', 'file', { path: `${folder}/a/one`, content: 'one\n', mode: '0600' }),
    step('two', 'file', { path: `${folder}/a/two`, content: "it's two\n" }),
  ]

  it('plans a directory and then a file in it, and writes nothing', async () => {
    const planned = await plan([play(steps())], [here()])
    expect(verdicts(planned)).toEqual(['folder: change', 'one: change', 'two: change'])
    expect(() => statSync(join(folder, 'a'))).toThrow()
  })

  it('makes what was planned in one frame, and finds nothing to do afterwards', async () => {
    const plays = [play(steps())]
    const planned = await plan(plays, [here()])
    const door = here()
    const told = await run(plays, [door], { plan: planned.plan })
    expect(verdicts(told)).toEqual(['folder: change', 'one: change', 'two: change'])
    expect(settled(told).map(({ verdict }) => verdict)).toEqual(planned.plan.steps.map(({ verdict }) => verdict))
    expect(text('a/two')).toBe("it's two\n")
    expect(statSync(join(folder, 'a/one')).mode & 0o777).toBe(0o600)
    expect(door.roundTrips, 'session, questions, changes with the lock given back').toBe(3)
    const again = here()
    expect(verdicts(await run(plays, [again]))).toEqual(['folder: ok', 'one: ok', 'two: ok'])
    expect(again.roundTrips, 'session and questions').toBe(2)
  })

  it('asks what the step behind needs in the frame that makes it unknown', async () => {
    const door = here()
    const any = makes(`${folder}/made`, `echo made > ${folder}/made`, { disturbs: ['*'] })
    expect(verdicts(await run([play([...steps(), step('any', any, {}), step('last', 'file', { path: `${folder}/a/last`, content: 'x' })])], [door])))
      .toEqual(['folder: change', 'one: change', 'two: change', 'any: change', 'last: change'])
    expect(door.roundTrips, 'session, questions, changes with new questions, changes with the lock given back').toBe(4)
  })

  it('mends only what drifted', async () => {
    const plays = [play(steps())]
    await run(plays, [here()])
    writeFileSync(join(folder, 'a/one'), 'someone was here\n')
    expect(verdicts(await run(plays, [here()]))).toEqual(['folder: ok', 'one: change', 'two: ok'])
  })

  it('stops at a failed step and leaves the rest alone', async () => {
    const broken = step('refused', 'file', { path: `${folder}/refused`, content: 'x', validate: 'false' })
    const told = await run([play([...steps(), broken, step('after', 'file', { path: `${folder}/after`, content: 'x' })])], [here()])
    expect(verdicts(told)).toEqual(['folder: change', 'one: change', 'two: change', 'refused: failed'])
    expect(() => statSync(join(folder, 'refused'))).toThrow()
    expect(() => statSync(join(folder, 'after'))).toThrow()
    expect(told.fleet.get('here')?.recap()).toMatchObject({ changed: 3, failed: 1 })
  })

  it('puts the old file back when its validation afterwards fails', async () => {
    writeFileSync(join(folder, 'site'), 'old\n')
    const told = await run([play([step('site', 'file', { path: `${folder}/site`, content: 'new\n', 'validate-after': `grep -q old ${folder}/site` })])], [here()])
    expect(verdicts(told)).toEqual(['site: failed'])
    expect(text('site')).toBe('old\n')
  })

  describe('whose check of a file in place was cut off', () => {
    const site = (content: string, check: string): ReturnType<typeof play> => play([step('site', 'file', { path: `${folder}/site`, content, 'validate-after': check })])
    /** The check begins, and its run ends with everything it had started. */
    const cutOff = async (content: string): Promise<void> => {
      const abort = new AbortController()
      const waiting = setInterval(() => { if (existsSync(`${folder}/checking`)) abort.abort() }, 20)
      const told = await run([site(content, `touch ${folder}/checking; sleep 30`)], [here()], { signal: abort.signal })
      clearInterval(waiting)
      expect([verdicts(told), text('site')]).toEqual([['site: failed'], content])
    }
    const refusing = (): string => `! grep -q bad ${folder}/site`

    it('checks the file again although it has the content already, and puts the old one back', async () => {
      writeFileSync(join(folder, 'site'), 'old\n')
      await cutOff('bad\n')
      const told = await run([site('bad\n', refusing())], [here()])
      expect([verdicts(told), text('site'), leftovers()]).toEqual([['site: failed'], 'old\n', []])
    })

    it('takes a file away again where none was before', async () => {
      await cutOff('bad\n')
      const told = await run([site('bad\n', refusing())], [here()])
      expect([verdicts(told), existsSync(join(folder, 'site')), leftovers()]).toEqual([['site: failed'], false, []])
    })

    it('keeps the file that was good last, whatever is tried meanwhile', async () => {
      writeFileSync(join(folder, 'site'), 'old\n')
      await cutOff('bad\n')
      rmSync(join(folder, 'checking'))
      await cutOff('worse\n')
      const told = await run([site('also bad\n', refusing())], [here()])
      expect([verdicts(told), text('site'), leftovers()]).toEqual([['site: failed'], 'old\n', []])
    })

    it('is done once the check succeeds', async () => {
      writeFileSync(join(folder, 'site'), 'old\n')
      await cutOff('good\n')
      const plays = [site('good\n', refusing())]
      const planned = await plan(plays, [here()])
      expect(verdicts(planned)).toEqual(['site: change'])
      expect(verdicts(await run(plays, [here()], { plan: planned.plan }))).toEqual(['site: change'])
      expect([text('site'), leftovers()]).toEqual(['good\n', []])
      expect(verdicts(await run(plays, [here()]))).toEqual(['site: ok'])
    })
  })

  it('never makes more than was agreed to', async () => {
    const plays = [play(steps())]
    await run(plays, [here()])
    const planned = await plan(plays, [here()])
    writeFileSync(join(folder, 'a/two'), 'drifted\n')
    const told = await run(plays, [here()], { plan: planned.plan })
    expect(settled(told).at(-1)?.verdict).toMatchObject({ status: 'failed', error: { code: 'stale' } })
    expect(text('a/two')).toBe('drifted\n')
  })
})
