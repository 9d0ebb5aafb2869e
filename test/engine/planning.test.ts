import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { below } from '../../src/core/change.js'
import { UnknownValue } from '../../src/core/unknown.js'
import { LocalTransport } from '../../src/transport/local.js'
import { scene, watched } from '../support/doors.js'
import { bindTo, plan, play, run, settled, step, verdicts } from '../support/engine.js'
import { acts, far, makes, switched, toy } from '../support/toys.js'

const at = scene()

/** A `systemctl` that keeps its units as files, and a `dpkg-query` that knows no package: enough to plan by. */
const systemd = (units: Readonly<Record<string, 'active' | 'inactive'>>): LocalTransport => {
  const bin = at.at('bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(at.at('bin', 'systemctl'), `#!/bin/sh
show() { for u do case $u in ${Object.entries(units).map(([name, state]) => `${name}) printf 'Id=%s\\nNames=%s\\nLoadState=loaded\\nActiveState=${state}\\nUnitFileState=disabled\\nNeedDaemonReload=no\\nFragmentPath=\\n\\n' $u $u ;;`).join(' ')}
*) printf 'Id=%s\\nNames=%s\\nLoadState=not-found\\nActiveState=inactive\\nUnitFileState=\\nNeedDaemonReload=no\\nFragmentPath=\\n\\n' $u $u ;; esac; done; }
[ "$1" = show ] || exit 1; while [ "$1" != -- ]; do shift; done; shift; show "$@"
`)
  chmodSync(at.at('bin', 'systemctl'), 0o755)
  return new LocalTransport({ host: 'here', env: { ...process.env, HOME: at.folder, PATH: `${bin}:${process.env['PATH'] ?? ''}` } })
}

describe('a plan of units', () => {
  it('stops and starts one unit', async () => {
    const told = await plan([play([
      step('stop', 'service', { name: 'app', state: 'stopped' }), step('start', 'service', { name: 'app', state: 'started' }), step('runs', 'service', { name: 'app', state: 'started' }),
    ])], [systemd({ 'app.service': 'active' })])
    expect(verdicts(told)).toEqual(['stop: change', 'start: change', 'runs: ok'])
  })

  it('fails at once for a unit that nothing brings', async () => {
    const told = await plan([play([step('start', 'service', { name: 'nowhere', state: 'started' })])], [systemd({})])
    expect(settled(told)[0]?.verdict).toMatchObject({ status: 'failed', error: { code: 'no-such-unit' } })
  })

  it('defers a unit that an earlier step may bring', async () => {
    const install = makes(at.at('installed'), 'exit 1', { disturbs: ['unit:*'] })
    const told = await plan([play([step('install', install, {}), step('start', 'service', { name: 'nowhere', state: 'started' })])], [systemd({})])
    expect(verdicts(told)).toEqual(['install: change', 'start: deferred'])
    expect(settled(told)[1]?.verdict).toEqual({ status: 'deferred', until: 'install' })
  })
})

describe('a plan', () => {
  it('leaves the host as it is, and asks in two trips', async () => {
    const door = at.door()
    await plan([play([step('folder', 'directory', { path: at.at('a') }), step('file', 'file', { path: at.at('a/b'), content: 'x' }), step('link', 'link', { path: at.at('l'), target: 'a' })])], [door])
    expect([door.roundTrips, readdirSync(at.folder), readdirSync(at.at('home-here'))]).toEqual([2, ['home-here'], []])
  })

  it('sees a file asked late as earlier steps leave it', async () => {
    let asked = 0
    const late = step('late', 'file', { path: at.at('a/b'), content: 'x' }, { bind: () => { if (asked++ === 0) throw new UnknownValue('later'); return bindTo('late', 'file', { path: at.at('a/b'), content: 'x' }) } })
    const told = await plan([play([step('folder', 'directory', { path: at.at('a') }), late])], [at.door()])
    expect(verdicts(told)).toEqual(['folder: change', 'late: change'])
  })

  it('defers what lies below a link that is switched, and through it', async () => {
    for (const version of ['1', '2']) { mkdirSync(at.at(`app-${version}`)); writeFileSync(at.at(`app-${version}/conf`), `${version}\n`) }
    symlinkSync('app-1', at.at('app'))
    const steps = [
      step('switch', 'link', { path: at.at('app'), target: 'app-2' }),
      step('real', 'file', { path: at.at('app-1/conf'), content: '1\n' }),
      step('through', 'file', { path: at.at('app/conf'), content: '1\n' }),
    ]
    expect(verdicts(await plan([play(steps)], [at.door()]))).toEqual(['switch: change', 'real: ok', 'through: deferred'])
    expect(verdicts(await run([play(steps)], [at.door()]))).toEqual(['switch: change', 'real: ok', 'through: change'])
    expect([readFileSync(at.at('app-2/conf'), 'utf8'), readFileSync(at.at('app-1/conf'), 'utf8')]).toEqual(['1\n', '1\n'])
  })

  it('knows that a file named through a link is the file', async () => {
    mkdirSync(at.at('d'))
    writeFileSync(at.at('d/x'), 'old\n')
    symlinkSync('d', at.at('l'))
    const steps = [step('through', 'file', { path: at.at('l/x'), content: 'new\n' }), step('real', 'file', { path: at.at('d/x'), content: 'new\n' })]
    expect(verdicts(await plan([play(steps)], [at.door()]))).toEqual(['through: change', 'real: deferred'])
    expect(verdicts(await run([play(steps)], [at.door()]))).toEqual(['through: change', 'real: ok'])
  })

  it('tells a failure that a change before it may mend as deferred', async () => {
    const told = await plan([play([step('act', acts('exit 1'), {}), step('link', 'link', { path: at.at('none/l'), target: 'x' })])], [at.door()])
    expect(verdicts(told)).toEqual(['act: change', 'link: deferred'])
  })

  it('disturbs with a deferred step no more than its module may', async () => {
    const open = (mayDisturb?: readonly string[]): ReturnType<typeof toy> => toy({ far: far(at.at('far')) }, () => [], mayDisturb === undefined ? {} : { mayDisturb: () => mayDisturb })
    const planned = async (module: ReturnType<typeof toy>): Promise<string[]> => verdicts(await plan([play([
      step('first', makes(at.at('first'), 'exit 1', { disturbs: [] }), {}), step('open', module, {}), step('lamp', switched(at.at('lamp'), 'on'), {}), step('below', 'file', { path: at.at('etc/x'), state: 'absent' }),
    ])], [at.door()]))
    expect(await planned(open())).toEqual(['first: change', 'open: deferred', 'lamp: deferred', 'below: deferred'])
    expect(await planned(open([below(at.at('etc'))]))).toEqual(['first: change', 'open: deferred', 'lamp: change', 'below: deferred'])
    expect(await planned(open([]))).toEqual(['first: change', 'open: deferred', 'lamp: change', 'below: ok'])
  })
})

describe('what is beyond the hosts', () => {
  const looks = (): ReturnType<typeof step> => step('look', toy({ far: far(at.at('far')) }, ({ far: seen }) => (seen === 'none' ? [] : [{ summary: 'too late', actions: [], predicts: [] }])), {})
  const only = (name: string, one: ReturnType<typeof step>): ReturnType<typeof step> => ({ ...one, bind: (host, registered) => (host === name ? one.bind(host, registered) : { skipped: 'not here' }) })
  const spoils = (host: string): ReturnType<typeof step> => only(host, step('spoil', makes(at.at('far'), `echo spoilt > ${at.at('far')}`, { disturbs: [below(at.at('far'))] }), {}))

  it.each(['a', 'b'])('is deferred on every host of a batch where %s will change', async (changing) => {
    const told = await plan([play([looks(), spoils(changing)], ['a', 'b'])], [at.door('a'), at.door('b')])
    const other = changing === 'a' ? 'b' : 'a'
    expect(settled(told).filter(({ step: name, host }) => name === 'look' && host === other).map(({ verdict }) => verdict.status)).toEqual(['deferred'])
  })

  it('is known where nobody will change', async () => {
    expect(verdicts(await plan([play([looks()], ['a', 'b'])], [at.door('a'), at.door('b')]))).toEqual(['look: ok', 'look: ok'])
  })

  it('is deferred in later plays, also when it is asked late', async () => {
    const late = { ...looks(), bind: (_host: string, registered: ReadonlyMap<string, unknown>) => { if (!registered.has('known')) throw new UnknownValue('known'); return looks().bind('b', registered) } }
    const registers = only('b', step('known', 'file', { path: at.at('none'), state: 'absent' }, { register: 'known' }))
    const told = await plan([play([spoils('a')], ['a']), play([registers, late], ['b'])], [at.door('a'), at.door('b')])
    expect(verdicts(told)).toEqual(['spoil: change', 'known: ok', 'look: deferred'])
  })

  it('is asked again after a change, on the host itself and on others', async () => {
    const asks: string[] = []
    const doors = ['a', 'b'].map((name) => watched(at.door(name), (script, go) => { if (script.includes('far') && !script.includes('m step')) asks.push(name); return go() }))
    const told = await run([play([looks(), spoils('a')], ['a', 'b']), play([step('again', toy({ far: far(at.at('far')) }, () => []), {})], ['a', 'b'])], doors)
    expect(verdicts(told).filter((line) => line.startsWith('again'))).toEqual(['again: ok', 'again: ok'])
    expect(asks.toSorted()).toEqual(['a', 'a', 'b', 'b'])
  })

  it('does not fail a step when it is spoilt between asking and judging', async () => {
    let spoilt = false
    const slow = { key: 'slow', read: async () => { while (!spoilt) await new Promise((resolve) => setTimeout(resolve, 20)); return 1 } }
    const waits = only('a', step('look', toy({ far: far(at.at('far')), slow }, () => []), {}))
    const door = watched(at.door('b'), async (script, go) => { const output = await go(); if (script.includes('m step 0')) setTimeout(() => { spoilt = true }, 100); return output })
    const told = await run([play([waits, spoils('b')], ['a', 'b'])], [at.door('a'), door])
    expect(settled(told).find(({ step: name, host }) => name === 'look' && host === 'a')?.verdict).toEqual({ status: 'ok' })
  })
})

describe('what steps register', () => {
  const shows = (): ReturnType<typeof step> => step('show', 'file', { path: '/none' }, { bind: (_host, registered) => {
    const outcome = registered.get('said') as { stdout?: string } | undefined
    if (outcome?.stdout === undefined) throw new UnknownValue('say')
    return bindTo('show', 'file', { path: at.at('shown'), content: outcome.stdout })
  } })

  it('is unknown in a plan and known in a run', async () => {
    const plays = [play([step('say', acts('echo hello', { disturbs: [] }), {}, { register: 'said' }), shows()])]
    const planned = await plan(plays, [at.door()])
    expect(verdicts(planned)).toEqual(['say: change', 'show: deferred'])
    expect(verdicts(await run(plays, [at.door()], { plan: planned.plan }))).toEqual(['say: change', 'show: change'])
    expect(readFileSync(at.at('shown'), 'utf8')).toBe('hello')
  })

  it('is known in a plan of a step that has nothing to do, or is skipped', async () => {
    const known = (first: ReturnType<typeof step>) => async (): Promise<unknown> => {
      const seen: unknown[] = []
      const looks = step('look', 'file', { path: at.at('none'), state: 'absent' })
      for (const walk of [plan, run]) await walk([play([first, { ...looks, bind: (host, registered) => { seen.push(registered.get('said')); return looks.bind(host, registered) } }])], [at.door()])
      return seen.filter((one) => one !== undefined)
    }
    expect(await known(step('ok', 'file', { path: at.at('none'), state: 'absent' }, { register: 'said' }))()).toEqual([1, 2].map(() => ({ stdout: '', stderr: '', exit: 0, changed: false, skipped: false })))
    expect(await known(step('skip', 'file', { path: at.at('x'), content: 'x' }, { register: 'said', bind: () => ({ skipped: 'no' }) }))()).toEqual([1, 2].map(() => ({ stdout: '', stderr: '', exit: 0, changed: false, skipped: true })))
  })

  it('gives a loop of one deferred line in a plan, and of several in a run', async () => {
    const loop = step('each', 'file', { path: '/none' }, { bind: (_host, registered) => {
      const outcome = registered.get('said') as { stdout?: string } | undefined
      if (outcome?.stdout === undefined) throw new UnknownValue('say')
      return { steps: outcome.stdout.split('\n').flatMap((name) => bindTo(`each (${name})`, 'file', { path: at.at(name), content: name }).steps) }
    } })
    const plays = [play([step('say', acts('echo one; echo two; echo three', { disturbs: [] }), {}, { register: 'said' }), loop])]
    const planned = await plan(plays, [at.door()])
    expect(verdicts(planned)).toEqual(['say: change', 'each: deferred'])
    expect(verdicts(await run(plays, [at.door()], { plan: planned.plan }))).toEqual(['say: change', 'each (one): change', 'each (two): change', 'each (three): change'])
    expect(existsSync(at.at('three'))).toBe(true)
  })
})
