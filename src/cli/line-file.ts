import { closeSync, openSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import { exitCode, ProvisionError } from '../core/errors.js'

/** A file that is written line by line, each at once, so that none is missing when the program is ended; only its owner may read it. */
export interface LineFile { write(line: string): void; close(): void }

/** Opens the file that an option names; `onLoss` is told when the disk takes no more, which ends the writing and not the run. */
export const lineFile = (path: string, option: string, onLoss: (text: string) => void): LineFile => {
  let file: number | undefined = opened(path, option)
  const close = (): void => {
    if (file !== undefined) closeSync(file)
    file = undefined
  }
  return {
    close,
    write: (line) => {
      if (file === undefined) return
      try {
        writeSync(file, `${line}\n`)
      } catch (error) {
        close()
        onLoss(`${option} ${path} ends here: ${reasonOf(error)}`)
      }
    },
  }
}

const opened = (path: string, option: string): number => {
  try {
    return openSync(resolve(path), 'w', 0o600)
  } catch (cause) {
    throw new ProvisionError('unwritable-file', `${option} ${path}: the file cannot be written: ${reasonOf(cause)}`, { exit: exitCode.input, hint: 'name a file in a folder that is there', cause })
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? String(Reflect.get(error, 'code') ?? error.message) : String(error))
