import type { Failure } from '../core/errors.js'
import type { Recap, Reporter, RunEvent, WalkDocument } from '../core/events.js'

/** Every event as one line of JSON, as it happens. */
export const eventLines = (write: (line: string) => void): Reporter => ({
  on: (event) => write(JSON.stringify(event)),
  end: async () => {},
})

type PlayDocument = { name: string; hosts: readonly string[]; steps: Extract<RunEvent, { type: 'step-settled' }>[] }

/** One JSON document of the whole walk, written once, at its end. */
export const jsonDocument = (write: (text: string) => void): WalkDocument => {
  const plays: PlayDocument[] = []
  const hosts: Record<string, Omit<Recap, 'unreachable'> & { unreachable: boolean; reason?: string }> = {}
  const reasons: Record<string, string> = {}
  let duration = 0
  let stopped: string | undefined
  let mode = 'run'
  let errors: readonly Failure[] = []
  let written = false
  return {
    refuse: (mistakes) => { errors = mistakes },
    on: (event) => {
      if (event.type === 'play-started') plays.push({ name: event.play, hosts: event.hosts, steps: [] })
      if (event.type === 'step-settled') plays.at(-1)?.steps.push(event)
      if (event.type === 'host-lost') reasons[event.host] = event.reason
      if (event.type !== 'run-ended') return
      duration = event.ms
      mode = event.mode
      stopped = event.stopped
      for (const [host, recap] of Object.entries(event.recap)) hosts[host] = { ...recap, ...(reasons[host] === undefined ? {} : { reason: reasons[host] }) }
    },
    end: async () => {
      if (written) return
      written = true
      const sum = (key: 'changed' | 'failed'): number => Object.values(hosts).reduce((total, recap) => total + recap[key], 0)
      const failed = sum('failed') > 0 || Object.values(hosts).some(({ unreachable }) => unreachable) || stopped !== undefined || errors.length > 0
      const status = failed ? 'failed' : mode === 'plan' ? 'planned' : mode === 'verify' ? 'verified' : 'done'
      write(`${JSON.stringify({ status, duration_ms: Math.round(duration), changed: sum('changed'), failed: sum('failed'), hosts, plays, ...(stopped === undefined ? {} : { stopped }), ...(errors.length === 0 ? {} : { errors }) }, undefined, 2)}\n`)
    },
  }
}
