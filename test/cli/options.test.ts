import { afterEach, describe, expect, it, vi } from 'vitest'
import { program } from '../../src/cli/options.js'
import { version } from '../../src/cli/package.js'

interface Said { readonly code: number; readonly out: string; readonly err: string }

/** What a command line says, without a process of its own. */
const said = async (...args: readonly string[]): Promise<Said> => {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const code = await program(['node', 'provision', ...args])
  return { code, out: out.mock.calls.map(([text]) => String(text)).join(''), err: err.mock.calls.map(([text]) => String(text)).join('') }
}
afterEach(() => { vi.restoreAllMocks() })

const commands = ['run', 'plan', 'drift', 'history', 'show', 'verify', 'validate', 'inventory', 'explain', 'exec', 'ping', 'facts', 'docs', 'vault encrypt', 'vault decrypt', 'vault view', 'vault edit', 'vault rekey', 'lab up', 'lab down', 'lab status', 'lab reset', 'lab ssh']

describe('help', () => {
  it.each(['', ...commands])('of `%s` shows examples first', async (command) => {
    const { code, out, err } = await said(...command.split(' ').filter(Boolean), '--help')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^Examples:\n {2}\$ provision /)
    expect(out.indexOf('Usage:')).toBeGreaterThan(0)
    for (const line of out.split('\n').filter((text) => text.startsWith('  $ '))) expect(line).toContain(`provision ${command}`.trim())
  })

  it('lists every command with a word about it', async () => {
    const { out } = await said('--help')
    for (const name of new Set(commands.map((command) => command.split(' ')[0] ?? ''))) expect(out).toMatch(new RegExp(`^ {2}${name}\\b.* {2,}\\S`, 'm'))
  })

  it('says of every option what it does', async () => {
    for (const command of ['run', 'plan', 'drift', 'history', 'show', 'verify', 'validate', 'inventory', 'explain', 'exec', 'ping', 'facts']) {
      const { out } = await said(command, '--help')
      expect(out.split('\n').filter((line) => /^ {2}-/.test(line) && !/ {2,}\S/.test(line.slice(2))), command).toEqual([])
    }
  })
})

describe('what is wrong', () => {
  it.each([
    [['--no-such'], "unknown option '--no-such'"], [['pln'], "unknown command 'pln'\n(Did you mean plan?)"], [['run', 'a', '-i', 'b', '--dif'], "unknown option '--dif'\n(Did you mean --diff?)"],
    [['run', '-i', 'b'], "missing required argument 'playbook'"], [['run', 'a', 'b', '-i', 'c'], 'too many arguments'], [['run', 'a', '-i'], 'argument missing'], [['vault', 'rekey'], "missing required argument 'files'"], [['run', 'a', '-i', 'b', '--wait-for-lock', '-1'], 'Expected a whole number from 0 on.'],
  ])('%j is exit 2', async (args, text) => {
    const { code, out, err } = await said(...args)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(text)
  })

  it('is a command line without a command: help, on standard error', async () => {
    for (const args of [[], ['vault'], ['lab']]) {
      const { code, out, err } = await said(...args)
      expect({ code, out }).toEqual({ code: 2, out: '' })
      expect(err).toContain('Usage: provision')
    }
  })
})

it('tells its version', async () => {
  expect(await said('--version')).toEqual({ code: 0, out: `${version()}\n`, err: '' })
  expect(version()).toMatch(/^\d+\.\d+\.\d+/)
})
