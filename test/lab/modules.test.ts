import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { modules } from '../../src/modules/index.js'
import { canaries, heard } from '../support/canaries.js'
import { labHosts, titled } from '../support/lab.js'
import { beliefs, revealed, untrue, type Made } from '../support/laws.js'
import { allFacts, makeBench, observe, ROOT_USER, scenarios, treeOf, walkOnce, type Bench, type Observer, type Scenario, type Walked } from '../support/scenario.js'

/** Modules that only look or tell. */
const changesNothing = ['assert', 'debug', 'fail']

/** Databases and Java take one host, everything else the other, so that both work at once. */
const laneOf = ({ before }: Scenario): 'files' | 'servers' => (before.some((step) => JSON.stringify(step).startsWith('{"package"')) ? 'servers' : 'files')

const all = await scenarios('test/lab/modules')
const { hosts, reason } = await labHosts(['files', 'servers'], 'modules')
const lanes = { files: Promise.resolve(), servers: Promise.resolve() }
let bench: Bench
const observers = new Map<string, Observer>()

const changesOf = ({ settled }: Walked): readonly Made[] => settled.flatMap(({ step, verdict }) => (verdict.status === 'change' ? [{ step, changes: verdict.changes }] : []))
const summariesOf = ({ plan }: Walked): readonly string[] => plan.steps.flatMap(({ step, verdict }) =>
  (verdict.status === 'change' ? verdict.changes.map(({ summary }) => summary) : verdict.status === 'ok' ? [] : [`${verdict.status}: ${step}${verdict.status === 'failed' ? ` ${verdict.error.message} ${verdict.error.output ?? ''}` : ''}`]))
const failuresOf = ({ settled }: Walked): readonly string[] => settled.flatMap(({ step, verdict }) =>
  (verdict.status === 'failed' ? [`${step}: ${verdict.error.code} ${verdict.error.message} ${verdict.error.output ?? ''}`] : []))

/** A run makes what its plan showed, deep-equal, and is silent; where others work on the host too, a step may find its work done. */
const expectAgreed = (walked: Walked, { others }: Scenario): void => {
  expect(heard(walked.said)).toEqual([])
  expect(walked.plan.lost).toEqual({})
  expect(failuresOf(walked)).toEqual([])
  const isDecided = (_step: unknown, index: number): boolean => walked.plan.steps[index]?.verdict.status !== 'deferred' && (others.length === 0 || walked.settled[index]?.verdict.status !== 'ok')
  const decided = walked.plan.steps.filter(isDecided)
  const made = walked.settled.filter(isDecided)
  expect(made.map(({ step, verdict }) => [step, revealed(verdict)])).toEqual(decided.map(({ step, verdict }) => [step, revealed(verdict)]))
}

const law = async (scenario: Scenario, host: string): Promise<void> => {
  const { before, steps, drift, undo, mends, others, failing } = scenario
  const observer = observers.get(host) ?? await observe(bench, host)
  observers.set(host, observer)
  const tree = treeOf(observer)
  const isVerb = steps.some((step) => Object.entries(step as object).some(([name, args]) => { // a step of a scenario is a mapping
    const module = modules.get(name)
    return module !== undefined && (typeof module.kind === 'function' ? module.kind(module.args.parse(args)) : module.kind) === 'verb'
  }))
  const walk = (mode: 'plan' | 'run', more: Partial<Parameters<typeof walkOnce>[1]> = {}): Promise<Walked> => walkOnce(bench, { steps, host, mode, procedure: isVerb, ...more })
  const prepare = async (): Promise<void> => {
    if (before.length > 0) expect(failuresOf(await walkOnce(bench, { steps: before, host, mode: 'run' })), 'what is run first').toEqual([])
  }
  const expectConverged = async (): Promise<void> => {
    await tree.remember()
    const again = await walk('run')
    expect(summariesOf(again), 'a second plan').toEqual([])
    expect(again.settled.map(({ verdict }) => verdict.status), 'a second run').toEqual(steps.map(() => 'ok'))
    expect(await tree.difference(), 'a run with nothing to do').toBe('')
    expect(again.roundTrips, 'start of the session, and at most two frames').toBeLessThanOrEqual(3)
  }

  // absent: a plan reads only
  await prepare()
  await tree.remember()
  const planned = await walk('plan')
  expect(await tree.difference(), 'a plan').toBe('')
  expect(heard(planned.said)).toEqual([])

  // absent: each step's changes alone, held to honesty and disturbance
  const facts = allFacts(planned.project, host).filter(({ key }) => !others.includes(key))
  const atStart = await observer.ask(facts)
  let known = atStart
  let latest = atStart
  const wrong: string[] = []
  const first = await walk('run', {
    frameSteps: 1,
    afterExchange: async () => { latest = await observer.ask(facts) },
    onSettled: ({ step, verdict }) => {
      if (verdict.status !== 'change') return
      wrong.push(...untrue(beliefs(ROOT_USER, facts, known, [{ step, changes: verdict.changes }]), ROOT_USER, facts, latest).map((text) => `${step}: ${text}`))
      known = latest
    },
  })
  expectAgreed(first, scenario)
  expect(wrong).toEqual([])
  const atEnd = await observer.ask(facts)
  expect(untrue(beliefs(ROOT_USER, facts, known, []), ROOT_USER, facts, atEnd), 'after the last change').toEqual([])
  expect(changesOf(first).length, 'steps that changed something').toBeGreaterThan(changesNothing.includes(scenario.name) ? -1 : 0)
  // what the plan believed of the host, deferred steps included
  const believed = first.planned.get(host)?.snapshot
  if (believed === undefined) throw new Error('the host is not in the plan')
  believed.learn(ROOT_USER, facts, atStart)
  expect(untrue(believed, ROOT_USER, facts, atEnd), 'what the plan believed').toEqual([])
  if (!isVerb) await expectConverged()

  for (const { step, code } of failing) {
    const failed = await walk('run', { steps: [step], procedure: true })
    expect(failed.settled.flatMap(({ verdict }) => (verdict.status === 'failed' ? [verdict.error.code] : [])), failed.said).toEqual([code])
    expect(heard(failed.said), 'after a failure').toEqual([])
  }

  if (drift !== undefined) {
    await observer.shell(drift)
    const atDrift = await observer.ask(facts)
    const mended = await walk('run')
    expect(summariesOf(mended), 'what mends the drift').toEqual(mends)
    expectAgreed(mended, scenario)
    expect(untrue(beliefs(ROOT_USER, facts, atDrift, changesOf(mended)), ROOT_USER, facts, await observer.ask(facts)), 'after the drift was mended').toEqual([])
    await expectConverged()
  }

  // once more as a user runs it, in frames as large as can be
  if (undo !== undefined) {
    await observer.shell(undo)
    await prepare()
    expectAgreed(await walk('run'), scenario)
    if (!isVerb) await expectConverged()
    await observer.shell(undo)
  }
}

describe.skipIf(reason !== undefined)(titled('every module on a real host', { reason }), { concurrent: true }, () => {
  beforeAll(async () => { bench = await makeBench(hosts, canaries, 'test/lab/files') })
  afterAll(async () => {
    await Promise.all([...observers.values()].map((observer) => observer.close()))
    if (bench !== undefined) await rm(bench.folder, { recursive: true, force: true })
  })

  it.each(all.map((scenario) => ({ name: scenario.name, scenario })))('$name', async ({ scenario }) => {
    const lane = laneOf(scenario)
    const turn = lanes[lane].then(async () => {
      try {
        await law(scenario, lane)
      } catch (error) {
        await observers.get(lane)?.shell(`${scenario.undo ?? ':'}\n:`) // so that the next module finds the host clean
        throw error
      }
    })
    lanes[lane] = turn.catch(() => undefined)
    await turn
  })

  it('has a scenario for every module', () => expect(all.map(({ name }) => name).toSorted()).toEqual([...modules.keys()].toSorted()))
})
