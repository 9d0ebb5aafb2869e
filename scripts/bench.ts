import { readFile, stat, writeFile } from 'node:fs/promises'
import { readdirSync, statSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { prerequisites } from '../src/lab/prerequisites.js'
import { archive } from '../test/support/bench/archive.js'
import { cluster } from '../test/support/bench/cluster.js'
import { benchHosts, type BenchHosts } from '../test/support/bench/hosts.js'
import { measured } from '../test/support/bench/measured.js'
import { printed, written, type Section } from '../test/support/bench/report.js'
import { simulated } from '../test/support/bench/simulated.js'
import { startUp } from '../test/support/bench/start-up.js'
import { ways, type Way } from '../test/support/bench/ways.js'
import { connecting, doWork, workSection, type Situation } from '../test/support/bench/work.js'
import { standinPackages } from '../test/support/practice.js'
import { installPackages } from './packages.js'

const checkout = resolve(import.meta.dirname, '..')
const program = join(checkout, 'dist/cli/main.js')
const document = join(checkout, 'docs/benchmarks.md')

const say = (text = ''): void => { process.stdout.write(`${text}\n`) }
const aside = (text: string): void => { process.stderr.write(`${text}\n`) }

interface Flags {
  readonly quick?: true
  readonly full?: true
  readonly hosts?: readonly number[]
  readonly latency?: readonly number[]
  readonly with?: readonly Way['name'][]
  readonly situation?: readonly Situation[]
  readonly repeat?: number
  readonly write?: true
}

/** What is measured when nothing narrower is asked for, and what it costs on two quiet cores. */
const parts = {
  'start-up': { about: '`provision --version` beside `node -e 0`', takes: '10 s' },
  work: { about: 'the 51 steps on 1, 4 and 37 hosts, all four ways', takes: '1 and 4 hosts 10 minutes each; 37 hosts 25 minutes, of which Ansible 15 and Mitogen 5' },
  distance: { about: 'the same on 4 hosts that are 30 and 100 ms away, with counted round trips and bytes, without Ansible', takes: '15 minutes, of which Mitogen 12' },
  archive: { about: '500 MB to two hosts beside two scp; a connection that is cut at 60 %', takes: '1 minute' },
  cluster: { about: 'the practice cluster of cluster.yaml on 4 hosts: from empty ones, converged, one change', takes: 'by estimate 10 minutes, of which Ansible 6; it is not in --quick' },
  simulated: { about: '100 to 1,000 simulated hosts, the controller alone', takes: '3 minutes' },
} as const
type Part = keyof typeof parts
const isPart = (name: string): name is Part => name in parts

interface Job { readonly title: string; readonly hosts: number; run(lab: BenchHosts): Promise<Section> }

const work = (flags: Flags, hosts: number, defaults: { readonly with: readonly Way['name'][]; readonly repeat: number; readonly ansible?: number }): Job => ({
  title: `the 51 steps on ${hosts} hosts`, hosts,
  run: async (lab) => {
    const place = await lab.near(hosts)
    const names = flags.with ?? defaults.with
    return workSection(await doWork({ place, aside: place, undo: lab.undo, with: names, situations: flags.situation ?? ['first apply', 'one change', 'converged'], repeat: flags.repeat ?? defaults.repeat, ansible: defaults.ansible, say: aside }), place)
  },
})

const distance = (flags: Flags, latency: number, defaults: { readonly with: readonly Way['name'][]; readonly repeat: number; readonly hosts: number }): Job => {
  const count = flags.hosts?.[0] ?? defaults.hosts
  return {
    title: `the 51 steps on ${count} hosts ${latency} ms away`, hosts: count,
    run: async (lab) => {
      const [near, place] = [await lab.near(count), await lab.far(count, latency)]
      try {
        const figures = await doWork({ place, aside: near, undo: lab.undo, with: (flags.with ?? defaults.with).filter((name) => name !== 'ansible'), situations: flags.situation ?? ['first apply', 'one change', 'converged'], repeat: flags.repeat ?? defaults.repeat, say: aside })
        return workSection(figures, place, await connecting(place))
      } finally {
        await place.close()
      }
    },
  }
}

const jobsOf = (part: Part, flags: Flags): readonly Job[] => {
  const all = ['floor', 'provision', 'mitogen', 'ansible'] as const
  switch (part) {
    case 'start-up': return [{ title: 'start-up', hosts: 0, run: () => startUp(11) }]
    case 'work': return (flags.hosts ?? [1, 4, 37]).map((hosts) => work(flags, hosts, { with: all, repeat: 5 }))
    case 'distance': return (flags.latency ?? [30, 100]).map((latency) => distance(flags, latency, { with: ['floor', 'provision', 'mitogen'], repeat: 5, hosts: 4 }))
    case 'archive': return [{ title: '500 MB to two hosts', hosts: 2, run: (lab) => archive(lab, flags.repeat ?? 3, aside) }]
    case 'cluster': return [{
      title: 'the practice cluster', hosts: 0,
      run: () => cluster({ with: flags.with ?? ['floor', 'provision', 'ansible'], situations: flags.situation ?? ['first apply', 'one change', 'converged'], repeat: flags.repeat ?? 3, ansible: 1, say: aside }, (lab) => { open = lab }),
    }]
    case 'simulated': return [{ title: 'simulated hosts', hosts: 1, run: (lab) => simulated(lab, flags.hosts ?? [100, 250, 500, 1000], aside) }]
    default: return part satisfies never
  }
}

/** A lab of a part's own, which an interrupted bench takes down. */
let open: { down(): Promise<void> } | undefined

/** Four hosts, our figures, the floor and one run of Ansible each: what a change must not make worse. */
const quick = (flags: Flags): readonly Job[] => [
  { title: 'start-up', hosts: 0, run: () => startUp(5) },
  work({ situation: ['first apply', 'converged'], ...flags }, 4, { with: ['floor', 'provision', 'ansible'], repeat: 5, ansible: 1 }),
  distance({ situation: ['first apply', 'converged'], ...flags }, 100, { with: ['floor', 'provision'], repeat: 1, hosts: 4 }),
]

const newest = (folder: string): number => readdirSync(folder, { withFileTypes: true })
  .reduce((latest, entry) => Math.max(latest, entry.isDirectory() ? newest(join(folder, entry.name)) : statSync(join(folder, entry.name)).mtimeMs), 0)

const build = async (): Promise<void> => {
  const built = await stat(program).then(({ mtimeMs }) => mtimeMs, () => 0)
  if (built > newest(join(checkout, 'src'))) return
  const { exit, stdout, stderr } = await measured(['npm', 'run', '--silent', 'build'], checkout)
  if (exit !== 0) throw new Error(`the build failed\n${stdout}${stderr}`)
}

const machine = (): string =>
  `${new Date().toISOString().slice(0, 10)}: ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release()}, Node ${process.version}; load at the end ${loadavg()[0]?.toFixed(1)}`

const bench = async (names: readonly string[], flags: Flags): Promise<number> => {
  const { missing, reason = missing.length === 0 ? undefined : `the Debian packages ${missing.join(', ')} are missing` } = await prerequisites()
  if (reason !== undefined) {
    say(`the bench is skipped: ${reason}`)
    return 0
  }
  const chosen = names.length === 0 && flags.full === true ? Object.keys(parts) : names
  const jobs = flags.quick === true ? quick(flags) : chosen.flatMap((name) => (isPart(name) ? jobsOf(name, flags) : []))
  await build()
  const without = installPackages(['ansible', 'ansible-mitogen', ...(chosen.includes('cluster') ? standinPackages : [])], 'the bench')
  if (without.length > 0) aside(`without ${without.join(', ')}`)
  const count = Math.max(...jobs.map(({ hosts }) => hosts))
  const lab = count === 0 ? undefined : await benchHosts(count, aside)
  const stop = (): void => { Promise.all([lab?.down(), open?.down()]).finally(() => process.exit(130)) }
  process.once('SIGINT', stop).once('SIGTERM', stop)
  let code = 0
  try {
    for (const { title, run } of jobs) {
      aside(`== ${title}`)
      const began = performance.now()
      try {
        const section = await run(lab ?? noHosts)
        say(printed(section))
        if (flags.write === true) await writeFile(document, written(await readFile(document, 'utf8'), section, machine()))
        if (section.verdicts.some(({ met, gates }) => gates && !met)) code = 1
      } catch (error) {
        // a part whose figures are void must not take the others with it
        say(error instanceof Error ? error.message : String(error))
        code = 1
      }
      aside(`== ${title}: ${((performance.now() - began) / 1000).toFixed(0)} s`)
    }
    say(`\n${machine()}`)
  } finally {
    await lab?.down()
  }
  return code
}

/** For parts that look at none. */
const noHosts: BenchHosts = {
  names: [], undo: '', near: () => Promise.reject(new Error('there are no hosts')), far: () => Promise.reject(new Error('there are no hosts')), down: async () => undefined,
}

const list = <T>(read: (word: string) => T) => (value: string): readonly T[] => value.split(',').map((word) => read(word.trim()))
const whole = (word: string): number => {
  if (!/^\d+$/.test(word)) throw new InvalidArgumentError('Expected whole numbers, such as 4,37.')
  return Number(word)
}
const distant = (word: string): number => {
  const milliseconds = whole(word)
  if (milliseconds === 0) throw new InvalidArgumentError('Expected milliseconds from 1 on; `work` measures without a distance.')
  return milliseconds
}
const wayNamed = (word: string): Way['name'] => {
  const found = Object.values(ways).find(({ name }) => name === word)
  if (found === undefined) throw new InvalidArgumentError(`Expected some of ${Object.keys(ways).join(', ')}.`)
  return found.name
}
const situationNamed = (word: string): Situation => {
  const found = (['first apply', 'one change', 'converged'] as const).find((one) => one.startsWith(word))
  if (found === undefined) throw new InvalidArgumentError('Expected some of first, one, converged.')
  return found
}

const command = new Command('npm run bench --')
  .description('Measures the program on lab hosts beside a script by hand over raw ssh, Ansible, and Ansible with Mitogen. Exits 1 when a gate is missed or a figure is void.')
  .argument('[parts...]', `${Object.keys(parts).join(', ')}`)
  .addOption(new Option('--quick', 'under four minutes: 4 hosts, ours, the floor and Ansible; what nothing named means').conflicts('full'))
  .option('--full', 'all parts; about an hour and three quarters')
  .option('--hosts <numbers>', 'so many hosts: work, distance and simulated', list(whole))
  .option('--latency <milliseconds>', 'so long a round trip, from 1 on: distance', list(distant))
  .option('--with <ways>', `only these ways: ${Object.keys(ways).join(', ')}`, list(wayNamed))
  .option('--situation <words>', 'only these: first, one, converged', list(situationNamed))
  .option('--repeat <times>', 'how often each way goes; 5 when left out, Ansible 3, and 1 over many hosts', whole)
  .option('--write', 'write what was measured into docs/benchmarks.md')
  .addHelpText('before', `Examples:\n${[
    'npm run bench', 'npm run bench -- work --hosts 37 --with floor,provision --repeat 5', 'npm run bench -- work --hosts 37 --with provision,mitogen --situation converged --write',
    'npm run bench -- distance --latency 100', 'npm run bench -- cluster --repeat 1', 'npm run bench -- --full --write',
  ].map((line) => `  $ ${line}`).join('\n')}\n`)
  .addHelpText('after', `\nParts, and what they take:\n${Object.entries(parts).map(([name, { about, takes }]) => `  ${name.padEnd(10)}${about}: ${takes}`).join('\n')}`)
  .action(async (names: string[], flags: Flags) => {
    const unknown = names.find((name) => !isPart(name))
    if (unknown !== undefined) command.error(`error: there is no part ${unknown}; there are ${Object.keys(parts).join(', ')}`)
    if (flags.write === true && names.length === 0 && flags.full === undefined) command.error('error: --write wants parts or --full, since the quick form measures too little')
    process.exitCode = await bench(names, names.length === 0 && flags.full === undefined ? { ...flags, quick: true } : flags)
  })

await command.parseAsync()
