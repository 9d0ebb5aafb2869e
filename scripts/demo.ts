import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { labDown, labUp } from '../src/lab/lab.js'
import { cacheDirectory } from '../src/lab/naming.js'
import { installPrerequisites, prerequisites } from '../src/lab/prerequisites.js'
import { clientsOf } from '../test/support/clients.js'
import { standinPackages } from '../test/support/practice.js'
import { prepareSystem, systems, type System } from '../test/support/systems.js'
import { installPackages } from './packages.js'

/** Throw-away hosts, a system on them from nothing, its proof, a second run that changes nothing, what drifted mended, and operations during which no request fails. */

const usage = `Examples:
  $ npm run demo
  $ npm run demo -- postgresql
  $ npm run demo -- esb-cluster
  $ npm run demo -- ei-cluster postgresql

Usage: npm run demo -- [system] [database]

Systems (mi-cluster when none is named):
${Object.entries(systems).map(([name, { about }]) => `  ${name.padEnd(16)}${about}\n`).join('')}`
const checkout = resolve(import.meta.dirname, '..')
const say = (text = ''): void => { process.stdout.write(`${text}\n`) }
const stop = (text: string, code = 2): never => {
  process.stderr.write(`${text}\n`)
  process.exit(code)
}
const started = performance.now()
const since = (): string => `${((performance.now() - started) / 1000).toFixed(1)} s`

const provision = (args: readonly string[]): number => {
  say(`\n$ npx provision ${args.join(' ')}`)
  return spawnSync(process.execPath, [join(checkout, 'dist/cli/main.js'), ...args], { cwd: checkout, stdio: 'inherit' }).status ?? 1
}

/** Root does something on a host of the lab that nobody described. */
const meddle = (host: string, shell: string): void => {
  const { status, stderr } = spawnSync(process.execPath, [join(checkout, 'dist/cli/main.js'), 'lab', 'ssh', host, '--', 'sudo', 'sh', '-e'], { cwd: checkout, encoding: 'utf8', input: shell })
  if (status !== 0) stop(`That failed: ${stderr}`, 1)
}

const program = join(checkout, 'dist/cli/main.js')
const told = (args: readonly string[]): string => spawnSync(process.execPath, [program, ...args], { cwd: checkout, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' }, maxBuffer: 1 << 28 }).stdout

/** Holds what the last run did against its plan: of what was decided, more or other than planned is a lie of the plan; less is what somebody had done meanwhile. */
const asPlanned = (playbook: string): void => {
  const [{ run }] = JSON.parse(told(['history', playbook, '--last', '1', '--json'])) as [{ run: string }] // the form of our own documents
  const { steps } = JSON.parse(told(['show', run, '--json'])) as { steps: { expected?: { status: string }; observed?: { host: string; step: string }; difference?: string }[] }
  const decided = steps.filter(({ expected }) => expected !== undefined && expected.status !== 'deferred')
  const other = steps.filter(({ difference }) => difference !== undefined)
  say(`Of ${steps.length} steps ${decided.length} were decided in the plan, and ${decided.filter(({ difference }) => difference === undefined).length} came as planned.${other.map(({ observed, difference }) => `\n  ${observed?.host ?? ''}: ${observed?.step ?? ''} ${difference ?? ''}`).join('')}`)
  if (other.some(({ difference }) => difference !== 'was so already')) stop('The plan was not what was done.', 1)
}

/** The same while clients ask through the balancer: not 0 either where one of their requests failed. */
const drilled = async ({ inventory, drill }: System, operation: readonly string[]): Promise<number> => {
  const { vars } = parse(readFileSync(join(checkout, 'inventories', inventory, 'hosts.yaml'), 'utf8')) as { vars: { authority_certificate: string } } // the form of the lab's inventories
  const balancer = lab.hosts.find((host) => host.name === 'lb1') ?? stop('There is no balancer to ask.')
  const args = ['run', ...operation, '-i', inventory, ...(system.databases[database] ?? []), '--yes', '--quiet']
  say(`\n$ npx provision ${args.join(' ')}`)
  const clients = clientsOf(balancer.address, vars.authority_certificate, drill?.questions ?? [])
  const [code] = await once(spawn(process.execPath, [join(checkout, 'dist/cli/main.js'), ...args], { cwd: checkout, stdio: 'inherit' }), 'close') as [number | null] // of a child process
  const { asked, failed } = await clients.end()
  say(`Meanwhile ${failed.length} of ${asked} requests through the balancer failed.${failed.slice(0, 20).map((line) => `\n  ${line}`).join('')}`)
  return code === 0 && failed.length > 0 ? 1 : code ?? 1
}

const words = process.argv.slice(2)
if (words.includes('--help')) {
  say(usage)
  process.exit(0)
}
const name = words.find((word) => Object.hasOwn(systems, word)) ?? 'mi-cluster'
const system = systems[name] ?? stop(usage)
const database = words.find((word) => Object.hasOwn(system.databases, word)) ?? 'mariadb'
const strange = words.filter((word) => word !== name && word !== database)
if (strange.length > 0) stop(`The demo of ${name} does not know ${strange.join(', ')}.\n\n${usage}`)

const { missing, reason } = await prerequisites()
if (reason !== undefined) stop(`The demo cannot make hosts here: ${reason}.`)
if (missing.length > 0) await installPrerequisites(missing, say)
const absent = installPackages(standinPackages, 'the stand-in server')
if (absent.length > 0) stop(`The demo needs ${absent.join(', ')}.`)

say(`On ${system.hosts.length} throw-away hosts: ${system.about}.`)
await labDown({ directory: checkout, say: () => undefined })
rmSync(join(checkout, '.lab/dist'), { recursive: true, force: true })
mkdirSync(join(checkout, '.lab'), { recursive: true })
const lab = await labUp({ directory: checkout, cache: cacheDirectory(process.env, homedir()), hosts: system.hosts.map((host) => ({ name: host })), say })
await prepareSystem(system, checkout, lab.drivers)
say(`${lab.hosts.map((host) => `${host.name} ${host.address}`).join(' · ')} · ready after ${since()}`)

const job = [system.playbook, '-i', system.inventory, ...(system.databases[database] ?? [])]
if (provision(['plan', ...job]) !== 0) stop('The plan failed.', 1)
if (provision(['run', ...job, '--yes']) !== 0) stop('The run failed; the hosts are left up: npx provision lab status', 1)
asPlanned(system.playbook)
say(`\nThe cluster is proven, ${since()} after nothing was there. Once more, which changes nothing:`)
if (provision(['plan', ...job, '--detailed-exitcode', '--quiet']) !== 0) stop('The second plan was not empty.', 1)
if (provision(['run', ...job, '--yes', '--quiet']) !== 0) stop('The second run failed.', 1)

say('\nNow things go wrong:')
for (const [host, shell, about] of system.drift) {
  say(`  ${host}: ${about}${shell.includes('\n') ? '' : ` (${shell})`}`)
  meddle(host, shell)
}
const telling = system.drift.flatMap(([, , , text]) => text ?? [])
if (telling.length > 0) {
  const { status, stdout } = spawnSync(process.execPath, [join(checkout, 'dist/cli/main.js'), 'verify', ...job], { cwd: checkout, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } })
  const missed = telling.filter((text) => !stdout.includes(text))
  say(`\n$ npx provision verify ${job.join(' ')}\n${stdout}`)
  if (status !== 1 || missed.length > 0) stop(`That should have been exit code 1, and told ${missed.join(' | ')}; it was ${status ?? 'a signal'}.`, 1)
}
if (provision(['run', ...job, '--yes', '--quiet']) !== 0) stop('What went wrong was not mended.', 1)
asPlanned(system.playbook)
for (const { host, about, spoils, message, restores } of system.refused ?? []) {
  say(`\nWhat no run mends by itself. ${host}: ${about}`)
  meddle(host, spoils)
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(checkout, 'dist/cli/main.js'), 'run', ...job, '--yes', '--quiet'], { cwd: checkout, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } })
  if (status === 0 || !`${stdout}${stderr}`.includes(message)) stop(`The run should have ended with "${message}", and ended with ${status ?? 'a signal'}:\n${stdout}${stderr}`, 1)
  say(`The run ends with exit code ${status ?? 'of a signal'}:\n${stderr}`)
  meddle(host, restores)
}
if (provision(['plan', ...job, '--detailed-exitcode', '--quiet']) !== 0) stop('The plan after that was not empty.', 1)

for (const operation of system.drill?.operations ?? []) if (await drilled(system, operation) !== 0) stop('That operation failed, or lost requests.', 1)
if (provision(['verify', ...job, '--quiet']) !== 0) stop('Not everything is as it should be after the operations.', 1)
if (provision(['plan', ...job, '--detailed-exitcode', '--quiet']) !== 0) stop('The plan after the operations was not empty.', 1)

const next: System['next'] = [
  ['Let one of these things drift again', ...system.drift.slice(-1).map(([host, shell]) => `lab ssh ${host} -- sudo ${shell}`)],
  ['See what drifted, and what mending it brings with it', `plan ${job.join(' ')} --diff`],
  ['Mend it: it shows the plan and asks', `run ${job.join(' ')}`],
  ...system.next,
  ['Throw the hosts away', 'lab down'],
]
say(`\nMended, and proven again, ${since()} after nothing was there. The hosts are up. Try next, from this folder:`)
for (const [about, ...commands] of next) say(`\n  # ${about}.\n${commands.map((command) => `  npx provision ${command}`).join('\n')}`)
