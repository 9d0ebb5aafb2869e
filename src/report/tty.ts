import ora from 'ora'
import type { Reporter, RunEvent } from '../core/events.js'
import { oneLine } from '../core/printable.js'
import { Narration, type Telling } from './narration.js'
import type { Style } from './style.js'
import { seconds } from './words.js'

const BAR = 20

/** Live lines, one a host at work, below the finished ones; ora owns the terminal's last lines. */
export const tty = (telling: Telling, stream: NodeJS.WriteStream, now: () => number): Reporter => {
  const narration = new Narration(telling)
  const spinner = ora({ stream, discardStdin: false, hideCursor: true, text: '', ...coloured(telling.style) })
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
    const lines = [...busy].map(([host, { text, since }]) => {
      const time = seconds(now() - since)
      // cut before it is coloured: half an escape sequence would colour the rest of the screen
      return `${`${host}: ${text}`.slice(0, Math.max(0, width - time.length - 1))} ${telling.style.dim(time)}`
    })
    spinner.text = (lines.length > rows ? [...lines.slice(0, rows - 1), `… ${lines.length - rows + 1} more hosts`] : lines).join('\n  ')
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

/** The spinner has a colour of its own, unless nobody wants any. */
const coloured = (style: Style): { color?: false } => (style.cyan('x') === 'x' ? { color: false } : {})

/** One live line while there is nothing else to tell; what must be told meanwhile stands above it. */
export const waiting = (text: string, stream: NodeJS.WriteStream, style: Style): { say(line: string): void; end(): void } => {
  const spinner = ora({ stream, discardStdin: false, text, ...coloured(style) }).start()
  return {
    say: (line) => {
      spinner.stop()
      stream.write(`${line}\n`)
      spinner.start()
    },
    end: () => { spinner.stop() },
  }
}

const follow = (busy: Map<string, { text: string; since: number }>, event: RunEvent, now: () => number): void => {
  switch (event.type) {
    case 'step-started':
      busy.set(event.host, { text: oneLine(event.step), since: now() })
      break
    case 'upload-progress': {
      const share = event.size === 0 ? 1 : event.sent / event.size
      const full = Math.round(share * BAR)
      busy.set(event.host, { text: `${oneLine(event.step)} [${'#'.repeat(full)}${'.'.repeat(BAR - full)}] ${Math.floor(share * 100)} %`, since: busy.get(event.host)?.since ?? now() })
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
