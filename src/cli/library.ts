import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { exitCode, ProvisionError } from '../core/errors.js'
import type { Noted } from '../inventory/read.js'
import type { Library } from '../playbook/library.js'
import { parseYaml } from '../yaml/document.js'
import { packageRoot } from './package.js'

/** Paths as the reader would write them: relative to where they stand, when they lie below it. */
export const shownFrom = (cwd: string) => (path: string): string => (path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : path)

/** The reader's files first, then what is shipped. */
export const libraryOf = (cwd: string, noted?: Noted): Library => {
  const shown = shownFrom(cwd)
  const roots = [cwd, packageRoot]
  return {
    find: (candidates) => {
      for (const candidate of candidates) {
        for (const root of roots) {
          const path = resolve(root, candidate)
          if (existsSync(path) && statSync(path).isFile()) return shown(path)
        }
      }
      return undefined
    },
    read: (path) => {
      const file = resolve(cwd, path)
      try {
        const text = readFileSync(file, 'utf8')
        noted?.(file, text)
        return parseYaml(text, shown(file))
      } catch (error) {
        if (error instanceof Error && 'code' in error && typeof error.code === 'string' && !(error instanceof ProvisionError) && 'syscall' in error) {
          throw new ProvisionError('unreadable-file', `${shown(file)} cannot be read: ${error.code}`, { exit: exitCode.input, cause: error })
        }
        throw error
      }
    },
    list: (folder) => [...new Set(roots.flatMap((root) => {
      const path = resolve(root, folder)
      return existsSync(path) ? readdirSync(path).filter((file) => /\.ya?ml$/.test(file)).map((file) => basename(file)) : []
    }))],
  }
}
