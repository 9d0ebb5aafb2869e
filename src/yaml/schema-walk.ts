import type { z } from 'zod'

type Schema = z.core.$ZodType

/** Every schema that a value at this path may be held to: a union offers several. */
export const schemaAt = (schema: Schema | undefined, path: readonly (string | number)[]): readonly Schema[] =>
  path.reduce<readonly Schema[]>((schemas, step) => schemas.flatMap((inner) => unwrap(inner).flatMap((plain) => child(plain, step))), schema === undefined ? [] : [schema])

/** The keys that any of these schemas knows, in their order. */
export const keysOf = (schemas: readonly Schema[]): readonly string[] =>
  [...new Set(schemas.flatMap(unwrap).flatMap((schema) => {
    const { def } = known(schema)
    return def.type === 'object' ? Object.keys(def.shape) : []
  }))]

// zod's types keep `def` open for other makers of schemas; every schema here is one of its own.
const known = (schema: Schema): z.core.$ZodTypes['_zod'] => (schema as z.core.$ZodTypes)._zod

/** The schemas inside of wrappers, unions and intersections. */
const unwrap = (schema: Schema): readonly Schema[] => {
  const { def } = known(schema)
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch': return unwrap(def.innerType)
    case 'lazy': return unwrap(def.getter())
    case 'pipe': return [...unwrap(def.in), ...unwrap(def.out)]
    case 'union': return def.options.flatMap(unwrap)
    case 'intersection': return [...unwrap(def.left), ...unwrap(def.right)]
    default: return [schema]
  }
}

const child = (schema: Schema, step: string | number): readonly Schema[] => {
  const { def } = known(schema)
  switch (def.type) {
    case 'object': return [def.shape[step] ?? def.catchall].filter((inner) => inner !== undefined)
    case 'record': return [def.valueType]
    case 'array': return [def.element]
    case 'tuple': return [def.items[Number(step)] ?? def.rest].filter((inner) => inner !== undefined && inner !== null)
    default: return []
  }
}
