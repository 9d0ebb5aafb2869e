import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { labDown, labUp } from '../src/lab/lab.js'
import { cacheDirectory } from '../src/lab/naming.js'
import { installPrerequisites, prerequisites } from '../src/lab/prerequisites.js'
import { preparePractice, standinPackages } from '../test/support/practice.js'
import { installPackages } from './packages.js'

/** Four throw-away hosts, a Micro Integrator cluster on them, its proof, and a second run that changes nothing. */

const checkout = resolve(import.meta.dirname, '..')
const database = process.argv.slice(2).find((argument) => !argument.startsWith('-')) ?? 'mariadb'
const say = (text = ''): void => { process.stdout.write(`${text}\n`) }
const stop = (text: string): never => {
  process.stderr.write(`${text}\n`)
  process.exit(2)
}

const provision = (args: readonly string[]): number => {
  say(`\n$ npx provision ${args.join(' ')}`)
  return spawnSync(process.execPath, [join(checkout, 'dist/cli/main.js'), ...args], { cwd: checkout, stdio: 'inherit' }).status ?? 1
}

if (!['mariadb', 'postgresql'].includes(database)) stop(`the demo takes mariadb or postgresql, not ${database}`)
const { missing, reason } = await prerequisites()
if (reason !== undefined) stop(`The demo cannot make hosts here: ${reason}.`)
if (missing.length > 0) await installPrerequisites(missing, say)
const absent = installPackages(standinPackages, 'the stand-in server')
if (absent.length > 0) stop(`The demo needs ${absent.join(', ')}.`)

say('Four throw-away hosts: a database, a load balancer, two nodes.')
const started = performance.now()
await labDown({ directory: checkout, say: () => undefined })
rmSync(join(checkout, '.lab/dist'), { recursive: true, force: true })
mkdirSync(join(checkout, '.lab'), { recursive: true })
const lab = await labUp({ directory: checkout, cache: cacheDirectory(process.env, homedir()), hosts: ['db1', 'lb1', 'mi1', 'mi2'].map((name) => ({ name })), say })
await preparePractice(checkout, lab.drivers)
say(`${lab.hosts.map(({ name, address }) => `${name} ${address}`).join(' · ')} · ready after ${((performance.now() - started) / 1000).toFixed(1)} s`)

const job = ['cluster.yaml', '-i', 'lab', ...(database === 'mariadb' ? [] : ['--set', `database_type=${database}`])]
if (provision(['plan', ...job]) !== 0) stop('The plan failed.')
if (provision(['run', ...job, '--yes']) !== 0) stop('The run failed; the hosts are left up: npx provision lab status')
say('\nThe cluster is proven: heartbeats, one leader, the served certificates, both nodes behind the balancer. Once more, which changes nothing:')
if (provision(['plan', ...job, '--detailed-exitcode', '--quiet']) !== 0) stop('The second plan was not empty.')
if (provision(['run', ...job, '--yes', '--quiet']) !== 0) stop('The second run failed.')
const next: readonly (readonly [about: string, ...commands: string[]])[] = [
  ['Let two things drift: the balancer asks a port where nobody listens, and a node is stopped', 'lab ssh lb1 -- sudo sed -i s/8290/8291/ /etc/nginx/conf.d/micro-integrator.conf', 'lab ssh mi2 -- sudo systemctl stop mi'],
  ['See what drifted, and what mending it brings with it', `plan ${job.join(' ')} --diff`],
  ['Mend it: it shows the plan and asks', `run ${job.join(' ')}`],
  ['The drill: stop each node in turn; the scheduled task moves', `run ${job.join(' ')} --tags failover --yes`],
  ['Look around as deploy, who may say sudo', 'lab ssh mi1'],
  ['Throw the hosts away', 'lab down'],
]
say('\nThe hosts are up. Try next, from this folder:')
for (const [about, ...commands] of next) say(`\n  # ${about}.\n${commands.map((command) => `  npx provision ${command}`).join('\n')}`)
