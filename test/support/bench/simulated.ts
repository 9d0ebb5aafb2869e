import { execFileSync, spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { BenchHosts } from './hosts.js'
import { atMost, fixed, type Section } from './report.js'
import { runProvision, ways, type Run } from './ways.js'
import { STEPS } from './work.js'

const server = join(import.meta.dirname, 'simulated-server.ts')
const tsx = resolve(import.meta.dirname, '../../../node_modules/.bin/tsx')
const playbook = join(import.meta.dirname, 'ordinary.yaml')

/** Many hosts that are one process, which answers as a real host did: what they cost the controller, converged. */
export const simulated = async (lab: BenchHosts, counts: readonly number[], say: (text: string) => void): Promise<Section> => {
  const real = await lab.near(1)
  const [name = ''] = real.hosts
  if ((await ways.provision.run(real)).exit !== 0) throw new Error('void: the host that is to be simulated cannot be made ready')
  const folder = join(real.folder, 'simulated')
  await mkdir(folder)
  for (const key of ['host', 'client']) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, key)])
  await writeFile(join(folder, 'known_hosts'), `simulated ${await readFile(join(folder, 'host.pub'), 'utf8')}`)
  const child = spawn(tsx, [server, join(folder, 'host'), join(real.folder, 'ssh_config'), name], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const port = Number(String(await new Promise<Buffer>((settle, reject) => { child.stdout.once('data', settle).once('end', () => reject(new Error('the simulated hosts did not start'))) })))
    await writeFile(join(folder, 'ssh_config'), `Host *\n  HostName 127.0.0.1\n  Port ${port}\n  HostKeyAlias simulated\n  User deploy\n  IdentityFile ${join(folder, 'client')}\n  IdentitiesOnly yes\n  UserKnownHostsFile ${join(folder, 'known_hosts')}\n  GlobalKnownHostsFile /dev/null\n`)
    const runs: { readonly hosts: number; readonly run: Run }[] = []
    for (const hosts of [1, ...counts]) {
      const names = Array.from({ length: hosts }, (_, index) => `simulated${String(index + 1).padStart(4, '0')}`)
      await writeFile(join(folder, 'inventory.yaml'), `connection: { ssh-config: ssh_config, user: deploy }\nhosts: { ${names.map((host) => `${host}: {}`).join(', ')} }\n`)
      const run = await runProvision({ folder }, playbook, ['--set', `label=${name}`, '--quiet'])
      const wrong = names.filter((host) => run.counts.get(host)?.ok !== STEPS || run.counts.get(host)?.changed !== 0)
      if (run.exit !== 0 || wrong.length > 0) throw new Error(`void: ${wrong.length} of ${hosts} simulated hosts are not as they should be: ${JSON.stringify([...run.counts].slice(0, 2))}\n${run.stderr.slice(-2000)}${run.stdout.slice(-2000)}`)
      say(`${hosts} simulated hosts: ${fixed(run.seconds)} s, ${fixed(run.cpuSeconds)} s of processor time, ${fixed(run.megabytes, 0)} MB`)
      runs.push({ hosts, run })
    }
    return section(runs)
  } finally {
    child.kill()
  }
}

const section = (runs: readonly { readonly hosts: number; readonly run: Run }[]): Section => {
  const [one, ...many] = runs
  // what a run costs before there is a host; what is left is the hosts' own
  const base = one?.run.cpuSeconds ?? Number.NaN
  const each = ({ hosts, run }: { hosts: number; run: Run }): number => (1000 * (run.cpuSeconds - base)) / (hosts - 1)
  const [first, last] = [many[0], many.at(-1)]
  return {
    key: 'simulated', title: 'Simulated hosts, converged: the controller alone', head: ['hosts', 'seconds', 'CPU s', 'CPU ms a further host', 'MB'],
    rows: runs.map(({ hosts, run }) => [String(hosts), fixed(run.seconds), fixed(run.cpuSeconds), hosts === 1 ? '' : fixed(each({ hosts, run }), 1), fixed(run.megabytes, 0)]),
    verdicts: first === undefined || last === undefined ? [] : [
      atMost(`processor time a further host, ${last.hosts} / ${first.hosts} hosts (linear is 1)`, each(last) / each(first), 1.15),
      atMost(`memory with ${last.hosts} hosts`, last.run.megabytes, 600, { unit: ' MB', digits: 0 }),
    ],
  }
}
