import type { Failure } from '../core/errors.js'
import type { RunEvent } from '../core/events.js'
import { oneLine, printable } from '../core/printable.js'
import type { Style } from './style.js'
import { aboutVerdict, becauseText, diffText, failureText, recapLine, seconds, statusWord } from './words.js'

/** How much is told: below 0 only failures and the recap, above 0 also what programs print on the hosts. */
export interface Telling { readonly style: Style; readonly diff: boolean; readonly verbosity: number; readonly resume: string }

type Settled = Extract<RunEvent, { type: 'step-settled' }>

/** What is said of events, in lines that stay; one instance a walk, since the end repeats what failed. */
export class Narration {
  readonly #failures: Settled[] = []
  readonly #lost: [host: string, reason: string][] = []
  #width = 4
  constructor(readonly telling: Telling) {}

  linesOf(event: RunEvent): readonly string[] {
    const { style, verbosity } = this.telling
    switch (event.type) {
      case 'run-started':
        this.#width = Math.max(4, ...event.hosts.map((host) => host.length))
        return []
      case 'play-started': return verbosity < 0 || event.hosts.length === 0 ? [] : ['', style.bold(event.play)]
      case 'step-settled': return this.#settled(event)
      case 'host-lost':
        this.#lost.push([event.host, event.reason])
        return [`  ${event.host.padEnd(this.#width)}  ${style.red('lost    ')}  ${oneLine(event.reason.split('\n')[0] ?? '')}`]
      case 'action-output': return verbosity < (event.live === true ? 0 : 1) ? [] : printable(event.text, Number.POSITIVE_INFINITY).split('\n').map((line) => style.dim(`  ${event.host.padEnd(this.#width)}  | ${line}`))
      case 'notice': return [`  ${(event.host ?? '').padEnd(this.#width)}  ${style.yellow('note    ')}  ${oneLine(event.text)}`]
      case 'run-ended': return this.#ended(event)
      case 'host-connected':
      case 'step-started':
      case 'upload-progress':
      case 'play-ended': return []
      default: return event satisfies never
    }
  }

  #settled(event: Settled): readonly string[] {
    const { style, diff, verbosity } = this.telling
    const { host, step, verdict, handler, ms } = event
    const comesAgain = verdict.status === 'failed' && event.ignored !== true && event.rescued !== true
    if (comesAgain) this.#failures.push(event)
    if (verbosity < 0 && verdict.status !== 'failed') return []
    const about = aboutVerdict(verdict)
    const because = handler === undefined ? '' : 'owed' in handler ? becauseText(handler) : '(handler)'
    // what was right or skipped took no time of its own: it came back with its neighbours
    const time = verdict.status === 'change' || verdict.status === 'failed' ? style.dim(seconds(ms)) : ''
    const line = `  ${host.padEnd(this.#width)}  ${statusWord(verdict.status, 'run', style)}  ${[oneLine(step), about === '' || about === step ? '' : style.dim(`— ${about}`), style.dim(because), event.on === undefined ? '' : style.dim(`on ${event.on}`), event.ignored === true ? '(ignored)' : event.rescued === true ? '(rescued)' : '', time].filter(Boolean).join(' ')}`
    const lines = verdict.status === 'change' && diff ? verdict.changes.flatMap((change) => diffText(change.diff?.lines ?? [], style, ' '.repeat(this.#width + 14))) : []
    return [line, ...lines, ...(verdict.status === 'failed' ? this.#why(verdict.error, comesAgain) : [])]
  }

  /** A failure that the end tells whole is short where it happens: the last line of its output. */
  #why(error: Failure, comesAgain: boolean): readonly string[] {
    const indent = ' '.repeat(this.#width + 14)
    if (!comesAgain) return failureText(error, this.telling.style, indent).slice(1)
    return error.output === undefined ? [] : [`${indent}| ${printable(error.output, 1)}`]
  }

  #ended({ recap, ms, stopped, mode }: Extract<RunEvent, { type: 'run-ended' }>): readonly string[] {
    const { style, resume } = this.telling
    const failed = this.#failures.length + this.#lost.length > 0 || stopped !== undefined || Object.values(recap).some((counts) => counts.failed > 0 || counts.unreachable)
    const sum = (key: 'changed' | 'deferred'): number => Object.values(recap).reduce((total, counts) => total + counts[key], 0)
    return [
      '',
      ...this.#failures.flatMap(({ host, step, verdict }) => (verdict.status === 'failed' ? [`${style.red('failed')}: ${host}, "${oneLine(step)}"`, ...failureText(verdict.error, style, '  ')] : [])),
      ...this.#lost.flatMap(([host, reason]) => [`${style.red('lost')}: ${host}`, ...printable(reason).split('\n').map((line) => `  ${line}`)]),
      ...(failed ? [''] : []),
      ...Object.entries(recap).map(([host, counts]) => recapLine(host, counts, mode === 'run' ? mode : 'plan', this.#width)),
      `${stopped === 'interrupted' ? style.yellow('Interrupted') : failed ? style.red('Failed') : style.green('Done')} in ${seconds(ms)}: ${sum('changed')} changed${sum('deferred') > 0 ? `, ${sum('deferred')} deferred` : ''}.${stopped === undefined || stopped === 'interrupted' ? '' : ` Stopped: ${stopped}.`}`,
      ...(failed ? [`To go on: ${resume}`] : []),
    ]
  }
}
