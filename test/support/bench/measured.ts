import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** One command, from its start to its end. */
export interface Measured {
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
  readonly seconds: number
  /** Processor time of the command and all that it waited for on this machine. */
  readonly cpuSeconds: number
  /** The most memory that the command held, its processes together; what they share counts once. */
  readonly megabytes: number
}

const TICKS = 100

/** Processor time of the processes that this one has waited for: only one command may run at a time. */
const waitedFor = (): number => {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  const [user = 0, system = 0] = stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(13, 15).map(Number)
  return (user + system) / TICKS
}

const kilobytes = (path: string, word: string): number => {
  try {
    return Number(new RegExp(`^${word}:\\s+(\\d+)`, 'm').exec(readFileSync(path, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0 // it has ended: what it held was looked at before
  }
}

const childrenOf = (pid: number): readonly number[] => {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').flatMap((text) => (text === '' ? [] : [Number(text)]))
  } catch {
    return []
  }
}

/** What a process held at most, or what it and its children hold now, if that is more. */
const heldBy = (pid: number): number => {
  const children = childrenOf(pid)
  const peak = kilobytes(`/proc/${pid}/status`, 'VmHWM')
  if (children.length === 0) return peak / 1024
  const together = (one: number): number => kilobytes(`/proc/${one}/smaps_rollup`, 'Pss') + childrenOf(one).reduce((sum, child) => sum + together(child), 0)
  return Math.max(peak, together(pid)) / 1024
}

export interface MeasuredOptions { readonly env?: Readonly<Record<string, string>>; /** Ends the command with what it began. */ readonly signal?: AbortSignal | undefined }

/** Runs a command and measures it. */
export const measured = (command: readonly [program: string, ...args: readonly string[]], cwd: string, { env = {}, signal }: MeasuredOptions = {}): Promise<Measured> => new Promise((resolve, reject) => {
  const [program, ...args] = command
  const before = waitedFor()
  const started = performance.now()
  const child = spawn(program, args, { cwd, env: { ...process.env, NO_COLOR: '1', ...env }, stdio: ['ignore', 'pipe', 'pipe'], ...(signal === undefined ? {} : { signal }) })
  let [stdout, stderr, megabytes] = ['', '', 0]
  // a look at a few processes costs a millisecond, at a hundred of them as many
  let watch: NodeJS.Timeout
  const look = (): void => {
    const began = performance.now()
    megabytes = Math.max(megabytes, child.pid === undefined ? 0 : heldBy(child.pid))
    watch = setTimeout(look, 20 + 20 * (performance.now() - began))
  }
  watch = setTimeout(look, 20)
  child.stdout.setEncoding('utf8').on('data', (text: string) => { stdout += text })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text })
  child.once('error', (error) => {
    clearTimeout(watch)
    reject(error)
  })
  child.once('close', (exit) => {
    const seconds = (performance.now() - started) / 1000
    clearTimeout(watch)
    resolve({ exit, stdout, stderr, seconds, cpuSeconds: waitedFor() - before, megabytes })
  })
})

export interface Spread { readonly median: number; readonly least: number; readonly most: number }

/** The middle, the least and the most of several figures. */
export const spread = (figures: readonly number[]): Spread => {
  const sorted = figures.toSorted((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  const at = (index: number): number => sorted[index] ?? Number.NaN
  return { median: sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2, least: at(0), most: at(sorted.length - 1) }
}
