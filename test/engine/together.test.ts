import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Action } from '../../src/core/change.js'
import type { FrameStep } from '../../src/engine/frame.js'
import { guardTogether, readTogether, type Span } from '../../src/engine/together.js'
import { fileAt } from '../../src/facts/file.js'
import { unit } from '../../src/facts/unit.js'
import { isChanging, scene, watched } from '../support/doors.js'
import { play, run, settled, step, verdicts } from '../support/engine.js'
import { makes } from '../support/toys.js'

const absent = (real: string): string => `A|-|-|-|-|-|${real}\t`
const doing = (action: Action, guards: FrameStep['guards'], facts = guards.map(([fact]) => fact)): FrameStep => ({
  guards, owes: [], changes: [{ change: { summary: '', actions: [action], predicts: [] }, actions: [{ action, content: '' }] }], verifyHere: facts,
})
const puts = (path: string, real: string, more: Partial<Action & { do: 'put' }> = {}): FrameStep =>
  doing({ do: 'put', path, content: '', mode: '0644', owner: 'root', group: 'root', ...more }, [[fileAt(path), absent(real)]])
const runs = (path: string): FrameStep => doing({ do: 'exec', script: '' }, [[fileAt(path), absent('/etc')]])
const looks = (guards: FrameStep['guards']): FrameStep => ({ guards, owes: [], changes: [], verifyHere: [] })
const places = (spans: readonly Span[]): number[][] => spans.map((span) => span.map(({ index }) => index))

describe('steps of a frame', () => {
  it.each<[string, readonly FrameStep[], number[][], number[][]]>([
    ['that put files elsewhere are taken together', [puts('/etc/a', '/etc'), puts('/etc/b', '/etc'), puts('/srv/c', '/srv')], [[0, 1, 2]], [[0, 1, 2]]],
    ['are read before a script and guarded behind it', [puts('/etc/a', '/etc'), runs('/etc/b'), puts('/etc/c', '/etc')], [[0], [1, 2]], [[0, 1], [2]]],
    ['that put one file twice are apart', [puts('/etc/a', '/etc'), puts('/etc/a', '/etc')], [[0], [1]], [[0], [1]]],
    ['that put one file by two names are apart', [puts('/etc/a', '/etc'), puts('/link/a', '/etc')], [[0], [1]], [[0], [1]]],
    ['that check what they put run scripts', [puts('/etc/a', '/etc'), puts('/etc/b', '/etc', { validate: 'true' }), puts('/etc/c', '/etc', { validateAfter: 'true' })], [[0], [1], [2]], [[0, 1], [2]]],
    ['that put where nobody knows a link may lead are apart', [puts('/etc/a', '/etc'), { ...puts('/etc/b', '/etc'), guards: [] }], [[0], [1]], [[0, 1]]],
    ['are apart where they rest on what has no path', [{ ...puts('/etc/a', '/etc'), verifyHere: [unit('a.service')] }, puts('/etc/b', '/etc'), looks([[unit('a.service'), '']])], [[0], [1, 2]], [[0, 1], [2]]],
    ['are apart where they expect different answers', [looks([[fileAt('/etc/a'), absent('/etc')]]), looks([[fileAt('/etc/a'), absent('/srv')]])], [[0, 1]], [[0], [1]]],
  ])('%s', (_what, steps, read, guarded) => {
    expect([places(readTogether(steps)), places(guardTogether(steps))]).toEqual([read, guarded])
  })

  it('are few at once', () => {
    expect(places(readTogether(Array.from({ length: 40 }, (_, index) => puts(`/etc/${index}`, '/etc')))).map((span) => span.length)).toEqual([16, 16, 8])
  })
})

describe('files that are put together', () => {
  const at = scene()
  const file = (name: string): ReturnType<typeof step> => step(name, 'file', { path: at.at(name), content: `${name}\n` })

  it('are told as made up to the one that fails', async () => {
    mkdirSync(at.at('.three.provision-new')) // in the way of the new file
    const told = await run([play([file('one'), file('two'), file('three'), file('four')])], [at.door()])
    expect([verdicts(told), readFileSync(at.at('two'), 'utf8')]).toEqual([['one: change', 'two: change', 'three: failed'], 'two\n'])
  })

  it('are read before a script that spoils one of them, which has made it all the same', async () => {
    const told = await run([play([file('one'), file('two'), step('spoil', makes(at.at('made'), `touch ${at.at('made')}; echo spoilt > ${at.at('one')}`), {}), file('three')])], [at.door()])
    expect([verdicts(told), readFileSync(at.at('one'), 'utf8')]).toEqual([['one: change', 'two: change', 'spoil: change', 'three: change'], 'spoilt\n'])
  })

  it('are asked one by one where one of them is not as it was', async () => {
    let frames = 0
    const door = watched(at.door(), (script, go) => { if (isChanging(script) && frames++ === 0) writeFileSync(at.at('two'), 'two\n', { mode: 0o644 }); return go() })
    const told = await run([play([file('one'), file('two'), file('three')])], [door])
    expect([verdicts(told), settled(told).length, frames]).toEqual([['one: change', 'two: ok', 'three: change'], 3, 2])
  })
})
