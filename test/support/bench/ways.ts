import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { quote } from '../../../src/core/shell.js'
import type { Place } from './hosts.js'
import { measured, type Measured } from './measured.js'

const here = import.meta.dirname
const program = resolve(here, '../../../dist/cli/main.js')

/** What a run says of a host, in the words of all ways. */
export interface Counts { readonly ok: number; readonly changed: number }
export interface Run extends Measured {
  readonly counts: ReadonlyMap<string, Counts>
  /** Frames and session starts of the first host, where the way tells them. */
  readonly frames?: number
}

/** A way to do the same work on all hosts of a place. */
export interface Way {
  readonly name: 'floor' | 'provision' | 'ansible' | 'mitogen'
  readonly about: string
  run(place: Place): Promise<Run>
}

/** One raw `ssh` a host, all at once, with the host's script on its standard input. */
export const runScripts = async ({ folder, hosts }: Pick<Place, 'folder' | 'hosts'>, scriptOf: (host: string) => string): Promise<Run> => {
  const told = (host: string): string => join(folder, `${host}.told`)
  const lines = hosts.map((host) => `ssh -F ssh_config ${quote(host)} sudo sh < ${quote(scriptOf(host))} > ${quote(told(host))} &`)
  const run = await measured(['sh', '-c', `${lines.join('\n')}\nwait`], folder)
  return { ...run, counts: new Map(await Promise.all(hosts.map(async (host): Promise<[string, Counts]> => {
    const [, ok, changed] = /^ok=(\d+) changed=(\d+)$/m.exec(await readFile(told(host), 'utf8')) ?? []
    return [host, { ok: Number(ok), changed: Number(changed) }]
  }))) }
}

export const floor: Way = {
  name: 'floor',
  about: 'one raw `ssh HOST sudo sh < ordinary.sh` a host, all at once',
  run: (place) => runScripts(place, () => join(here, 'ordinary.sh')),
}

const recap = z.record(z.string(), z.object({ ok: z.number(), changed: z.number(), round_trips: z.number().optional() }))
const runEnded = z.object({ type: z.literal('run-ended'), recap })

/** The last event of a run that came to its end. */
export const recapIn = async (events: string): Promise<z.output<typeof recap>> => {
  const lines = (await readFile(events, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '')
  return runEnded.safeParse(JSON.parse(lines.at(-1) ?? 'null')).data?.recap ?? {}
}

/** As a user runs it, start-up included; the events tell how each host fared. */
export const runProvision = async (place: Pick<Place, 'folder'>, playbook: string, more: readonly string[] = [], inventory = './inventory.yaml'): Promise<Run> => {
  const events = join(place.folder, 'events')
  const run = await measured([process.execPath, program, 'run', playbook, '-i', inventory, '--yes', '--events', events, ...more], place.folder)
  const told = await recapIn(events)
  const frames = Object.values(told)[0]?.round_trips
  return { ...run, counts: new Map(Object.entries(told)), ...(frames === undefined ? {} : { frames }) }
}

export const provision: Way = {
  name: 'provision',
  about: '`provision run ordinary.yaml -i … --yes --events FILE`, with the start-up of Node',
  run: (place) => runProvision(place, join(here, 'ordinary.yaml')),
}

/** Tells the counts of a recap by host; what failed shows in the exit code. */
export const recapOf = (stdout: string): ReadonlyMap<string, Counts> => new Map(
  [...stdout.slice(stdout.indexOf('PLAY RECAP')).matchAll(/^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)/gm)]
    .map(([, host = '', ok, changed]): [string, Counts] => [host, { ok: Number(ok) - Number(changed), changed: Number(changed) }]))

interface AnsibleLike extends Way { readonly name: 'ansible' | 'mitogen'; runPlaybook(place: Pick<Place, 'folder' | 'hosts'>, playbook: string, defaults?: string): Promise<Run> }

const ansibleLike = (name: AnsibleLike['name'], about: string, settings: (folder: string) => string): AnsibleLike => ({
  name, about,
  run(place) { return this.runPlaybook(place, join(here, 'ordinary.ansible.yaml')) },
  async runPlaybook({ folder, hosts }, playbook, defaults = '') {
    const config = join(folder, `${name}.cfg`)
    await writeFile(config, `[defaults]\nforks = ${hosts.length}\ntimeout = 120\ngathering = explicit\ninterpreter_python = /usr/bin/python3\nretry_files_enabled = False\n${defaults}${settings(folder)}`)
    const run = await measured(['ansible-playbook', '-i', 'inventory.ini', playbook], folder, { env: { ANSIBLE_CONFIG: config, ANSIBLE_NOCOLOR: '1' } })
    return { ...run, counts: recapOf(run.stdout) }
  },
})

export const ansible = ansibleLike('ansible', 'Ansible with pipelining, ControlPersist, as many forks as hosts and no facts gathered', (folder) =>
  `[ssh_connection]\npipelining = True\nssh_args = -F ${folder}/ssh_config -o ControlMaster=auto -o ControlPersist=60s\ncontrol_path = ${folder}/%%h-%%p\n`)

export const mitogen = ansibleLike('mitogen', 'the same with the strategy `mitogen_linear`', (folder) =>
  `strategy = mitogen_linear\nstrategy_plugins = /usr/lib/python3/dist-packages/ansible_mitogen/plugins/strategy\n[ssh_connection]\npipelining = True\nssh_args = -F ${folder}/ssh_config\n`)

export const ways = { floor, provision, ansible, mitogen } as const
