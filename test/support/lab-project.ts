import { execFile } from 'node:child_process'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { folderWith } from '../inventory/files.js'
import type { TestHost } from './lab.js'
import { provision, type CallOptions, type Told } from './provision.js'

const executed = promisify(execFile)

/** Runs shell text as root on a host, past the program under test. */
export const asRoot = async ({ name, sshConfig }: TestHost, script: string): Promise<string> =>
  (await executed('ssh', ['-F', sshConfig, name, `sudo sh -c '${script.replaceAll("'", `'\\''`)}'`], { maxBuffer: 64 * 1024 * 1024 })).stdout

/** Everything on a host that a run might leave behind or alter, as one digest. */
export const treeOf = async (host: TestHost): Promise<string> =>
  asRoot(host, String.raw`find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /var/log -o -path /var/lib/systemd -o -path /var/lib/sudo -o -path "/run/systemd*" -o -path /run/sudo -o -path "/run/user*" -o -path "/run/log*" \) -prune -o \( -type d -printf "%p %m %U %G\n" -o -printf "%p %m %U %G %s %T@ %l\n" \) | sort | sha256sum`)

/** What goes into the inventory of a trial beside the hosts themselves. */
export interface ProjectParts {
  readonly files?: Readonly<Record<string, string>>
  /** Settings for reaching all hosts, as YAML of one map. */
  readonly connection?: string
  /** Settings of single hosts, as YAML of one map. */
  readonly hosts?: Readonly<Record<string, string>>
  readonly vars?: string
}

/** A reader's folder with an inventory of lab hosts, and the program run in it. */
export interface LabProject {
  readonly folder: string
  write(files: Readonly<Record<string, string>>): Promise<void>
  provision(args: readonly string[], options?: CallOptions): Promise<Told>
  run(playbook: string, args?: readonly string[], options?: CallOptions): Promise<Told>
  /** What calls have left in the folder for temporary files. */
  leftBehind(): Promise<readonly string[]>
}

export const labProject = async (hosts: readonly TestHost[], { files = {}, connection, hosts: settings = {}, vars }: ProjectParts = {}): Promise<LabProject> => {
  const [first] = hosts
  if (first === undefined) throw new Error('the lab made no host')
  const inventory = [
    `connection: ${connection ?? `{ ssh-config: ${first.sshConfig}, user: deploy }`}`,
    ...(vars === undefined ? [] : [`vars: ${vars}`]),
    'groups:', '  nodes:', '    hosts:', ...hosts.map(({ name, address }) => `      ${name}: ${settings[name] ?? `{ address: ${address} }`}`), '',
  ].join('\n')
  const folder = await folderWith({ 'inventories/lab/hosts.yaml': inventory, ...files })
  const temporary = await folderWith({})
  const call = (args: readonly string[], options: CallOptions = {}): Promise<Told> => provision(args, { cwd: folder, ...options, env: { TMPDIR: temporary, ...options.env } })
  return {
    folder,
    write: async (more) => {
      for (const [path, text] of Object.entries(more)) {
        await mkdir(dirname(join(folder, path)), { recursive: true })
        await writeFile(join(folder, path), text, { mode: 0o600 })
      }
    },
    provision: call,
    run: (playbook, args = [], options = {}) => call(['run', playbook, '-i', 'lab', '--yes', ...args], options),
    leftBehind: async () => (await readdir(temporary)).filter((name) => !name.startsWith('tsx-')), // tsx keeps what it compiled
  }
}

/** A playbook of one play for all hosts, as root unless it says otherwise. */
export const playbook = (steps: string, more = '    become: true\n'): string => `plays:\n  - name: Trial\n    hosts: nodes\n${more}    steps:\n${steps.trimEnd().split('\n').map((line) => `      ${line}`).join('\n')}\n`

/** Text with times, which differ from run to run, as `T`. */
export const timeless = (text: string): string => text.replaceAll(/ \d+(\.\d+)? m?s\b/g, ' T')
