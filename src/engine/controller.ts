import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { exitCode, ProvisionError } from '../core/errors.js'
import type { ArchiveEntry, Controller, Scope } from '../core/fact.js'
import { UnknownValue } from '../core/unknown.js'
import { noMemory, stampOf, type FileMemory } from './file-memory.js'

/** What the controller is handed: where relative paths are looked for, in order, and how archives and templates are read. */
export interface ControllerParts {
  readonly roots: readonly string[]
  readonly archive: (path: string) => Promise<readonly ArchiveEntry[]>
  readonly archiveText: (path: string, entry: string) => Promise<string>
  readonly render: Controller['render']
  /** What earlier runs found out about files, so that a run without changes need not read a distribution again. */
  readonly memory?: FileMemory
  /** Told of every file that is read, with its checksum. */
  readonly noted?: (path: string, sha256: string) => void
}

/** Answers about this machine, each remembered for the run; a failure is remembered too. */
export const createController = ({ roots, archive, archiveText, render, memory = noMemory, noted }: ControllerParts): Controller => {
  const find = remembered(async (path: string) => {
    const found = await findFile(path, roots)
    noted?.(found.path, await memory.recall('sha256', found.path, () => digestOf(found.path)))
    return found
  })
  const bytes = remembered(async (path: string) => readFile((await find(path)).path))
  return {
    file: remembered(async (path) => {
      const { path: local, size } = await find(path)
      const stamp = await stampOf(local)
      return { local, size, sha256: await memory.recall('sha256', local, () => digestOf(local)), ...(stamp === undefined ? {} : { stamp }) }
    }),
    bytes,
    text: remembered(async (path) => textOf(path, await bytes(path))),
    archive: remembered(async (path) => {
      const { path: local } = await find(path)
      return memory.recall('archive', local, () => archive(local))
    }),
    digest: async (path) => {
      const file = resolve(roots[0] ?? '.', path)
      const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
        throw new ProvisionError('unreadable-file', `${file} cannot be read: ${error.code ?? error.message}`, { exit: exitCode.input, cause: error })
      })
      if (found?.isDirectory() === true) throw new ProvisionError('not-a-file', `${file} is a directory`, { hint: 'name the file itself', exit: exitCode.input })
      return found === undefined ? undefined : digestOf(file)
    },
    save: async (path, bytes) => {
      const file = resolve(roots[0] ?? '.', path)
      const part = `${file}.provision-new`
      await mkdir(dirname(file), { recursive: true })
      await rm(part, { force: true })
      await writeFile(part, bytes, { mode: 0o600, flag: 'wx' })
      await rename(part, file)
    },
    elsewhere: async (host) => { throw new UnknownValue(`${host} is asked`) },
    archiveText: async (path, entry) => archiveText((await find(path)).path, entry),
    render: renderedOnce(render),
  }
}

/** A scope answers a name once, so that a template comes out of it the same every time. */
const renderedOnce = (render: Controller['render']): Controller['render'] => {
  const scopes = new WeakMap<Scope, (source: string) => ReturnType<Controller['render']>>()
  return (source, scope) => {
    const known = scopes.get(scope) ?? remembered((wanted: string) => render(wanted, scope), (error) => error instanceof UnknownValue)
    scopes.set(scope, known)
    return known(source)
  }
}

const remembered = <T>(ask: (path: string) => Promise<T>, isPassing: (error: unknown) => boolean = () => false): ((path: string) => Promise<T>) => {
  const answers = new Map<string, Promise<T>>()
  return (path) => {
    const answer = answers.get(path) ?? ask(path).catch((error: unknown) => {
      if (isPassing(error)) answers.delete(path)
      throw error
    })
    answers.set(path, answer)
    return answer
  }
}

const findFile = async (path: string, roots: readonly string[]): Promise<{ readonly path: string; readonly size: number }> => {
  const candidates = [...new Set(roots.map((root) => resolve(root, path)))]
  for (const candidate of candidates) {
    const found = await stat(candidate).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
      throw new ProvisionError('missing-file', `${candidate} cannot be read: ${error.code ?? error.message}`, { exit: exitCode.input, cause: error })
    })
    if (found === undefined) continue
    if (!found.isFile()) throw new ProvisionError('missing-file', `${candidate} is not a file`, { hint: 'name a file', exit: exitCode.input })
    return { path: candidate, size: found.size }
  }
  throw new ProvisionError('missing-file', `there is no file ${path} on this machine`, { hint: `looked for ${candidates.join(' and ')}`, exit: exitCode.input })
}

const digestOf = async (path: string): Promise<string> => {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer) // without an encoding, chunks are buffers
  return hash.digest('hex')
}

const textOf = (path: string, bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new ProvisionError('not-text', `${path} is not UTF-8 text`, { hint: 'save it as UTF-8', exit: exitCode.input, cause: error })
  }
}
