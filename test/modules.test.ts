import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Change } from '../src/core/change.js'
import { isLocalAnswer } from '../src/core/claim.js'
import { ProvisionError } from '../src/core/errors.js'
import { isHostFact, type Answers, type Needs, type Scope } from '../src/core/fact.js'
import { bind } from '../src/core/module.js'
import { Secret } from '../src/core/secret.js'
import { modules } from '../src/modules/index.js'
import { afterChanges, UNKNOWN } from './support/believe.js'
import { isDisturbed, notCovered } from './support/covering.js'
import { fixturesOf } from './support/fixtures.js'

/** One scenario: arguments and what the host answers, by the name of the need; what follows. */
interface Scenario {
  readonly args: unknown
  readonly facts?: Record<string, unknown>
  /** The summaries of the changes, in order. */
  readonly changes?: readonly string[]
  /** The code of the error that the check throws. */
  readonly fails?: string
  /** Text that the actions' scripts hold, in any order. */
  readonly scripts?: readonly string[]
  /** Keys that are known afterwards, with their values. */
  readonly predicts?: Record<string, unknown>
  /** Keys of facts that the changes together leave unknown, and of some that they leave as they are. */
  readonly unsettles?: readonly string[]
  readonly spares?: readonly string[]
  /** What is told when there is nothing to do. */
  readonly says?: string
  /** What the step says of the host before anybody is asked; a local fact by its key. */
  readonly claims?: readonly unknown[]
  /** The last change leaves something that only the host can tell. */
  readonly deferred?: boolean
}

const scope: Scope = { host: 'host1', lookup: (name) => { throw new Error(`fixture looked up ${name}`) } }
/** Plain data, with the key in the place of each local fact. */
const keyed = (value: unknown): unknown => JSON.parse(JSON.stringify(value, (_name, inner: unknown) => (isLocalAnswer(inner) ? inner.key : inner))) as unknown
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown
const scriptsOf = (changes: readonly Change[]): string => changes.flatMap(({ actions, confirm }) => [
  ...actions.map((action) => (action.do === 'exec' ? String(action.script) : action.do === 'put' ? `${action.path} ${String(action.validate ?? '')}` : JSON.stringify(action))), String(confirm ?? '')]).join('\n')

/** The secrets that a scenario gives; shorter ones would be found anywhere. */
const secretsIn = (value: unknown): readonly string[] => {
  if (value instanceof Secret) return value.reveal().length < 4 ? [] : [value.reveal()]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(secretsIn) : []
}

const fixtures = fixturesOf<Scenario>('test/modules')

describe.each([...modules.values()])('$name', (module) => {
  const scenarios = fixtures.get(module.name) ?? []
  it('has scenarios and examples', () => {
    expect(scenarios.length).toBeGreaterThan(0)
    expect(module.examples.length).toBeGreaterThan(0)
  })

  it.each(module.examples.map((example) => ({ example })))('takes its example: $example', ({ example }) => {
    const step = parse(example) as Record<string, unknown>
    expect(Object.keys(step)).toContain(module.name)
    const bound = bind(module, module.args.parse(step[module.name]), scope)
    expect(['state', 'verb']).toContain(bound.kind)
  })

  it.each(scenarios.map(({ name, data }) => ({ name, data })))('$name', ({ data }) => {
    const bound = bind(module, module.args.parse(data.args), scope)
    const facts = { ...data.facts } as Answers<Needs>
    expect(Object.keys(bound.needs).filter((need) => !(need in facts)), 'facts that the scenario does not give').toEqual([])
    if (data.claims !== undefined) expect(keyed(bound.claims?.() ?? [])).toEqual(data.claims)
    if (data.fails !== undefined) {
      expect(() => bound.check(facts)).toThrow(ProvisionError)
      try { bound.check(facts) } catch (error) { expect((error as ProvisionError).code).toBe(data.fails) }
      return
    }
    const changes = bound.check(facts)
    expect(changes.map(({ summary }) => summary)).toEqual(data.changes ?? [])
    for (const { summary } of changes) expect(summary.length).toBeLessThanOrEqual(60 + (/\/\S*|\S{30,}/.exec(summary)?.[0].length ?? 0))
    if (data.says !== undefined) expect(bound.says).toBe(data.says)
    const scripts = scriptsOf(changes)
    for (const text of data.scripts ?? []) expect(scripts).toContain(text)

    // purity: asked twice, the same data; a plan survives JSON
    expect(plain(bound.check(facts))).toEqual(plain(changes))

    // silence: whatever prints a plan, it shows no secret
    for (const secret of secretsIn([data.args, facts])) expect(JSON.stringify(changes)).not.toContain(JSON.stringify(secret).slice(1, -1))

    for (const key of data.unsettles ?? []) expect(isDisturbed(changes, key), key).toBe(true)
    for (const key of data.spares ?? []) expect(isDisturbed(changes, key), key).toBe(false)

    // the most that the module says it may alter covers what it alters here
    if (bound.mayDisturb !== undefined) expect(notCovered(bound.mayDisturb, changes, Object.values(bound.needs).filter(isHostFact))).toEqual([])

    if (bound.kind === 'verb') return
    // convergence: once the changes are believed, nothing is left to do, or only the host can tell
    const believed = afterChanges(bound.needs, facts, changes)
    const unknown = Object.entries(bound.needs).filter(([need, fact]) => isHostFact(fact) && believed[need] === UNKNOWN)
    expect(unknown.length > 0, `unknown afterwards: ${unknown.map(([, { key }]) => key).join(' ')}`).toBe(data.deferred ?? false)
    if (unknown.length === 0) expect(bound.check(believed as Answers<Needs>)).toEqual([])
    const predicted = Object.fromEntries(changes.flatMap(({ predicts }) => predicts.flatMap((prediction) => ('fact' in prediction ? [[prediction.fact, prediction.value]] : []))))
    for (const [key, value] of Object.entries(data.predicts ?? {})) expect(plain(predicted[key])).toEqual(plain(value))
  })
})

it('has no scenarios for modules that do not exist', () => {
  expect([...fixtures.keys()].filter((name) => !modules.has(name))).toEqual([])
})
