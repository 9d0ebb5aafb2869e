import type { Failure } from '../core/errors.js'
import { oneLine, printable } from '../core/printable.js'
import type { Style } from './style.js'

/** Prints what hosts say line by line, each behind its host's name, so that many can talk at once. */
export interface HostLines {
  say(host: string, text: string, stream: 'stdout' | 'stderr'): void
  /** What a host said last without ending the line. */
  end(host: string): void
}

export const hostLines = (hosts: readonly string[], { style, mask, out, err }: {
  readonly style: Style; readonly mask: (text: string) => string; readonly out: (text: string) => void; readonly err: (text: string) => void
}): HostLines => {
  const width = Math.max(...hosts.map((host) => host.length))
  const begun = new Map<string, string>()
  const print = (host: string, line: string, stream: 'stdout' | 'stderr'): void => {
    const text = mask(line).split('\t').map(oneLine).join('\t')
    const write = stream === 'stdout' ? out : err
    write(`${style.cyan(host.padEnd(width))} ${style.dim(stream === 'stdout' ? '|' : '!')} ${text}\n`)
  }
  return {
    say: (host, text, stream) => {
      const key = `${stream} ${host}`
      const lines = `${begun.get(key) ?? ''}${text}`.split('\n')
      begun.set(key, lines.pop() ?? '')
      for (const line of lines) print(host, line.replace(/\r$/, ''), stream)
    },
    end: (host) => {
      for (const stream of ['stdout', 'stderr'] as const) {
        const rest = begun.get(`${stream} ${host}`) ?? ''
        begun.delete(`${stream} ${host}`)
        if (rest !== '') print(host, rest, stream)
      }
    },
  }
}

/** `mi2  unreachable: …`, with the hint below. */
export const lostText = (host: string, reason: string, width: number, style: Style): string => {
  const [what = '', ...hints] = printable(reason).split('\n')
  return [`${host.padEnd(width)}  ${style.red('unreachable')}: ${what}`, ...hints.map((hint) => `${' '.repeat(width)}  ${style.bold('hint:')} ${hint}`)].join('\n')
}

/** `mi2  failed: …`, with the hint below. */
export const failedText = (host: string, { message, hint }: Failure, width: number, style: Style): string =>
  [`${host.padEnd(width)}  ${style.red('failed')}: ${oneLine(message)}`, ...(hint === undefined ? [] : [`${' '.repeat(width)}  ${style.bold('hint:')} ${oneLine(hint)}`])].join('\n')
