import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { sh } from '../../src/core/shell.js'
import type { Transport } from '../../src/core/transport.js'
import { isChanging, scene, watched } from '../support/doors.js'
import { plan, play, run, settled, step, verdicts } from '../support/engine.js'
import { acts, lamp, makes, meddles, switched, toy } from '../support/toys.js'

const at = scene()
const text = (name: string): string => readFileSync(at.at(name), 'utf8')
const failures = (told: Awaited<ReturnType<typeof run>>): string[] => settled(told).flatMap(({ verdict }) => (verdict.status === 'failed' ? [verdict.error.code] : []))

/** Somebody else is at work on the host just before a frame of changes arrives. */
const moving = (meddle: (frame: number) => void): Transport => {
  let frame = 0
  return watched(at.door(), (script, go) => { if (isChanging(script)) meddle(frame++); return go() })
}

describe('a guard', () => {
  const steps = (): ReturnType<typeof step>[] => [step('one', 'file', { path: at.at('one'), content: '1\n' }), step('two', 'file', { path: at.at('two'), content: '2\n' }), step('three', 'file', { path: at.at('three'), content: '3\n' })]

  it('has a step judged again when its fact moved before the frame came', async () => {
    const frames: number[] = []
    const told = await run([play(steps())], [moving((frame) => { frames.push(frame); if (frame === 0) writeFileSync(at.at('two'), 'somebody\n') })])
    expect(verdicts(told)).toEqual(['one: change', 'two: change', 'three: change'])
    expect([text('one'), text('two'), text('three'), frames]).toEqual(['1\n', '2\n', '3\n', [0, 1]])
    expect(settled(told)[1]?.verdict).toMatchObject({ changes: [{ diff: { lines: [{ sign: '-', text: 'somebody' }, { sign: '+', text: '2' }] } }] })
  })

  it('finds nothing to do where somebody did it meanwhile', async () => {
    const plays = [play(steps())]
    const planned = await plan(plays, [at.door()])
    const told = await run(plays, [moving((frame) => { if (frame === 0) writeFileSync(at.at('two'), '2\n', { mode: 0o644 }) })], { plan: planned.plan })
    expect(verdicts(told)).toEqual(['one: change', 'two: ok', 'three: change'])
  })

  it('stops what was not agreed to, once what was agreed before it is done', async () => {
    const plays = [play(steps())]
    const planned = await plan(plays, [at.door()])
    const told = await run(plays, [moving((frame) => { if (frame === 0) writeFileSync(at.at('two'), 'somebody\n') })], { plan: planned.plan })
    expect([verdicts(told), failures(told)]).toEqual([['one: change', 'two: failed'], ['stale']])
    expect([text('one'), text('two'), existsSync(at.at('three'))]).toEqual(['1\n', 'somebody\n', false])
  })

  it('gives up what never comes to rest', async () => {
    const told = await run([play(steps())], [moving((frame) => writeFileSync(at.at('one'), `moved ${frame}\n`))])
    expect([verdicts(told), failures(told)]).toEqual([['one: failed'], ['restless']])
    expect(settled(told)[0]?.verdict).toMatchObject({ error: { message: expect.stringContaining('6 times'), hint: expect.any(String) } })
  })

  it('stands before `ok` steps behind a change too', async () => {
    writeFileSync(at.at('b'), 'wanted\n', { mode: 0o644 })
    const told = await run([play([
      step('meddle', meddles(at.at('a'), 'a', `echo spoilt > ${at.at('b')}`), {}), step('b', 'file', { path: at.at('b'), content: 'wanted\n' }),
    ])], [at.door()])
    expect([verdicts(told), text('b')]).toEqual([['meddle: change', 'b: change'], 'wanted\n'])
  })

  it.each<[string, Partial<ReturnType<typeof step>>]>([['register', { register: 'x' }], ['timeout', { timeout: 20 }], ['ignore-failure', { ignoreFailure: true }]])('stands behind a step with `%s` too', async (_what, more) => {
    writeFileSync(at.at('b'), 'wanted\n', { mode: 0o644 })
    const told = await run([play([
      step('meddle', meddles(at.at('a'), 'a', `echo spoilt > ${at.at('b')}`), {}, more), step('b', 'file', { path: at.at('b'), content: 'wanted\n' }),
    ])], [at.door()])
    expect([verdicts(told), text('b')]).toEqual([['meddle: change', 'b: change'], 'wanted\n'])
  })

  it('stands behind a verb, whatever the verb says that it disturbs', async () => {
    for (const disturbs of [undefined, [] as string[]]) {
      writeFileSync(at.at('b'), 'wanted\n', { mode: 0o644 })
      const told = await run([play([step('act', acts(`echo spoilt > ${at.at('b')}`, disturbs === undefined ? {} : { disturbs }), {}), step('b', 'file', { path: at.at('b'), content: 'wanted\n' })])], [at.door()])
      expect([verdicts(told), text('b')]).toEqual([['act: change', 'b: change'], 'wanted\n'])
    }
  })

  it('does not let a failure pass that was read before a change', async () => {
    const told = await run([play([step('make', meddles(at.at('a'), 'a', `mkdir ${at.at('d')}`), {}), step('link', 'link', { path: at.at('d/l'), target: 'x' })])], [at.door()])
    expect(verdicts(told)).toEqual(['make: change', 'link: change'])
  })

  it('does not let consent fail for what was read before a change', async () => {
    writeFileSync(at.at('b'), 'wanted\n', { mode: 0o644 })
    const plays = [play([step('make', meddles(at.at('a'), 'a', `echo wanted > ${at.at('b')}`), {}), step('b', 'file', { path: at.at('b'), content: 'wanted\n' })])]
    const planned = await plan(plays, [at.door()])
    writeFileSync(at.at('b'), 'moved\n')
    expect(verdicts(await run(plays, [at.door()], { plan: planned.plan }))).toEqual(['make: change', 'b: ok'])
  })

  it('moves inside a handler only the handler', async () => {
    let frames = 0
    const door = watched(at.door(), (script, go) => { if (isChanging(script) && ++frames === 2) writeFileSync(at.at('h2'), 'moved\n'); return go() })
    const handlers = [{ name: 'h', steps: [step('h1', 'file', { path: at.at('h1'), content: '1\n' }), step('h2', 'file', { path: at.at('h2'), content: '2\n' })] }]
    const told = await run([play([step('a', 'file', { path: at.at('a'), content: 'a' }, { notify: ['h'] }), step('b', 'file', { path: at.at('b'), content: 'b' })], ['here'], handlers)], [door])
    expect(verdicts(told)).toEqual(['a: change', 'b: change', 'h1: change', 'h2: change'])
    expect(text('h2')).toBe('2\n')
  })

  it('comes back to the right item of a loop', async () => {
    const loop = step('loop', 'file', { path: '/none' }, { bind: (host) => ({ steps: ['1', '2', '3'].flatMap((name) => {
      const bound = step(`loop ${name}`, 'file', { path: at.at(name), content: name }).bind(host, new Map())
      return 'steps' in bound ? bound.steps : []
    }) }) })
    const told = await run([play([loop, step('after', 'file', { path: at.at('after'), content: 'x' })])], [moving((frame) => { if (frame === 0) writeFileSync(at.at('2'), 'moved') })])
    expect(verdicts(told)).toEqual(['loop 1: change', 'loop 2: change', 'loop 3: change', 'after: change'])
    expect(text('2')).toBe('2')
  })
})

describe('a confirmation', () => {
  it('ends the frame when there is none', async () => {
    const frames: string[] = []
    const door = watched(at.door(), (script, go) => { if (isChanging(script)) frames.push(script); return go() })
    const { confirm: _none, ...open } = switched(at.at('a'), 'on').check({}, { now: 'off' })[0] ?? { summary: '', actions: [], predicts: [] }
    const unsure = toy({ now: lamp(at.at('a')) }, ({ now }) => (now === 'on' ? [] : [open]))
    expect(verdicts(await run([play([step('a', unsure, {}), step('b', switched(at.at('b'), 'on'), {}), step('c', switched(at.at('c'), 'on'), {})])], [door]))).toEqual(['a: change', 'b: change', 'c: change'])
    expect(frames.length).toBe(2)
  })

  it('that fails fails the step, and nothing after it is done', async () => {
    const told = await run([play([
      step('a', switched(at.at('a'), 'on'), {}), step('b', makes(at.at('b'), `echo why; touch ${at.at('b')}`, { confirm: 'echo not yet >&2; exit 3' }), {}), step('c', switched(at.at('c'), 'on'), {}),
    ])], [at.door()])
    expect([verdicts(told), failures(told), existsSync(at.at('c'))]).toEqual([['a: change', 'b: failed'], ['not-confirmed'], false])
    expect(settled(told)[1]?.verdict).toMatchObject({ error: { output: expect.stringContaining('not yet') } })
  })

  it('is not asked where the exit code is the proof', async () => {
    const frames: string[] = []
    const door = watched(at.door(), (script, go) => { if (isChanging(script)) frames.push(script); return go() })
    await run([play([step('a', 'file', { path: at.at('a'), content: 'a' }), step('b', makes(at.at('b'), `touch ${at.at('b')}`), {})])], [door])
    expect(frames.map((script) => script.split('stop unconfirmed').length - 1)).toEqual([1])
  })
})

describe('verifying', () => {
  it('finds what was made and is not so', async () => {
    const told = await run([play([step('a', switched(at.at('a'), 'on', { actions: [{ do: 'exec', script: `echo off > ${at.at('a')}` }], confirm: 'true' }), {}), step('b', switched(at.at('b'), 'on'), {})])], [at.door()])
    expect([verdicts(told), failures(told)]).toEqual([['a: failed'], ['not-converged']])
  })

  it('takes an answer that cannot be had for a failure', async () => {
    mkdirSync(at.at('d'))
    const broken = { ...lamp(at.at('d/x')), key: 'odd', kind: { ...lamp('').kind, name: 'odd', script: () => sh`[ -d ${at.at('d')} ] || exit 3; printf 'off\\0000\\000' | base64` } }
    const module = toy({ now: broken }, ({ now }) => (now === 'on' ? [] : [{ summary: 'break', actions: [{ do: 'exec', script: `rm -r ${at.at('d')}` }], predicts: [], confirm: 'true' }]))
    const told = await run([play([step('a', module, {})])], [at.door()])
    expect([verdicts(told), failures(told)]).toEqual([['a: failed'], ['fact-failed']])
  })
})
