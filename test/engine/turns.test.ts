import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { BoundStep, Step } from '../../src/core/step.js'
import { Unknown } from '../../src/core/unknown.js'
import { delegatesOf } from '../../src/engine/delegated.js'
import { scene, watched } from '../support/doors.js'
import { bindTo, plan, play, run, settled, step, verdicts } from '../support/engine.js'
import { acts } from '../support/toys.js'

const at = scene()
const doors = (...names: readonly string[]) => names.map((name) => at.door(name))
const log = (): string => (existsSync(at.at('log')) ? readFileSync(at.at('log'), 'utf8') : '')
const logs = (text: string): ReturnType<typeof acts> => acts(`echo ${text} >> ${at.at('log')}`, { disturbs: [] })
const hosts = ['a', 'b', 'c']

describe('a step that is done once', () => {
  const once = (more: Partial<Step> = {}): Step => step('once', logs('once'), {}, { once: true, ...more })

  it('is done by the first host, and the others see what it registered', async () => {
    const seen: unknown[] = []
    const after = step('after', logs('after'), {}, { bind: (host, registered) => { seen.push([host, registered.get('out') !== undefined]); return bindTo('after', logs('after'), {}) } })
    const told = await run([play([once({ register: 'out' }), after], hosts)], doors(...hosts))
    expect(settled(told).filter(({ step: name }) => name === 'once').map(({ host, verdict }) => [host, verdict.status === 'skipped' ? verdict.because : verdict.status])).toEqual([['a', 'change'], ['b', 'done once, on a'], ['c', 'done once, on a']])
    expect(log().match(/once/g)).toHaveLength(1)
    expect(seen.filter((one) => (one as [string, boolean])[1]).map((one) => (one as [string, boolean])[0])).toEqual(expect.arrayContaining(hosts)) // what the tests's own steps pushed
  })

  it('fails on all when it fails', async () => {
    const told = await run([play([step('once', acts('exit 1', { disturbs: [] }), {}, { once: true }), step('after', logs('after'), {})], hosts)], doors(...hosts))
    expect(verdicts(told)).toEqual(['once: failed', 'once: failed', 'once: failed'])
    expect(settled(told).map(({ verdict }) => (verdict.status === 'failed' ? verdict.error.code : ''))).toEqual(['action-failed', 'once-failed', 'once-failed'])
  })

  it('is planned as it is done', async () => {
    const { plan: planned } = await plan([play([once()], hosts)], doors(...hosts))
    expect(planned.steps.map(({ host, verdict }) => `${host} ${verdict.status}`)).toEqual(['a change', 'b skipped', 'c skipped'])
  })
})

describe('a step that is done on another host', () => {
  const on = (name: string, target: (host: string) => string, more: Partial<Step> = {}): Step => {
    const plain = step(name, 'file', { path: at.at('of'), content: 'x' })
    return {
      ...plain, delegates: (host) => [target(host)],
      bind: (host) => ({ steps: [{ ...(bindTo(name, 'file', { path: at.at(`of-${host}`), content: host }).steps[0] as BoundStep), delegate: target(host) }] }), ...more, // one step
    }
  }

  it('acts there, under the name of its own host, one host after the other', async () => {
    const acted: string[] = []
    const door = (name: string) => watched(at.door(name), async (script, go) => { if (script.includes('m step 0')) acted.push(name); return go() })
    const told = await run([play([on('enable', () => 'lb')], ['a', 'b'])], ['a', 'b', 'lb'].map(door))
    expect(settled(told).map(({ host, on: where, verdict }) => [host, where, verdict.status])).toEqual([['a', 'lb', 'change'], ['b', 'lb', 'change']])
    expect(acted).toEqual(['lb', 'lb'])
    expect([readFileSync(at.at('of-a'), 'utf8'), readFileSync(at.at('of-b'), 'utf8')]).toEqual(['a', 'b'])
    const again = await run([play([on('enable', () => 'lb')], ['a', 'b'])], ['a', 'b', 'lb'].map(door))
    expect(verdicts(again)).toEqual(['enable: ok', 'enable: ok'])
  })

  it('is planned there, and the run does what was planned', async () => {
    const after = step('after', logs('x'), {}, { bind: (host) => bindTo('after', 'file', { path: at.at(`after-${host}`), content: 'x' }) })
    const plays = [play([on('enable', () => 'lb'), after], ['a', 'b'])]
    const { plan: planned } = await plan(plays, doors('a', 'b', 'lb'))
    expect(planned.steps.map(({ host, on: where, step: name, verdict }) => `${host}${where === undefined ? '' : ` on ${where}`} ${name} ${verdict.status}`)).toEqual(['a on lb enable change', 'b on lb enable change', 'a after change', 'b after change'])
    expect(settled(await run(plays, doors('a', 'b', 'lb'), { plan: planned })).filter(({ verdict }) => verdict.status === 'failed')).toEqual([])
  })

  it('fails its own host when that one fails or is not there', async () => {
    const failing = { ...on('enable', () => 'lb'), bind: (host: string) => ({ steps: [{ ...(bindTo('enable', acts('exit 1', { disturbs: [] }), {}).steps[0] as BoundStep), delegate: host === 'a' ? 'lb' : 'nobody' }] }) } // one step
    const told = await run([play([failing, step('after', logs('after'), {})], ['a', 'b'])], doors('a', 'b', 'lb'))
    expect(settled(told).map(({ host, verdict }) => [host, verdict.status === 'failed' ? verdict.error.code : verdict.status])).toEqual([['a', 'action-failed'], ['b', 'unknown-delegate']])
    expect(told.fleet.get('lb')?.out).toBe(false)
  })

  it('finds done what stands before it, in handlers too', async () => {
    const stop = step('stop', 'file', { path: at.at('stopped'), content: 'x' })
    const there: Step = { ...step('there', acts(`[ -e ${at.at('stopped')} ]`, { disturbs: [] }), {}), delegates: () => ['lb'], bind: () => ({ steps: [{ ...(bindTo('there', acts(`[ -e ${at.at('stopped')} ]`, { disturbs: [] }), {}).steps[0] as BoundStep), delegate: 'lb' }] }) } // one step
    const told = await run([play([step('change', 'file', { path: at.at('changed'), content: 'x' }, { notify: ['restart'] })], ['a'], [{ name: 'restart', steps: [stop, there] }]), play([], ['lb'])], doors('a', 'lb'))
    expect(verdicts(told)).toEqual(['change: change', 'stop: change', 'there: change'])
  })

  it('tells beforehand which hosts must be reached', () => {
    expect([...delegatesOf([play([on('enable', (host) => `lb-${host}`)], ['a', 'b'])])]).toEqual(['lb-a', 'lb-b'])
    const late: Step = { ...on('enable', () => 'lb'), delegates: (_host, registered) => { expect(registered.get('out')).toBeInstanceOf(Unknown); return [] } }
    expect([...delegatesOf([play([step('ask', logs('x'), {}, { register: 'out' }), late], ['a'])])]).toEqual([])
  })
})

describe('a throttled step', () => {
  it('is done by so many hosts at once, and by all', async () => {
    let [now, most] = [0, 0]
    const door = (name: string) => watched(at.door(name), async (script, go) => {
      if (!script.includes('m step 0')) return go()
      most = Math.max(most, ++now)
      try { return await go() } finally { now-- }
    })
    const slow = acts('sleep 0.1', { disturbs: [] })
    const all = ['a', 'b', 'c', 'd']
    expect(verdicts(await run([play([step('slow', slow, {}, { throttle: 2 })], all)], all.map(door)))).toHaveLength(4)
    expect([most, now]).toEqual([2, 0])
    most = 0
    await run([play([step('slow', slow, {})], all)], all.map(door))
    expect(most).toBe(4)
  })
})
