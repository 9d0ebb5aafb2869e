import pc from 'picocolors'

/** Colours, or none where the reader or the place does not want them. */
export interface Style { readonly dim: Paint; readonly bold: Paint; readonly red: Paint; readonly green: Paint; readonly yellow: Paint; readonly cyan: Paint }
type Paint = (text: string) => string

export const styleOf = (colours: boolean): Style => {
  const { dim, bold, red, green, yellow, cyan } = pc.createColors(colours)
  // nothing stays nothing: a coloured nothing would be a word of its own in a line
  const of = (paint: Paint): Paint => (text) => (text === '' ? '' : paint(text))
  return { dim: of(dim), bold: of(bold), red: of(red), green: of(green), yellow: of(yellow), cyan: of(cyan) }
}
