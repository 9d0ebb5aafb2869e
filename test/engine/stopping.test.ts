import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/core/events.js'
import { isChanging, scene, watched } from '../support/doors.js'
import { play, run, settled, step, verdicts } from '../support/engine.js'
import { acts, toy } from '../support/toys.js'

const at = scene()
const stopped = (events: readonly RunEvent[]): string | undefined => events.flatMap((event) => (event.type === 'run-ended' ? [event.stopped] : []))[0]
const file = (name: string): ReturnType<typeof step> => step(name, 'file', { path: at.at(name), content: 'x' })

describe('asked to stop', () => {
  it('lets the frame under way end, and begins nothing new', async () => {
    const stopping = { asked: false }
    const door = watched(at.door(), (script, go) => { if (isChanging(script)) stopping.asked = true; return go() })
    const told = await run([play([file('a'), file('b'), step('act', acts(`touch ${at.at('acted')}`), {}), file('c')]), { ...play([file('d')]), name: 'later' }], [door], { stopping })
    expect([verdicts(told), existsSync(at.at('acted')), stopped(told.events)]).toEqual([['a: change', 'b: change'], false, 'interrupted'])
    expect(existsSync(at.at('home-here/.keep/lock'))).toBe(false)
  })

  it('sends nothing that was judged and not begun', async () => {
    const stopping = { asked: false }
    const slow = toy({ local: { key: 'slow', read: async () => { stopping.asked = true; return 1 } } as never }, () => [])
    const told = await run([play([file('a'), step('slow', slow, {}), file('b')])], [at.door()], { stopping })
    expect([verdicts(told), existsSync(at.at('a')), stopped(told.events)]).toEqual([[], false, 'interrupted'])
  })

  it('pays for a handler that came to its end, and owes the next', async () => {
    const stopping = { asked: false }
    const handlers = ['h1', 'h2'].map((name) => ({ name, steps: [step(name, acts(`touch ${at.at(name)}`), {})] }))
    const door = watched(at.door(), async (script, go) => { const output = await go(); if (script.includes('/h1')) stopping.asked = true; return output })
    const plays = [play([step('a', 'file', { path: at.at('a'), content: 'x' }, { notify: ['h1', 'h2'] })], ['here'], handlers)]
    expect(verdicts(await run(plays, [door], { stopping }))).toEqual(['a: change', 'h1: change'])
    expect(verdicts(await run(plays, [at.door()]))).toEqual(['a: ok', 'h2: change'])
  })
})

describe('told to end at once', () => {
  it('ends the frame under way, and says that it failed', async () => {
    const abort = new AbortController()
    const began = performance.now()
    setTimeout(() => abort.abort(), 500)
    const told = await run([play([step('slow', acts(`touch ${at.at('begun')}; sleep 30; touch ${at.at('ended')}`), {}), file('after')])], [at.door()], { signal: abort.signal })
    expect(settled(told).map(({ step: name, verdict }) => [name, verdict.status === 'failed' && verdict.error.code])).toEqual([['slow', 'interrupted']])
    expect([existsSync(at.at('begun')), existsSync(at.at('ended')), performance.now() - began < 15_000]).toEqual([true, false, true])
  }, 20_000)
})
