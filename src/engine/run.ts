import { exitCode, ProvisionError, type ExitCode } from '../core/errors.js'
import type { Recap } from '../core/events.js'
import type { HostFact } from '../core/fact.js'
import type { Plan, PlannedStep } from '../core/plan.js'
import type { BoundStep, Play, Step } from '../core/step.js'
import type { Become, Transport } from '../core/transport.js'
import { UnknownValue } from '../core/unknown.js'
import { gather } from './gather.js'
import { owedFact } from './handlers.js'
import { Host, reasonOf, userOf } from './host.js'
import { hostFacts } from './judge.js'
import { Lane } from './lane.js'
import { releaseLock } from './lock.js'
import { planning } from './planning.js'
import type { Walk } from './walk.js'

export type Fleet = ReadonlyMap<string, Host>

/** Opens the doors to all hosts, a few at a time; a host that cannot be reached is lost, not an error. */
export const connect = async (transports: readonly Transport[], forks: number, walk: Pick<Walk, 'emit' | 'now'>): Promise<Fleet> => {
  const fleet = new Map(transports.map((transport) => [transport.host, new Host(transport.host, transport)]))
  const waiting = [...fleet.values()]
  const open = async (): Promise<void> => {
    for (let host = waiting.shift(); host !== undefined; host = waiting.shift()) {
      const started = walk.now()
      await attempt(host, walk, () => host.transport.open())
      if (host.lost === undefined) walk.emit({ type: 'host-connected', host: host.name, ms: walk.now() - started })
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, forks) }, open))
  return fleet
}

const attempt = async (host: Host, { emit }: Pick<Walk, 'emit'>, work: () => Promise<void>): Promise<void> => {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof ProvisionError) || error.exit !== exitCode.unreachable) throw error
    host.lost = reasonOf(error)
    emit({ type: 'host-lost', host: host.name, reason: host.lost })
  }
}

/** Asks everything that can be asked at the start, in one frame a host and user. */
export const prefetch = async (fleet: Fleet, plays: readonly Play[], walk: Pick<Walk, 'emit' | 'keep'>): Promise<void> => {
  const debts = owedFact(walk.keep)
  await Promise.all([...fleet.values()].filter(({ lost }) => lost === undefined).map((host) => attempt(host, walk, async () => {
    await Promise.all([...questionsOf(host, plays)].map(async ([user, { become, facts }]) => {
      const replies = await gather(await host.session(become), [debts, ...facts])
      host.snapshot.learn(user, facts, replies)
      const answer = replies.get(debts.key)
      if (answer === undefined || 'failure' in answer) {
        walk.emit({ type: 'notice', host: host.name, text: `what an earlier run owes the host cannot be read: ${answer?.failure.output ?? 'no answer'}` })
        return
      }
      const owed = debts.kind.parse(debts.subject, answer.reply)
      for (const debt of owed) host.owed.add(debt)
      if (owed.length > 0) host.ledgers.set(user, become)
    }))
  })))
}

const questionsOf = (host: Host, plays: readonly Play[]): Map<string, { become: Become | undefined; facts: HostFact[] }> => {
  const users = new Map<string, { become: Become | undefined; facts: HostFact[] }>()
  const ask = (step: Step): void => {
    for (const { bound, become } of boundNow(step, host)) {
      const user = userOf(become)
      const entry = users.get(user) ?? { become, facts: [] }
      users.set(user, entry)
      if (bound.kind === 'state') entry.facts.push(...hostFacts(bound.needs))
    }
  }
  for (const play of plays) {
    if (!play.hosts.includes(host.name)) continue
    play.steps.forEach(ask)
    for (const handler of play.handlers) handler.steps.forEach(ask)
  }
  return users
}

/** A step's bindings as far as they are known already; mistakes are told when the walk reaches the step. */
const boundNow = (step: Step, host: Host): readonly BoundStep[] => {
  if (step.flushHandlers) return []
  try {
    const binding = step.bind(host.name, host.registered)
    return 'skipped' in binding ? [] : binding.steps
  } catch (error) {
    if (error instanceof UnknownValue || error instanceof ProvisionError) return []
    throw error
  }
}

/** Walks the plays in order, batch by batch; hosts of a batch go their ways at once. */
export const walkPlays = async (walk: Walk): Promise<{ readonly stopped: string | undefined }> => {
  const started = walk.began ?? walk.now()
  walk.emit({ type: 'run-started', mode: walk.mode.name, hosts: [...walk.hosts.keys()], plays: walk.plays.map(({ name }) => name) })
  let stopped: string | undefined
  try {
    for (const play of walk.plays) {
      stopped = await walkPlay(walk, play)
      if (stopped !== undefined || walk.stopping.asked) break
    }
  } finally {
    if (walk.mode.name === 'run') await release(walk)
  }
  if (walk.stopping.asked) stopped ??= 'interrupted'
  walk.emit({ type: 'run-ended', mode: walk.mode.name, recap: recapOf(walk.hosts), ms: walk.now() - started, ...(stopped === undefined ? {} : { stopped }) })
  return { stopped }
}

const walkPlay = async (walk: Walk, play: Play): Promise<string | undefined> => {
  const present = play.hosts.flatMap((name) => walk.hosts.get(name) ?? [])
  const before = present.filter((host) => host.out).length
  walk.emit({ type: 'play-started', play: play.name, hosts: present.filter((host) => !host.out).map(({ name }) => name), steps: play.steps.length })
  let stopped: string | undefined
  for (const batch of batches(present, play.batches)) {
    const going = batch.filter((host) => !host.out)
    await walkBatch(walk, play, going)
    if (going.length > 0 && going.every((host) => host.out) && play.batches !== undefined) stopped = `no host of ${going.map(({ name }) => name).join(', ')} came through "${play.name}"`
    if (stopped !== undefined || walk.stopping.asked) break
  }
  const failed = present.filter((host) => host.out).length - before
  if (play.maxFailures !== undefined && failed > play.maxFailures) stopped ??= `${failed} of ${present.length} hosts failed in "${play.name}"`
  walk.emit({ type: 'play-ended', play: play.name, recap: recapOf(new Map(present.map((host) => [host.name, host]))) })
  return stopped
}

const walkBatch = async (walk: Walk, play: Play, hosts: readonly Host[]): Promise<void> => {
  const lane = (host: Host, inside = walk): Promise<void> => new Lane(host, play, inside).run()
  if (walk.mode.name === 'run') {
    // a fault of ours on one host is told when the others have come to their ends
    const ends = await Promise.allSettled(hosts.map((host) => lane(host)))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
    return
  }
  await settleBeyond(walk, hosts, lane)
  for (const host of hosts) await lane(host)
}

/** Hosts of a batch run at once: where one will change, what the others know of things beyond them is not sure from the start. */
const settleBeyond = async (walk: Walk, hosts: readonly Host[], lane: (host: Host, inside: Walk) => Promise<void>): Promise<void> => {
  if (hosts.length < 2 || !hosts.some(({ snapshot }) => snapshot.asksBeyond)) return
  const forks = new Map([...walk.hosts].map(([name, host]) => [name, host.fork()]))
  const quiet: Walk = { ...walk, hosts: forks, emit: () => {} }
  for (const { name } of hosts) {
    const fork = forks.get(name)
    if (fork !== undefined) await lane(fork, quiet)
  }
  for (const { name } of hosts) {
    const counts = forks.get(name)?.counts
    if (counts === undefined || counts.changed + counts.deferred === 0) continue
    for (const other of hosts) if (other.name !== name) other.snapshot.believeBeyond(`changes on ${name}`)
  }
}

const batches = (hosts: readonly Host[], sizes: readonly number[] | undefined): (readonly Host[])[] => {
  if (sizes === undefined) return [hosts]
  const rest = [...hosts]
  const result: Host[][] = []
  for (let index = 0; rest.length > 0; index++) result.push(rest.splice(0, Math.max(1, sizes[Math.min(index, sizes.length - 1)] ?? 1)))
  return result
}

const release = async (walk: Walk): Promise<void> => {
  await Promise.all([...walk.hosts.values()].filter(({ lost }) => lost === undefined).map(async (host) => {
    for (const become of host.locked.values()) {
      try {
        await (await host.session(become)).exec(releaseLock(walk).text)
      } catch (error) {
        walk.emit({ type: 'notice', host: host.name, text: `the lock was not given back: ${String(error)}; it ends with the session` })
      }
    }
  }))
}

export const recapOf = (hosts: Fleet): Readonly<Record<string, Recap>> => Object.fromEntries([...hosts].map(([name, host]) => [name, host.recap()]))

/** Walks without altering anything, and keeps every verdict; beliefs of the fleet stay as they are. */
export const planOf = async (fleet: Fleet, walk: Omit<Walk, 'mode' | 'hosts' | 'plan'>): Promise<{ readonly plan: Plan; readonly hosts: Fleet }> => {
  const steps: PlannedStep[] = []
  const hosts = new Map([...fleet].map(([name, host]) => [name, host.fork()]))
  await walkPlays({ ...walk, hosts, mode: planning, emit: (event) => {
    if (event.type === 'step-settled') {
      const { play, host, step, module, place, verdict, handler } = event
      steps.push({ play, host, step, module, place, verdict, ...(handler === undefined ? {} : { handler }) })
    }
    walk.emit(event)
  } })
  return { plan: { steps, lost: Object.fromEntries([...hosts.values()].flatMap(({ name, lost }) => (lost === undefined ? [] : [[name, lost]]))) }, hosts }
}

/** The exit code that a walk's end calls for. */
export const exitOf = (recap: Readonly<Record<string, Recap>>, failures: readonly { readonly code: string }[], stopped: string | undefined): ExitCode => {
  if (stopped === 'interrupted') return exitCode.interrupted
  if (failures.some(({ code }) => code === 'locked')) return exitCode.locked
  if (failures.some(({ code }) => code === 'stale')) return exitCode.stale
  if (failures.length > 0) return exitCode.failed
  return Object.values(recap).some(({ unreachable }) => unreachable) ? exitCode.unreachable : exitCode.done
}
