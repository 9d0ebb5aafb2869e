import { exitCode } from '../core/errors.js'

/** What Ctrl-C and SIGTERM do to a walk. */
export interface Interruption {
  readonly stopping: { asked: boolean }
  readonly signal: AbortSignal
  /** From now on hosts are altered: the first signal lets the frames in flight end. Before, there is nothing to wait for. */
  begun(resume: string): void
  over(): void
}

/** Listens for both signals; `leave` is told the last words before the program ends at once. */
export const interruption = (notice: (text: string) => void, leave: (text: string) => void): Interruption => {
  const stopping = { asked: false }
  const abort = new AbortController()
  let resume: string | undefined
  const listener = (): void => {
    if (resume === undefined || stopping.asked) {
      abort.abort()
      leave(resume === undefined ? '\nInterrupted: nothing was changed.' : `\nInterrupted: what a host had begun may still go on there.\nTo go on: ${resume}`)
      process.exit(exitCode.interrupted)
    }
    stopping.asked = true
    notice('stopping once what is under way is finished; again to stop now')
  }
  process.on('SIGINT', listener)
  process.on('SIGTERM', listener)
  return {
    stopping, signal: abort.signal,
    begun: (command) => { resume = command },
    over: () => {
      process.off('SIGINT', listener)
      process.off('SIGTERM', listener)
    },
  }
}
