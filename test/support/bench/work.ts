import { join } from 'node:path'
import { onEach, type Place } from './hosts.js'
import { spread, type Spread } from './measured.js'
import { atLeast, atMost, fixed, spreadText, type Section, type Verdict } from './report.js'
import { runProvision, ways, type Run, type Way } from './ways.js'

export const STEPS = 51
export type Situation = 'first apply' | 'one change' | 'converged'
const changes = { 'first apply': STEPS, 'one change': 1, converged: 0 } as const

/** Ansible takes five minutes for one run over many hosts. */
const SLOW_FROM = 10

/** Round trips until a shell runs on a connection: its channel, and its command. */
const SHELL = 2

export interface Figures {
  readonly way: Way['name']
  readonly situation: Situation
  readonly times: number
  readonly seconds: Spread
  readonly cpuSeconds: number
  readonly hostCpuSeconds: number
  readonly megabytes: number
  /** Of the host whose connection saw least, since what a busy machine adds says nothing; none where connections are direct. */
  readonly roundTrips: number
  readonly kilobytes: number
  readonly frames: number
}

interface Counted extends Run { readonly hostCpuSeconds: number; readonly roundTrips: number; readonly kilobytes: number }

/** Figures count only when each host did exactly what was asked. */
const checked = async (way: Way, place: Place, situation: Situation): Promise<Counted> => {
  const changed = changes[situation]
  const before = place.proxies.map(({ roundTrips, bytes }) => ({ roundTrips, bytes: bytes.there + bytes.back }))
  const cpuBefore = place.hostsCpuSeconds()
  const run = await way.run(place)
  const wrong = place.hosts.filter((host) => run.counts.get(host)?.changed !== changed || run.counts.get(host)?.ok !== STEPS - changed)
  if (run.exit !== 0 || wrong.length > 0) {
    throw new Error(`void: ${way.name} ended with ${run.exit}, and should have found ${STEPS - changed} ok and changed ${changed}: ${wrong.map((host) => `${host} ${JSON.stringify(run.counts.get(host))}`).join(', ')}\n${run.stderr.slice(-4000)}${run.stdout.slice(-4000)}`)
  }
  const least = (of: (index: number) => number): number => (place.proxies.length === 0 ? Number.NaN : Math.min(...place.proxies.map((_proxy, index) => of(index))))
  return {
    ...run, hostCpuSeconds: (place.hostsCpuSeconds() - cpuBefore) / place.hosts.length,
    roundTrips: least((index) => (place.proxies[index]?.roundTrips ?? 0) - (before[index]?.roundTrips ?? 0)),
    kilobytes: least((index) => ((place.proxies[index]?.bytes.there ?? 0) + (place.proxies[index]?.bytes.back ?? 0) - (before[index]?.bytes ?? 0)) / 1000),
  }
}

export interface WorkRequest {
  readonly place: Place
  /** The same hosts without distance, to make them ready. */
  readonly aside: Place
  /** Takes back what a first apply does. */
  readonly undo: string
  readonly with: readonly Way['name'][]
  readonly situations: readonly Situation[]
  readonly repeat: number
  /** How often Ansible goes; 3 when left out. */
  readonly ansible?: number | undefined
  readonly say: (text: string) => void
}

/** All ways in turn, so that what else the machine does falls on all of them. */
export const doWork = async ({ place, aside, undo, with: names, situations, repeat, ansible = 3, say }: WorkRequest): Promise<readonly Figures[]> => {
  const ready: Record<Situation, () => Promise<void>> = {
    'first apply': () => onEach(aside, undo),
    'one change': () => onEach(aside, 'echo drifted > /etc/shop/version\n'),
    converged: async () => undefined,
  }
  const all = names.map((name) => ways[name])
  const timesOf = ({ name }: Way): number => ((name === 'ansible' || name === 'mitogen') && place.hosts.length >= SLOW_FROM ? 1 : name === 'ansible' ? Math.min(repeat, ansible) : repeat)
  const figures: Figures[] = []
  for (const situation of situations) {
    if (situation !== 'first apply') await checkedState(aside)
    const runs = new Map<Way, Counted[]>(all.map((way) => [way, []]))
    for (let round = 0; round < repeat; round++) {
      for (const way of all) {
        if (round >= timesOf(way)) continue
        await ready[situation]()
        const run = await checked(way, place, situation)
        say(`${situation}, ${way.name}: ${fixed(run.seconds)} s`)
        runs.get(way)?.push(run)
        // the other way finds nothing left to do: both mean the same work
        if (round === 0 && situation === 'first apply') await checked(way.name === 'provision' ? ways.floor : ways.provision, aside, 'converged')
      }
    }
    for (const [{ name: way }, of] of runs) {
      const median = (figure: (run: Counted) => number): number => spread(of.map(figure)).median
      figures.push({
        way, situation, times: of.length, seconds: spread(of.map(({ seconds }) => seconds)), cpuSeconds: median((run) => run.cpuSeconds), hostCpuSeconds: median((run) => run.hostCpuSeconds),
        megabytes: median((run) => run.megabytes), roundTrips: median((run) => run.roundTrips), kilobytes: median((run) => run.kilobytes), frames: median((run) => run.frames ?? Number.NaN),
      })
    }
  }
  return figures
}

/** Brings the hosts where a second run finds nothing to do. */
const checkedState = async (aside: Place): Promise<void> => {
  const { exit, stderr } = await ways.provision.run(aside)
  if (exit !== 0) throw new Error(`void: the hosts cannot be made ready\n${stderr}`)
}

/** How often a connection goes back and forth until it can be used: a run whose only step is skipped. */
export const connecting = async (place: Place): Promise<number> => {
  const before = place.proxies.map(({ roundTrips }) => roundTrips)
  const { exit, stderr } = await runProvision(place, join(import.meta.dirname, 'nothing.yaml'))
  if (exit !== 0) throw new Error(`void: connecting failed\n${stderr}`)
  // a host that is slow says something late, after we have said goodbye: that is no answer
  return Math.min(...place.proxies.map(({ roundTrips }, index) => roundTrips - (before[index] ?? Number.NaN)))
}

const factors: Readonly<Record<Situation, { readonly floor?: number; readonly ansible?: number; readonly mitogen?: number }>> = {
  'first apply': { floor: 2.5, ansible: 15, mitogen: 6 },
  converged: { floor: 2, ansible: 35, mitogen: 12 },
  'one change': {},
}

const verdictsOf = (figures: readonly Figures[], { hosts, distance }: Place, connect: number | undefined): readonly Verdict[] => {
  const of = (way: Way['name'], situation: Situation): Figures | undefined => figures.find((one) => one.way === way && one.situation === situation)
  const median = (way: Way['name'], situation: Situation): number => of(way, situation)?.seconds.median ?? Number.NaN
  const situations = [...new Set(figures.map(({ situation }) => situation))]
  const verdicts = distance > 0 ? [] : situations.flatMap((situation) => {
    const { floor, ansible, mitogen } = factors[situation]
    const ours = median('provision', situation)
    return [
      ...(floor === undefined || of('floor', situation) === undefined ? [] : [atMost(`${situation}: provision / floor`, ours / median('floor', situation), floor, { gates: true })]),
      ...(ansible === undefined || of('ansible', situation) === undefined ? [] : [atLeast(`${situation}: Ansible / provision`, median('ansible', situation) / ours, ansible)]),
      ...(mitogen === undefined || of('mitogen', situation) === undefined ? [] : [atLeast(`${situation}: Mitogen / provision`, median('mitogen', situation) / ours, mitogen)]),
    ]
  }).filter(({ figure }) => figure !== '–')
  const converged = of('provision', 'converged')
  const first = of('provision', 'first apply')
  return [
    ...verdicts,
    ...(distance >= 100 && connect !== undefined && converged !== undefined ? [atMost('converged: round trips beside connecting and starting a shell', converged.roundTrips - connect - SHELL, 2, { digits: 0, gates: true })] : []),
    ...(distance >= 100 && first !== undefined ? [atMost('first apply: round trips in all', first.roundTrips, 10, { digits: 0, gates: true })] : []),
    ...(hosts.length >= SLOW_FROM && distance === 0 && converged !== undefined ? [
      atMost('converged: memory of the controller', converged.megabytes, 120, { unit: ' MB', digits: 0 }),
      atMost('converged: processor time of the controller a host', 1000 * converged.cpuSeconds / hosts.length, 40, { unit: ' ms', digits: 0 }),
    ] : []),
  ]
}

/** What one place showed, as a part of the report. */
export const workSection = (figures: readonly Figures[], place: Place, connect?: number): Section => {
  const { hosts, distance } = place
  const far = distance > 0
  const floorOf = (situation: Situation): number => figures.find(({ way, situation: one }) => way === 'floor' && one === situation)?.seconds.median ?? Number.NaN
  return {
    key: `work ${hosts.length} ${distance}`,
    title: `${hosts.length} host${hosts.length === 1 ? '' : 's'}${far ? `, ${distance} ms away` : ''}`,
    head: ['', 'way', 'times', 'seconds', '× floor', 'controller CPU s', 'host CPU s', 'controller MB', ...(far ? ['round trips', 'kB'] : []), 'frames'],
    rows: [
      ...figures.map(({ way, situation, times, seconds, cpuSeconds, hostCpuSeconds, megabytes, roundTrips, kilobytes, frames }) => [
        situation, way, String(times), spreadText(seconds), fixed(seconds.median / floorOf(situation)), fixed(cpuSeconds), fixed(hostCpuSeconds), fixed(megabytes, 0),
        ...(far ? [fixed(roundTrips, 0), fixed(kilobytes, 0)] : []), fixed(frames, 0),
      ]),
      ...(connect === undefined ? [] : [['connecting and a shell', 'provision', '1', '', '', '', '', '', `${fixed(connect, 0)} + ${SHELL}`, '', '']]),
    ],
    verdicts: verdictsOf(figures, place, connect),
  }
}
