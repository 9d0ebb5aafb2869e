import { counted } from '../core/counted.js'
import { spawn } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { exitCode, ProvisionError } from '../core/errors.js'
import { labDown, labReset, labSsh, labStatus, labUp } from '../lab/lab.js'
import { cacheDirectory } from '../lab/naming.js'
import { installPrerequisites, prerequisites } from '../lab/prerequisites.js'
import { packageRoot } from './package.js'
import { hostNames } from '../inventory/inventory.js'

const say = (text: string): void => { process.stderr.write(`${text}\n`) }
const cache = (): string => cacheDirectory(process.env, homedir())

/** What opens the practice vault of `inventories/lab`: everybody may know it, since the hosts are thrown away. */
const PRACTICE_KEY = 'practice-lab-only\n'

/** `provision lab up`: hosts of an inventory, or so many without names. */
export const labUpCommand = async (flags: { readonly hosts?: string; readonly inventory: string }): Promise<number> => {
  const directory = process.cwd()
  const names = flags.hosts === undefined ? await inventoryHosts(flags.inventory, directory) : numbered(flags.hosts)
  const { missing, reason } = await prerequisites()
  if (reason !== undefined) throw new ProvisionError('no-lab-here', reason, { exit: exitCode.input })
  if (missing.length > 0) await installPrerequisites(missing, say)
  const started = performance.now()
  const lab = await labUp({ directory, cache: cache(), hosts: names.map((name) => ({ name })), say })
  writeFileSync(join(directory, '.lab/vault.key'), PRACTICE_KEY, { mode: 0o600 })
  chmodSync(join(directory, '.lab/vault.key'), 0o600)
  process.stdout.write(`${lab.hosts.map(({ name, address }) => `${name}  ${address}`).join('\n')}\n`)
  say(`${counted(lab.hosts.length, 'host')} ${lab.hosts.length === 1 ? 'is' : 'are'} up after ${((performance.now() - started) / 1000).toFixed(1)} s`)
  return exitCode.done
}

const numbered = (text: string): readonly string[] => {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1 || count > 200) throw new ProvisionError('wrong-number', `--hosts takes a number from 1 to 200, not ${text}`, { exit: exitCode.input })
  return Array.from({ length: count }, (_none, index) => `host${index + 1}`)
}

/** The names of an inventory whose addresses and keys may not be there yet. */
const inventoryHosts = (name: string, cwd: string): Promise<readonly string[]> =>
  hostNames(name, { cwd, home: homedir(), roots: [join(packageRoot, 'inventories')] })

export const labDownCommand = async (): Promise<number> => {
  await labDown({ directory: process.cwd(), say })
  return exitCode.done
}

export const labStatusCommand = async (): Promise<number> => {
  const status = await labStatus({ directory: process.cwd() })
  if (status === undefined) say('there is no lab here; `provision lab up` makes one')
  else process.stdout.write(`${status.hosts.map((host) => `${host.name}  ${host.address}  ${host.status}`).join('\n')}\n`)
  return exitCode.done
}

export const labResetCommand = async (host: string): Promise<number> => {
  await labReset({ directory: process.cwd(), cache: cache(), host, say })
  return exitCode.done
}

export const labSshCommand = async (host: string, command: readonly string[]): Promise<number> => {
  const [program = 'ssh', ...args] = await labSsh({ directory: process.cwd(), host, ...(command.length === 0 ? {} : { command }) })
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit' })
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? exitCode.failed))
  })
}
