import { visible } from '../core/printable.js'

/** As many backticks as the longest run of them in a text, and one more: nothing in it ends what begins with so many. */
const beyond = (text: string, least: number): string => '`'.repeat(Math.max(least, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)))

/** Foreign text as code within a line: it is neither markup nor HTML there, and mentions nobody. In no cell of a table, where a pipe would end it. */
export const code = (text: string): string => {
  const line = visible(text).replace(/[\n\t]/g, ' ')
  if (line.trim() === '') return '` `'
  const ticks = beyond(line, 1)
  const room = /^[` ]|[` ]$/.test(line) ? ' ' : ''
  return `${ticks}${room}${line}${room}${ticks}`
}

/** Foreign lines as a block of code, which ends where we end it, whatever they hold. */
export const fenced = (lines: readonly string[], language = ''): string => {
  const text = lines.map((line) => visible(line).replaceAll('\n', ' ')).join('\n')
  const ticks = beyond(text, 3)
  return `${ticks}${language}\n${text}\n${ticks}`
}
