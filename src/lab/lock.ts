import { spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ProvisionError, exitCode } from '../core/errors.js'

export interface LockOptions {
  /** Said once when another holds the lock. */
  readonly waiting: string
  readonly say: (text: string) => void
  readonly signal?: AbortSignal | undefined
}

interface Held { release(): Promise<void> }

const conflict = 75

/**
 * The kernel holds the lock for a child that reads from us: when this program ends, however it ends,
 * the child reads the end of its input and the lock is free again.
 */
const take = (path: string, flags: readonly string[], signal: AbortSignal | undefined): Promise<Held | undefined> =>
  new Promise((resolve, reject) => {
    const argv = ['--exclusive', '--conflict-exit-code', String(conflict), ...flags, path, '/bin/sh', '-c', 'echo held; exec cat >/dev/null']
    const child = spawn('/usr/bin/flock', argv, { stdio: ['pipe', 'pipe', 'ignore'] })
    const ended = new Promise<void>((done) => child.once('close', () => done()))
    // Only the waiting can be aborted; work that unwinds still needs its lock.
    const abort = (): void => {
      child.kill()
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', abort)
    child.once('error', reject)
    child.once('exit', (code) => {
      signal?.removeEventListener('abort', abort)
      if (code === conflict) return resolve(undefined)
      reject(new ProvisionError('lab-lock', `the lock ${path} cannot be taken`, { exit: exitCode.locked, hint: 'check that its directory can be written to' }))
    })
    child.stdin.on('error', () => undefined)
    child.stdout.once('data', () => {
      signal?.removeEventListener('abort', abort)
      resolve({ release: () => { child.stdin.end(); return ended } })
    })
  })

/** Runs work while no other program holds the lock of this path; waits for its turn. */
export const withLock = async <T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> => {
  options.signal?.throwIfAborted()
  await mkdir(dirname(path), { recursive: true })
  let held = await take(path, ['--nonblock'], options.signal)
  if (held === undefined) options.say(options.waiting)
  held ??= await take(path, [], options.signal)
  try {
    return await work()
  } finally {
    await held?.release()
  }
}
