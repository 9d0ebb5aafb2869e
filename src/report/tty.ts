import ora from 'ora'
import type { Reporter, RunEvent } from '../core/events.js'
import { Narration, type Telling } from './narration.js'
import { seconds } from './words.js'

const BAR = 20

/** Live lines, one a host at work, below the finished ones; ora owns the terminal's last lines. */
export const tty = (telling: Telling, stream: NodeJS.WriteStream, now: () => number): Reporter => {
  const narration = new Narration(telling)
  const spinner = ora({ stream, discardStdin: false, hideCursor: true, text: '' })
  const busy = new Map<string, { text: string; since: number }>()
  const clock = setInterval(() => show(), 200)
  clock.unref()
  const show = (): void => {
    if (busy.size === 0) {
      if (spinner.isSpinning) spinner.stop()
      return
    }
    const rows = Math.max(1, (stream.rows ?? 24) - 2)
    const width = Math.max(20, (stream.columns ?? 80) - 3)
    const lines = [...busy].map(([host, { text, since }]) => `${host}: ${text} ${telling.style.dim(seconds(now() - since))}`)
    const folded = lines.length > rows ? [...lines.slice(0, rows - 1), `… ${lines.length - rows + 1} more hosts`] : lines
    spinner.text = folded.map((line) => line.slice(0, width)).join('\n  ')
    if (!spinner.isSpinning) spinner.start()
  }
  return {
    on: (event) => {
      follow(busy, event, now)
      const lines = narration.linesOf(event)
      if (lines.length > 0) {
        if (spinner.isSpinning) spinner.stop()
        stream.write(`${lines.join('\n')}\n`)
      }
      show()
    },
    end: async () => {
      clearInterval(clock)
      busy.clear()
      if (spinner.isSpinning) spinner.stop()
    },
  }
}

const follow = (busy: Map<string, { text: string; since: number }>, event: RunEvent, now: () => number): void => {
  switch (event.type) {
    case 'step-started':
      busy.set(event.host, { text: event.step, since: now() })
      break
    case 'upload-progress': {
      const share = event.size === 0 ? 1 : event.sent / event.size
      const full = Math.round(share * BAR)
      busy.set(event.host, { text: `${event.step} [${'#'.repeat(full)}${'.'.repeat(BAR - full)}] ${Math.floor(share * 100)} %`, since: busy.get(event.host)?.since ?? now() })
      break
    }
    case 'step-settled':
    case 'host-lost':
      busy.delete(event.host)
      break
    case 'run-ended':
      busy.clear()
      break
    default:
  }
}
