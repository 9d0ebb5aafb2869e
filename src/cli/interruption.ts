import { exitCode } from '../core/errors.js'
import { onSignal, type Signal } from './signals.js'

/** What Ctrl-C, SIGTERM and a closed terminal do to a walk. */
export interface Interruption {
  readonly stopping: { asked: boolean }
  readonly signal: AbortSignal
  /** From now on hosts are altered: the first signal lets the frames in flight end. Before, there is nothing to wait for. */
  begun(resume: string): void
  over(): void
}

/** The last words where nothing was begun. */
export const UNTOUCHED = 'Interrupted: nothing was changed.'

/** Listens for signals; `leave` is told the last words before the program ends at once. */
export const interruption = (notice: (text: string) => void, leave: (text: string) => void): Interruption => {
  const stopping = { asked: false }
  const abort = new AbortController()
  let resume: string | undefined
  const over = onSignal((signal: Signal) => {
    // the terminal and its shell both tell that it was closed
    if (signal === 'SIGHUP' && stopping.asked) return
    if (resume === undefined || stopping.asked) {
      abort.abort()
      leave(resume === undefined ? `\n${UNTOUCHED}` : `\nInterrupted: what a host had begun may still go on there.\nTo go on: ${resume}`)
      process.exit(exitCode.interrupted)
    }
    stopping.asked = true
    notice('stopping once what is under way is finished; again to stop now')
  })
  return {
    stopping, signal: abort.signal,
    begun: (command) => { resume = command },
    over,
  }
}
