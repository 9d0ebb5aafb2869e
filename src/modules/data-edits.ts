import { z } from 'zod'
import type { DataEdit } from '../formats/data-edit.js'

const step = z.union([z.string(), z.int(), z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).meta({ description: 'the item whose fields have these values' })])

/** Edits of files that hold maps and lists: a key and its value each. `keysOf` reads a key that is written as one text. */
export const dataEdits = (keysOf: (text: string) => readonly string[] | undefined): z.ZodType<readonly DataEdit[]> => z.array(z.strictObject({
  key: z.union([z.string().min(1), z.array(step).min(1)])
    .describe('The key from the outside in: `server.port`, or a list, where a number is a position in a list (-1 the last one) and a map such as `{ id: main }` the item with these fields, which is made if it is missing.'),
  value: z.unknown().optional().describe('Its value: a text, number, truth value, list or map, put in place of the old one; maps on the way to it are made. Left out with `absent`.'),
  state: z.enum(['present', 'absent']).default('present').describe('Whether the key is there.'),
}).refine(({ value, state }) => (value === undefined) === (state === 'absent'), { message: 'give `value`, or `state: absent`', path: ['value'] })
  .transform(({ key, value }, context): DataEdit => {
    const path = typeof key === 'string' ? keysOf(key) : key
    if (value === undefined && typeof path?.at(-1) === 'number') context.addIssue({ code: 'custom', path: ['key'], message: 'a position cannot be absent, since the next item takes it; name the item by its fields, or give the whole list' })
    if (path === undefined) context.addIssue({ code: 'custom', path: ['key'], message: 'expected keys with dots between them; give a list for others' })
    return value === undefined ? { path: path ?? [], absent: true } : { path: path ?? [], value }
  })).min(1)

/** Keys with dots between them. */
export const dotted = (text: string): readonly string[] => text.split('.')
