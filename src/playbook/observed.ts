import type { HostScope } from './scope.js'
import type { TemplateScope } from './template/context.js'

/** A variable that an expression has looked up: as it names it, and whose it is. */
export interface Seen { readonly path: readonly string[]; readonly host: string; readonly name: string }

/** A scope that remembers what is looked up in it, through `host` and `hosts` as well. */
export const observed = (scope: HostScope): { readonly scope: TemplateScope; uses(): readonly Seen[] } => {
  const seen = new Map<string, Seen>()
  const see = (path: readonly string[], host: string, name: string): void => { seen.set(path.join('.'), { path, host, name }) }
  const host = (value: unknown, path: readonly string[], name: string): unknown => watched(value, (key) => see([...path, key], name, key))
  return {
    uses: () => [...seen.values()],
    scope: {
      host: scope.host, names: () => scope.names(), learn: (value) => scope.learn(value),
      lookup: (name) => {
        const value = scope.lookup(name)
        switch (name) {
          case 'host': return host(value, ['host'], scope.host)
          case 'hosts': return watched(value, () => {}, (inner, key) => host(inner, ['hosts', key], key))
          default:
            see([name], scope.host, name)
            return value
        }
      },
    },
  }
}

/** The same map, told of each key that is looked at. */
const watched = (value: unknown, onLook: (key: string) => void, wrap: (inner: unknown, key: string) => unknown = (inner) => inner): unknown => {
  if (typeof value !== 'object' || value === null) return value
  return Object.defineProperties({}, Object.fromEntries(Object.keys(value).map((key) => [key, {
    enumerable: true,
    get: () => {
      onLook(key)
      return wrap((value as Readonly<Record<string, unknown>>)[key], key) // its own key
    },
  }])))
}
