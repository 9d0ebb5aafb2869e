import { spawn } from 'node:child_process'
import { ProvisionError } from '../core/errors.js'
import type { Script } from '../core/shell.js'

export interface ProgramResult { readonly stdout: string; readonly stderr: string; readonly exit: number }

export interface ProgramOptions {
  readonly input?: string
  readonly signal?: AbortSignal | undefined
  /** Called with each line of either stream as it arrives. */
  readonly onLine?: (line: string) => void
}

/** Where Debian keeps its programs; a user's own PATH often lacks the half that only root needs. */
export const systemPath = '/usr/sbin:/usr/bin:/sbin:/bin'

const keptBytes = 64 * 1024

/** Runs a program of this machine to its end, whatever its exit status; rejects only when it cannot be started or is aborted. */
export const attempt = (argv: readonly string[], options: ProgramOptions = {}): Promise<ProgramResult> =>
  new Promise((resolve, reject) => {
    const child = spawn('/usr/bin/env', [`PATH=${systemPath}`, 'LC_ALL=C.UTF-8', ...argv], { stdio: ['pipe', 'pipe', 'pipe'], signal: options.signal })
    const text = { stdout: '', stderr: '' }
    for (const stream of ['stdout', 'stderr'] as const) {
      let rest = ''
      child[stream].setEncoding('utf8')
      child[stream].on('data', (piece: string) => {
        text[stream] = (text[stream] + piece).slice(-keptBytes)
        const lines = (rest + piece).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) options.onLine?.(line)
      })
    }
    child.on('error', reject)
    child.on('close', (code) => resolve({ ...text, exit: code ?? 128 }))
    // A program that ends before it has read its input closes the pipe; its exit status tells the story.
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
  })

/** Runs a program that must succeed, and gives its standard output. */
export const program = async (argv: readonly string[], options: ProgramOptions = {}): Promise<string> => {
  const result = await attempt(argv, options)
  if (result.exit === 0) return result.stdout
  throw new ProvisionError('lab-program-failed', `${argv.slice(0, 3).join(' ')} ended with exit status ${result.exit}`, {
    hint: 'read its output; if it names something of an earlier lab, `provision lab down` removes it',
    output: (result.stderr + result.stdout).trim().slice(-4000),
  })
}

/** Runs shell text of this machine's `sh`, handed over on standard input, so that it is in no argument list. */
export const shell = (text: Script, options: Omit<ProgramOptions, 'input'> = {}): Promise<string> =>
  program(['sh', '-s'], { ...options, input: `${text.toString()}\n` })
