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
  /** The most memory that the command itself held. */
  readonly megabytes: number
}

const TICKS = 100

/** Processor time of the processes that this one has waited for: only one command may run at a time. */
const waitedFor = (): number => {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  const [user = 0, system = 0] = stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(13, 15).map(Number)
  return (user + system) / TICKS
}

const peakOf = (pid: number): number => {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0 // it has ended: what it held was looked at before
  }
}

/** Runs a command and measures it. */
export const measured = (command: readonly [program: string, ...args: readonly string[]], cwd: string): Promise<Measured> => new Promise((resolve, reject) => {
  const [program, ...args] = command
  const before = waitedFor()
  const started = performance.now()
  const child = spawn(program, args, { cwd, env: { ...process.env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr, megabytes] = ['', '', 0]
  const watch = setInterval(() => { megabytes = Math.max(megabytes, child.pid === undefined ? 0 : peakOf(child.pid)) }, 25)
  child.stdout.setEncoding('utf8').on('data', (text: string) => { stdout += text })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text })
  child.once('error', reject)
  child.once('close', (exit) => {
    const seconds = (performance.now() - started) / 1000
    clearInterval(watch)
    resolve({ exit, stdout, stderr, seconds, cpuSeconds: waitedFor() - before, megabytes })
  })
})

/** The middle, the least and the most of several figures. */
export const spread = (figures: readonly number[]): { readonly median: number; readonly least: number; readonly most: number } => {
  const sorted = figures.toSorted((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  const at = (index: number): number => sorted[index] ?? Number.NaN
  return { median: sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2, least: at(0), most: at(sorted.length - 1) }
}
