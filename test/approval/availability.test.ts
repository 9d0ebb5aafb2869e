import { describe, expect, it } from 'vitest'
import { availabilityOf, MACHINE, unforeseen } from '../../src/approval/availability.js'
import type { FiledStep } from '../../src/approval/plan-file.js'
import { filed, filedChange } from '../report/given-plan-file.js'

const of = (nth: number) => ({ play: 'Roll', batch: { nth, of: 2 } })
const about = (more: Partial<FiledStep>): Partial<FiledStep> => ({ needs: ['unit:web.service'], verdict: 'change', changes: [filedChange('do it', [], { holds: ['unit:web.service'] })], ...more })
const restart = (host: string, more: Partial<FiledStep> = {}): FiledStep => filed(host, 'restart web', about({ module: 'restart', risks: ['restart'], ...more }))
const stop = (host: string, more: Partial<FiledStep> = {}): FiledStep => filed(host, 'stop web', about({ module: 'service', risks: ['restart'], ...more }))
const start = (host: string, more: Partial<FiledStep> = {}): FiledStep => filed(host, 'start web', about({ module: 'service', ...more }))
const gate = (host: string, more: Partial<FiledStep> = {}): FiledStep => filed(host, 'web answers', { module: 'wait-for', verdict: 'deferred', ...more })
const known = (host: string): FiledStep => filed(host, 'web runs', { module: 'service', needs: ['unit:web.service'] })

describe('how many hosts serve while a plan is applied', () => {
  it('is all but one where batches restart one after the other, each behind a gate', () => {
    const [web, ...others] = availabilityOf({ steps: [restart('web1', of(1)), gate('web1', of(1)), restart('web2', of(2))] })
    expect(others).toEqual([])
    expect(web).toMatchObject({ unit: 'web.service', hosts: ['web1', 'web2'], least: 1, isAwaited: true, worst: { stage: 0, down: ['web1'], isSure: true } })
    expect(web?.outages).toMatchObject([{ host: 'web1', from: 0, until: 0, kind: 'restarts', gate: 'web answers' }, { host: 'web2', from: 1, until: 1, gate: undefined }])
  })

  it('is told from one where nothing waits until the host before serves again', () => {
    expect(availabilityOf({ steps: [restart('web1', of(1)), restart('web2', of(2)), gate('web2', of(2))] })).toMatchObject([{ least: 1, isAwaited: false }])
  })

  it('is none where all hosts of a batch restart, though they follow one another in the plan', () => {
    expect(availabilityOf({ steps: [restart('web1'), gate('web1'), restart('web2')] })).toMatchObject([{ least: 0, worst: { down: ['web1', 'web2'], isSure: true } }])
  })

  it('counts hosts whose unit is looked at and left alone', () => {
    expect(availabilityOf({ steps: [restart('web1'), known('web2'), known('web3')] })).toMatchObject([{ hosts: ['web1', 'web2', 'web3'], least: 2 }])
    expect(availabilityOf({ steps: [known('web1'), filed('web1', 'file', { verdict: 'change' })] })).toEqual([])
  })

  it('tells what may be from what is sure', () => {
    expect(availabilityOf({ steps: [restart('web1', { verdict: 'deferred', changes: [] })] })).toMatchObject([{ least: 0, worst: { isSure: false } }])
    expect(availabilityOf({ steps: [restart('web1', { verdict: 'skipped', changes: [], risks: [] })] })).toEqual([])
  })

  it('takes what is stopped as down until a later step starts it, or to the end', () => {
    const drill = [stop('web1', { play: 'Stop' }), stop('web2', { play: 'Other' }), start('web1', { play: 'Start' }), gate('web1', { play: 'Start' })]
    expect(availabilityOf({ steps: drill })).toMatchObject([{ least: 0, worst: { stage: 1, down: ['web1', 'web2'] }, outages: [{ kind: 'stops', from: 0, until: 2, gate: 'web answers' }, { kind: 'stops', from: 1, until: undefined, gate: undefined }] }])
    expect(availabilityOf({ steps: [stop('web1', of(1)), start('web1', of(1)), stop('web2', of(2)), start('web2', of(2))] })).toMatchObject([{ least: 1 }])
  })

  it('takes what is started for sure as down before', () => {
    expect(availabilityOf({ steps: [restart('web2', { play: 'First' }), start('web1', { play: 'Then' })] })).toMatchObject([{ least: 0, worst: { stage: 0, down: ['web2', 'web1'] } }])
    expect(availabilityOf({ steps: [start('web1', { verdict: 'deferred', changes: [] })] })).toEqual([])
  })

  it('knows a machine that is started anew, and steps that are done on other hosts', () => {
    const reboot = filed('web1', 'reboot', { module: 'reboot', verdict: 'change', risks: ['restart', 'irreversible'] })
    const found = availabilityOf({ steps: [known('web1'), known('web2'), reboot] })
    expect(found.map(({ unit, least }) => [unit, least])).toEqual([['web.service', 1], [MACHINE, 1]])
    expect(availabilityOf({ steps: [restart('web1', { on: 'lb1' })] })).toMatchObject([{ hosts: ['lb1'], outages: [{ host: 'lb1' }] }])
  })

  it('tells how many steps it cannot see through', () => {
    expect(unforeseen({ steps: [filed('a', 'x', { verdict: 'change', risks: ['opaque'] }), filed('a', 'y', { verdict: 'skipped', risks: ['opaque'] }), filed('a', 'z', { verdict: 'deferred' })] })).toBe(1)
  })
})
