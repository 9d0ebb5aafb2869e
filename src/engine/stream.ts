import type { Action } from '../core/change.js'
import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import type { LocalFile } from '../core/fact.js'
import type { Output, Session } from '../core/transport.js'
import type { Lane } from './lane.js'
import { stampOf } from './file-memory.js'
import { contentOf, inlineScript, isLocalFile, streamed } from './perform.js'
import { brought } from './brought.js'
import { fetched } from './fetched.js'
import { reboot } from './reboot.js'
import type { Judged } from './walk.js'

/** How often the progress of an upload is told, at most. */
const PARTS = 200
/** Bytes that are read from a file at once. */
const PIECE = 262_144

/** Performs one action in frames of its own: a file of the controller streams to the host, from where an earlier run broke off. */
export const performStreaming = async (lane: Lane, judged: Judged, session: Session, action: Action): Promise<Output> => {
  if (action.do === 'reboot') return reboot(lane, judged.bound?.become, action.timeout)
  if (action.do === 'fetch') return fetched(lane, session, action)
  if (action.do === 'bring') return brought(lane, judged, session, action)
  const content = action.do === 'put' ? action.content : action.stdin
  const options = {
    ...(lane.walk.signal === undefined ? {} : { signal: lane.walk.signal }),
    ...(judged.step.timeout === undefined ? {} : { timeout: judged.step.timeout * 1000 }),
  }
  if (!isLocalFile(content)) return session.exec(inlineScript({ action, content: await contentOf(action, lane.walk.issue) }).text, options)
  const progress = (from: number) => {
    let told = -1
    return (sent: number): void => {
      const share = Math.floor((PARTS * (from + sent)) / content.size)
      if (share === told) return
      told = share
      lane.walk.emit({ type: 'upload-progress', host: lane.owner.name, step: judged.bound?.name ?? judged.step.name, file: content.local, sent: from + sent, size: content.size })
    }
  }
  if (action.do === 'exec') {
    return session.exec(action.script, { ...options, stdin: { stream: createReadStream(content.local), length: content.size }, onProgress: progress(0) })
  }
  const { have, append, finish } = streamed(action, content)
  const there = Number((await session.exec(have.text, options)).stdout.trim())
  const from = there <= content.size ? there : 0
  // what came whole over this connection is what was read here; what an earlier run left has to be read there
  const known = from === 0 ? await sentAs(content) : undefined
  const bytes = createReadStream(content.local, { start: from, highWaterMark: PIECE })
  const stream = known?.hash === undefined ? bytes : Readable.from(digested(bytes, known.hash), { objectMode: false, highWaterMark: PIECE })
  const sent = await session.exec(append(from).text, { ...options, stdin: { stream, length: content.size - from }, onProgress: progress(from) })
  return sent.exit === 0 ? session.exec(finish(await known?.isDigested() === true).text, options) : sent
}

/** How it is known that what is sent has the digest of the plan: nobody has written to the file since, else it is digested once more on its way. */
const sentAs = async (file: LocalFile): Promise<{ readonly hash?: Hash; isDigested(): Promise<boolean> }> => {
  const isUntouched = async (): Promise<boolean> => file.stamp !== undefined && await stampOf(file.local) === file.stamp
  if (await isUntouched()) return { isDigested: isUntouched }
  const hash = createHash('sha256')
  return { hash, isDigested: () => Promise.resolve(hash.digest('hex') === file.sha256) }
}

async function* digested(stream: AsyncIterable<Buffer>, hash: Hash): AsyncIterable<Buffer> {
  for await (const piece of stream) {
    hash.update(piece)
    yield piece
  }
}
