import { describe, expect, it } from 'vitest'
import { timelineOf } from '../../src/approval/timeline.js'
import { filed } from '../report/given-plan-file.js'

const todo = (host: string, step: string, more = {}) => filed(host, step, { verdict: 'change', ...more })

describe('the timeline of a plan', () => {
  const steps = [
    filed('web1', 'fine', { play: 'Before' }),
    todo('web1', 'a'), todo('web1', 'b'), todo('web2', 'c'),
    todo('web1', 'd', { play: 'Roll', batch: { nth: 1, of: 2 } }), todo('web2', 'e', { play: 'Roll', batch: { nth: 2, of: 2 }, on: 'lb1' }),
  ]

  it('has the stages with something to do, and tells the longest way by steps where no run is known', () => {
    const { stages, total } = timelineOf({ steps })
    expect(stages.map(({ play, batch, stage }) => [stage, play, batch?.nth])).toEqual([[1, 'Nodes', undefined], [2, 'Roll', 1], [3, 'Roll', 2]])
    expect(stages[0]?.work).toEqual([{ host: 'web1', steps: 2, estimate: { ms: 0, unknown: 2 }, isCritical: true }, { host: 'web2', steps: 1, estimate: { ms: 0, unknown: 1 }, isCritical: false }])
    expect(stages[2]?.work).toMatchObject([{ host: 'web2' }])
    expect(total).toEqual({ ms: 0, unknown: 4 })
  })

  it('tells it by the middle of what earlier runs took where all of them are known', () => {
    const { stages, total } = timelineOf({ steps }, ({ step }) => (step === 'c' ? [9000, 5000, 100] : [1000]))
    expect(stages[0]?.work.map(({ estimate, isCritical }) => [estimate.ms, isCritical])).toEqual([[2000, false], [5000, true]])
    expect(total).toEqual({ ms: 7000, unknown: 0 })
  })

  it('makes nothing up for a step that no run has done', () => {
    const { stages, total } = timelineOf({ steps }, ({ step }) => (step === 'c' ? [5000] : []))
    expect(stages[0]?.work.map(({ isCritical }) => isCritical)).toEqual([true, false])
    expect(total).toEqual({ ms: 0, unknown: 4 })
  })
})
