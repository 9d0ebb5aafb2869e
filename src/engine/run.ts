import { counted } from '../core/counted.js'
import { exitCode, type ExitCode } from '../core/errors.js'
import type { Recap, Turn } from '../core/events.js'
import type { Basis, Plan, PlannedStep } from '../core/plan.js'
import { stepsIn, type Part, type Play } from '../core/step.js'
import { byMachine, forked, type Fleet } from './fleet.js'
import { nameIn } from './handlers.js'
import type { Host } from './host.js'
import { Lane } from './lane.js'
import { BEAT, beat, releaseLock } from './lock.js'
import { planning } from './planning.js'
import type { Batch, Walk } from './walk.js'

/** Walks the plays in order, batch by batch; hosts of a batch go their ways at once. */
export const walkPlays = async (walk: Walk): Promise<{ readonly stopped: string | undefined }> => {
  const started = walk.began ?? walk.now()
  walk.emit({ type: 'run-started', mode: walk.mode.name, hosts: [...walk.hosts.keys()], plays: walk.plays.map(({ name }) => name) })
  let stopped: string | undefined
  const stopBeating = walk.mode.name === 'run' ? beating(walk) : () => {}
  try {
    for (const play of walk.plays) {
      stopped = await walkPlay(walk, play)
      if (stopped !== undefined || walk.stopping.asked) break
    }
  } finally {
    stopBeating()
    if (walk.mode.name === 'run') await release(walk)
  }
  if (walk.mode.name === 'run' && stopped === undefined) tellUnpaid(walk)
  if (walk.stopping.asked) stopped ??= 'interrupted'
  walk.emit({ type: 'run-ended', mode: walk.mode.name, recap: recapOf(walk.hosts), ms: walk.now() - started, ...(stopped === undefined ? {} : { stopped }) })
  return { stopped }
}

const walkPlay = async (walk: Walk, play: Play): Promise<string | undefined> => {
  const present = play.hosts.flatMap((name) => walk.hosts.get(name) ?? [])
  const { isOut } = walk.mode
  const before = present.filter(isOut).length
  walk.emit({ type: 'play-started', play: play.name, hosts: present.filter((host) => !isOut(host)).map(({ name }) => name), steps: stepsIn(play.steps).length })
  let stopped: string | undefined
  // a play that must not lose its hosts has lost them all already: what comes behind it rests on what it would have shown
  if (play.maxFailures !== undefined && before === present.length && before > play.maxFailures) stopped = `no host is left for "${play.name}"`
  const all = stopped === undefined ? batches(present, play.batches) : []
  for (const [index, batch] of all.entries()) {
    const going = batch.filter((host) => !isOut(host))
    await walkBatch(walk, play, going, all.length > 1 ? { nth: index + 1, of: all.length } : undefined)
    if (going.length > 0 && going.every(isOut) && play.batches !== undefined) stopped = `no host of ${going.map(({ name }) => name).join(', ')} came through "${play.name}"`
    const failed = present.filter(isOut).length - before
    if (play.maxFailures !== undefined && failed > play.maxFailures) stopped ??= `${failed} of ${counted(present.length, 'host')} failed in "${play.name}"`
    if (stopped !== undefined || walk.stopping.asked) break
  }
  walk.emit({ type: 'play-ended', play: play.name, recap: recapOf(new Map(present.map((host) => [host.name, host]))) })
  return stopped
}

const walkBatch = async (walk: Walk, play: Play, hosts: readonly Host[], turn: Turn | undefined): Promise<void> => {
  const batch: Batch = { once: new Map(), throttles: new Map(), ...(turn === undefined ? {} : { turn }) }
  const stretches = stretchesOf(play.steps)
  for (const [index, { parts, inTurn }] of stretches.entries()) {
    const isLast = index === stretches.length - 1
    const go = async (host: Host, inside = walk): Promise<void> => {
      const lane = new Lane(host, play, inside, batch)
      await lane.steps(parts)
      if (isLast) await lane.handlers()
    }
    await walkStretch(walk, hosts.filter((host) => !walk.mode.isOut(host)), inTurn, go)
  }
}

/** Steps that all hosts of a batch go through at once, and such that they take turns at. */
interface Stretch { readonly parts: readonly Part[]; readonly inTurn: boolean }

const stretchesOf = (parts: readonly Part[]): readonly Stretch[] => {
  const stretches: Stretch[] = []
  let together: Part[] = []
  for (const part of parts) {
    if (!stepsIn([part]).some(({ once, delegates }) => once === true || delegates !== undefined)) together.push(part)
    else {
      stretches.push({ parts: together, inTurn: false }, { parts: [part], inTurn: true })
      together = []
    }
  }
  return [...stretches, { parts: together, inTurn: false }]
}

const walkStretch = async (walk: Walk, hosts: readonly Host[], inTurn: boolean, go: (host: Host, inside?: Walk) => Promise<void>): Promise<void> => {
  if (walk.mode.name === 'run' && !inTurn) {
    // a fault of ours on one host is told when the others have come to their ends
    const ways: Promise<void>[] = []
    for (const machine of byMachine(hosts)) {
      const way = inTurnOn(machine, go)
      // told below with all others; nobody listens to it until then
      way.catch(() => {})
      ways.push(way)
      // the first host is at work on its frame while that of the next is composed
      await new Promise((resolve) => { setImmediate(resolve) })
    }
    const ends = await Promise.allSettled(ways)
    for (const end of ends) if (end.status === 'rejected') throw end.reason
    return
  }
  if (walk.mode.name === 'plan' && !inTurn) await settleBeyond(walk, hosts, go)
  for (const host of hosts) await go(host)
}

const inTurnOn = async (machine: readonly Host[], go: (host: Host) => Promise<void>): Promise<void> => {
  for (const host of machine) await go(host)
}

/** Hosts of a batch run at once: where one will change, what the others know of things beyond them is not sure from the start. */
const settleBeyond = async (walk: Walk, hosts: readonly Host[], go: (host: Host, inside: Walk) => Promise<void>): Promise<void> => {
  if (hosts.length < 2 || !hosts.some(({ snapshot }) => snapshot.asksBeyond)) return
  const forks = forked(walk.hosts)
  const quiet: Walk = { ...walk, hosts: forks, emit: () => {}, rests: () => {} }
  for (const { name } of hosts) {
    const fork = forks.get(name)
    if (fork !== undefined) await go(fork, quiet)
  }
  for (const { name, snapshot } of hosts) {
    const counts = forks.get(name)?.counts
    if (counts === undefined || counts.changed + counts.deferred === 0) continue
    for (const other of hosts) if (other.snapshot !== snapshot) other.snapshot.believeBeyond(`changes on ${name}`)
  }
}

const batches = (hosts: readonly Host[], sizes: readonly number[] | undefined): (readonly Host[])[] => {
  if (sizes === undefined) return [hosts]
  const rest = [...hosts]
  const result: Host[][] = []
  for (let index = 0; rest.length > 0; index++) result.push(rest.splice(0, Math.max(1, sizes[Math.min(index, sizes.length - 1)] ?? 1)))
  return result
}

/** What an earlier run owes a host, and no play of this one pays, is for its people to know. */
const tellUnpaid = (walk: Walk): void => {
  for (const host of walk.hosts.values()) {
    if (host.out) continue
    for (const debt of host.owed) {
      const handler = nameIn(debt)
      walk.emit({ type: 'notice', host: host.name, text: `an earlier run owes the handler "${handler}", and no play of this one pays it; where that is done already, remove ${debt} from the folder owed of the host's ledger` })
    }
  }
}

/** Gives signs of life on hosts where the run holds the lock, so that nobody takes it for dead while it is busy elsewhere. */
const beating = (walk: Walk): () => void => {
  const underWay = new Set<Host>()
  const once = async (host: Host): Promise<void> => {
    underWay.add(host)
    try {
      for (const become of host.locked.values()) await (await host.session(become)).exec(beat(walk).text)
    } catch {
      // a connection that is lost is told by the next frame of the walk
    } finally {
      underWay.delete(host)
    }
  }
  const timer = setInterval(() => { for (const host of walk.hosts.values()) if (host.lost === undefined && host.locked.size > 0 && !underWay.has(host)) void once(host) }, (walk.beat ?? BEAT) * 1000)
  return () => { clearInterval(timer) }
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
  const hosts = forked(fleet)
  let basis: Basis | undefined
  await walkPlays({ ...walk, hosts, mode: planning, rests: (told) => { basis = told }, emit: (event) => {
    if (event.type === 'step-settled') {
      const { play, host, step, module, place, verdict, handler, on, batch } = event
      steps.push({ play, host, step, module, place, verdict, ...(handler === undefined ? {} : { handler }), ...(on === undefined ? {} : { on }), ...(batch === undefined ? {} : { batch }), ...(basis === undefined ? {} : { basis }) })
      basis = undefined
    }
    walk.emit(event)
  } })
  return { plan: { steps, lost: Object.fromEntries([...hosts.values()].flatMap(({ name, lost }) => (lost === undefined ? [] : [[name, lost]]))) }, hosts }
}

/** The exit code that a walk's end calls for. */
export const exitOf = (recap: Readonly<Record<string, Recap>>, failures: readonly { readonly code: string }[], stopped: string | undefined): ExitCode => {
  if (stopped === 'interrupted') return exitCode.interrupted
  if (failures.some(({ code }) => code === 'locked' || code === 'lock-lost')) return exitCode.locked
  if (failures.some(({ code }) => code === 'stale')) return exitCode.stale
  if (failures.length > 0) return exitCode.failed
  return Object.values(recap).some(({ unreachable }) => unreachable) ? exitCode.unreachable : exitCode.done
}
