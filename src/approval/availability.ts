import type { FiledStep, PlanBody } from './plan-file.js'
import { isToDo, placeOfWork, stagesOf, type Stage } from './stages.js'

/** A time in which a unit does not run on a host, in stages of the plan. */
export interface Outage {
  readonly host: string
  readonly from: number
  /** The stage in which it runs again; nothing where no step starts it. */
  readonly until: number | undefined
  /** The step that stops it, or the first one that starts it where it does not run before. */
  readonly step: string
  readonly kind: 'restarts' | 'stops' | 'not running before'
  /** Whether it is decided, or depends on what only a run will know. */
  readonly isSure: boolean
  /** The step that waits until it serves, within the stage in which it comes back. */
  readonly gate: string | undefined
}

/** What a plan lets be said of a unit that it stops somewhere. */
export interface Availability {
  readonly unit: string
  /** Hosts on which a step of the plan is about it. */
  readonly hosts: readonly string[]
  readonly outages: readonly Outage[]
  /** So many of the hosts serve it at all times. */
  readonly least: number
  /** Whether a step waits until a host serves again, before the next one stops. */
  readonly isAwaited: boolean
  /** The stage in which the fewest serve it, and who does not. */
  readonly worst: { readonly stage: number; readonly down: readonly string[]; readonly isSure: boolean }
}

/** Modules that stop what they start again at once; what others stop is down until a later step starts it. */
const COME_BACK = ['restart', 'reboot']
const STARTS = ['service', ...COME_BACK]
const WAITS = 'wait-for'
/** What a reboot stops beside all units. */
export const MACHINE = 'the machine itself'

interface Reached { readonly step: FiledStep; readonly stage: number }

/** Which units run on how many hosts while a plan is applied. A unit is taken to run before unless a step starts it for sure, and to serve again at the end of the stage in which it is started. */
export const availabilityOf = (plan: Pick<PlanBody, 'steps'>): readonly Availability[] => {
  const stages = stagesOf(plan)
  const reached = stages.flatMap(({ steps }, stage) => steps.map((step): Reached => ({ step, stage })))
  const units = new Map<string, Set<string>>()
  const note = (unit: string, host: string): void => { units.set(unit, (units.get(unit) ?? new Set()).add(host)) }
  for (const { step } of reached) for (const unit of unitsOf(step)) note(unit, placeOfWork(step))
  if (reached.some(({ step }) => isReboot(step))) for (const { step } of reached) note(MACHINE, placeOfWork(step))
  return [...units].flatMap(([unit, names]) => {
    const hosts = [...names]
    const outages = hosts.flatMap((host) => outagesOf(unit, reached.filter(({ step }) => placeOfWork(step) === host), stages, host))
    return outages.length === 0 ? [] : [{ unit, hosts, outages, isAwaited: isAwaited(outages), ...worstOf(hosts, outages, stages.length) }]
  })
}

/** How many steps may stop more than is known: commands, and what waits without a word of what it is about. */
export const unforeseen = ({ steps }: Pick<PlanBody, 'steps'>): number => steps.filter((step) => isToDo(step) && step.risks.includes('opaque')).length

const UNIT = 'unit:'
const unitsOf = ({ needs, changes }: FiledStep): readonly string[] =>
  [...new Set([...needs, ...changes.flatMap(({ holds }) => holds)].filter((key) => key.startsWith(UNIT)).map((key) => key.slice(UNIT.length)))]

const isReboot = (step: FiledStep): boolean => isToDo(step) && step.module === 'reboot'
const isStop = (step: FiledStep): boolean => isToDo(step) && step.risks.includes('restart')
const isAbout = (step: FiledStep, unit: string): boolean => isReboot(step) || unitsOf(step).includes(unit)

const outagesOf = (unit: string, reached: readonly Reached[], stages: readonly Stage[], host: string): readonly Outage[] => {
  const own = reached.filter(({ step }) => isToDo(step) && isAbout(step, unit) && (isStop(step) || STARTS.includes(step.module)))
  const outages: Outage[] = []
  for (const [index, { step, stage }] of own.entries()) {
    const comesBack = COME_BACK.includes(step.module)
    if (!isStop(step)) {
      // what is started first was not running, and what is started later was stopped by a step before
      if (index === 0 && step.verdict === 'change') outages.push({ host, from: 0, until: stage, step: step.step, kind: 'not running before', isSure: true, gate: gateAfter(step, stages[stage]) })
      continue
    }
    const back = comesBack ? { step, stage } : own.slice(index + 1).find((later) => !isStop(later.step) || COME_BACK.includes(later.step.module))
    outages.push({
      host, from: stage, until: back?.stage, step: step.step, kind: comesBack ? 'restarts' : 'stops', isSure: step.verdict === 'change',
      gate: back === undefined ? undefined : gateAfter(back.step, stages[back.stage]),
    })
  }
  return outages
}

/** What waits on the same host, behind a step of its stage. */
const gateAfter = (started: FiledStep, stage: Stage | undefined): string | undefined => {
  const steps = stage?.steps ?? []
  return steps.slice(steps.indexOf(started) + 1).find((step) => step.host === started.host && step.module === WAITS && isToDo(step))?.step
}

/** Behind the last one that comes back nobody stops. */
const isAwaited = (outages: readonly Outage[]): boolean =>
  outages.every(({ until, gate }) => gate !== undefined || until === undefined || !outages.some(({ from }) => from > until))

const worstOf = (hosts: readonly string[], outages: readonly Outage[], stages: number): Pick<Availability, 'least' | 'worst'> => {
  let worst: Availability['worst'] = { stage: 0, down: [], isSure: true }
  for (let stage = 0; stage < stages; stage++) {
    const now = outages.filter(({ from, until }) => from <= stage && stage <= (until ?? stages))
    const down = hosts.filter((name) => now.some(({ host }) => host === name))
    const isSure = down.every((name) => now.some((outage) => outage.host === name && outage.isSure))
    if (down.length > worst.down.length || (down.length === worst.down.length && isSure && !worst.isSure)) worst = { stage, down, isSure }
  }
  return { least: hosts.length - worst.down.length, worst }
}
