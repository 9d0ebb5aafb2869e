import { ProvisionError } from '../core/errors.js'

/** A place in a text, counted from 1. */
export interface TextPlace { readonly line: number; readonly column: number }

/** Line and column of an offset. */
export const placeIn = (text: string, offset: number): TextPlace => {
  const before = text.slice(0, offset)
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') }
}

/** A file whose text its format does not allow. What the parser says of it is told without what stands there: it may be secret. */
export const malformed = (file: string, format: string, { line, column }: TextPlace, why: string): ProvisionError =>
  new ProvisionError('malformed', `${file} is not well-formed ${format}: line ${line}, column ${column}: ${why}`, { hint: 'mend the file by hand, or give it whole by `copy` or `template`' })

/** An edited text that does not say what the edit means: nothing is written. */
export const wentWrong = (file: string, what: string): ProvisionError =>
  new ProvisionError('edit-went-wrong', `${file} would not say afterwards what ${what} means`, { hint: 'nothing was written: write this part of the file in a plainer form, or give it whole by `template`' })
