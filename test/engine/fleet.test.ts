import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { exitCode, ProvisionError } from '../../src/core/errors.js'
import type { RunEvent } from '../../src/core/events.js'
import type { Play, Step } from '../../src/core/step.js'
import type { Transport } from '../../src/core/transport.js'
import { exitOf, recapOf } from '../../src/engine/run.js'
import { connectionLost, isChanging, scene, scripted, watched } from '../support/doors.js'
import { plan, play, run, settled, step, verdicts, type Told } from '../support/engine.js'
import { acts } from '../support/toys.js'

const at = scene()
const names = ['a', 'b', 'c', 'd', 'e'] as const
const doors = (): Transport[] => names.map((name) => at.door(name))
const lines = (name: string): string[] => (existsSync(at.at(name)) ? readFileSync(at.at(name), 'utf8').split('\n').filter(Boolean) : [])
/** Writes the host's name down; fails on some. */
const works = (failing: readonly string[] = [], name = 'work'): Step => ({ ...step(name, acts(''), {}), bind: (host, registered) =>
  step(name, acts(`echo ${host} >> ${at.at('log')}; ${failing.includes(host) ? 'exit 1' : ':'}`, { disturbs: [] }), {}).bind(host, registered) })
const over = (steps: readonly Step[], more: Partial<Play> = {}): Play => ({ ...play(steps, names), ...more })
const stopped = ({ events }: Told): string | undefined => events.flatMap((event) => (event.type === 'run-ended' ? [event.stopped] : []))[0]
const codes = (told: Told): { code: string }[] => settled(told).flatMap(({ verdict }) => (verdict.status === 'failed' ? [verdict.error] : []))
const exit = (told: Told): number => exitOf(recapOf(told.fleet), codes(told), stopped(told))
const workedIn = (told: Told, name: string): string[] => settled(told).filter(({ step: one, verdict }) => one === name && verdict.status === 'change').map(({ host }) => host).toSorted()

describe('batches', () => {
  it.each<[string, readonly number[] | undefined, string[]]>([
    ['all at once', undefined, ['abcde']], ['one by one', [1], ['a', 'b', 'c', 'd', 'e']], ['by two', [2], ['ab', 'cd', 'e']], ['a list, whose last repeats', [1, 3], ['a', 'bcd', 'e']],
    ['more than there are', [9], ['abcde']], ['never none', [0], ['a', 'b', 'c', 'd', 'e']],
  ])('take hosts in the order of the inventory: %s', async (_what, batches, expected) => {
    const handler = { name: 'h', steps: [step('end', acts(`echo end >> ${at.at('log')}`, { disturbs: [] }), {})] }
    const told = await run([over([{ ...works(), notify: ['h'] }], { handlers: [handler], ...(batches === undefined ? {} : { batches }) })], doors())
    // all hosts of a batch have come to their ends before the next begins
    const order = settled(told).map(({ host }) => host)
    let position = 0
    for (const batch of expected) {
      expect([...new Set(order.slice(position, position + batch.length * 2))].toSorted().join('')).toBe(batch)
      position += batch.length * 2
    }
  })

  it('are planned in the order of the inventory and of the play', async () => {
    const told = await plan([over([works([], 'one'), works([], 'two')], { batches: [2] })], doors().toReversed())
    expect(told.plan.steps.map(({ host, step: name }) => `${host} ${name}`)).toEqual(names.flatMap((host) => [`${host} one`, `${host} two`]))
    expect(told.plan.steps.map(({ batch }) => batch)).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 3, 3].map((nth) => ({ nth, of: 3 })))
    for (const batches of [undefined, [9]]) expect((await plan([over([works()], batches === undefined ? {} : { batches })], doors())).plan.steps.some(({ batch }) => batch !== undefined)).toBe(false)
  })

  it('stop where no host of one came through', async () => {
    const told = await run([over([works(['b'])], { batches: [1] }), { ...over([works([], 'later')]), name: 'later' }], doors())
    expect([lines('log'), stopped(told), exit(told)]).toEqual([['a', 'b'], expect.stringContaining('no host of b came through'), exitCode.failed])
  })

  it('go on where one host of a batch came through', async () => {
    const told = await run([over([works(['a'])], { batches: [2] }), { ...over([works([], 'later')]), name: 'later' }], doors())
    expect([workedIn(told, 'work'), workedIn(told, 'later'), stopped(told)]).toEqual([['b', 'c', 'd', 'e'], ['b', 'c', 'd', 'e'], undefined])
  })

  it('do not matter without `serial`: every host for itself', async () => {
    const told = await run([over([works([...names])]), { ...over([works([], 'later')]), name: 'later' }], doors())
    expect([lines('log').toSorted(), stopped(told), exit(told)]).toEqual([[...names], undefined, exitCode.failed])
  })
})

describe('max-failures', () => {
  it.each([[0, ['a'], true], [1, ['a'], false], [1, ['a', 'b'], true]])('of %i with failures on %j', async (maxFailures, failing, stops) => {
    const told = await run([over([works(failing)], { maxFailures }), { ...over([works([], 'later')]), name: 'later' }], doors())
    expect([stopped(told) !== undefined, workedIn(told, 'later').length]).toEqual([stops, stops ? 0 : 5 - failing.length])
  })

  it.each([[0, ['b'], 'ab'], [0, ['c'], 'abcd'], [1, ['b'], 'abcde'], [1, ['b', 'c'], 'abcd'], [0, ['e'], 'abcde']])('of %i with failures on %j lets no batch begin once it is passed', async (maxFailures, failing, begun) => {
    const told = await run([over([works(failing)], { maxFailures, batches: [2] })], doors())
    expect([lines('log').toSorted().join(''), stopped(told)]).toEqual([begun, failing.length > maxFailures ? expect.stringMatching(/^\d of 5 hosts failed in "play"$|^no host of e came/) : undefined])
  })

  it('plans the batches that a run would begin', async () => {
    const told = await plan([over([step('wrong', 'assert', { that: false, message: 'no' })], { maxFailures: 0, batches: [2] })], doors())
    expect(settled(told).map(({ host }) => host)).toEqual(['a', 'b'])
  })

  it('counts the hosts that are lost in the play, and not those lost before', async () => {
    const lost = scripted('a', () => undefined, async () => { throw connectionLost() })
    const told = await run([over([works([])], { maxFailures: 0 }), { ...over([works([], 'later')]), name: 'later' }], [lost, ...doors().slice(1)])
    expect([stopped(told), workedIn(told, 'later')]).toEqual([undefined, ['b', 'c', 'd', 'e']])
  })
})

describe('nodes of one machine', () => {
  const shared = (): Step => step('file', 'file', { path: at.at('shared'), content: 'x' })
  const own = (): Step => ({ ...step('own', acts(''), {}), bind: (host, registered) => step('own', 'file', { path: at.at(`own-${host}`), content: host }).bind(host, registered) })
  const machineOf = (name: string): string | undefined => (name === 'b' || name === 'd' ? 'm' : undefined)
  const changes = (told: Told): string[] => settled(told).filter(({ verdict }) => verdict.status === 'change').map(({ host, step: one }) => `${one} ${host}`).toSorted()
  const some = (): Transport[] => doors().filter(({ host }) => ['b', 'd'].includes(host))
  const plays = (): Play[] => [over([shared(), own()])]

  it('are planned one after the other: what the first does, the second finds', async () => {
    expect(changes(await plan(plays(), some(), { machineOf }))).toEqual(['file b', 'own b', 'own d'])
  })

  it('are changed one after the other, as planned', async () => {
    const told = await run(plays(), some(), { machineOf })
    expect([changes(told), codes(told)]).toEqual([['file b', 'own b', 'own d'], []])
    expect(readFileSync(at.at('shared'), 'utf8')).toBe('x')
    expect(changes(await run(plays(), some(), { machineOf }))).toEqual([])
  })

  it('do not know of each other unless it is said', async () => {
    expect(changes(await plan(plays(), some()))).toEqual(['file b', 'file d', 'own b', 'own d'])
  })
})

describe('a play that may lose none of its hosts', () => {
  it('ends the run where all of them were lost before', async () => {
    const told = await run([over([works([...names])]), { ...over([works([], 'proof')], { maxFailures: 0 }), name: 'proof' }, { ...over([works([], 'later')]), name: 'later' }], doors())
    expect([stopped(told), workedIn(told, 'later')]).toEqual(['no host is left for "proof"', []])
  })
})

describe('lost hosts leave, the others finish, and the exit code says so:', () => {
  const file = (): Step => ({ ...step('file', acts(''), {}), bind: (host, registered) => step('file', 'file', { path: at.at(`file-${host}`), content: 'x' }).bind(host, registered) })
  const losing = (when: (script: string, frame: number) => boolean, after = false): Transport => {
    let frame = 0
    return watched(at.door('a'), async (script, go) => {
      const lose = when(script, frame++)
      const output = lose && !after ? undefined : await go()
      if (lose || output === undefined) throw connectionLost()
      return output
    })
  }
  const finishes = async (door: Transport): Promise<void> => {
    const told = await run([over([file(), works()])], [door, ...doors().slice(1)])
    expect(workedIn(told, 'work')).toEqual(['b', 'c', 'd', 'e'])
    expect([told.fleet.get('a')?.recap().unreachable, exit(told), told.events.filter(({ type }) => type === 'host-lost').length]).toEqual([true, exitCode.unreachable, 1])
  }

  it('at opening', async () => { await finishes(scripted('a', () => undefined, async () => { throw connectionLost() })) })
  it('at the first questions', async () => { await finishes(losing((_script, frame) => frame === 0)) })
  it('before a frame', async () => { await finishes(losing(isChanging)); expect(existsSync(at.at('file-a'))).toBe(false) })
  it('behind a frame', async () => { await finishes(losing(isChanging, true)); expect(existsSync(at.at('file-a'))).toBe(true) })
  it('at the second session', async () => {
    const door = watched(at.door('a'), (_script, go) => go(), () => { throw connectionLost() })
    await finishes(door)
  })

  it('in a plan, which says so', async () => {
    const late = { ...file(), bind: (host: string, registered: ReadonlyMap<string, unknown>) => (registered.has('seen') ? file().bind(host, registered) : { skipped: 'not yet' }) }
    const sees = step('sees', 'file', { path: at.at('none'), state: 'absent' }, { register: 'seen' })
    const told = await plan([over([sees, late])], [losing((_script, frame) => frame === 1), ...doors().slice(1)])
    expect([Object.keys(told.plan.lost), verdicts(told).filter((line) => line.startsWith('file'))]).toEqual([['a'], ['file: change', 'file: change', 'file: change', 'file: change']])
  })
})

describe('a run', () => {
  it('ends by the gravest exit code', () => {
    const recap = { a: { ok: 0, changed: 0, deferred: 0, skipped: 0, failed: 0, ignored: 0, unreachable: true, round_trips: 0 } }
    const failed = ['x', 'stale', 'locked'].map((code) => ({ code }))
    expect([exitOf({}, [], undefined), exitOf(recap, [], undefined), exitOf(recap, failed.slice(0, 1), undefined), exitOf(recap, failed.slice(0, 2), undefined), exitOf(recap, failed, undefined), exitOf(recap, failed, 'interrupted')])
      .toEqual([exitCode.done, exitCode.unreachable, exitCode.failed, exitCode.stale, exitCode.locked, exitCode.interrupted])
  })

  it('lets the others come to their ends when one host meets a fault of ours', async () => {
    const told: RunEvent[] = []
    let binds = 0
    const faulty: Step = { ...works(), bind: (host, registered) => { if (host === 'a' && binds++ > 0) throw new RangeError('ours'); return works().bind(host, registered) } }
    const begun = run([over([works([], 'first'), faulty])], doors(), { emit: (event) => { told.push(event) } })
    await expect(begun).rejects.toThrow('ours')
    expect(told.filter((event) => event.type === 'step-settled' && event.step === 'work').length).toBe(4)
    expect(names.filter((name) => existsSync(at.at(`home-${name}/.keep/lock`)))).toEqual([])
  })

  it('fails the step whose session or content cannot be had, not the run', async () => {
    const become = { user: 'app', method: 'sudo' as const }
    const asApp = { ...works(), bind: (host: string, registered: ReadonlyMap<string, unknown>) => {
      const binding = works().bind(host, registered)
      return 'skipped' in binding ? binding : { steps: binding.steps.map((one) => ({ ...one, become })) }
    } }
    let asked = 0
    const own = at.door('a')
    const door = watched(own, (_script, go) => go(), (who) => { if (who !== undefined && asked++ > 0) throw new ProvisionError('become-odd', 'no'); return own.session() })
    const told = await run([play([works([], 'first'), asApp], ['a'])], [door])
    expect([verdicts(told), codes(told).map(({ code }) => code)]).toEqual([['first: change', 'work: failed'], ['become-odd']])
    const certificate = { issue: { commonName: 'x', names: ['x'], days: 1, key: 'ec256' as const } }
    const issues = step('issue', acts('', { actions: [{ do: 'exec', script: 'cat >/dev/null', stdin: certificate }] }), {})
    const refused = await run([play([issues], ['a'])], [at.door('a')], { issue: () => { throw new ProvisionError('wrong-authority', 'no') } })
    expect(codes(refused).map(({ code }) => code)).toEqual(['wrong-authority'])
  })
})
