import { describe, expect, it } from 'vitest'
import { below, type Change } from '../../src/core/change.js'
import { but } from '../../src/core/disturbance.js'
import type { HostFact } from '../../src/core/fact.js'
import { fileAt } from '../../src/facts/file.js'
import { identity } from '../../src/facts/identity.js'
import { tree } from '../../src/facts/tree.js'
import type { Replies } from '../../src/engine/gather.js'
import { LOGIN } from '../../src/engine/host.js'
import { Snapshot } from '../../src/engine/snapshot.js'
import { far, lamp } from '../support/toys.js'

const absent = (real: string): string => `A|-|-|-|-|-|${real}\t`
const directory = (real: string): string => `D|755|root|root|-|-|${real}\t`
const base64 = (text: string): string => Buffer.from(`${text}\0` + '0\0').toString('base64')
const said = (fact: HostFact, reply: string): Replies => new Map([[fact.key, { reply }]])
const change = (more: Partial<Change>): Change => ({ summary: 'x', actions: [], predicts: [], disturbs: [], ...more })
const [file, bulb] = [fileAt('/a/x'), lamp('/lamp')]

describe('what is believed', () => {
  it('is what was read, until something disturbs it', () => {
    const snapshot = new Snapshot()
    expect(snapshot.read(LOGIN, file)).toBe('never-asked')
    snapshot.learn(LOGIN, [file], said(file, absent('/a')))
    expect(snapshot.read(LOGIN, file)).toEqual({ known: { type: 'absent' } })
    expect(snapshot.replyOf(LOGIN, file)).toBe(absent('/a'))
    snapshot.believe(LOGIN, 'other', [change({ disturbs: [below('/b'), 'unit:*'] })])
    expect(snapshot.isSettled(LOGIN, file)).toBe(true)
    snapshot.believe(LOGIN, 'step', [change({ disturbs: [below('/a')] })])
    expect(snapshot.read(LOGIN, file)).toEqual({ unknown: 'step' })
    expect([snapshot.isSettled(LOGIN, file), snapshot.replyOf(LOGIN, file)]).toEqual([false, undefined])
  })

  it('is a tree no longer, once a file in it is foretold to be another one', () => {
    const known = (predicts: Change['predicts']): boolean => {
      const snapshot = new Snapshot()
      snapshot.learn(LOGIN, [tree('/a')], said(tree('/a'), base64('/a\n')))
      snapshot.believe(LOGIN, 'step', [change({ predicts })])
      return snapshot.isSettled(LOGIN, tree('/a'))
    }
    expect(known([{ fact: 'file:/a/x', value: { type: 'absent' } }])).toBe(false)
    expect(known([{ below: '/a/b', tree: { root: '/a/b', entries: {} } }])).toBe(false)
    expect(known([{ fact: 'file:/b/x', value: { type: 'absent' } }])).toBe(true)
  })

  it('is everything unknown after a change that does not say what it disturbs', () => {
    const snapshot = new Snapshot()
    snapshot.learn(LOGIN, [file, bulb], new Map([...said(file, absent('/a')), ...said(bulb, base64('on'))]))
    snapshot.believe(LOGIN, 'step', [{ predicts: [] }])
    expect([snapshot.read(LOGIN, file), snapshot.read(LOGIN, bulb)]).toEqual([{ unknown: 'step' }, { unknown: 'step' }])
  })

  it('is a prediction for who makes the change, and unknown for everybody else', () => {
    const snapshot = new Snapshot()
    for (const user of [LOGIN, 'sudo:app']) snapshot.learn(user, [bulb], said(bulb, base64('off')))
    snapshot.believe(LOGIN, 'step', [change({ predicts: [{ fact: bulb.key, value: 'on' }] })])
    expect([snapshot.read(LOGIN, bulb), snapshot.read('sudo:app', bulb)]).toEqual([{ known: 'on' }, { unknown: 'step' }])
    expect(snapshot.replyOf(LOGIN, bulb)).toBeUndefined()
  })

  it('is forgotten for every user', () => {
    const snapshot = new Snapshot()
    for (const user of [LOGIN, 'sudo:app']) snapshot.learn(user, [file], said(file, absent('/a')))
    snapshot.believe('sudo:app', 'step', [change({ disturbs: [below('/a')] })])
    expect([snapshot.isSettled(LOGIN, file), snapshot.isSettled('sudo:app', file)]).toEqual([false, false])
  })

  it('applies what was believed so far to what is learnt late', () => {
    const snapshot = new Snapshot()
    snapshot.believe(LOGIN, 'first', [change({ predicts: [{ fact: bulb.key, value: 'on' }] })])
    snapshot.believe(LOGIN, 'second', [change({ disturbs: [below('/a')] })])
    snapshot.believe(LOGIN, 'third', [change({ predicts: [{ below: '/a', tree: { root: '/a', entries: { x: { type: 'link', target: 'y', owner: 'o', group: 'g' }, z: null } } }], disturbs: [below('/a')] })])
    const [gone, vague] = [fileAt('/a/gone'), fileAt('/a/z')]
    snapshot.learn(LOGIN, [bulb, file, gone, vague], new Map([...said(bulb, base64('off')), ...[file, gone, vague].flatMap((fact) => [...said(fact, absent('/a'))])]))
    expect(snapshot.read(LOGIN, bulb)).toEqual({ known: 'on' })
    expect(snapshot.read(LOGIN, file)).toEqual({ known: { type: 'link', target: 'y', owner: 'o', group: 'g' } })
    expect(snapshot.read(LOGIN, gone)).toEqual({ known: { type: 'absent' } })
    expect(snapshot.read(LOGIN, vague)).toEqual({ unknown: 'third' })
  })

  it('leaves constants alone', () => {
    const snapshot = new Snapshot()
    snapshot.learn(LOGIN, [identity], said(identity, 'root|root'))
    snapshot.believe(LOGIN, 'step', [{ predicts: [] }])
    expect(snapshot.isSettled(LOGIN, identity)).toBe(true)
    expect(snapshot.outdated(LOGIN, [identity])).toEqual([])
  })

  it('keeps why the host could not tell', () => {
    const snapshot = new Snapshot()
    const failure = { code: 'fact-failed', message: 'no' }
    snapshot.learn(LOGIN, [file], new Map([[file.key, { failure }]]))
    expect(snapshot.read(LOGIN, file)).toEqual({ failure })
    expect(snapshot.isSettled(LOGIN, file)).toBe(false)
    snapshot.learn(LOGIN, [file], said(file, 'X|-|-|-|-|-|/a\t'))
    expect(snapshot.read(LOGIN, file)).toMatchObject({ failure: { code: 'not-readable' } })
  })

  it('is its own in a fork', () => {
    const snapshot = new Snapshot()
    snapshot.learn(LOGIN, [file], said(file, absent('/a')))
    const fork = new Snapshot(snapshot)
    fork.believe(LOGIN, 'step', [change({ disturbs: ['*'] })])
    expect([snapshot.isSettled(LOGIN, file), fork.isSettled(LOGIN, file)]).toEqual([true, false])
  })
})

describe('links', () => {
  const through = fileAt('/opt/app/conf')
  const real = fileAt('/opt/app-1/conf')
  const link = fileAt('/opt/app')
  const learnt = (user = LOGIN): Snapshot => {
    const snapshot = new Snapshot()
    snapshot.learn(user, [through, real, link], new Map([...said(through, absent('/opt/app-1')), ...said(real, absent('/opt/app-1')), ...said(link, 'L|777|root|root|5|-|/opt|app-1\t')]))
    return snapshot
  }

  it('take with them what is below them when they are switched', () => {
    const snapshot = learnt()
    snapshot.believe(LOGIN, 'switch', [change({ disturbs: [below('/opt/app')] })])
    expect([through, real].map((fact) => snapshot.isSettled(LOGIN, fact))).toEqual([false, true])
  })

  it('are seen through when the real folder changes', () => {
    const snapshot = learnt()
    snapshot.believe(LOGIN, 'write', [change({ disturbs: [below('/opt/app-1')] })])
    expect([through, real].map((fact) => snapshot.isSettled(LOGIN, fact))).toEqual([false, false])
  })

  it.each([['plain', below('/opt/app/conf')], ['with exceptions', but(below('/opt/app/conf'), below('/opt/app/conf/kept'))]])('are seen through when a change is named by them: %s', (_how, disturbance) => {
    const snapshot = learnt()
    snapshot.believe(LOGIN, 'write', [change({ disturbs: [disturbance] })])
    expect([through, real].map((fact) => snapshot.isSettled(LOGIN, fact))).toEqual([false, false])
  })

  it('are seen through by what is learnt late', () => {
    const snapshot = new Snapshot()
    snapshot.believe(LOGIN, 'write', [change({ disturbs: [below('/opt/app-1')] })])
    snapshot.learn(LOGIN, [through], said(through, absent('/opt/app-1')))
    expect(snapshot.read(LOGIN, through)).toEqual({ unknown: 'write' })
  })

  it('keep where they led while their answer is not known', () => {
    const snapshot = learnt()
    snapshot.believe(LOGIN, 'first', [change({ predicts: [{ fact: through.key, value: { type: 'absent' } }] })])
    snapshot.believe(LOGIN, 'second', [change({ disturbs: [below('/opt/app-1')] })])
    expect(snapshot.read(LOGIN, through)).toEqual({ unknown: 'second' })
  })
})

describe('what is beyond the host', () => {
  const port = far('/far')
  it('is forgotten, and stays so in a plan for what is asked late', () => {
    const snapshot = new Snapshot()
    snapshot.learn(LOGIN, [port, bulb], new Map([...said(port, base64('up')), ...said(bulb, base64('on'))]))
    expect(snapshot.asksBeyond).toBe(true)
    snapshot.forgetBeyond('elsewhere')
    expect([snapshot.read(LOGIN, port), snapshot.isSettled(LOGIN, bulb), snapshot.asksBeyond]).toEqual([{ unknown: 'elsewhere' }, true, false])
    snapshot.learn(LOGIN, [port], said(port, base64('up')))
    expect(snapshot.read(LOGIN, port)).toEqual({ known: 'up' })
    snapshot.believeBeyond('planned elsewhere')
    const fork = new Snapshot(snapshot)
    for (const one of [snapshot, fork]) {
      one.learn(LOGIN, [port], said(port, base64('up')))
      expect(one.read(LOGIN, port)).toEqual({ unknown: 'planned elsewhere' })
    }
  })
})

describe('after changes were made', () => {
  it('predictions are asked again, and what was read before is outdated', () => {
    const snapshot = new Snapshot()
    snapshot.learn(LOGIN, [file, bulb], new Map([...said(file, directory('/a')), ...said(bulb, base64('on'))]))
    expect(snapshot.outdated(LOGIN, [file, bulb])).toEqual([])
    snapshot.believe(LOGIN, 'step', [change({ predicts: [{ fact: file.key, value: { type: 'absent' } }] })])
    expect(snapshot.outdated(LOGIN, [file, bulb]), 'while it is pending').toEqual([[bulb, base64('on')]])
    snapshot.forgetPredictions()
    expect([snapshot.isSettled(LOGIN, file), snapshot.isSettled(LOGIN, bulb)]).toEqual([false, true])
    expect(snapshot.outdated(LOGIN, [file, bulb]), 'once it is made').toEqual([[bulb, base64('on')]])
    snapshot.learn(LOGIN, [bulb], said(bulb, base64('on')))
    expect(snapshot.outdated(LOGIN, [bulb]), 'read afterwards').toEqual([])
    snapshot.forgetPredictions()
    expect(snapshot.outdated(LOGIN, [bulb]), 'nothing was changed').toEqual([])
    snapshot.forget(LOGIN, [bulb])
    expect(snapshot.read(LOGIN, bulb)).toBe('never-asked')
  })
})
