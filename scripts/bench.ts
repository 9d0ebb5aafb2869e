import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { readdirSync, statSync } from 'node:fs'
import { cpus, homedir, loadavg, release, tmpdir, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { quote } from '../src/core/shell.js'
import { labDown, labReset, labUp, type Lab } from '../src/lab/lab.js'
import { cacheDirectory } from '../src/lab/naming.js'
import { prerequisites } from '../src/lab/prerequisites.js'
import { measured, spread, type Measured } from '../test/support/bench/measured.js'
import { tcpProxy } from '../test/support/proxy.js'

const checkout = resolve(import.meta.dirname, '..')
const program = join(checkout, 'dist/cli/main.js')
const playbook = join(checkout, 'test/support/bench/ordinary.yaml')
const floorScript = join(checkout, 'test/support/bench/ordinary.sh')
const hosts = ['bench1', 'bench2', 'bench3', 'bench4']
const cache = cacheDirectory(process.env, homedir())

const STEPS = 51
const FIRST_APPLIES = 2
const REPETITIONS = 5
const TARGET = 2
/** Milliseconds each way of the connection that stands for a distant host. */
const LATENCY = 25

/** What each host says of a run, in the words of both ways. */
const counts = z.object({ ok: z.number(), changed: z.number(), round_trips: z.number().optional() })
type Counts = z.output<typeof counts>
const runEnded = z.object({ type: z.literal('run-ended'), recap: z.record(z.string(), counts) })

interface Run extends Measured { readonly counts: readonly Counts[] }
/** A way to do the work on all hosts; the folder holds `ssh_config` and `inventory.yaml`. */
interface Way { readonly name: string; run(folder: string): Promise<Run> }

/** One raw `ssh` a host, all at once, with the script on its standard input. */
const floor: Way = {
  name: 'floor',
  async run(folder) {
    const told = (host: string): string => join(folder, `${host}.told`)
    const lines = hosts.map((host) => `ssh -F ssh_config ${host} sudo sh < ${quote(floorScript)} > ${quote(told(host))} &`)
    const run = await measured(['sh', '-c', `${lines.join('\n')}\nwait`], folder)
    return { ...run, counts: await Promise.all(hosts.map(async (host) => {
      const [, ok, changed] = /^ok=(\d+) changed=(\d+)$/m.exec(await readFile(told(host), 'utf8')) ?? []
      return { ok: Number(ok), changed: Number(changed) }
    })) }
  },
}

/** As a user runs it, start-up included; the events tell how each host fared. */
const provision: Way = {
  name: 'provision',
  async run(folder) {
    const events = join(folder, 'events')
    const run = await measured([process.execPath, program, 'run', playbook, '-i', './inventory.yaml', '--yes', '--events', events], folder)
    const lines = (await readFile(events, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '')
    const ended = runEnded.safeParse(JSON.parse(lines.at(-1) ?? 'null'))
    return { ...run, counts: hosts.map((host) => ended.data?.recap[host] ?? { ok: Number.NaN, changed: Number.NaN }) }
  },
}

/** Figures count only when each host did exactly what was asked. */
const checked = async (way: Way, folder: string, changed: number): Promise<Run> => {
  const run = await way.run(folder)
  const wrong = hosts.filter((_host, index) => run.counts[index]?.changed !== changed || run.counts[index]?.ok !== STEPS - changed)
  if (run.exit !== 0 || wrong.length > 0) {
    throw new Error(`void: ${way.name} ended with ${run.exit}, and should have found ${STEPS - changed} ok and changed ${changed}: ${hosts.map((host, index) => `${host} ${JSON.stringify(run.counts[index])}`).join(', ')}\n${run.stderr}`)
  }
  return run
}

const newest = (folder: string): number => readdirSync(folder, { withFileTypes: true })
  .reduce((latest, entry) => Math.max(latest, entry.isDirectory() ? newest(join(folder, entry.name)) : statSync(join(folder, entry.name)).mtimeMs), 0)

const build = async (): Promise<void> => {
  const built = await stat(program).then(({ mtimeMs }) => mtimeMs, () => 0)
  if (built > newest(join(checkout, 'src'))) return
  const { exit, stdout, stderr } = await measured(['npm', 'run', '--silent', 'build'], checkout)
  if (exit !== 0) throw new Error(`the build failed\n${stdout}${stderr}`)
}

const say = (text = ''): void => { process.stdout.write(`${text}\n`) }
const seconds = (value: number): string => value.toFixed(2).padStart(6)

const table = (title: string, runs: readonly (readonly [Way, readonly Run[]])[]): number => {
  say(`\n${title}\n${''.padEnd(12)}median  least   most   CPU s`)
  for (const [{ name }, of] of runs) {
    const { median, least, most } = spread(of.map((run) => run.seconds))
    say(`${name.padEnd(12)}${[median, least, most].map(seconds).join(' ')}  ${seconds(spread(of.map((run) => run.cpuSeconds)).median)}`)
  }
  const memory = Math.round(spread(runs.find(([way]) => way === provision)?.[1].map((run) => run.megabytes) ?? []).median)
  const [base = Number.NaN, ours = Number.NaN] = runs.map(([, of]) => spread(of.map((run) => run.seconds)).median)
  say(`${'ratio'.padEnd(12)}${seconds(ours / base)}`)
  say(`memory of provision: ${memory} MB; frames and session starts a host: ${runs.flatMap(([, of]) => of.map((run) => run.counts[0]?.round_trips)).find((trips) => trips !== undefined)}`)
  return ours / base
}

const ways = [floor, provision] as const

/** Each way on empty hosts; the other way must then find nothing left to do, so both mean the same work. */
const firstApplies = async (lab: Lab, folder: string): Promise<number> => {
  const runs = new Map<Way, Run[]>(ways.map((way) => [way, []]))
  for (let round = 0; round < FIRST_APPLIES; round++) {
    for (const way of ways) {
      await Promise.all(hosts.map((host) => labReset({ directory: lab.directory, cache, host, say: () => undefined })))
      runs.get(way)?.push(await checked(way, folder, STEPS))
      for (const other of ways) await checked(other, folder, 0)
    }
  }
  return table(`first apply, ${STEPS} changes on each of ${hosts.length} hosts, ${FIRST_APPLIES} times`, [...runs])
}

const converged = async (folder: string, title: string, repetitions: number): Promise<number> => {
  const runs = new Map<Way, Run[]>(ways.map((way) => [way, []]))
  for (let round = 0; round < repetitions; round++) for (const way of ways) runs.get(way)?.push(await checked(way, folder, 0))
  return table(`${title}, ${STEPS} steps on each of ${hosts.length} hosts, ${repetitions} times in turn`, [...runs])
}

/** The same through connections that count round trips and take their time. */
const distant = async (lab: Lab): Promise<number> => {
  const folder = await mkdtemp(join(lab.directory, 'distant-'))
  const proxies = await Promise.all(lab.hosts.map(async ({ name, address }) => ({ name, proxy: await tcpProxy({ host: address, port: 22 }, { latency: LATENCY }) })))
  try {
    const hostBlocks = proxies.map(({ name, proxy }) => `Host ${name}\n  HostName ${proxy.host}\n  Port ${proxy.port}\n  HostKeyAlias ${name}\n`)
    const shared = `Host *\n  User deploy\n  IdentityFile ${lab.key}\n  IdentitiesOnly yes\n  UserKnownHostsFile ${lab.knownHosts}\n  GlobalKnownHostsFile /dev/null\n  StrictHostKeyChecking yes\n`
    await writeFiles(folder, `${hostBlocks.join('')}${shared}`)
    const trips = async (way: Way): Promise<number> => {
      const before = proxies[0]?.proxy.roundTrips ?? 0
      await checked(way, folder, 0)
      return (proxies[0]?.proxy.roundTrips ?? 0) - before
    }
    const [byFloor, byProvision] = [await trips(floor), await trips(provision)]
    const ratio = await converged(folder, `converged, ${2 * LATENCY} ms away`, 3)
    say(`round trips on the wire a host, connecting included: floor ${byFloor}, provision ${byProvision}`)
    return ratio
  } finally {
    await Promise.all(proxies.map(({ proxy }) => proxy.close()))
  }
}

const writeFiles = async (folder: string, sshConfig: string): Promise<void> => {
  await writeFile(join(folder, 'ssh_config'), sshConfig)
  await writeFile(join(folder, 'inventory.yaml'), `connection: { ssh-config: ssh_config, user: deploy }\nhosts: { ${hosts.map((host) => `${host}: {}`).join(', ')} }\n`)
}

const startUp = async (): Promise<void> => {
  const commands = [['node -e 0', [process.execPath, '-e', '0']], ['provision --version', [process.execPath, program, '--version']]] as const
  const runs = commands.map(([name, command]) => ({ name, command, times: [] as number[] }))
  for (let round = 0; round < 7; round++) for (const { command, times } of runs) times.push((await measured([...command], checkout)).seconds)
  say('\nstart-up')
  for (const { name, times } of runs) say(`${name.padEnd(20)}${seconds(spread(times).median)}`)
  const [node = Number.NaN, ours = Number.NaN] = runs.map(({ times }) => spread(times).median)
  say(`${'ratio'.padEnd(20)}${seconds(ours / node)}`)
}

const main = async (): Promise<number> => {
  const { missing, reason = missing.length === 0 ? undefined : `the Debian packages ${missing.join(', ')} are missing` } = await prerequisites()
  if (reason !== undefined) {
    say(`the bench is skipped: ${reason}`)
    return 0
  }
  await build()
  const directory = await mkdtemp(join(tmpdir(), 'provision-bench-'))
  const down = async (): Promise<void> => {
    await labDown({ directory, say: () => undefined })
    await rm(directory, { recursive: true, force: true })
  }
  process.once('SIGINT', () => { down().finally(() => process.exit(130)) })
  try {
    const lab = await labUp({ directory, cache, hosts: hosts.map((name) => ({ name })), say: () => undefined })
    await writeFiles(directory, await readFile(lab.sshConfig, 'utf8'))
    say(`${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release()}, Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}`)
    await startUp()
    const first = await firstApplies(lab, directory)
    const again = await converged(directory, 'converged', REPETITIONS)
    const far = await distant(lab)
    say(`\nprovision / floor: first apply ${first.toFixed(2)}, converged ${again.toFixed(2)} (target: at most ${TARGET.toFixed(1)}), converged ${2 * LATENCY} ms away ${far.toFixed(2)}`)
    return again > TARGET ? 1 : 0
  } catch (error) {
    say(error instanceof Error ? error.message : String(error))
    return 1
  } finally {
    await down()
  }
}

process.exitCode = await main()
