import type { Binding, Registered } from '../core/step.js'

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
 * Binds a step again on a host only when a registered value that it looked up is another one now: all else that it sees stays as it is for a run.
 * What its templates look up later counts too, as they see the same values.
 */
export const rememberedBinding = (bind: (host: string, registered: Registered) => Binding): ((host: string, registered: Registered) => Binding) => {
  const known = new Map<string, { readonly binding: Binding; readonly seen: Watched }>()
  return (host, registered) => {
    const before = known.get(host)
    if (before?.seen.follows(registered) === true) return before.binding
    const seen = watched(registered)
    const binding = bind(host, seen.registered)
    known.set(host, { binding, seen })
    return binding
  }
}
