import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ProvisionError } from '../../src/core/errors.js'
import { sh } from '../../src/core/shell.js'
import { verifying } from '../../src/engine/verifying.js'
import type { Transport } from '../../src/core/transport.js'
import type { Part } from '../../src/core/step.js'
import { scene, watched } from '../support/doors.js'
import { play, run, settled, step, verdicts, type Told } from '../support/engine.js'
import { lamp, makes, switched, toy } from '../support/toys.js'

const at = scene()
const verify = (steps: readonly Part[], doors: readonly Transport[]): Promise<Told> => run([play(steps, doors.map(({ host }) => host)), play([step('later', 'assert', { that: true })], doors.map(({ host }) => host))], doors, { mode: verifying })

describe('looking', () => {
  it('changes nothing, and goes on behind a check that fails, with every host and play', async () => {
    writeFileSync(at.at('lit'), 'on\n')
    const told = await verify([
      step('dark', switched(at.at('dark'), 'on'), {}), step('lit', switched(at.at('lit'), 'on'), {}),
      step('no', 'assert', { that: false, message: 'it is not so', hint: 'make it so' }), step('skipped', 'assert', { that: false }, { bind: () => ({ skipped: 'not here' }) }),
    ], [at.door(), at.door('second')])
    expect(verdicts(told)).toEqual(['dark: failed', 'lit: ok', 'no: failed', 'skipped: skipped', 'dark: failed', 'lit: ok', 'no: failed', 'skipped: skipped', 'later: ok', 'later: ok'])
    expect(settled(told)[0]?.verdict).toMatchObject({ status: 'failed', error: { code: 'not-verified', message: 'does not hold: switch on' } })
    expect(settled(told)[2]?.verdict).toMatchObject({ status: 'failed', error: { code: 'assertion-failed', hint: 'make it so' } })
    expect(existsSync(at.at('dark'))).toBe(false)
    expect(readdirSync(at.at('home-here'))).toEqual([])
    expect(told.events.at(-1)).toMatchObject({ type: 'run-ended', mode: 'verify', recap: { here: { ok: 2, changed: 0, failed: 2, skipped: 1 } } })
  })

  it('tells what was seen, and is content with what has come to be in between', async () => {
    const says = toy({ now: lamp(at.at('lamp')) }, () => [{ summary: 'wait', actions: [], predicts: [], confirm: sh`echo missing; echo ${'more of it'} >&2; exit 1`.text }, { summary: 'wait longer', actions: [], predicts: [] }])
    const late = toy({ now: lamp(at.at('lamp')) }, () => [{ summary: 'wait', actions: [], predicts: [], confirm: 'exit 0' }])
    const told = await verify([step('says', says, {}), step('late', late, {})], [at.door()])
    expect(verdicts(told)).toEqual(['says: failed', 'late: ok', 'later: ok'])
    expect(settled(told)[0]?.verdict).toEqual({ status: 'failed', error: { code: 'not-verified', message: 'does not hold: wait, wait longer', output: 'missing\nmore of it' } })
  })

  it('hands a failure to the block around it', async () => {
    const block: Part = { name: 'block', place: { file: 'test.yaml', line: 1, column: 1 }, block: [step('dark', switched(at.at('dark'), 'on'), {}), step('behind', 'assert', { that: true })], rescue: [step('rescue', 'assert', { that: true })], always: [], bind: () => ({ rounds: [{ around: {} }] }) }
    const told = await verify([block], [at.door()])
    expect(verdicts(told)).toEqual(['dark: failed', 'rescue: ok', 'later: ok'])
  })

  it('loses a host that is no longer reached, and tells what could not be asked', async () => {
    const failing = (code: string, exit?: 4): Transport => watched(at.door(code), async (script, go) => {
      if (script.includes('grep -q')) throw new ProvisionError(code, 'it went wrong', exit === undefined ? {} : { exit })
      return go()
    })
    const told = await verify([step('dark', switched(at.at('dark'), 'on'), {})], [failing('connection-lost', 4), failing('timed-out')])
    expect(settled(told).map(({ host, step: name, verdict }) => `${host} ${name} ${verdict.status === 'failed' ? verdict.error.code : verdict.status}`)).toEqual(['timed-out dark timed-out', 'timed-out later ok'])
    expect(told.events).toContainEqual({ type: 'host-lost', host: 'connection-lost', reason: 'it went wrong' })
    await expect(verify([step('made', makes(at.at('made'), 'exit 1'), {})], [watched(at.door('broken'), async (script, go) => {
      if (script.includes('[ -e')) throw new TypeError('a fault of ours')
      return go()
    })])).rejects.toThrow('a fault of ours')
  })
})
