import { vi } from 'vitest'
import { program } from '../../src/cli/options.js'
import { ProvisionError, ProvisionErrors } from '../../src/core/errors.js'
import { errorText } from '../../src/report/error-text.js'
import { styleOf } from '../../src/report/style.js'

export interface Said { readonly code: number; readonly stdout: string; readonly stderr: string }

/** What the program says in a folder, without a process of its own: one at a time, for tests of many command lines. */
export const said = async (cwd: string, args: readonly string[]): Promise<Said> => {
  const here = process.cwd()
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const told = (spy: typeof out): string => spy.mock.calls.map(([text]) => String(text)).join('')
  process.chdir(cwd)
  try {
    return { code: await program(['node', 'provision', ...args, ...(args.includes('--') ? [] : ['--no-color'])]), stdout: told(out), stderr: told(err) }
  } catch (error) {
    if (!(error instanceof ProvisionError || error instanceof ProvisionErrors)) throw error
    return { code: error.exit, stdout: told(out), stderr: `${told(err)}${errorText(error, styleOf(false))}\n` }
  } finally {
    process.chdir(here)
    out.mockRestore()
    err.mockRestore()
  }
}
