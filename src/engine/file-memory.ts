import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'

/** Answers about large files that outlive a run; each belongs to a file as it was: path, size, number, and when it was last touched. */
export interface FileMemory { recall<T>(question: string, path: string, answer: () => Promise<T>): Promise<T> }

/** Nothing is remembered. */
export const noMemory: FileMemory = { recall: (_question, _path, answer) => answer() }

/** A file changed twice within this time could look the same. */
const SETTLED = 2_000

/** How a file is now, in a word that changes whenever somebody writes to it; none for one that was touched only just now. */
export const stampOf = async (path: string): Promise<string | undefined> => {
  const { size, ino, mtimeNs, ctimeNs, ctimeMs } = await stat(path, { bigint: true })
  return Date.now() - Number(ctimeMs) < SETTLED ? undefined : [size, ino, mtimeNs, ctimeNs].join('\n')
}

/** Remembers in a folder of the acting user; without one to write to it is only slower. */
export const fileMemory = (folder: string): FileMemory => ({
  async recall(question, path, answer) {
    const stamp = await stampOf(path)
    if (stamp === undefined) return answer()
    const place = join(folder, createHash('sha256').update([FORM, question, path, stamp].join('\n')).digest('hex'))
    // What this function wrote; absent or damaged, it is found out again.
    const known = await readFile(place).then(deserialize).catch(() => undefined) as { readonly answer: Awaited<ReturnType<typeof answer>> } | undefined
    if (known !== undefined) return known.answer
    const found = await answer()
    await write(folder, place, serialize({ answer: found })).catch(() => undefined) // a full or read-only disk costs time, nothing else
    return found
  },
})

/** Raised when what is remembered takes another form. */
const FORM = 1

const write = async (folder: string, place: string, bytes: Uint8Array): Promise<void> => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const part = `${place}.${randomUUID()}`
  await writeFile(part, bytes, { mode: 0o600 })
  await rename(part, place)
}
