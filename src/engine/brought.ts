import { Readable } from 'node:stream'
import type { Action, BroughtFile } from '../core/change.js'
import { ProvisionError } from '../core/errors.js'
import { partOf } from '../core/part-file.js'
import { script, sh, type Script } from '../core/shell.js'
import type { ExecOptions, Output, Session } from '../core/transport.js'
import { otherHost } from './elsewhere.js'
import { tellFullDisk } from './full-disk.js'
import type { Lane } from './lane.js'
import type { Judged } from './walk.js'

type Bring = Extract<Action, { do: 'bring' }>

/** Bytes that are asked of the other host at once: two such pieces are all that is held of a tree, whatever its size. */
const PIECE = 2_097_152
/** How often progress is told, at most. */
const PARTS = 200

/** Brings files of another host: asked piece by piece as this host takes them, each file whole before it takes its place. */
export const brought = async (lane: Lane, { bound, step }: Judged, session: Session, action: Bring): Promise<Output> => {
  const { walk, owner } = lane
  const length = action.files.reduce((sum, { size }) => sum + size, 0)
  const options: ExecOptions = {
    ...(walk.signal === undefined ? {} : { signal: walk.signal }),
    ...(step.timeout === undefined ? {} : { timeout: step.timeout * 1000 }),
  }
  const source = await otherHost(lane, action.from).session(bound?.become)
  let told = -1
  const onProgress = (sent: number): void => {
    const share = Math.floor((PARTS * sent) / length)
    if (share === told) return
    told = share
    walk.emit({ type: 'upload-progress', host: owner.name, step: bound?.name ?? step.name, file: `${action.from}:${action.root}`, sent, size: length })
  }
  return session.exec(receive(action).text, { ...options, ...(length === 0 ? {} : { onProgress, stdin: { stream: Readable.from(bytesOf(source, action, options), { objectMode: false, highWaterMark: PIECE }), length } }) })
}

/** A stretch of one file. */
interface Stretch { readonly path: string; readonly from: number; readonly count: number }

/** What is asked at once: many small files, or a part of a large one. */
const batches = (files: readonly BroughtFile[]): readonly (readonly Stretch[])[] => {
  const all: Stretch[][] = []
  let room = 0
  for (const { path, size } of files) {
    for (let from = 0; from < size;) {
      if (room === 0) {
        all.push([])
        room = PIECE
      }
      const count = Math.min(room, size - from)
      all.at(-1)?.push({ path, from, count })
      from += count
      room -= count
    }
  }
  return all
}

/** The bytes of all files, one after the other; the next piece is under way while this host takes one. */
async function* bytesOf(source: Session, { from, root, files }: Bring, options: ExecOptions): AsyncIterable<Buffer> {
  const ask = async (batch: readonly Stretch[]): Promise<Buffer> => {
    const { stdout, stderr, exit } = await source.exec(give(root, batch).text, options).catch((error: unknown) => {
      // that the other host is gone says nothing of this one
      throw error instanceof ProvisionError ? new ProvisionError('source-lost', `${from}: ${error.message}`, { hint: 'run again', cause: error }) : error
    })
    const bytes = Buffer.from(stdout, 'base64')
    if (exit === 0 && bytes.length === batch.reduce((sum, { count }) => sum + count, 0)) return bytes
    throw new ProvisionError('source-changed', `what is below ${root} on ${from} was altered while it was read`, { hint: 'run again', output: stderr })
  }
  const all = batches(files)
  let next = all[0] === undefined ? undefined : ask(all[0])
  for (let index = 1; next !== undefined; index++) {
    const bytes: Buffer = await next
    const batch = all[index]
    next = batch === undefined ? undefined : ask(batch)
    // whoever stops listening meanwhile has a reason of its own
    next?.catch(() => {})
    yield bytes
  }
}

const give = (root: string, batch: readonly Stretch[]): Script => script(
  sh`cd -- ${root} || exit 1`,
  sh`{ ${script(...batch.map(({ path, from, count }) => (from === 0 ? sh`head -c ${count} -- ${`./${path}`}` : sh`tail -c ${`+${from + 1}`} -- ${`./${path}`} | head -c ${count}`)))}
} | base64 -w 0`,
)

/** Takes one file after the other from the input; none takes its place before it is whole and given away. */
const receive = ({ to, files }: Bring): Script => script(
  sh`cd -- ${to} || exit 1`,
  sh`give_up() { echo "$1" >&2; ${tellFullDisk(to)}; rm -f -- "$2"; exit 1; }
take() {
  rm -f -- "$1" || exit 1
  ( umask 077; set -C; { head -c "$3" >&9 && chown -- "$5" /proc/self/fd/9 && chmod -- "$6" /proc/self/fd/9; } 9> "$1" ) || give_up "$2 cannot be written" "$1"
  [ "$(sha256sum < "$1")" = "$4  -" ] || give_up "$2 is not what it was when the plan was made" "$1"
  mv -fT -- "$1" "$2" || give_up "$2 cannot take its place" "$1"
}`,
  ...files.map(({ path, size, sha256, mode, owner, group }) => sh`take ${[partOf(`./${path}`, 'part'), `./${path}`, size, sha256, `${owner}:${group}`, `0${mode}`]}`),
)
