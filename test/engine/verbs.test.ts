import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Step } from '../../src/core/step.js'
import { Unknown, UnknownValue } from '../../src/core/unknown.js'
import { connectionLost, isChanging, scene, watched } from '../support/doors.js'
import { bindTo, plan, play, run, settled, step, verdicts } from '../support/engine.js'
import { acts, lamp, makes, switched, toy } from '../support/toys.js'

const at = scene()
const lines = (name: string): string[] => (existsSync(at.at(name)) ? readFileSync(at.at(name), 'utf8').split('\n').filter(Boolean) : [])
const codes = (told: Awaited<ReturnType<typeof run>>): string[] => settled(told).flatMap(({ verdict }) => (verdict.status === 'failed' ? [verdict.error.code] : []))
const log = (more = ''): ReturnType<typeof acts> => acts(`echo acted >> ${at.at('log')}; ${more}`, { disturbs: [] })
const until = (holds: (result: { stdout: string; exit: number }) => boolean, retries = 3, delay = 0): Partial<Step> => ({ until: { retries, delay, holds: (_host, registered) => holds(registered.get('result') as { stdout: string; exit: number }) } })
const sees = (name: string, seen: unknown[]): Step => {
  const looks = step('look', 'file', { path: at.at('none'), state: 'absent' })
  return { ...looks, bind: (host, registered) => { if (registered.has(name)) seen.push(registered.get(name)); return looks.bind(host, registered) } }
}

describe('a verb', () => {
  it('acts once', async () => {
    expect(verdicts(await run([play([step('one', log(), {}), step('two', log(), {})])], [at.door()]))).toEqual(['one: change', 'two: change'])
    expect(lines('log').length).toBe(2)
  })

  it('is not repeated when the connection is lost in it', async () => {
    const door = watched(at.door(), async (script, go) => { const output = await go(); if (isChanging(script)) throw connectionLost(); return output })
    const told = await run([play([step('one', log(), {}, until(() => true)), step('two', log(), {})])], [door])
    expect([verdicts(told), lines('log').length, told.fleet.get('here')?.lost]).toEqual([[], 1, expect.stringContaining('the connection was lost')])
  })

  it('is not repeated when nobody knows how it came out', async () => {
    const door = watched(at.door(), async (script, go) => { const output = await go(); return isChanging(script) ? { ...output, stdout: '', exit: 143 } : output })
    const told = await run([play([step('one', log(), {}, until(() => true)), step('two', log(), {})])], [door])
    expect([verdicts(told), codes(told), lines('log').length]).toEqual([['one: failed'], ['frame-failed'], 1])
  })

  it('fails with what it said', async () => {
    const told = await run([play([step('one', log('echo out; echo err >&2; exit 7'), {})])], [at.door()], { mask: (text) => text.replaceAll('err', '***') })
    expect(settled(told)[0]?.verdict).toMatchObject({ status: 'failed', error: { code: 'action-failed', message: expect.stringContaining('exit 7'), output: '***\nout' } })
  })
})

describe('`register`', () => {
  it('of a loop has what each item said, and is unknown while one of them is', async () => {
    const seen: unknown[] = []
    const loop: Step = { ...step('say', log('echo x'), {}, { register: 'said', isLooped: true }), bind: () => ({ steps: ['one', 'two'].flatMap((word) => bindTo(word, log(`echo ${word}`), {}).steps) }) }
    const plays = [play([loop, sees('said', seen)])]
    await run(plays, [at.door()])
    expect(seen.at(-1)).toEqual({ results: [{ stdout: 'one', stderr: '', exit: 0, changed: true }, { stdout: 'two', stderr: '', exit: 0, changed: true }], changed: true })
    const { fleet } = await plan(plays, [at.door()])
    expect(fleet.get('here')?.registered.get('said')).toBeInstanceOf(Unknown)
  })

  it('keeps what a step said', async () => {
    const seen: unknown[] = []
    await run([play([step('say', log('echo out; echo err >&2'), {}, { register: 'said' }), sees('said', seen)])], [at.door()])
    expect(seen).toEqual([{ stdout: 'out', stderr: 'err', exit: 0, changed: true }])
  })

  it('keeps how a step failed whose failure is let pass', async () => {
    const seen: unknown[] = []
    const told = await run([play([step('say', log('echo out; exit 7'), {}, { register: 'said', ignoreFailure: true }), sees('said', seen)])], [at.door()])
    expect([verdicts(told), seen]).toEqual([['say: failed', 'look: ok'], [{ stdout: 'out', stderr: '', exit: 7, changed: false }]])
    const judged: unknown[] = []
    await run([play([step('link', 'link', { path: at.at('no/l'), target: 'x' }, { register: 'said', ignoreFailure: true }), sees('said', judged)])], [at.door()])
    expect(judged).toEqual([{ stdout: '', stderr: expect.stringContaining('no'), exit: 1, changed: false }])
  })
})

describe('`until`', () => {
  const counts = (): ReturnType<typeof acts> => log(`wc -l < ${at.at('log')}`)

  it('tries again until it holds', async () => {
    const told = await run([play([step('count', counts(), {}, until(({ stdout }) => stdout === '3')), step('after', log(), {})])], [at.door()])
    expect([verdicts(told), lines('log').length]).toEqual([['count: change', 'after: change'], 4])
  })

  it('fails when it never holds', async () => {
    const told = await run([play([step('count', counts(), {}, until(() => false, 2)), step('after', log(), {})])], [at.door()])
    expect([verdicts(told), codes(told), lines('log').length]).toEqual([['count: failed'], ['never-held'], 3])
    expect(settled(told)[0]?.verdict).toMatchObject({ error: { message: expect.stringContaining('3 tries'), output: '3' } })
  })

  it('tries again what failed', async () => {
    const third = log(`[ $(wc -l < ${at.at('log')}) = 3 ] || { echo wait >&2; exit 4; }`)
    expect(verdicts(await run([play([step('third', third, {}, until(({ exit }) => exit === 0))])], [at.door()]))).toEqual(['third: change'])
    expect(lines('log').length).toBe(3)
    const told = await run([play([step('never', log('exit 4'), {}, until(({ exit }) => exit === 0, 1))])], [at.door()])
    expect([codes(told), lines('log').length]).toEqual([['action-failed'], 5])
  })

  it('does not wait for its next try when the reader asks to stop', async () => {
    const stopping = { asked: false }
    const began = performance.now()
    setTimeout(() => { stopping.asked = true }, 300)
    const told = await run([play([step('count', counts(), {}, until(() => false, 5, 30)), step('after', log(), {})])], [at.door()], { stopping })
    expect([verdicts(told), lines('log').length, performance.now() - began < 5_000]).toEqual([['count: failed'], 1, true])
  })

  it('fails the step, and not the run, where it touches a value that is not known', async () => {
    const told = await run([play([step('count', log(), {}, { until: { retries: 1, delay: 0, holds: () => { throw new UnknownValue('later') } } })], ['here'])], [at.door()])
    expect(codes(told)).toEqual(['not-known'])
  })
})

describe('`timeout`', () => {
  it('fails the step, and leaves the host usable', async () => {
    const began = performance.now()
    const told = await run([play([step('slow', log('sleep 30'), {}, { timeout: 0.5, ignoreFailure: true }), step('after', log(), {}), step('file', 'file', { path: at.at('f'), content: 'x' })])], [at.door()])
    expect([verdicts(told), codes(told), lines('log').length]).toEqual([['slow: failed', 'after: change', 'file: change'], ['timed-out'], 2])
    expect([settled(told)[0]?.ignored, told.fleet.get('here')?.recap()]).toEqual([true, expect.objectContaining({ changed: 2, failed: 0, ignored: 1 })])
    expect(performance.now() - began).toBeLessThan(15_000)
  }, 20_000)

  it('takes the lock anew, for its shell is gone', async () => {
    const holder = `cut -d' ' -f1 ${at.at('home-here/.keep/lock')} >> ${at.at('holders')}`
    await run([play([step('first', log(holder), {}), step('slow', log(`${holder}; sleep 30`), {}, { timeout: 0.3, ignoreFailure: true }), step('after', log(holder), {}), step('last', log(holder), {})])], [at.door()])
    const [first, slow, after, last] = lines('holders')
    expect([slow, last, after === first]).toEqual([first, after, false])
  }, 20_000)

  it('makes what the step may have altered unknown', async () => {
    const told = await run([play([
      step('make', switched(at.at('lamp'), 'on'), {}),
      step('slow', makes(at.at('x'), `echo off > ${at.at('lamp')}; sleep 30`), {}, { timeout: 0.5, ignoreFailure: true }),
      step('lamp', switched(at.at('lamp'), 'on'), {}),
    ])], [at.door()])
    expect([verdicts(told), lines('lamp')]).toEqual([['make: change', 'slow: failed', 'lamp: change'], ['on']])
  }, 20_000)
})

describe('`ignore-failure`', () => {
  it('goes on, also where facts cannot be had', async () => {
    const told = await run([play([
      step('bad', log('exit 1'), {}, { ignoreFailure: true }),
      step('two questions', toy({ one: lamp('/a'), two: { ...lamp('/b'), key: 'lamp:/a' } }, () => []), {}, { ignoreFailure: true, bind: (host, registered) => {
        if (registered.size === 0 && !existsSync(at.at('log'))) throw new UnknownValue('log')
        return step('x', toy({ one: lamp('/a'), two: { ...lamp('/b'), key: 'lamp:/a' } }, () => []), {}).bind(host, registered)
      } }),
      step('after', log(), {}),
    ])], [at.door()])
    expect([verdicts(told), codes(told)]).toEqual([['bad: failed', 'x: failed', 'after: change'], ['action-failed', 'two-questions']])
    expect(told.fleet.get('here')?.recap()).toMatchObject({ failed: 0, changed: 1 })
  })

  it('tells a plan of it, too', async () => {
    const told = await plan([play([step('link', 'link', { path: at.at('no/l'), target: 'x' }, { ignoreFailure: true }), step('after', 'file', { path: at.at('a'), content: 'x' })])], [at.door()])
    expect(verdicts(told)).toEqual(['link: failed', 'after: change'])
    expect(told.fleet.get('here')?.out).toBe(false)
  })
})

describe('`changed-when`', () => {
  it('tells what acted and changed nothing as ok, and owes nobody for it', async () => {
    const handlers = [{ name: 'h', steps: [step('handle', log('echo handled'), {})] }]
    const plays = [play([step('act', log('echo same'), {}, { notify: ['h'], changedWhen: (_host, registered) => (registered.get('result') as { stdout: string }).stdout !== 'same' })], ['here'], handlers)]
    expect(verdicts(await run(plays, [at.door()]))).toEqual(['act: ok'])
    const quiet = [play([step('nothing', 'file', { path: at.at('none'), state: 'absent' })], ['here'], handlers)]
    expect(verdicts(await run(quiet, [at.door()])), 'the next run owes nothing').toEqual(['nothing: ok'])
    expect(lines('log').length).toBe(1)
  })
})

describe('output', () => {
  it('is told live, without what the frame asks for itself', async () => {
    writeFileSync(at.at('secret'), 'CANARY\n', { mode: 0o644 })
    const told = await run([play([
      step('say', log('echo one; echo two >&2; printf three'), {}),
      step('file', 'file', { path: at.at('secret'), content: 'CANARY CANARY\n' }, { register: 'x' }),
    ])], [at.door()])
    const texts = told.events.flatMap((event) => (event.type === 'action-output' ? [event.text] : []))
    expect(texts.toSorted()).toEqual(['one\n', 'three\n', 'two\n'])
  })
})
