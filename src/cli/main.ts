#!/usr/bin/env node
import { exitCode, failureOf, ProvisionError, ProvisionErrors } from '../core/errors.js'
import { errorText } from '../report/error-text.js'
import { program } from './options.js'
import { watchOutput } from './output.js'
import { endAtOnce } from './signals.js'
import { terminalOf, type Terminal } from './terminal.js'

/** The program: its exit code tells how it went, and nothing that the reader can mend shows a stack. */
const main = async (): Promise<number> => {
  const terminal = terminalOf({ color: !process.argv.includes('--no-color') })
  endAtOnce((text) => { terminal.err.write(text) })
  try {
    return await program(process.argv)
  } catch (error) {
    if (error instanceof ProvisionError || error instanceof ProvisionErrors) {
      terminal.err.write(`${errorText(error, terminal.style)}\n`)
      if (process.env['GITHUB_ACTIONS'] === 'true') await annotate('errors' in error ? error.errors : [error], terminal)
      return error.exit
    }
    terminal.err.write(`${terminal.style.red('bug')}: provision went wrong; please report this with the command that you gave\n${error instanceof Error ? error.stack ?? error.message : String(error)}\n`)
    return exitCode.bug
  }
}

/** The mistakes for the pages of a change on GitHub. */
const annotate = async (errors: readonly ProvisionError[], { err }: Terminal): Promise<void> => {
  const [{ annotation }, { shownOnGithub }] = await Promise.all([import('../report/annotations.js'), import('./ci-reports.js')])
  for (const error of errors) err.write(`${annotation(failureOf(error), error.code, shownOnGithub)}\n`)
}

watchOutput(process)
main().then((code) => { process.exitCode = code }, (error: unknown) => { throw error })
