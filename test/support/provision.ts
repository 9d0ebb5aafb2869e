import { spawn, type ChildProcess } from 'node:child_process'
import { resolve } from 'node:path'
import { testedProgram } from './built-program.js'

export const checkout = resolve(import.meta.dirname, '../..')

export interface Told { readonly code: number | null; readonly stdout: string; readonly stderr: string; readonly ms: number }
export interface CallOptions { readonly cwd?: string; readonly env?: Readonly<Record<string, string | undefined>>; readonly input?: string; readonly onStart?: (child: ChildProcess) => void; /** Where the streams of these names go, instead of what is told. */ readonly into?: { readonly stdout?: number; readonly stderr?: number } }

/** Runs the program as a user does, and waits for its end. */
export const provision = (args: readonly string[], { cwd = checkout, env = {}, input, onStart, into = {} }: CallOptions = {}): Promise<Told> => new Promise((settle, reject) => {
  const started = performance.now()
  const child = spawn(process.execPath, [testedProgram, ...args], {
    cwd, env: { ...process.env, NO_COLOR: '1', CI: '', ...env }, stdio: ['pipe', into.stdout ?? 'pipe', into.stderr ?? 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => { stdout += text })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => { stderr += text })
  child.stdin?.on('error', () => {}) // a program that ended reads no more; its exit code tells
  child.stdin?.end(input ?? '')
  child.once('error', reject)
  child.once('close', (code) => settle({ code, stdout, stderr, ms: performance.now() - started }))
  onStart?.(child)
})
