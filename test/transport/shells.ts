import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { LocalTransport } from '../../src/transport/local.js'

const scratches: string[] = []
afterAll(() => { for (const directory of scratches.splice(0)) rmSync(directory, { recursive: true, force: true }) })

/** A directory that is gone after the tests of the file. */
export const scratch = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'provision-transport-'))
  scratches.push(directory)
  return directory
}

/** Path of a program on this machine, if it has it. */
export const programPath = (name: string): string | undefined => {
  try {
    return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}

/** A directory for PATH in which these names stand for other programs. */
export const standIns = (programs: Readonly<Record<string, string>>): string => {
  const directory = scratch()
  for (const [name, target] of Object.entries(programs)) symlinkSync(target, join(directory, name))
  return directory
}

export interface ShellCase { readonly name: string; readonly missing: boolean; transport(onNotice?: (text: string) => void): LocalTransport }

const shellCase = (name: string, program: string, others: Readonly<Record<string, string>> = {}): ShellCase => {
  const path = programPath(program)
  return {
    name: path === undefined ? `${name} (skipped: no ${program} on this machine)` : name,
    missing: path === undefined,
    transport: (onNotice) => new LocalTransport({
      env: { ...process.env, PATH: `${standIns({ sh: path ?? '', ...others })}:${process.env['PATH'] ?? ''}` }, ...(onNotice === undefined ? {} : { onNotice }),
    }),
  }
}

const busybox = programPath('busybox') ?? ''

/** The shells that stand as `sh` on real hosts. */
export const shellCases: readonly ShellCase[] = [
  shellCase('dash', 'dash'),
  shellCase('bash', 'bash'),
  shellCase('busybox with its own programs', 'busybox', { dd: busybox, cat: busybox, sleep: busybox }),
]
