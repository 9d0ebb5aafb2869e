import type { Around, Registered } from '../core/step.js'

/** Registered values that remember who was asked for, and what the answer was. */
interface Watched {
  readonly registered: Registered
  /** Whether these would have answered the same; if so, they are the ones that are asked from now on. */
  follows(now: Registered): boolean
}

const watched = (first: Registered): Watched => {
  let current = first
  const answers = new Map<string, unknown>()
  const look = (name: string): boolean => {
    if (!answers.has(name)) answers.set(name, answerOf(current, name))
    return current.has(name)
  }
  return {
    registered: new Proxy(first, { get: (_first, property) => {
      if (property === 'has') return look
      if (property === 'get') return (name: string) => (look(name) ? current.get(name) : undefined)
      const value: unknown = Reflect.get(current, property, current)
      return typeof value === 'function' ? value.bind(current) : value
    } }),
    follows: (now) => {
      if (![...answers].every(([name, answer]) => answerOf(now, name) === answer)) return false
      current = now
      return true
    },
  }
}

const NONE = Symbol('none')
const answerOf = (registered: Registered, name: string): unknown => (registered.has(name) ? registered.get(name) : NONE)

/**
 * Binds again on a host only when a registered value that was looked up is another one now: all else that is seen stays as it is for a run.
 * What its templates look up later counts too, as they see the same values.
 */
export const rememberedBinding = <B>(bind: (host: string, registered: Registered, around: Around | undefined) => B): ((host: string, registered: Registered, around?: Around) => B) => {
  const known = new Map<string, Map<Around | undefined, { readonly binding: B; readonly seen: Watched }>>()
  return (host, registered, around) => {
    const ofHost = known.get(host) ?? new Map<Around | undefined, { readonly binding: B; readonly seen: Watched }>()
    known.set(host, ofHost)
    const before = ofHost.get(around)
    if (before?.seen.follows(registered) === true) return before.binding
    const seen = watched(registered)
    const binding = bind(host, seen.registered, around)
    ofHost.set(around, { binding, seen })
    return binding
  }
}
