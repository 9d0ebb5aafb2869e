import type { Duplex } from 'node:stream'

const LONGEST = 65_536
// Other lines may come before the one that counts.
const complete = /(^|\n)SSH-[^\n]*\n/

/**
 * Lets a stream hand on the greeting of an SSH server in one piece, and everything after it as it comes.
 * ssh2 1.17.0 loses bytes of a greeting in more than two pieces (`parseHeader` in lib/protocol/Protocol.js keeps only the first of them);
 * waiting for the greeting before ssh2 is given the stream would cost a round trip.
 */
export const wholeGreeting = <Stream extends Duplex>(stream: Stream): Stream => {
  const push = stream.push.bind(stream)
  let seen: Buffer = Buffer.alloc(0)
  const whole = (): boolean => seen.length >= LONGEST || complete.test(seen.toString('latin1'))
  // What came before we were asked.
  for (let piece: unknown = stream.read(); piece instanceof Uint8Array; piece = stream.read()) seen = Buffer.concat([seen, piece])
  if (whole()) {
    stream.unshift(seen)
    return stream
  }
  stream.push = (piece: unknown, encoding?: BufferEncoding): boolean => {
    if (piece instanceof Uint8Array) {
      seen = Buffer.concat([seen, piece])
      if (!whole()) return true
    }
    stream.push = push
    if (piece instanceof Uint8Array) return push(seen)
    if (seen.length > 0) push(seen)
    return push(piece, encoding)
  }
  return stream
}
