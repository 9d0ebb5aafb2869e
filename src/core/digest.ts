import { createHash } from 'node:crypto'

/** SHA-256 of a text's UTF-8 bytes or of bytes, as 64 hexadecimal digits. A pure function, though Node's. */
export const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')
