import type { Action } from '../core/change.js'
import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import type { LocalFile } from '../core/fact.js'
import type { Script } from '../core/shell.js'
import type { ExecOptions, Output, Session } from '../core/transport.js'
import type { Lane } from './lane.js'
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
  const hash = createHash('sha256')
  const sent = await send(session, append(from), content, from, hash, progress(from), options)
  if (sent.exit !== 0) return sent
  // what came whole over this connection is what was read here, and this machine digests it sooner; what an earlier run left has to be read there
  return session.exec(finish(from === 0 && hash.digest('hex') === content.sha256).text, options)
}

const send = (session: Session, append: Script, file: LocalFile, from: number, hash: Hash, onProgress: (sent: number) => void, options: ExecOptions): Promise<Output> =>
  session.exec(append.text, { ...options, stdin: { stream: Readable.from(digested(createReadStream(file.local, { start: from, highWaterMark: PIECE }), from === 0 ? hash : undefined), { objectMode: false, highWaterMark: PIECE }), length: file.size - from }, onProgress })

async function* digested(stream: AsyncIterable<Buffer>, hash: Hash | undefined): AsyncIterable<Buffer> {
  for await (const piece of stream) {
    hash?.update(piece)
    yield piece
  }
}
