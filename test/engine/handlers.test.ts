import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/core/digest.js'
import type { Block, Handler, Play, Step } from '../../src/core/step.js'
import type { Become, Transport } from '../../src/core/transport.js'
import { UnknownValue } from '../../src/core/unknown.js'
import { connectionLost, scene, watched } from '../support/doors.js'
import { bindTo, plan, play, run, settled, step, verdicts } from '../support/engine.js'
import { acts, makes, toy, far } from '../support/toys.js'

const at = scene()
const lines = (name: string): string[] => (existsSync(at.at(name)) ? readFileSync(at.at(name), 'utf8').split('\n').filter(Boolean) : [])
const handler = (name: string, more: Partial<Step> = {}): Handler => ({ name, steps: [step(name, acts(`echo ${name} >> ${at.at('log')}`, { disturbs: [] }), {}, more)] })
const file = (name: string, notify: readonly string[] = [], content = 'x'): Step => step(name, 'file', { path: at.at(name), content }, { notify })
const flush: Step = { ...step('flush', 'file', { path: '/none' }), module: 'flush-handlers', flushHandlers: true }
const fails = (): Step => step('fails', acts('exit 1'), {})
const owed = (host = 'here'): string[] => (existsSync(at.at(`home-${host}`, '.keep', 'owed')) ? readdirSync(at.at(`home-${host}`, '.keep', 'owed')) : [])
const owedAs = (name: string): string => `${name}-${sha256(name).slice(0, 12)}`

describe('handlers', () => {
  it('run once, in the order of the play, with who notified them', async () => {
    const plays = [play([file('a', ['second']), file('b', ['second', 'first']), file('c')], ['here'], [handler('first'), handler('second'), handler('third')])]
    const told = await run(plays, [at.door()])
    expect(verdicts(told)).toEqual(['a: change', 'b: change', 'c: change', 'first: change', 'second: change'])
    expect(settled(told).map(({ handler: because }) => because)).toEqual([undefined, undefined, undefined, { notified: ['b'] }, { notified: ['a', 'b'] }])
    expect([lines('log'), owed()]).toEqual([['first', 'second'], []])
    expect(verdicts(await run(plays, [at.door()]))).toEqual(['a: ok', 'b: ok', 'c: ok'])
  })

  it('are planned as they run', async () => {
    const plays = [play([file('a', ['h']), file('b', ['h'])], ['here'], [handler('h')])]
    const planned = await plan(plays, [at.door()])
    expect(verdicts(planned)).toEqual(['a: change', 'b: change', 'h: change'])
    expect(planned.plan.steps[2]?.handler).toEqual({ notified: ['a', 'b'] })
    expect(verdicts(await run(plays, [at.door()], { plan: planned.plan }))).toEqual(['a: change', 'b: change', 'h: change'])
  })

  it('run where they are flushed, and again when they are notified again', async () => {
    const plays = [play([file('a', ['h']), flush, file('b'), file('c', ['h'])], ['here'], [handler('h')])]
    for (const walk of [plan, run]) expect(verdicts(await walk(plays, [at.door()]))).toEqual(['a: change', 'h: change', 'b: change', 'c: change', 'h: change'])
  })

  it('may notify later ones', async () => {
    const plays = [play([file('a', ['first'])], ['here'], [handler('first', { notify: ['second'] }), handler('second')])]
    for (const walk of [plan, run]) expect(verdicts(await walk(plays, [at.door()]))).toEqual(['a: change', 'first: change', 'second: change'])
    expect(owed()).toEqual([])
  })

  it('do not run each other where one flushes', async () => {
    const flushing: Handler = { name: 'h', steps: [...handler('h').steps, flush, ...handler('last').steps] }
    expect(verdicts(await run([play([file('a', ['h'])], ['here'], [flushing])], [at.door()]))).toEqual(['a: change', 'h: change', 'last: change'])
  })

  it('stand in a later play', async () => {
    const plays = [play([file('a', ['h'])]), { ...play([file('b')], ['here'], [handler('h')]), name: 'later' }]
    for (const walk of [plan, run]) expect(verdicts(await walk(plays, [at.door()]))).toEqual(['a: change', 'b: change', 'h: change'])
    expect(owed()).toEqual([])
  })

  it('run at the end of each batch', async () => {
    const plays = [{ ...play([file('a', ['h']), step('b', acts(`echo step >> ${at.at('log')}`, { disturbs: [] }), {})], ['one', 'two'], [handler('h')]), batches: [1] }]
    const own = (host: string): Step => step('a', 'file', { path: at.at(host), content: 'x' }, { notify: ['h'], bind: (name) => step('a', 'file', { path: at.at(`own-${name}`), content: 'x' }).bind(name, new Map()) })
    await run([{ ...plays[0] ?? play([]), steps: [own('x'), ...(plays[0]?.steps.slice(1) ?? [])] }], [at.door('one'), at.door('two')])
    expect(lines('log')).toEqual(['step', 'h', 'step', 'h'])
  })

  it('are deferred once where a deferred step may notify them, and disturb what they may', async () => {
    const open = (name: string): Step => step(name, toy({ far: far(at.at('far')) }, () => [{ summary: 'x', actions: [{ do: 'exec', script: `touch ${at.at(name)}` }], predicts: [], disturbs: [], confirm: 'true' }], { mayDisturb: () => [] }), {}, { notify: ['h'] })
    const quiet = { name: 'h', steps: [step('h', toy({}, () => [], { mayDisturb: () => [] }), {})] }
    const told = await plan([play([step('first', makes(at.at('first'), 'exit 1', { disturbs: [] }), {}), open('one'), open('two')], ['here'], [quiet]), play([file('after')])], [at.door()])
    expect(verdicts(told)).toEqual(['first: change', 'one: deferred', 'two: deferred', 'h: deferred', 'after: change'])
    expect(settled(told)[3]?.handler).toEqual({ notified: ['one', 'two'] })
  })

  it('are deferred in each round of a loop that their list is included in', async () => {
    const open = step('open', toy({ far: far(at.at('far')) }, () => [{ summary: 'x', actions: [{ do: 'exec', script: 'true' }], predicts: [], disturbs: [], confirm: 'true' }], { mayDisturb: () => [] }), {}, { notify: ['h'] })
    const quiet = toy({}, () => [], { mayDisturb: () => [] })
    const rounds = [{ around: { label: 'a' } }, { around: { label: 'b' } }]
    const once: Step = step('h', quiet, {}, { bind: (_host, _registered, around) => ({ steps: bindTo(`h of ${rounds.find((round) => round.around === around)?.around.label}`, quiet, {}).steps }) })
    const looped = (bind: Block['bind']): Handler => ({ name: 'h', steps: [{ name: 'list', place: { file: 'test.yaml', line: 1, column: 1 }, block: [once], rescue: [], always: [], bind }] })
    const told = async (bind: Block['bind']): Promise<unknown> => verdicts(await plan([play([step('first', makes(at.at('first'), 'exit 1', { disturbs: [] }), {}), open], ['here'], [looped(bind)])], [at.door()]))
    expect(await told(() => ({ rounds }))).toEqual(['first: change', 'open: deferred', 'h of a: deferred', 'h of b: deferred'])
    expect(await told(() => ({ skipped: 'the loop is empty' }))).toEqual(['first: change', 'open: deferred', 'h: skipped'])
    expect(await told(() => { throw new UnknownValue('first') })).toEqual(['first: change', 'open: deferred', 'h of undefined: deferred'])
  })

  it('are planned as what they are where a change notifies them for sure', async () => {
    const open = step('open', toy({ far: far(at.at('far')) }, () => [], { mayDisturb: () => [] }), {}, { notify: ['h'] })
    expect(verdicts(await plan([play([file('a', ['h']), open], ['here'], [handler('h')])], [at.door()]))).toEqual(['a: change', 'open: deferred', 'h: change'])
  })
})

describe('debts', () => {
  it('are written before the change, outlive a failure, and are paid by the next run', async () => {
    const seen: string[][] = []
    const notifies = step('a', makes(at.at('a'), `ls "$HOME/.keep/owed" > ${at.at('seen')}; touch ${at.at('a')}`), {}, { notify: ['h'] })
    const plays = (second: Step): Parameters<typeof run>[0] => [play([notifies, second], ['here'], [handler('h')])]
    expect(verdicts(await run(plays(fails()), [at.door()]))).toEqual(['a: change', 'fails: failed'])
    seen.push(lines('seen'))
    expect([seen[0]?.length, owed().length, lines('log')]).toEqual([1, 1, []])
    const next = plays(file('b'))
    const planned = await plan(next, [at.door()])
    expect(verdicts(planned)).toEqual(['a: ok', 'b: change', 'h: change'])
    expect(planned.plan.steps[2]?.handler).toEqual({ owed: true })
    expect(verdicts(await run(next, [at.door()], { plan: planned.plan }))).toEqual(['a: ok', 'b: change', 'h: change'])
    expect([owed(), lines('log')]).toEqual([[], ['h']])
    expect(verdicts(await run(plays(file('b')), [at.door()]))).toEqual(['a: ok', 'b: ok'])
  })

  it('stay when the connection is lost behind the change', async () => {
    let frames = 0
    const door = watched(at.door(), async (script, go) => { const output = await go(); if (script.includes('m step 0') && frames++ === 0) throw connectionLost(); return output })
    await run([play([file('a', ['h'])], ['here'], [handler('h')])], [door])
    await door.close() // its shell, and so its lock, ends with the connection
    expect([owed().length, existsSync(at.at('a')), lines('log')]).toEqual([1, true, []])
    expect(verdicts(await run([play([file('a', ['h'])], ['here'], [handler('h')])], [at.door()]))).toEqual(['a: ok', 'h: change'])
  })

  it('stay where a handler of several steps fails in the middle', async () => {
    const several = (second: Step): Handler => ({ name: 'h', steps: [...handler('h1').steps, second, ...handler('h2').steps] })
    expect(verdicts(await run([play([file('a', ['h'])], ['here'], [several(fails())])], [at.door()]))).toEqual(['a: change', 'h1: change', 'fails: failed'])
    expect(owed().length).toBe(1)
    expect(verdicts(await run([play([file('a', ['h'])], ['here'], [several(file('b'))])], [at.door()]))).toEqual(['a: ok', 'h1: change', 'b: change', 'h2: change'])
    expect(owed()).toEqual([])
  })

  it('are paid where the handler has nothing to do any more', async () => {
    const gate: Handler = { name: 'h', steps: [file('b')] }
    await run([play([file('a', ['h']), fails()], ['here'], [gate])], [at.door()])
    writeFileSync(at.at('b'), 'x', { mode: 0o644 })
    expect(verdicts(await run([play([file('a', ['h'])], ['here'], [gate])], [at.door()]))).toEqual(['a: ok', 'b: ok'])
    expect(owed()).toEqual([])
  })

  it('are paid in the ledger of another user', async () => {
    const app: Become = { user: 'app', method: 'sudo' }
    const door = (): Transport => {
      const [own, other] = [at.door(), at.door('app')]
      return watched(own, (_script, go) => go(), (become) => (become === undefined ? own : other).session())
    }
    const asApp = (one: Step): Step => ({ ...one, bind: (host, registered) => {
      const binding = one.bind(host, registered)
      return 'skipped' in binding ? binding : { steps: binding.steps.map((bound) => ({ ...bound, become: app })) }
    } })
    await run([play([asApp(file('a', ['h'])), fails()], ['here'], [handler('h')])], [door()])
    expect([owed('app').length, owed().length]).toEqual([1, 0])
    const told = await run([play([asApp(file('a', ['h']))], ['here'], [handler('h')])], [door()])
    expect([verdicts(told), owed('app')]).toEqual([['a: ok', 'h: change'], []])
    mkdirSync(at.at('rest'))
    expect(verdicts(await run([play([asApp(file('a', ['h']))], ['here'], [handler('h')])], [door()]))).toEqual(['a: ok'])
  })

  it('fail a step that cannot write them, before it changes anything', async () => {
    at.door()
    mkdirSync(at.at('home-here/.keep'), { recursive: true })
    writeFileSync(at.at('home-here/.keep/owed'), 'not a folder')
    const told = await run([play([file('a', ['h'])], ['here'], [handler('h')])], [at.door()])
    expect([verdicts(told), existsSync(at.at('a'))]).toEqual([['a: failed'], false])
  })
})

describe('handlers of one name that do different things', () => {
  const variants = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb']
  const variantHandler = (log: string, variant: string): Handler => ({ ...handler('h'), variant, variants, steps: [step('h', acts(`echo ${log} >> ${at.at('log')}`, { disturbs: [] }), {})] })
  const notifying = (name: string, variant: string, more: readonly Step[] = []): Play => ({ ...play([file(name, ['h']), ...more], ['here'], [variantHandler(name, variant)]), name, payerOf: () => variant })
  const both = (more: readonly Step[] = []): readonly Play[] => [notifying('one', 'aaaaaaaaaaaa'), notifying('two', 'bbbbbbbbbbbb', more)]

  it('pay their own debts alone', async () => {
    await run(both([fails()]), [at.door()])
    expect([lines('log'), owed().length]).toEqual([['one'], 1])
    const again = both()
    const planned = await plan(again, [at.door()])
    expect(verdicts(planned)).toEqual(['one: ok', 'two: ok', 'h: change'])
    expect(verdicts(await run(again, [at.door()], { plan: planned.plan }))).toEqual(['one: ok', 'two: ok', 'h: change'])
    expect([lines('log'), owed()]).toEqual([['one', 'two'], []])
  })

  it('all pay what is owed to none of them, since the playbook was another one', async () => {
    await run([play([file('old', ['h']), fails()], ['here'], [handler('h')])], [at.door()])
    const told = await run(both(), [at.door()])
    expect(settled(told).flatMap(({ handler: because }) => because ?? [])).toEqual([{ notified: ['one'] }, { notified: ['two'] }])
    writeFileSync(at.at('home-here/.keep/owed', `${owedAs('h')}.cccccccccccc`), '')
    expect(settled(await run(both(), [at.door()])).flatMap(({ handler: because }) => because ?? [])).toEqual([{ owed: true }, { owed: true }])
    expect([lines('log'), owed()]).toEqual([['one', 'two', 'one', 'two'], []])
  })

  it('tell of a debt that none of them pays', async () => {
    await run([play([file('old', ['gone by']), fails()], ['here'], [handler('gone by')])], [at.door()])
    const { events } = await run(both(), [at.door()])
    expect(events.filter(({ type }) => type === 'notice')).toEqual([{ type: 'notice', host: 'here', text: expect.stringContaining('owes the handler "gone-by", and no play of this one pays it') }])
  })
})
