import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installPrerequisites, prerequisites } from '../src/lab/prerequisites.js'
import { standinPackages } from '../test/support/practice.js'
import { installPackages } from './packages.js'

/** Everything: types, lint, hermetic tests, tests with real servers, and tests on lab hosts. Ends with the counts of the runner's own report. */

const say = (text: string): void => { process.stdout.write(`${text}\n`) }
const serverPackages = [
  ...standinPackages, 'unzip', 'procps', 'curl', 'openssl', 'openssh-server', 'openssh-client', 'sudo', 'mariadb-server', 'postgresql', 'libmariadb-java', 'libpostgresql-jdbc-java', 'libh2-java', 'libderby-java', 'libderbyclient-java', 'busybox', 'fish', 'csh', 'ksh', 'tmux', 'git', 'subversion', 'slapd',
  'chromium', // opens the page of a plan
  'ansible', 'ansible-core', 'python3-netaddr', 'python3-passlib', // what tests compare with; the latter two are what some of its filters need
]

const run = (title: string, command: readonly string[]): boolean => {
  say(`\n== ${title}`)
  const started = performance.now()
  const { status } = spawnSync('npx', ['--no-install', ...command], { stdio: ['ignore', 'inherit', 'inherit'], env: { PROVISION_LAW_RUNS: '40', ...process.env } })
  say(`== ${title}: ${status === 0 ? 'ok' : 'FAILED'} after ${((performance.now() - started) / 1000).toFixed(0)} s`)
  return status === 0
}

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly success: boolean
  readonly testResults: readonly { readonly name: string; readonly status: string; readonly message: string; readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[] }[]
}

const reports = mkdtempSync(join(tmpdir(), 'provision-report-'))
const vitest = (project: string): Report | undefined => {
  const file = join(reports, `${project}.json`)
  run(`tests: ${project}`, ['vitest', 'run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`])
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report // vitest's own form
  } catch (error) {
    say(`no report of ${project}: ${String(error)}`)
    return undefined
  }
}

const { missing, reason } = await prerequisites()
if (reason !== undefined) say(`No lab hosts here: ${reason}. Tests that need them are skipped and listed below.`)
else if (missing.length > 0) await installPrerequisites(missing, say)
installPackages(serverPackages, 'tests with real servers')

const sound = [run('types', ['tsc', '--noEmit']), run('lint', ['eslint', '--quiet']), run('manual', ['tsx', 'scripts/docs.ts', '--check'])]
const told = ['check', 'servers', 'lab'].map((project) => vitest(project))
rmSync(reports, { recursive: true, force: true })

const results = told.flatMap((report) => report?.testResults ?? [])
const failed = results.flatMap(({ name, status, message, assertionResults }) => {
  const tests = assertionResults.filter((test) => test.status === 'failed').map((test) => `${name}: ${test.fullName}`)
  return tests.length === 0 && status === 'failed' ? [`${name}: ${message.split('\n')[0] ?? ''}`] : tests
})
const skipped = results.flatMap(({ assertionResults }) => assertionResults.filter(({ status }) => status === 'pending' || status === 'skipped' || status === 'todo').map(({ fullName }) => fullName))
if (failed.length > 0) say(`\nFailed:\n${failed.map((test) => `  ${test}`).join('\n')}`)
if (skipped.length > 0) say(`\nSkipped:\n${skipped.map((test) => `  ${test}`).join('\n')}`)
const sum = (key: 'numPassedTests' | 'numFailedTests' | 'numPendingTests'): number => told.reduce((total, report) => total + (report?.[key] ?? 0), 0)
// a part that did not come to its report, or a file that did not load, counts as a failure
const broken = sound.filter((ok) => !ok).length + told.filter((report) => report === undefined).length + Math.max(0, failed.length - sum('numFailedTests'))
say(`\n${sum('numPassedTests')} passed, ${sum('numFailedTests') + broken} failed, ${sum('numPendingTests')} skipped`)
process.exitCode = sum('numFailedTests') + broken > 0 ? 1 : 0
