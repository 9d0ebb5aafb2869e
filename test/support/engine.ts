import type { RunEvent } from '../../src/core/events.js'
import type { Controller } from '../../src/core/fact.js'
import { bind, type Module } from '../../src/core/module.js'
import type { Plan } from '../../src/core/plan.js'
import type { BoundStep, Handler, Part, Play, Step } from '../../src/core/step.js'
import type { Transport } from '../../src/core/transport.js'
import { connect, type Fleet } from '../../src/engine/fleet.js'
import { prefetch } from '../../src/engine/prefetch.js'
import { planOf, walkPlays } from '../../src/engine/run.js'
import { running } from '../../src/engine/running.js'
import type { Mode, Walk } from '../../src/engine/walk.js'
import { modules } from '../../src/modules/index.js'

/** No files of the controller are asked for in these tests. */
export const noController: Controller = new Proxy({} as Controller, { get: (_target, name) => () => { throw new Error(`the controller was asked for ${String(name)}`) } })

const place = { file: 'test.yaml', line: 1, column: 1 }

/** A step of a module with plain arguments, as a playbook would give it. */
export const step = (name: string, module: string | Module, args: unknown, more: Partial<Step> = {}): Step => {
  const kind = typeof module === 'string' ? modules.get(module) : module
  if (kind === undefined) throw new Error(`no module ${String(module)}`)
  const parsed = kind.args.parse(args)
  return {
    name, module: kind.name, place: { ...place, line: ++lines }, notify: [], ignoreFailure: false,
    bind: (host) => ({ steps: [{ name, bound: bind(kind, parsed, { host, lookup: () => undefined }) }] }), ...more,
  }
}
let lines = 0

/** What a step's `bind` gives for a module with plain arguments. */
export const bindTo = (name: string, module: string | Module, args: unknown): { readonly steps: readonly BoundStep[] } => {
  const bound = step(name, module, args).bind('here', new Map())
  if ('skipped' in bound) throw new Error(bound.skipped)
  return bound
}

export const play = (steps: readonly Part[], hosts: readonly string[] = ['here'], handlers: readonly Handler[] = []): Play => ({ name: 'play', place, hosts, steps, handlers })

export interface Told { readonly events: RunEvent[]; readonly fleet: Fleet; readonly plan?: Plan }
type Settled = Extract<RunEvent, { type: 'step-settled' }>
export const settled = ({ events }: Told): Settled[] => events.filter((event): event is Settled => event.type === 'step-settled')
export const verdicts = (told: Told): string[] => settled(told).map(({ step: name, verdict }) => `${name}: ${verdict.status}`)

const walkOf = (plays: readonly Play[], events: RunEvent[], hosts: Fleet, mode: Mode, more: Partial<Walk>): Walk => ({
  plays, mode, hosts, emit: (event) => { events.push(event) }, controller: noController, issue: () => { throw new Error('no certificates here') },
  owner: 'test', stopping: { asked: false }, now: () => 0, mask: (text) => text, keep: '.keep', ...more,
})

/** What a test gives beside plays and doors: parts of the walk, and which hosts are nodes of one machine. */
type Given = Partial<Walk> & { readonly machineOf?: (host: string) => string | undefined }

/** Plans on these hosts. */
export const plan = async (plays: readonly Play[], transports: readonly Transport[], { machineOf, ...more }: Given = {}): Promise<Told & { readonly plan: Plan }> => {
  const events: RunEvent[] = []
  const walk = walkOf(plays, events, new Map(), running, more)
  const fleet = await connect(transports, 4, walk, machineOf)
  await prefetch(fleet, plays, walk)
  const planned = await planOf(fleet, walk)
  return { events, fleet: planned.hosts, plan: planned.plan }
}

/** Runs on these hosts, without a plan that was agreed to unless one is given. */
export const run = async (plays: readonly Play[], transports: readonly Transport[], { machineOf, ...more }: Given = {}): Promise<Told> => {
  const events: RunEvent[] = []
  const before = walkOf(plays, events, new Map(), running, more)
  const fleet = await connect(transports, 4, before, machineOf)
  await prefetch(fleet, plays, before)
  await walkPlays({ ...before, hosts: fleet })
  return { events, fleet }
}
