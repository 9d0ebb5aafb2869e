/** The three functions of the metadata proposal that the certificate library's dependency container asks of `Reflect` while it loads. */
type Key = string | symbol
const known = new WeakMap<object, Map<Key, unknown>>()

const own = (key: Key, target: object): unknown => known.get(target)?.get(key)
const inherited = (key: Key, target: object): unknown => {
  for (let at: object | null = target; at !== null; at = Reflect.getPrototypeOf(at)) if (known.get(at)?.has(key) === true) return own(key, at)
  return undefined
}
const define = (key: Key, value: unknown, target: object): void => {
  known.set(target, (known.get(target) ?? new Map<Key, unknown>()).set(key, value))
}

if (!('getMetadata' in Reflect)) Object.assign(Reflect, { defineMetadata: define, getMetadata: inherited, getOwnMetadata: own })
