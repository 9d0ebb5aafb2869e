import type { Action } from '../core/change.js'
import { createReadStream } from 'node:fs'
import type { LocalFile } from '../core/fact.js'
import type { Script } from '../core/shell.js'
import type { Output, Session } from '../core/transport.js'
import type { Lane } from './lane.js'
import { contentOf, inlineScript, isLocalFile, streamed } from './perform.js'
import type { Judged } from './walk.js'

/** Performs one action in frames of its own: a file of the controller streams to the host, from where an earlier run broke off. */
export const performStreaming = async (lane: Lane, judged: Judged, session: Session, action: Action): Promise<Output> => {
  const content = action.do === 'put' ? action.content : action.stdin
  const signal = lane.walk.signal === undefined ? {} : { signal: lane.walk.signal }
  if (!isLocalFile(content)) return session.exec(inlineScript({ action, content: await contentOf(action, lane.walk.issue) }).text, signal)
  const progress = (from: number) => (sent: number): void => lane.walk.emit({
    type: 'upload-progress', host: lane.host.name, step: judged.bound?.name ?? judged.step.name, file: content.local, sent: from + sent, size: content.size,
  })
  if (action.do === 'exec') {
    return session.exec(action.script, { ...signal, stdin: { stream: createReadStream(content.local), length: content.size }, onProgress: progress(0) })
  }
  const { have, append, finish } = streamed(action, content)
  const there = Number((await session.exec(have.text, signal)).stdout.trim())
  const from = there <= content.size ? there : 0
  const sent = await send(session, append(from), content, from, progress(from), signal)
  if (sent.exit !== 0) return sent
  return session.exec(finish.text, signal)
}

const send = (session: Session, append: Script, file: LocalFile, from: number, onProgress: (sent: number) => void, signal: { signal?: AbortSignal }): Promise<Output> =>
  session.exec(append.text, { ...signal, stdin: { stream: createReadStream(file.local, { start: from }), length: file.size - from }, onProgress })
