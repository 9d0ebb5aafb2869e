import { isDeepStrictEqual } from 'node:util'
import { ProvisionError } from '../core/errors.js'
import { reveal, Secret, type Text } from '../core/secret.js'
import { wentWrong } from './malformed.js'
import { spliced, type Splice } from './splice.js'

/** One step into data: a key, a position in a list counted from 0 or back from -1, or the item of a list whose fields have these values. */
export type DataStep = string | number | Readonly<Record<string, unknown>>

/** What shall be so at a path: a value, whose texts may be secret, or that nothing is there. */
export type DataEdit = { readonly path: readonly DataStep[]; readonly value: unknown } | { readonly path: readonly DataStep[]; readonly absent: true }

/** A path of keys and positions alone. */
export type DataPath = readonly (string | number)[]

/** How a kind of file holds data. Changes are given as pieces of the text. */
export interface DataFormat {
  readonly parse: (text: string, file: string) => unknown
  readonly set: (text: string, path: DataPath, value: unknown) => readonly Splice[]
  readonly remove: (text: string, path: DataPath) => readonly Splice[]
  /** A change that is made as several smaller ones, one after the other; undefined when it is made at once. */
  readonly parts?: (text: string, data: unknown, path: DataPath, value: unknown) => readonly DataEdit[] | undefined
}

/** A text with values set or removed, each proved by parsing the outcome again; the same text when all is as it shall be. */
export const editData = (format: DataFormat, before: Text, edits: readonly DataEdit[], file: string): Text => {
  let text = before
  let data = format.parse(reveal(text), file)
  const apply = (edit: DataEdit): void => {
    const { path, fields } = resolved(data, edit.path)
    if ('absent' in edit) {
      if (fields === undefined && found(data, path) !== undefined) change(path, format.remove(reveal(text), path), withoutAny(data, path))
      return
    }
    if (fields !== undefined) {
      apply({ path, value: fields })
      apply({ path: [...path, ...edit.path.slice(path.length)], value: edit.value })
      return
    }
    const value = plain(edit.value, reveal)
    if (isDeepStrictEqual(found(data, path)?.value, value) && found(data, path) !== undefined) return
    passable(data, path, file)
    const parts = format.parts?.(reveal(text), data, path, edit.value)
    if (parts !== undefined) {
      for (const part of parts) apply(part)
      return
    }
    const splices = format.set(reveal(text), path, value)
    change(path, isSecret(edit.value) ? hidden(splices, format.set(reveal(text), path, plain(edit.value, String))) : splices, [withValue(data, path, value)])
  }
  const change = (path: DataPath, splices: readonly Splice[], wanted: readonly unknown[]): void => {
    text = spliced(text, splices)
    data = reread(format, reveal(text), file, path)
    if (!wanted.some((one) => isDeepStrictEqual(data, one))) throw wentWrong(file, `the edit of ${path.join('.')}`)
  }
  for (const edit of edits) apply(edit)
  return text
}

const reread = (format: DataFormat, text: string, file: string, path: DataPath): unknown => {
  try {
    return format.parse(text, file)
  } catch {
    throw wentWrong(file, `the edit of ${path.join('.')}`)
  }
}

/** The same change twice, once with dots for what is secret. */
const hidden = (splices: readonly Splice[], visible: readonly Splice[]): readonly Splice[] => splices.map(({ from, to, text }, index) => {
  const same = visible[index]
  return { from, to, text: same?.from === from && same.to === to ? new Secret(reveal(text), reveal(same.text)) : new Secret(reveal(text)) }
})

export type Map = Readonly<Record<string, unknown>>
export const isMap = (value: unknown): value is Map =>
  typeof value === 'object' && value !== null && !(value instanceof Secret) && [Object.prototype, null].includes(Object.getPrototypeOf(value) as null) // a prototype is an object or null

const isSecret = (value: unknown): boolean => value instanceof Secret || (Array.isArray(value) ? value.some(isSecret) : isMap(value) && Object.values(value).some(isSecret))

const plain = (value: unknown, read: (text: Text) => string): unknown => {
  if (value instanceof Secret) return read(value)
  if (Array.isArray(value)) return value.map((item) => plain(item, read))
  return isMap(value) ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner, read)])) : value
}

/** What stands at a path; undefined when nothing does. */
export const found = (data: unknown, path: DataPath): { readonly value: unknown } | undefined => {
  const [step, ...rest] = path
  if (step === undefined) return { value: data }
  if (typeof step === 'number') return Array.isArray(data) && step in data ? found(data[step], rest) : undefined
  return isMap(data) && Object.hasOwn(data, step) ? found(data[step], rest) : undefined
}

/** Only what is there or empty can be gone through: a list is not made a map, nor a text a list. */
const passable = (data: unknown, path: DataPath, file: string): void => {
  for (const [depth, step] of path.entries()) {
    const here = found(data, path.slice(0, depth))?.value ?? undefined
    const name = depth === 0 ? file : `${path.slice(0, depth).join('.')} in ${file}`
    if (typeof step === 'number' && step > (Array.isArray(here) ? here.length : 0)) throw new ProvisionError('no-such-item', `${name} has no item ${step}`, { hint: 'the next free position is the length of the list' })
    if (here !== undefined && (typeof step === 'number' ? !Array.isArray(here) : !isMap(here))) {
      throw new ProvisionError('not-a-container', `${name} is not a ${typeof step === 'number' ? 'list' : 'map'}`, { hint: 'mend the key, or give the value of the key above as a whole' })
    }
  }
}

/** A path with positions for what it says of items; `fields` are those of an item that is not there yet, where the path then ends. */
const resolved = (data: unknown, steps: readonly DataStep[]): { readonly path: DataPath; readonly fields?: Map } => {
  const path: (string | number)[] = []
  for (const step of steps) {
    const here = found(data, path)?.value
    const items: readonly unknown[] = Array.isArray(here) ? here : []
    if (typeof step === 'string') path.push(step)
    else if (typeof step === 'number') path.push(step < 0 ? Math.max(0, items.length + step) : step)
    else {
      const index = items.findIndex((item) => isMap(item) && Object.entries(step).every(([key, value]) => Object.hasOwn(item, key) && item[key] === value))
      path.push(index < 0 ? items.length : index)
      if (index < 0) return { path, fields: step }
    }
  }
  return { path }
}

/** The data with a value at a path; maps and lists on the way are made. */
const withValue = (data: unknown, path: DataPath, value: unknown): unknown => {
  const [step, ...rest] = path
  if (step === undefined) return value
  if (typeof step === 'number') {
    const items: readonly unknown[] = Array.isArray(data) ? data : []
    return [...items.slice(0, step), withValue(items[step], rest, value), ...items.slice(step + 1)]
  }
  const map = isMap(data) ? data : {}
  return { ...map, [step]: withValue(Object.hasOwn(map, step) ? map[step] : undefined, rest, value) }
}

/** Without what stands at a path; a map that this leaves empty may be gone too, where the format has no words for it. */
const withoutAny = (data: unknown, path: DataPath): readonly unknown[] => {
  const left = without(data, path)
  const above = path.slice(0, -1)
  const parent = found(left, above)?.value
  return [left, ...(above.length > 0 && isMap(parent) && Object.keys(parent).length === 0 ? withoutAny(left, above) : [])]
}

const without = (data: unknown, path: DataPath): unknown => {
  const [step, ...rest] = path
  if (Array.isArray(data)) return rest.length === 0 ? data.filter((_, index) => index !== step) : data.map((item, index) => (index === step ? without(item, rest) : item as unknown))
  if (!isMap(data) || step === undefined) return data
  return Object.fromEntries(Object.entries(data).flatMap(([key, value]) => (key !== step ? [[key, value]] : rest.length === 0 ? [] : [[key, without(value, rest)]])))
}
