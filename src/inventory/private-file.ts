import { randomBytes } from 'node:crypto'
import { open, realpath, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isMissing } from './read.js'

/** A file that is written whole beside its target, and takes its place when asked to. */
export interface StagedFile {
  replace(): Promise<void>
  discard(): Promise<void>
}

/** Writes a text beside its target, readable by its owner only; a symbolic link stays one, what it points to is replaced. */
export const stageFile = async (path: string, text: string): Promise<StagedFile> => {
  const target = await realpath(path).catch((cause: unknown) => {
    if (isMissing(cause)) return path
    throw cause
  })
  const staged = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}`)
  const discard = (): Promise<void> => rm(staged, { force: true })
  try {
    const file = await open(staged, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    await discard()
    throw error
  }
  return { replace: () => rename(staged, target), discard }
}

/** Replaces a file in one step by one that only its owner can read. */
export const writePrivately = async (path: string, text: string): Promise<void> => {
  const staged = await stageFile(path, text)
  try {
    await staged.replace()
  } catch (error) {
    await staged.discard()
    throw error
  }
}
