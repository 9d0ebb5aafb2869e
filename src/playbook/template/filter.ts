import type { Arguments, Operation } from './operation.js'

/** What filters may ask of the evaluation that they are part of. */
export interface Tools {
  /** The host that is evaluated for. */
  readonly host: string
  filter(name: string, input: unknown, positional: readonly unknown[], named: ReadonlyMap<string, unknown>): unknown
  check(name: string, input: unknown, positional: readonly unknown[]): boolean
}

/** A filter: what stands behind `|`. */
export interface Filter extends Operation {
  /**
   * How it deals with secrets. `kept`: it moves values about and secrets stay what they are. `hidden`: it works on the revealed text and all of its result is
   * secret. `shaped`: the same, and what is shown is made in the same way of what is shown of the secret, so that the lines of a diff keep their form.
   */
  readonly secrets: 'kept' | 'hidden' | 'shaped'
  /** Is also given what is undefined. */
  readonly tolerant?: boolean
  /** `undefined` means that there is no such value, such as the first of an empty list. */
  apply(input: unknown, given: Arguments, tools: Tools): unknown
}
