import { getFileNameLowLevel, openPromise, type Entry, type ZipFile } from 'yauzl'
import { isUtf8 } from 'node:buffer'
import { buffer } from 'node:stream/consumers'
import { ProvisionError } from '../core/errors.js'
import type { RawEntry } from './archive.js'

const FILE_TYPE = 0o170000
const LINK = 0o120000
const REGULAR = 0o100000
const DIRECTORY = 0o040000
const NAME_IS_UTF8 = 0x800
const UNICODE_PATH = 0x7075
const MADE_ON_UNIX = 3

/** The entries of a zip in the order of its directory; an entry's bytes are read only when asked for. */
export async function* zipEntries(path: string): AsyncGenerator<RawEntry> {
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false, decodeStrings: false })
  try {
    for await (const entry of zip.eachEntry()) yield rawEntry(zip, entry)
  } finally {
    zip.close()
  }
}

const rawEntry = (zip: ZipFile, entry: Entry): RawEntry => {
  const name = nameOf(entry)
  // The upper half holds a Unix mode whoever wrote it, and 0 when the writer knew none.
  const unix = entry.externalFileAttributes >>> 16
  const read = async (): Promise<Uint8Array> => {
    if (!entry.canDecodeFileData()) {
      throw new ProvisionError('unclear-archive', `${name} is encrypted or packed in a way that is not known`, {
        hint: 'pack the archive again, with deflate and without a password',
      })
    }
    return buffer(await zip.openReadStreamPromise(entry))
  }
  return { name, mode: unix === 0 ? undefined : unix & 0o7777, type: typeOf(name, unix & FILE_TYPE), size: entry.uncompressedSize, read }
}

const typeOf = (name: string, unix: number): RawEntry['type'] => {
  if (name.endsWith('/')) return 'directory'
  if (unix === LINK) return 'link'
  return unix === 0 || unix === REGULAR || unix === DIRECTORY ? 'file' : 'other'
}

/** Names beyond ASCII are certain when they are marked as UTF-8, or are it and were packed on Unix: what `unzip` makes of others depends on its build and locale. */
const nameOf = ({ generalPurposeBitFlag, fileNameRaw, extraFields, versionMadeBy }: Entry): string => {
  const marked = (generalPurposeBitFlag & NAME_IS_UTF8) !== 0 || extraFields.some(({ id }) => id === UNICODE_PATH)
  const name = getFileNameLowLevel(marked ? generalPurposeBitFlag : NAME_IS_UTF8, fileNameRaw, extraFields, true)
  if (marked || fileNameRaw.every((byte) => byte < 128) || (versionMadeBy >> 8 === MADE_ON_UNIX && isUtf8(fileNameRaw))) return name
  throw new ProvisionError('unclear-archive', `the name ${name} is not marked as UTF-8 in the archive`, {
    hint: 'pack the archive again with UTF-8 names, or without names beyond ASCII',
  })
}
