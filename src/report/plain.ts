import type { Reporter } from '../core/events.js'
import { Narration, type Telling } from './narration.js'

/** One line an event, for pipes and logs. */
export const plain = (telling: Telling, write: (text: string) => void): Reporter => {
  const narration = new Narration(telling)
  return {
    on: (event) => {
      for (const line of narration.linesOf(event)) write(`${line}\n`)
    },
    end: async () => {},
  }
}
