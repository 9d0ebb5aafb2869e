import { concat, type Text } from '../core/secret.js'
import type { Splice } from './splice.js'

/** The line ends of a text. */
export const endOf = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n')

/** The whole lines that a piece of a text stands on. */
export const lineAround = (text: string, from: number, to: number): { readonly from: number; readonly to: number } => {
  const end = text.indexOf('\n', to)
  return { from: text.lastIndexOf('\n', from - 1) + 1, to: end < 0 ? text.length : end + 1 }
}

/** A new line that begins at an offset between two lines; at the end of the text when none is given. */
export const newLine = (text: string, line: Text, at = text.length): Splice => {
  const end = endOf(text)
  return { from: at, to: at, text: concat([at === 0 || text[at - 1] === '\n' ? '' : end, line, end]) }
}
