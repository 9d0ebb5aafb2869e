import { extract, type Header } from 'tar-stream'
import { createReadStream } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type { RawEntry } from './archive.js'

/** The entries of a tar, packed with gzip or not, in their order; an entry's bytes can be read until the next entry is asked for. */
export async function* tarEntries(path: string, packed: boolean): AsyncGenerator<RawEntry> {
  const tar = extract()
  const reading = packed ? pipeline(createReadStream(path), createGunzip(), tar) : pipeline(createReadStream(path), tar)
  // The iterator throws the same error; the promise must not stay unhandled.
  reading.catch(() => undefined)
  for await (const entry of tar) {
    yield rawEntry(entry)
    entry.resume()
  }
  await reading
}

const rawEntry = (entry: AsyncIterable<unknown> & { readonly header: Header }): RawEntry => {
  const { name, mode, size, linkname } = entry.header
  const type = typeOf(entry.header.type)
  return {
    name, type, mode, size,
    ...(type === 'link' || type === 'same-file' ? { target: linkname } : {}),
    read: () => buffer(entry),
  }
}

const typeOf = (type: Header['type']): RawEntry['type'] => {
  switch (type) {
    case 'directory': return 'directory'
    case 'symlink': return 'link'
    case 'link': return 'same-file'
    case 'file': case 'contiguous-file': return 'file'
    default: return 'other'
  }
}
