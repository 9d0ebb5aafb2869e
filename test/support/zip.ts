import { crc32, deflateRawSync } from 'node:zlib'

/** One entry of a zip made for a test. */
export interface ZipEntry {
  readonly name: string | Uint8Array
  readonly content?: string | Uint8Array
  /** Unix mode with its type bits; 0 is what writers without one leave. */
  readonly mode?: number
  /** Who wrote it: 3 is Unix, 0 is DOS. */
  readonly system?: number
  readonly flags?: number
}

const UTF8 = 0x800
const DEFLATE = 8

/** A zip with these entries, whatever is wrong with them. */
export const zipOf = (entries: readonly ZipEntry[]): Uint8Array => {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, content = '', mode = 0, system = 3, flags } of entries) {
    const path = Buffer.from(name)
    const bytes = Buffer.from(content)
    const packed = deflateRawSync(bytes)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(flags ?? (typeof name === 'string' ? UTF8 : 0), 2)
    common.writeUInt16LE(DEFLATE, 4)
    common.writeUInt32LE(0x5a210000, 6)
    common.writeUInt32LE(crc32(bytes), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(bytes.length, 18)
    common.writeUInt16LE(path.length, 22)
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), common, path, packed])
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE((mode << 16) >>> 0, 6)
    rest.writeUInt32LE(offset, 10)
    directory.push(Buffer.concat([Buffer.from('PK\u0001\u0002'), Buffer.from([20, system]), common, rest, path]))
    locals.push(local)
    offset += local.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(entries.length, 4)
  end.writeUInt16LE(entries.length, 6)
  end.writeUInt32LE(central.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...locals, central, Buffer.from('PK\u0005\u0006'), end])
}
