import { Secret } from '../core/secret.js'
import { text } from './arguments.js'

/** Text that is never shown, even where it was written in the open. */
export const secret = text.transform((value) => (value instanceof Secret ? value : new Secret(value)))
