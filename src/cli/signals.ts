import { exitCode } from '../core/errors.js'

/** What ends a program from outside: Ctrl-C, whoever ends processes, a terminal that is closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
export type Signal = (typeof SIGNALS)[number]

const listeners: ((signal: Signal) => void)[] = []
const tell = (signal: Signal): void => { listeners.at(-1)?.(signal) }

/** Listens for all of them, alone: who listened before is told again once this one has ended, by what is returned. */
export const onSignal = (listener: (signal: Signal) => void): (() => void) => {
  if (listeners.length === 0) for (const signal of SIGNALS) process.on(signal, tell)
  listeners.push(listener)
  return () => {
    const at = listeners.lastIndexOf(listener)
    if (at < 0) return
    listeners.splice(at, 1)
    if (listeners.length === 0) for (const signal of SIGNALS) process.off(signal, tell)
  }
}

/** Where there is nothing to wait for, a signal ends the program, with its last words. */
export const endAtOnce = (say: (text: string) => void, words = 'Interrupted.'): (() => void) => onSignal(() => {
  say(`\n${words}\n`)
  process.exit(exitCode.interrupted)
})
