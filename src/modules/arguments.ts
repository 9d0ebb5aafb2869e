import { z } from 'zod'
import { Secret, type Text } from '../core/secret.js'

/** An absolute path without line ends, dots as parts, or a slash at its end. */
export const absolutePath = z.string()
  .regex(/^\/(?!.*\/\/)(?!.*\/$)[^\0\n\r\t|]*$|^\/$/, 'expected an absolute path without a slash at its end')
  .refine((path) => !path.split('/').some((part) => part === '.' || part === '..'), 'expected a path without . and ..')

/** An octal file mode of four digits. */
export const mode = z.string().regex(/^[0-7]{4}$/, "expected four octal digits in quotes, such as '0644'")

/** A user's or group's name. */
export const accountName = z.string().regex(/^[a-z_][a-z0-9_.-]{0,31}\$?$/, 'expected the name of a user or group')

/** Text that may be secret. */
export const text = z.custom<Text>((value) => typeof value === 'string' || value instanceof Secret, 'expected text').meta({ type: 'string' })

/** Text that may be secret; numbers and truth values are taken as YAML writes them. */
export const writtenText = z.union([text, z.number(), z.boolean()]).transform((value): Text => (typeof value === 'number' || typeof value === 'boolean' ? String(value) : value))

/** Owner, group and mode, each left alone when unset; something new belongs to the acting user. */
export const access = {
  mode: mode.optional().describe('Octal mode, in quotes. Left alone when unset.'),
  owner: accountName.optional().describe('Owner. Left alone when unset; something new belongs to the acting user.'),
  group: accountName.optional().describe("Group. Left alone when unset; something new belongs to the acting user's group."),
}
