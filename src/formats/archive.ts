import { open } from 'node:fs/promises'
import { ProvisionError } from '../core/errors.js'
import type { ArchiveEntry } from '../core/fact.js'

/** An entry as an archive's format tells it, before its name is trusted. */
export interface RawEntry {
  readonly name: string
  /** `same-file` is another name of the file at `target`. */
  readonly type: 'file' | 'directory' | 'link' | 'same-file' | 'other'
  readonly mode: number | undefined
  readonly target?: string
  readonly size: number
  read(): Promise<Uint8Array>
}

const READ_WHOLE = 65_536

/**
 * Everything that unpacking makes, folders that are only implied among it, by path; modes as under umask 022, without the bits that change user or group.
 * What could land outside, or twice in different ways, is refused.
 */
export const archiveEntries = async (path: string): Promise<readonly ArchiveEntry[]> => {
  const found = new Map<string, ArchiveEntry>()
  const add = (entry: ArchiveEntry): void => {
    const before = found.get(entry.path)
    if (before !== undefined && before.type !== entry.type) throw unsafe(path, `holds ${entry.path} as a ${before.type} and as a ${entry.type}`)
    found.set(entry.path, entry)
  }
  await reading(path, async () => {
    for await (const raw of entriesOf(path)) {
      const name = safeName(path, raw.name)
      if (name === '') continue
      for (const parent of parentsOf(name)) if (!found.has(parent)) add({ path: parent, type: 'directory', mode: '0755', size: 0 })
      add(await entryOf(path, name, raw, found))
    }
  })
  for (const name of found.keys()) {
    for (const parent of parentsOf(name)) if (found.get(parent)?.type !== 'directory') throw unsafe(path, `holds ${name} below ${parent}, which is not a directory`)
  }
  return [...found.values()]
}

/** The text of one entry, named as in the archive. */
export const archiveText = async (path: string, entry: string): Promise<string> => {
  let bytes: Uint8Array | undefined
  await reading(path, async () => {
    for await (const raw of entriesOf(path)) {
      if (raw.type !== 'file' || safeName(path, raw.name) !== entry) continue
      bytes = await raw.read()
      return
    }
  })
  if (bytes === undefined) throw new ProvisionError('missing-entry', `${path} holds no file ${entry}`, {
    hint: `list its files with \`unzip -l ${path}\` or \`tar -tf ${path}\``,
  })
  return new TextDecoder().decode(bytes)
}

const entryOf = async (archive: string, path: string, raw: RawEntry, found: ReadonlyMap<string, ArchiveEntry>): Promise<ArchiveEntry> => {
  switch (raw.type) {
    case 'directory': return { path, type: 'directory', mode: modeOf(raw.mode, 0o755, 0o700), size: 0 }
    case 'link': return { path, type: 'link', mode: '0777', target: raw.target ?? new TextDecoder().decode(await raw.read()), size: 0 }
    case 'same-file': {
      const original = found.get(safeName(archive, raw.target ?? ''))
      if (original?.type !== 'file') throw unsafe(archive, `holds ${path} as another name of ${raw.target ?? 'nothing'}, which is no earlier file`)
      return { ...original, path }
    }
    case 'file': return {
      path, type: 'file', mode: modeOf(raw.mode, 0o644, 0o400), size: raw.size,
      ...(raw.size <= READ_WHOLE ? { content: await raw.read() } : {}),
    }
    case 'other': throw unsafe(archive, `holds ${path}, which is neither file, directory nor link`)
    default: return raw.type satisfies never
  }
}

const UMASK = 0o022
const modeOf = (mode: number | undefined, usual: number, atLeast: number): string =>
  (mode === undefined || (mode & 0o777) === 0 ? usual : (mode & 0o777 & ~UMASK) | atLeast).toString(8).padStart(4, '0')

const parentsOf = (path: string): string[] => path.split('/').slice(0, -1).map((_part, index, parts) => parts.slice(0, index + 1).join('/'))

/** The name without `.` and slashes at its end; throws when it is not the name of something inside. */
const safeName = (archive: string, name: string): string => {
  const parts = name.split('/')
  // a line end in a name would break what reads names by line
  if (name === '' || name.startsWith('/') || /^[A-Za-z]:/.test(name) || parts.includes('..') || /[\u0000-\u001f\u007f\\\ufffd]/.test(name)) {
    throw unsafe(archive, `holds an entry named ${JSON.stringify(name)}`)
  }
  return parts.filter((part) => part !== '' && part !== '.').join('/')
}

const unsafe = (archive: string, what: string): ProvisionError =>
  new ProvisionError('unsafe-archive', `${archive} ${what}`, {
    hint: 'unpacking could write outside of the directory or differ from host to host: pack the archive again',
  })

async function* entriesOf(path: string): AsyncGenerator<RawEntry> {
  const format = await formatOf(path)
  // loaded when there is one to read: most runs bring no archive
  if (format === 'zip') yield* (await import('./zip.js')).zipEntries(path)
  else yield* (await import('./tar.js')).tarEntries(path, format === 'tar.gz')
}

const formatOf = async (path: string): Promise<'zip' | 'tar' | 'tar.gz'> => {
  const file = await open(path)
  try {
    const { buffer } = await file.read({ buffer: Buffer.alloc(262), position: 0 })
    if (buffer.toString('latin1', 0, 2) === 'PK') return 'zip'
    if (buffer.readUInt16BE(0) === 0x1f8b) return 'tar.gz'
    if (buffer.toString('latin1', 257, 262) === 'ustar') return 'tar'
  } finally {
    await file.close()
  }
  throw new ProvisionError('not-an-archive', `${path} is neither a zip nor a tar`, {
    hint: 'check that the download is whole and not an error page',
  })
}

/** Faults of the format libraries are mistakes of the archive. */
const reading = async (path: string, read: () => Promise<void>): Promise<void> => {
  try {
    await read()
  } catch (error) {
    if (error instanceof ProvisionError) throw error
    throw new ProvisionError('damaged-archive', `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      hint: 'fetch the archive again and compare its checksum', cause: error,
    })
  }
}
