import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { ProvisionError } from '../core/errors.js'
import { script, sh, type Script } from '../core/shell.js'
import { runs } from './identity.js'
import { markOf } from './machine.js'
import { hostPaths, type LabPaths } from './naming.js'
import { attempt } from './program.js'
import type { HostState } from './state.js'

/** Whether something accepts connections there within this time. */
export const accepts = (host: string, port: number, milliseconds: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: milliseconds })
    const answer = (accepted: boolean): void => {
      socket.destroy()
      resolve(accepted)
    }
    socket.once('connect', () => answer(true))
    socket.once('timeout', () => answer(false))
    socket.once('error', () => answer(false))
  })

/** What a host says over SSH: the name it calls itself by, and how a script ended there. */
export interface Greeting { readonly name: string; readonly exit: number; readonly stderr: string }

/** Asks a host for its name over SSH, and has it run a script, all in one login; undefined when it does not answer. */
export const greet = async (paths: LabPaths, host: string, then: Script = sh`:`, signal?: AbortSignal): Promise<Greeting | undefined> => {
  const { stdout, stderr, exit } = await attempt(['ssh', '-F', paths.sshConfig, '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=5', host, 'sh', '-s'], {
    input: script(sh`uname -n`, sh`set -e`, then, sh``).toString(), signal,
  })
  const name = stdout.split('\n')[0] ?? ''
  return name === '' ? undefined : { name, exit, stderr }
}

const lastLines = async (path: string): Promise<string> =>
  stripVTControlCharacters(await readFile(path, 'utf8').catch(() => '')).trim().split('\n').slice(-20).join('\n')

export interface Patience { readonly milliseconds: number; readonly signal?: AbortSignal | undefined }

/** Waits until a host answers over SSH with its own name; says why when it does not. */
export const answers = async (paths: LabPaths, host: HostState, patience: Patience): Promise<void> => {
  const deadline = Date.now() + patience.milliseconds
  const log = hostPaths(paths, host.name).console
  for (;;) {
    patience.signal?.throwIfAborted()
    if (host.supervisor === undefined || !runs(host.supervisor, markOf(host.machine))) {
      throw new ProvisionError('lab-host-ended', `${host.name} ended while it was booting`, { hint: `read ${log}`, output: await lastLines(log) })
    }
    const name = await accepts(host.address, 22, 1000) ? (await greet(paths, host.name, undefined, patience.signal))?.name : undefined
    if (name === host.name) return
    if (name !== undefined) {
      throw new ProvisionError('lab-wrong-host', `at ${host.address} answers ${JSON.stringify(name)} and not ${host.name}`, { hint: 'something else on this machine uses the lab\'s network; run `provision lab down` and look with `ip address`' })
    }
    if (Date.now() > deadline) {
      throw new ProvisionError('lab-host-silent', `${host.name} did not answer over SSH within ${Math.round(patience.milliseconds / 1000)} s`, {
        hint: `read ${log}; \`provision lab reset ${host.name}\` gives it a new disk`, output: await lastLines(log),
      })
    }
    await sleep(50)
  }
}
