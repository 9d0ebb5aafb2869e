import type { Place } from '../core/errors.js'

/** One value that stands encrypted in a YAML file under the tag `!vault`, not yet opened. */
export class VaultText {
  /** `range` is the piece of the file from the tag to the end of the value, so that the value can be replaced in place. */
  constructor(readonly text: string, readonly place: Place, readonly range: readonly [from: number, to: number]) {}
}
