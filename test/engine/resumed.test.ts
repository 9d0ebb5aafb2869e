import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { addressOf } from '../../src/core/address.js'
import { scene } from '../support/doors.js'
import { plan, play, run, settled, step, verdicts, type Told } from '../support/engine.js'
import { acts } from '../support/toys.js'

const at = scene()
const file = (name: string) => step(name, 'file', { path: at.at(name), content: 'x' })
/** What a journal would say of a run. */
const doneIn = (told: Told) => {
  const counts = new Map<string, number>()
  for (const event of settled(told)) if (event.verdict.status !== 'failed') counts.set(`${event.host} ${addressOf(event)}`, (counts.get(`${event.host} ${addressOf(event)}`) ?? 0) + 1)
  return (host: string, address: string, nth: number): string | undefined => (nth < (counts.get(`${host} ${address}`) ?? 0) ? 'done before' : undefined)
}

describe('a run that goes on where another broke off', () => {
  it('does what was not done, verbs too, in plan and run alike', async () => {
    let isBroken = true
    const verb = step('restart', acts(`echo x >> ${at.at('restarts')}`, { disturbs: [] }), {})
    const may = step('may', acts('exit 1', { disturbs: [] }), {}, { bind: (host, registered) => (isBroken ? step('may', acts('exit 1', { disturbs: [] }), {}) : step('may', acts(`touch ${at.at('may')}`, { disturbs: [] }), {})).bind(host, registered) })
    const plays = [play([file('a'), verb, may, file('b')])]
    const broken = await run(plays, [at.door()])
    expect(verdicts(broken)).toEqual(['a: change', 'restart: change', 'may: failed'])
    isBroken = false
    const done = doneIn(broken)
    expect(verdicts(await plan(plays, [at.door()], { done }))).toEqual(['a: skipped', 'restart: skipped', 'may: change', 'b: change'])
    const resumed = await run(plays, [at.door()], { done })
    expect(verdicts(resumed)).toEqual(['a: skipped', 'restart: skipped', 'may: change', 'b: change'])
    expect([existsSync(at.at('may')), existsSync(at.at('b'))]).toEqual([true, true])
  })

  it('asks again what a state registers, and does not pretend to know what a verb said', async () => {
    const looks = step('look', 'command', { run: 'echo said', unless: 'true' }, { register: 'seen' })
    const says = step('say', acts('echo said', { disturbs: [] }), {}, { register: 'said' })
    const plays = [play([looks, says])]
    const first = await run(plays, [at.door()])
    const again = await run(plays, [at.door()], { done: doneIn(first) })
    expect(verdicts(again)).toEqual(['look: ok', 'say: skipped'])
    expect(again.fleet.get('here')?.registered.get('said')).toMatchObject({ until: expect.stringContaining('earlier run') })
  })
})

describe('a run that asks before each step', () => {
  it('leaves out what nobody agreed to', async () => {
    const asked: string[] = []
    const told = await run([play([file('a'), file('b'), file('c')])], [at.door()], { frameSteps: 1, confirm: async (host, name, changes) => { asked.push(`${host} ${name} ${changes.length}`); return name !== 'b' } })
    expect(verdicts(told)).toEqual(['a: change', 'b: skipped', 'c: change'])
    expect(asked).toEqual(['here a 1', 'here b 1', 'here c 1'])
    expect(existsSync(at.at('b'))).toBe(false)
  })
})
