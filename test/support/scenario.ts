import { generateIdentity } from 'age-encryption'
import { cp, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parse } from 'yaml'
import { doorsTo } from '../../src/cli/doors.js'
import { openProject, type Project } from '../../src/cli/project.js'
import type { RunEvent } from '../../src/core/events.js'
import { ProvisionError } from '../../src/core/errors.js'
import type { HostFact } from '../../src/core/fact.js'
import type { Plan } from '../../src/core/plan.js'
import { stepsIn, type BoundStep } from '../../src/core/step.js'
import type { Become, Session, Transport } from '../../src/core/transport.js'
import { gather, type Replies } from '../../src/engine/gather.js'
import { connect, type Fleet } from '../../src/engine/fleet.js'
import { prefetch } from '../../src/engine/prefetch.js'
import { planOf, recapOf, walkPlays } from '../../src/engine/run.js'
import { hostFacts } from '../../src/engine/judge.js'
import { running } from '../../src/engine/running.js'
import { issued } from '../../src/formats/certificate.js'
import { encryptFile } from '../../src/inventory/vault-file.js'
import { parseVaultKey } from '../../src/inventory/vault/key.js'
import { eventLines, jsonDocument } from '../../src/report/json.js'
import { maskedPlan, masking } from '../../src/report/masked.js'
import { plain } from '../../src/report/plain.js'
import { planText } from '../../src/report/plan-text.js'
import { styleOf } from '../../src/report/style.js'
import { transcribed } from '../../src/transport/transcript.js'
import type { TestHost } from './lab.js'
import { watchedFacts } from './watched-facts.js'

/** A module on a real host; one file each below test/lab/modules. */
export interface Scenario {
  readonly name: string
  /** Steps that are run first, and not judged. */
  readonly before: readonly unknown[]
  readonly steps: readonly unknown[]
  /** Shell of root: what somebody changes by hand. */
  readonly drift?: string
  /** The summaries of all changes that mend the drift, and `deferred: STEP` where only the run can tell. */
  readonly mends: readonly string[]
  /** Shell of root that leaves the host as it was. */
  readonly undo?: string
  /** Keys of facts that others on the host alter meanwhile. */
  readonly others: readonly string[]
  /** Steps that fail on a host that is as after `steps`, each with the code of its failure. */
  readonly failing: readonly { readonly step: unknown; readonly code: string }[]
}

export const scenarios = async (folder: string): Promise<readonly Scenario[]> => Promise.all((await readdir(folder)).filter((file) => file.endsWith('.yaml')).sort().map(async (file) => {
  const data = parse(await readFile(join(folder, file), 'utf8')) as Partial<Scenario> // the shape is the test's own convention
  return { before: [], steps: [], mends: [], others: [], failing: [], ...data, name: basename(file, '.yaml') }
}))

/** A folder with an inventory of these hosts, a vault with these variables, and the files that steps name. */
export interface Bench { readonly folder: string; readonly inventory: string }

export const makeBench = async (hosts: readonly TestHost[], secrets: Readonly<Record<string, string>>, files: string): Promise<Bench> => {
  const folder = await mkdtemp(join(tmpdir(), 'provision-scenarios-'))
  const [first] = hosts
  await writeFile(join(folder, 'hosts.yaml'), JSON.stringify({
    connection: { 'ssh-config': first?.sshConfig, user: first?.user }, hosts: Object.fromEntries(hosts.map(({ name, address }) => [name, { address }])),
  }))
  const identity = await generateIdentity()
  await writeFile(join(folder, 'vault.key'), `${identity}\n`, { mode: 0o600 })
  await writeFile(join(folder, 'vault.yaml'), JSON.stringify(secrets), { mode: 0o600 })
  await encryptFile(join(folder, 'vault.yaml'), { key: parseVaultKey(identity, 'the test') })
  await cp(files, folder, { recursive: true })
  return { folder, inventory: join(folder, 'hosts.yaml') }
}

type Settled = Extract<RunEvent, { type: 'step-settled' }>

/** What a plan or run said and did. */
export interface Walked {
  readonly project: Project
  readonly plan: Plan
  /** The hosts as the plan leaves them. */
  readonly planned: Fleet
  /** The steps as the run settled them; of a plan alone, none. */
  readonly settled: readonly Settled[]
  /** All that people and machines were told, and all that was recorded of the exchange. */
  readonly said: string
  readonly roundTrips: number
}

export interface WalkOptions {
  readonly steps: readonly unknown[]
  readonly host: string
  readonly mode: 'plan' | 'run'
  /** Called after each exchange with the host while it runs. */
  readonly afterExchange?: () => Promise<void>
  readonly onSettled?: (event: Settled) => void
  readonly frameSteps?: number
  readonly procedure?: boolean
}

const ROOT: Become = { user: 'root', method: 'sudo' }
export const ROOT_USER = 'sudo:root'
const now = (): number => performance.now()

/** Plans, or plans and runs, as the commands do: files, connection, prefetch, plan, walk, and everything that is told. */
export const walkOnce = async (bench: Bench, { steps, host, mode, afterExchange, onSettled, frameSteps, procedure = false }: WalkOptions): Promise<Walked> => {
  const playbook = join(bench.folder, `playbook-${host}.yaml`)
  await writeFile(playbook, JSON.stringify({ plays: [{ name: 'the play', hosts: host, become: true, ...(procedure ? { procedure } : {}), steps: steps.map(named) }] }))
  const project = await openProject(playbook, { inventory: [bench.inventory] })
  const said: string[] = []
  const say = (text: string): void => { said.push(text) }
  let acting = false
  const doors = (await doorsTo(project, (name, text) => { say(`${name}: ${text}`) }))
    .map((door) => afterEachExec(transcribed(door, (exchange) => { say(JSON.stringify({ ...exchange, script: project.mask(exchange.script) })) }), async () => { if (acting) await afterExchange?.() }))
  const telling = { style: styleOf(false), diff: true, verbosity: 2, resume: 'again' }
  const reporters = [eventLines(say), jsonDocument(say), plain(telling, say)].map((reporter) => ({ on: masking((event) => reporter.on(event), project.mask), end: () => reporter.end() }))
  const settled: Settled[] = []
  const walk = {
    plays: project.plays, controller: project.controller, basics: project.basics, issue: issued, owner: 'the test', stopping: { asked: false }, now,
    mask: (text: string): string => project.mask(text), ...(frameSteps === undefined ? {} : { frameSteps }),
  }
  try {
    const fleet = await connect(doors, 4, { emit: () => {}, now })
    await prefetch(fleet, project.plays, { ...walk, emit: () => {} })
    const { plan, hosts: planned } = await planOf(fleet, { ...walk, emit: (event) => { reporters[0]?.on(event) } })
    say(planText(maskedPlan(plan, project.mask), recapOf(planned), { diff: true }))
    if (mode === 'run') {
      acting = true
      await walkPlays({ ...walk, hosts: fleet, mode: running, plan, emit: (event) => {
        for (const reporter of reporters) reporter.on(event)
        if (event.type !== 'step-settled') return
        settled.push(event)
        onSettled?.(event)
      } })
    }
    await Promise.all(reporters.map((reporter) => reporter.end()))
    return { project, plan, planned, settled, said: said.join('\n'), roundTrips: Math.max(...doors.map(({ roundTrips }) => roundTrips)) }
  } finally {
    await Promise.all(doors.map((door) => door.close()))
  }
}

const named = (step: unknown, index: number): unknown => ({ name: `step ${index + 1}`, ...(step as object) }) // a step of a scenario is a mapping

const afterEachExec = (inner: Transport, work: () => Promise<void>): Transport => ({
  host: inner.host,
  get roundTrips() { return inner.roundTrips },
  open: () => inner.open(),
  close: () => inner.close(),
  session: async (become) => {
    const session = await inner.session(become)
    return { user: session.user, exec: async (script, options) => {
      const output = await session.exec(script, options)
      await work()
      return output
    } }
  },
})

/** A connection of one's own to a host, as root: for what people do by hand, and for looking. */
export interface Observer {
  shell(script: string): Promise<string>
  ask(facts: readonly HostFact[]): Promise<Replies>
  close(): Promise<void>
}

export const observe = async (bench: Bench, host: string): Promise<Observer> => {
  const playbook = join(bench.folder, `observer-${host}.yaml`)
  await writeFile(playbook, JSON.stringify({ plays: [{ name: 'nothing', hosts: host, steps: [{ name: 'nothing', assert: { that: true } }] }] }))
  const [door] = await doorsTo(await openProject(playbook, { inventory: [bench.inventory] }), () => {})
  if (door === undefined) throw new Error(`no door to ${host}`)
  await door.open()
  let first: Session = await door.session(ROOT)
  // a host that was started anew is looked at again
  const session: Session = { user: 'root', exec: async (script, options) => {
    try {
      return await first.exec(script, options)
    } catch (error) {
      if (!(error instanceof ProvisionError) || error.code !== 'connection-lost') throw error
      await door.open()
      first = await door.session(ROOT)
      return first.exec(script, options)
    }
  } }
  return {
    async shell(script) {
      const { stdout, stderr, exit } = await session.exec(script)
      if (exit !== 0) throw new Error(`exit ${exit}: ${stderr}${stdout}\n${script}`)
      return stdout
    },
    ask: (facts) => gather(session, facts),
    close: () => door.close(),
  }
}

/** The steps of a project as they are bound for a host. */
export const boundSteps = ({ plays }: Project, host: string): readonly BoundStep[] => plays.flatMap(({ steps }) => stepsIn(steps)).flatMap((step) => {
  const binding = step.bind(host, new Map())
  return 'skipped' in binding ? [] : binding.steps
})

/** Every fact that the steps need, and many that they have nothing to do with. */
export const allFacts = (project: Project, host: string): readonly HostFact[] => {
  const facts = [...boundSteps(project, host).flatMap(({ bound }) => hostFacts(bound.needs)), ...watchedFacts]
  return [...new Map(facts.map((fact) => [fact.key, fact])).values()]
}

/** Everything on the host's disk with its times, but for what the kernel, logs and database servers write by themselves. */
const LISTING = `find / -xdev \\( ${['/run', '/proc', '/sys', '/dev', '/tmp', '/var/log', '/var/lib/mysql', '/var/lib/postgresql', '/var/lib/ldap'].map((path) => `-path ${path}`).join(' -o ')} \\) -prune -o -printf '%p %y %m %u %g %s %T@ %C@ %l\\n' | LC_ALL=C sort`

/** Remembers the tree, or tells how it differs from what was remembered. */
export const treeOf = (observer: Observer): { remember(): Promise<void>; difference(): Promise<string> } => ({
  remember: async () => { await observer.shell(`${LISTING} > /tmp/.tree-before`) },
  difference: () => observer.shell(`${LISTING} > /tmp/.tree-after; diff /tmp/.tree-before /tmp/.tree-after; :`),
})

