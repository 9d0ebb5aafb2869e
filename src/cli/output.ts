import { exitCode } from '../core/errors.js'

/** Watches where the program writes to: a full disk is a failure, told where that is possible; who stops reading, or hung up, is none. */
export const watchOutput = ({ stdout, stderr }: Pick<NodeJS.Process, 'stdout' | 'stderr'>): void => {
  let unwritten = false
  stdout.on('error', ({ code = 'EIO' }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') process.exit(exitCode.done)
    unwritten = true
    stderr.write(`error: standard output cannot be written: ${code}\n`)
  })
  // what is under way on hosts goes on, whether somebody is told of it or not
  stderr.on('error', ({ code }: NodeJS.ErrnoException) => { unwritten ||= code !== 'EPIPE' && code !== 'EIO' })
  process.on('exit', (code) => {
    if (unwritten && (code === exitCode.done || code === exitCode.changes)) process.exitCode = exitCode.failed
  })
}
