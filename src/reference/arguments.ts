import { z } from 'zod'

/** One argument as a schema describes it; `server.port` is a key of a map, `ports[]` an item of a list, `headers.NAME` any key. */
export interface Argument {
  readonly name: string
  readonly type: string
  readonly required: boolean
  /** As YAML writes it. */
  readonly default?: string
  readonly description: string
}

type JsonSchema = z.core.JSONSchema.JSONSchema

/** Every argument that a schema accepts, nested ones below the one that holds them; nothing is told of what lies below `shallow` keys. */
export const argumentsOf = (schema: z.ZodType, shallow: readonly string[] = []): readonly Argument[] =>
  below(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), '', shallow)

const below = (schema: JsonSchema, prefix: string, shallow: readonly string[]): readonly Argument[] => {
  const variants = variantsOf(schema)
  const objects = variants.filter(isMapping)
  const rows = objects.flatMap((object) => Object.entries(object.properties ?? {}).flatMap(([key, value]) => {
    const inner = asSchema(value)
    const name = `${prefix}${key}`
    const row: Argument = {
      name,
      type: typeOf(inner),
      // what only some forms of a map have is not needed in the others
      required: objects.every((other) => other.required?.includes(key) === true),
      ...(inner.default === undefined ? {} : { default: asYaml(inner.default) }),
      description: inner.description ?? variantsOf(inner).find(({ description }) => description !== undefined)?.description ?? '',
    }
    return shallow.includes(key) ? [row] : [row, ...below(inner, `${name}.`, shallow)]
  }))
  const open = objects.flatMap((object) => (isSchema(object.additionalProperties) ? below(object.additionalProperties, `${prefix}NAME.`, shallow) : []))
  const items = variants.flatMap((variant) => (variant.type === 'array' ? below(itemOf(variant), `${prefix.replace(/\.$/, '')}[].`, shallow) : []))
  // one thing or a list of them: told once
  const listed = rows.length > 0 ? items.filter(({ name }) => !rows.some((row) => row.name === name.replace('[]', ''))) : items
  return unique([...rows, ...open, ...listed])
}

const unique = (rows: readonly Argument[]): readonly Argument[] => rows.filter(({ name }, index) => rows.findIndex((other) => other.name === name) === index)

const isSchema = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null
const asSchema = (value: JsonSchema | boolean): JsonSchema => (typeof value === 'boolean' ? {} : value)
const isMapping = (schema: JsonSchema): boolean => schema.type === 'object'
const itemOf = ({ items }: JsonSchema): JsonSchema => (isSchema(items) && !Array.isArray(items) ? items : {})

/** The forms that a value may have: a union has several. */
const variantsOf = (schema: JsonSchema): readonly JsonSchema[] => {
  const several = schema.anyOf ?? schema.oneOf
  if (several !== undefined) return several.flatMap((inner) => variantsOf(asSchema(inner)))
  return [schema]
}

const asYaml = (value: unknown): string => (typeof value === 'string' && value !== '' ? value : JSON.stringify(value))

const names: Readonly<Record<string, string>> = { string: 'text', integer: 'whole number', number: 'number', boolean: 'boolean', null: 'null', object: 'map', array: 'list' }
const formats: Readonly<Record<string, string>> = { uri: 'URL', ipv4: 'IPv4 address', ipv6: 'IPv6 address', secret: 'secret' }

/** What a value must be, in words. */
const typeOf = (schema: JsonSchema): string => {
  const variants = variantsOf(schema)
  const objects = variants.filter(isMapping)
  const words = variants.flatMap((variant) => (objects.length > 1 && isMapping(variant) ? [formOf(variant)] : typesOf(variant)))
  return [...new Set(words)].join(' or ') || 'anything'
}

const typesOf = (schema: JsonSchema): readonly string[] => {
  if (schema.const !== undefined) return [asYaml(schema.const)]
  if (schema.enum !== undefined) return schema.enum.map(asYaml)
  if (Array.isArray(schema.type)) return (schema.type as readonly string[]).map((type) => names[type] ?? type)
  if (schema.type === 'array') return [`list of ${typeOf(itemOf(schema)).replaceAll(' or ', '/')}`]
  if (schema.type === 'object' && schema.properties === undefined && isSchema(schema.additionalProperties)) return [`map of ${typeOf(schema.additionalProperties)}`]
  if (schema.type === 'integer' || schema.type === 'number') return [`${names[schema.type]}${rangeOf(schema)}`]
  return schema.type === undefined ? ['anything'] : [formats[schema.format ?? ''] ?? names[schema.type] ?? schema.type]
}

const formOf = ({ properties = {}, required = [] }: JsonSchema): string =>
  `map with ${Object.keys(properties).map((key) => (required.includes(key) ? key : `${key}?`)).join(', ')}`

const rangeOf = ({ minimum, maximum, exclusiveMinimum }: JsonSchema): string => {
  if (exclusiveMinimum !== undefined) return ` above ${exclusiveMinimum}`
  const low = minimum === undefined || minimum === Number.MIN_SAFE_INTEGER ? undefined : minimum
  const high = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum
  if (low === undefined) return high === undefined ? '' : ` up to ${high}`
  return high === undefined ? ` from ${low}` : ` ${low}–${high}`
}
