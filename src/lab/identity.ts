import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { kill } from 'node:process'

/** A process of this machine beyond doubt: its number may be used again, but not with the same start and boot. */
export interface Identity { readonly pid: number; readonly started: string; readonly boot: string }

/** The file's text, or undefined when it is not there any more: processes end while they are looked at. */
const textOf = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

const bootId = (): string => (textOf('/proc/sys/kernel/random/boot_id') ?? '').trim()

const statOf = (pid: number): { readonly state: string; readonly started: string } | undefined => {
  const stat = textOf(`/proc/${pid}/stat`)
  // The second field is the program's name in brackets and may itself hold brackets and spaces.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, started] = [fields?.[0], fields?.[19]]
  return state === undefined || started === undefined ? undefined : { state, started }
}

/** Who the process of this number is now; undefined when there is none. */
export const identify = (pid: number): Identity | undefined => {
  const stat = statOf(pid)
  return stat === undefined ? undefined : { pid, started: stat.started, boot: bootId() }
}

/** Whether that very process still runs, with this word among its arguments. */
export const runs = (identity: Identity, word: string): boolean => {
  const stat = statOf(identity.pid)
  if (stat === undefined || stat.state === 'Z' || stat.started !== identity.started || bootId() !== identity.boot) return false
  return (textOf(`/proc/${identity.pid}/cmdline`) ?? '').split('\0').includes(word)
}

const signalTo = (pid: number): void => {
  try {
    kill(pid, 'SIGKILL')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** Looks every few milliseconds until it holds, or gives up. */
export const until = async (holds: () => boolean | Promise<boolean>, milliseconds: number, interval = 10): Promise<boolean> => {
  const end = Date.now() + milliseconds
  for (;;) {
    if (await holds()) return true
    if (Date.now() > end) return false
    await sleep(interval)
  }
}

/** Ends that very process, at once, and waits until it is gone; does nothing to any other. */
export const end = async (identity: Identity, word: string): Promise<boolean> => {
  if (!runs(identity, word)) return true
  signalTo(identity.pid)
  return until(() => !runs(identity, word), 10_000)
}

/** Ends a process that the kernel itself lists as ours. */
export const endNumber = signalTo
