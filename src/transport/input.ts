import type { Readable, Writable } from 'node:stream'
import { ProvisionError } from '../core/errors.js'
import { reveal, Secret } from '../core/secret.js'
import type { ExecOptions } from '../core/transport.js'

/** The input of a script: how many bytes, and the bytes in pieces. */
export interface Input { readonly length: number; readonly pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array> }

const SLICE = 262_144

function* slices(bytes: Uint8Array): Iterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += SLICE) yield bytes.subarray(at, at + SLICE)
}

async function* chunks(stream: Readable): AsyncIterable<Uint8Array> {
  for await (const chunk of stream as AsyncIterable<Uint8Array | string>) yield* slices(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
}

export const inputOf = (stdin: ExecOptions['stdin']): Input => {
  if (stdin === undefined) return { length: 0, pieces: [] }
  if (typeof stdin === 'string' || stdin instanceof Secret) return inputOf(Buffer.from(reveal(stdin)))
  if (stdin instanceof Uint8Array) return { length: stdin.length, pieces: slices(stdin) }
  return { length: stdin.length, pieces: chunks(stdin.stream) }
}

/** Resolves when the stream takes more, or when the frame is over: a wire that is lost never drains. */
const drained = (stdin: Writable, over: AbortSignal): Promise<void> => new Promise((resolve) => {
  const done = (): void => {
    stdin.off('drain', done)
    over.removeEventListener('abort', done)
    resolve()
  }
  stdin.once('drain', done)
  over.addEventListener('abort', done, { once: true })
  if (over.aborted) done()
})

/** Writes an input no faster than the host takes it, and refuses one of another length than it was said to have. */
export const feed = async (stdin: Writable, input: Input, over: AbortSignal, onProgress: ExecOptions['onProgress']): Promise<void> => {
  let sent = 0
  for await (const piece of input.pieces) {
    if (over.aborted) return
    if (sent + piece.length > input.length) {
      throw new ProvisionError('wrong-input-length', `the input of a script has more than the ${input.length} bytes announced`)
    }
    const room = stdin.write(piece)
    sent += piece.length
    onProgress?.(sent)
    if (!room) await drained(stdin, over)
  }
  if (!over.aborted && sent < input.length) {
    throw new ProvisionError('wrong-input-length', `the input of a script ended after ${sent} of ${input.length} bytes`,
      { hint: 'the file may have been altered while it was read' })
  }
}
