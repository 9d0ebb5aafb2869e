import type { Position } from './tree.js'

/** A mistake in the syntax of a template, by its position in the template's text: the text is parsed once, whatever file it stands in. */
export class SyntaxMistake extends Error {
  override readonly name = 'SyntaxMistake'
  constructor(message: string, readonly position: Position, readonly hint?: string) { super(message) }
}
