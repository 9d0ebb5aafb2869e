import pc from 'picocolors'

/** Colours, or none where the reader or the place does not want them. */
export interface Style { readonly dim: Paint; readonly bold: Paint; readonly red: Paint; readonly green: Paint; readonly yellow: Paint; readonly cyan: Paint }
type Paint = (text: string) => string

export const styleOf = (colours: boolean): Style => {
  const { dim, bold, red, green, yellow, cyan } = pc.createColors(colours)
  return { dim, bold, red, green, yellow, cyan }
}
