import { type ProvisionError, ProvisionErrors } from '../core/errors.js'
import { oneLine, printable } from '../core/printable.js'
import type { Style } from './style.js'
import { placeText } from './words.js'

/** The reader's mistakes: message, place with the line and a caret, and what to do next. */
export const errorText = (error: ProvisionError | ProvisionErrors, style: Style): string =>
  (error instanceof ProvisionErrors ? error.errors : [error]).map((one) => oneError(one, style)).join('\n\n')

const oneError = ({ code, message, at, hint, output }: ProvisionError, style: Style): string => [
  `${style.red('error')}: ${oneLine(message)} ${style.dim(`[${code}]`)}`,
  ...(at === undefined ? [] : [`  ${style.dim('at')} ${placeText(at)}`]),
  ...(at?.text === undefined || at.text === '' ? [] : caret(at.text, at.line, at.column, style)),
  ...(output === undefined || output === '' ? [] : printable(output).split('\n').map((line) => `  | ${line}`)),
  ...(hint === undefined ? [] : hint.split('\n').map((line, index) => (index === 0 ? `  ${style.bold('hint')}: ${line}` : `        ${line}`))),
].join('\n')

const caret = (text: string, line: number, column: number, style: Style): string[] => {
  const gutter = String(line)
  const before = text.slice(0, column - 1).replace(/[^\t]/g, ' ')
  return [`  ${style.dim(`${gutter} |`)} ${text}`, `  ${style.dim(`${' '.repeat(gutter.length)} |`)} ${before}${style.red('^')}`]
}
