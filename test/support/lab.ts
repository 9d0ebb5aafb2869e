import { createHash } from 'node:crypto'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { identify } from '../../src/lab/identity.js'
import { labDown, labReset, labUp, type Lab } from '../../src/lab/lab.js'
import { cacheDirectory } from '../../src/lab/naming.js'
import { prerequisites } from '../../src/lab/prerequisites.js'

const checkout = fileURLToPath(new URL('../..', import.meta.url))

/** Beside the checkout's own lab, so that tests never touch hosts that somebody tries things on. */
const testLabs = join(tmpdir(), `provision-test-labs-${createHash('sha256').update(checkout).digest('hex').slice(0, 8)}`)

/** Each test run has labs of its own, named after its process; without one, they are left up for the next. */
const runVariable = 'PROVISION_TEST_RUN'
const runDirectory = (): string => join(testLabs, process.env[runVariable] ?? 'standing')

export const testCache = cacheDirectory(process.env, homedir())

/** A host to test against, and how to reach it. */
export interface TestHost {
  readonly name: string
  readonly address: string
  readonly port: 22
  readonly user: 'deploy'
  readonly key: string
  readonly knownHosts: string
  readonly sshConfig: string
}

/** Hosts, in the order they were asked for; or none and the reason. */
export interface TestHosts { readonly hosts: readonly TestHost[]; readonly lab?: Lab; readonly reason?: string }

/** Why no host can be made on this machine; undefined when they can. */
export const noHostsReason = async (): Promise<string | undefined> => {
  const { missing, reason } = await prerequisites()
  return reason ?? (missing.length === 0 ? undefined : `the Debian packages ${missing.join(', ')} are missing`)
}

/** Brings real hosts up for tests; those of one lab name are shared, and a test that alters them resets them or takes a lab of its own. */
export const labHosts = async (names: readonly string[], lab = 'shared'): Promise<TestHosts> => {
  const reason = await noHostsReason()
  if (reason !== undefined) return { hosts: [], reason }
  const directory = join(runDirectory(), lab)
  await mkdir(directory, { recursive: true })
  const up = await labUp({ directory, cache: testCache, hosts: names.map((name) => ({ name })), say: () => undefined })
  const hosts = names.flatMap((name) => up.hosts.filter((host) => host.name === name))
  return { lab: up, hosts: hosts.map(({ name, address }) => ({ name, address, port: 22, user: 'deploy', key: up.key, knownHosts: up.knownHosts, sshConfig: up.sshConfig })) }
}

/** The title of tests that need hosts: with the reason, where they are skipped. */
export const titled = (title: string, { reason }: { readonly reason?: string | undefined }): string => (reason === undefined ? title : `${title} (skipped: ${reason})`)

/** Gives a test host an empty disk. */
export const resetTestHost = async ({ lab }: TestHosts, host: string): Promise<void> => {
  if (lab !== undefined) await labReset({ directory: lab.directory, cache: testCache, host, say: () => undefined })
}

const entries = (directory: string): Promise<readonly string[]> => readdir(directory).catch(() => [])

const endRun = async (run: string): Promise<void> => {
  for (const lab of await entries(join(testLabs, run))) await labDown({ directory: join(testLabs, run, lab), say: () => undefined })
  await rm(join(testLabs, run), { recursive: true, force: true })
}

/** Gives the test run of this process labs of its own, and ends those of runs that are no more. */
export const beginTestRun = async (): Promise<void> => {
  const own = identify(process.pid)
  process.env[runVariable] = `run-${process.pid}-${own?.started ?? ''}`
  if ((await noHostsReason()) !== undefined) return
  for (const run of await entries(testLabs)) {
    const [kind, pid = '', started] = run.split('-')
    if (kind === 'run' && identify(Number(pid))?.started !== started) await endRun(run)
  }
}

/** Ends the labs of this test run. */
export const endTestRun = async (): Promise<void> => {
  const run = process.env[runVariable]
  if (run !== undefined && (await noHostsReason()) === undefined) await endRun(run)
}
