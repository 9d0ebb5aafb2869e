import { exitCode, ProvisionError } from '../core/errors.js'
import { sh } from '../core/shell.js'
import type { Become, Output } from '../core/transport.js'
import type { Lane } from './lane.js'

/** A number that the kernel makes anew at each start, and whether the host has come up. */
const look = sh`cat /proc/sys/kernel/random/boot_id; state=$(systemctl is-system-running 2>/dev/null); echo "\${state:-unknown}"`

const SECOND = 1000

/** Starts the host anew and waits until it has come up: the connection ends with it, and whatever was known of it. */
export const reboot = async ({ host, walk }: Lane, become: Become | undefined, timeout: number): Promise<Output> => {
  const session = await host.session(become)
  const [before] = (await session.exec(look.text)).stdout.split('\n')
  // apart from the session, so that this frame comes to its end
  const begun = await session.exec(sh`command -v systemctl >/dev/null || command -v reboot >/dev/null || { echo 'neither systemctl nor reboot is there' >&2; exit 127; }
setsid sh -c 'sleep 1; systemctl reboot || reboot' </dev/null >/dev/null 2>&1 &`.text)
  if (begun.exit !== 0) return begun
  await new Promise((resolve) => { setTimeout(resolve, 2 * SECOND) })
  await host.transport.close()
  host.locked.clear()
  walk.basics?.known.delete(host.name)
  const deadline = walk.now() + timeout * SECOND
  for (let last = 'it does not answer'; ;) {
    if (walk.now() > deadline || walk.signal?.aborted === true) throw new ProvisionError('not-back', `${host.name} did not come back within ${timeout} s: ${last}`, { exit: exitCode.unreachable, hint: 'look at its console' })
    try {
      await host.transport.open()
      const [boot, state] = (await (await host.session(become)).exec(look.text, { timeout: 10 * SECOND })).stdout.split('\n')
      if (boot !== before && !['initializing', 'starting'].includes(state ?? '')) return { stdout: '', stderr: '', exit: 0 }
      last = boot === before ? 'it has not gone down' : `it is ${state ?? ''}`
    } catch (error) {
      if (!(error instanceof ProvisionError)) throw error
      last = error.message
      await host.transport.close()
    }
    await new Promise((resolve) => { setTimeout(resolve, SECOND) })
  }
}
