import type { Failure } from '../core/errors.js'
import type { Reporter } from '../core/events.js'
import { oneLine, printable } from '../core/printable.js'

/** What a file is called where the pages of a change show it. */
export type Shown = (file: string) => string

/** Tells GitHub of failures, so that its pages show each beside the line of the step. */
export const annotations = (write: (line: string) => void, shown: Shown): Reporter => ({
  on: (event) => {
    if (event.type === 'step-settled' && event.verdict.status === 'failed' && event.ignored !== true && event.rescued !== true) {
      write(annotation({ ...event.verdict.error, at: event.place }, `${event.host}: ${event.step}`, shown))
    }
    if (event.type === 'host-lost') write(annotation({ code: 'unreachable', message: event.reason }, `${event.host} is not reached`, shown))
  },
  end: async () => {},
})

/** Folds what is told of each play, where somebody is told at all. */
export const groups = (write: (line: string) => void): Reporter => ({
  on: (event) => {
    if (event.type === 'play-started' && event.hosts.length > 0) write(`::group::${data(oneLine(event.play))}`)
    if (event.type === 'play-ended') write('::endgroup::')
  },
  end: async () => {},
})

/** One failure as a command of GitHub's workflows. */
export const annotation = ({ code, message, at, output, hint }: Failure, title: string, shown: Shown): string => {
  const properties = { ...(at === undefined ? {} : { file: shown(at.file), line: String(at.line), col: String(at.column) }), title: oneLine(title) }
  const text = [`${printable(message)} [${code}]`, ...(output === undefined ? [] : [printable(output, 20)]), ...(hint === undefined ? [] : [`hint: ${hint}`])].join('\n')
  return `::error ${Object.entries(properties).map(([name, value]) => `${name}=${property(value)}`).join(',')}::${data(text)}`
}

const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
