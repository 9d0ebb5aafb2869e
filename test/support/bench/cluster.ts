import { join } from 'node:path'
import { clusterLab, scriptOf, type ClusterLab } from './cluster-lab.js'
import { onEach, type Place } from './hosts.js'
import { spread, type Spread } from './measured.js'
import { fixed, spreadText, type Section } from './report.js'
import { ansible, mitogen, recapIn, runProvision, runScripts, type Run, type Way } from './ways.js'
import type { Situation } from './work.js'

const playbook = join(import.meta.dirname, 'cluster.ansible.yaml')
const secrets = 'vault_password_file = vault.password\n'

/** The practice cluster by each way; the script by hand mends one that is there, and does not make one. */
const runs: Readonly<Record<Way['name'], (place: Place) => Promise<Run>>> = {
  floor: (place) => runScripts(place, (host) => scriptOf(place.folder, host)),
  provision: async (place) => {
    const run = await runProvision(place, 'cluster.yaml', [], 'lab')
    const frames = Object.values(await recapIn(join(place.folder, 'events'))).map(({ round_trips: trips }) => trips ?? Number.NaN)
    return { ...run, frames: Math.max(...frames) }
  },
  ansible: (place) => ansible.runPlaybook(place, playbook, secrets),
  mitogen: (place) => mitogen.runPlaybook(place, playbook, secrets),
}

/** The host whose file drifts: the balancer asks a port where nobody listens. */
const DRIFTED = 'lb1'
const drift = "f=/etc/nginx/conf.d/micro-integrator.conf; [ ! -e $f ] || sed -i s/8290/8291/ $f\n"

/** What of a run's counts is not as the situation asks, host by host. */
export const wrongCounts = (hosts: readonly string[], situation: Situation, { exit, counts }: Pick<Run, 'exit' | 'counts'>): readonly string[] => {
  const isRight = (host: string, changed: number): boolean => {
    switch (situation) {
      case 'first apply': return changed > 0
      case 'one change': return host === DRIFTED ? changed > 0 : changed === 0
      case 'converged': return changed === 0
      default: return situation satisfies never
    }
  }
  return [
    ...(exit === 0 ? [] : [`exit ${exit}`]),
    ...hosts.flatMap((host) => {
      const found = counts.get(host)
      return found !== undefined && found.ok + found.changed > 0 && isRight(host, found.changed) ? [] : [`${host} ${JSON.stringify(found)}`]
    }),
  ]
}

interface Counted extends Run { readonly hostCpuSeconds: number }

const checked = async (way: Way['name'], place: Place, situation: Situation): Promise<Counted> => {
  const before = place.hostsCpuSeconds()
  const run = await runs[way](place)
  const hostCpuSeconds = (place.hostsCpuSeconds() - before) / place.hosts.length
  const wrong = wrongCounts(place.hosts, situation, run)
  if (wrong.length === 0) return { ...run, hostCpuSeconds }
  throw new Error(`void: ${way}, ${situation}: ${wrong.join(', ')}\n${told(run)}`)
}

/** What tells a reader why: Ansible's changed and failed tasks, or the end of what was said. */
const told = ({ stdout, stderr }: Run): string => {
  const tasks = [...stdout.matchAll(/^TASK \[(.*)\] \**\n((?:(?!^TASK|^PLAY)[^\n]*\n)*)/gm)].filter(([, , lines = '']) => /^(changed|fatal|failed):/m.test(lines)).map(([text]) => text.trim())
  return `${stderr.slice(-4000)}${(tasks.length > 0 ? tasks.join('\n') : stdout).slice(-8000)}`
}

export interface ClusterRequest {
  readonly with: readonly Way['name'][]
  readonly situations: readonly Situation[]
  readonly repeat: number
  /** How often Ansible goes, of either kind; a run takes minutes. */
  readonly ansible: number
  readonly say: (text: string) => void
}

interface ClusterFigures { readonly way: Way['name']; readonly situation: Situation; readonly times: number; readonly seconds: Spread; readonly cpuSeconds: number; readonly hostCpuSeconds: number; readonly megabytes: number; readonly frames: number }

/** The four hosts of the practice cluster, from empty ones to one that is proven, by all ways in turn. */
export const cluster = async (request: ClusterRequest, opened: (lab: ClusterLab) => void): Promise<Section> => {
  const lab = await clusterLab(request.say)
  opened(lab)
  try {
    return clusterSection(await measuredCluster(lab, request))
  } finally {
    await lab.down()
  }
}

const measuredCluster = async (lab: ClusterLab, { with: names, situations, repeat, ansible: slow, say }: ClusterRequest): Promise<readonly ClusterFigures[]> => {
  const { place } = lab
  const timesOf = (way: Way['name']): number => (way === 'ansible' || way === 'mitogen' ? Math.min(repeat, slow) : repeat)
  const figures: ClusterFigures[] = []
  let fresh = true
  for (const situation of situations) {
    const all = names.filter((way) => way !== 'floor' || situation !== 'first apply')
    // what no first apply has made yet is made unmeasured
    if (situation !== 'first apply') await checked('provision', place, fresh ? 'first apply' : 'converged')
    const found = new Map<Way['name'], Counted[]>(all.map((way) => [way, []]))
    for (let round = 0; round < repeat; round++) {
      for (const way of all.filter((one) => round < timesOf(one))) {
        if (situation === 'first apply' && !fresh) await lab.reset()
        if (situation === 'one change') await onEach(place, drift)
        const run = await checked(way, place, situation)
        fresh = false
        say(`${situation}, ${way}: ${fixed(run.seconds)} s`)
        found.get(way)?.push(run)
        if (round === 0 && situation === 'first apply') await agrees(way, names, place)
      }
    }
    for (const [way, of] of found) {
      const median = (figure: (run: Counted) => number): number => spread(of.map(figure)).median
      figures.push({
        way, situation, times: of.length, seconds: spread(of.map(({ seconds }) => seconds)), cpuSeconds: median((run) => run.cpuSeconds), hostCpuSeconds: median((run) => run.hostCpuSeconds),
        megabytes: median((run) => run.megabytes), frames: median((run) => run.frames ?? Number.NaN),
      })
    }
  }
  return figures
}

/** All other ways find nothing to do in the cluster that one made, and prove it: all mean the same one. */
const agrees = async (made: Way['name'], names: readonly Way['name'][], place: Place): Promise<void> => {
  const others = made === 'provision' ? names.filter((way) => way === 'ansible' || way === 'floor') : ['provision'] as const
  for (const other of others) await checked(other, place, 'converged')
}

/** What was measured, as a part of the report. */
export const clusterSection = (figures: readonly ClusterFigures[]): Section => {
  const ours = (situation: Situation): number => figures.find(({ way, situation: one }) => way === 'provision' && one === situation)?.seconds.median ?? Number.NaN
  return {
    key: 'cluster', title: 'The practice cluster on 4 hosts', verdicts: [],
    head: ['', 'way', 'times', 'seconds', '× provision', 'controller CPU s', 'host CPU s', 'controller MB', 'frames'],
    rows: figures.map(({ way, situation, times, seconds, cpuSeconds, hostCpuSeconds, megabytes, frames }) => [
      situation, way, String(times), spreadText(seconds), fixed(seconds.median / ours(situation)), fixed(cpuSeconds), fixed(hostCpuSeconds), fixed(megabytes, 0), fixed(frames, 0),
    ]),
  }
}
