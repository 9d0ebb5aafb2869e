import { Secret } from './secret.js'

/** Plain data as one text: the same for the same data, in whichever order its keys stand. Secrets are told by their text, so that it is itself secret. */
export const canonical = (value: unknown): string => {
  if (value instanceof Secret) return canonical(value.reveal())
  if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol') return JSON.stringify(String(value))
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (value instanceof RegExp || value instanceof Date) return JSON.stringify(String(value))
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('base64'))
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  return `{${Object.entries(value).filter(([, inner]) => inner !== undefined).toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`
}
