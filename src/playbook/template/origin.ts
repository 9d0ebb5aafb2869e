import { exitCode, type Place, ProvisionError } from '../../core/errors.js'
import type { Position } from './tree.js'

/** Where the text of a template comes from: tells the place in the reader's file of a position in the text. */
export type Origin = (position: Position) => Place

/** A template that is a whole file. */
export const inFile = (file: string, text: string): Origin => {
  const lines = text.split('\n')
  return ({ line, column }) => ({ file, line, column, text: (lines[line - 1] ?? '').replace(/\r$/, '') })
}

/** A template that is a value of a YAML file and starts there: exact on its first line, as near as can be told on others. */
export const inValue = (start: Place): Origin => ({ line, column }) => {
  const written = start.text?.[start.column - 1]
  const block = written === '|' || written === '>'
  if (line === 1 && !block) return { ...start, column: start.column + column - 1 + (written === '"' || written === "'" ? 1 : 0) }
  return { file: start.file, line: start.line + line - (block ? 0 : 1), column }
}

/** A mistake that the reader made in an expression or a template. */
export const templateError = (code: string, message: string, details: { readonly hint?: string | undefined; readonly at?: Place; readonly cause?: unknown } = {}): ProvisionError => {
  const { hint, ...rest } = details
  return new ProvisionError(code, message, { exit: exitCode.input, ...rest, ...(hint === undefined ? {} : { hint }) })
}

/** The same error; a mistake that has no place yet gets this one. */
export const withPlace = (error: unknown, origin: Origin, position: Position): unknown => {
  if (!(error instanceof ProvisionError) || error.at !== undefined) return error
  const { code, message, hint, exit, output } = error
  return new ProvisionError(code, message, { exit, at: origin(position), cause: error, ...(hint === undefined ? {} : { hint }), ...(output === undefined ? {} : { output }) })
}

/** Runs a part of an evaluation; a mistake in it that has no place yet gets this one. */
export const placed = <T>(origin: Origin, position: Position, part: () => T): T => {
  try {
    return part()
  } catch (error) {
    throw withPlace(error, origin, position)
  }
}
