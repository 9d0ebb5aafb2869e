import { endOf, lineAround } from './line-place.js'
import type { Splice } from './splice.js'

/** An item of a list with commas taken out together with its comma, and with its line when it stands there alone. */
export const withoutItem = (text: string, items: readonly (readonly [from: number, to: number])[], index: number): readonly Splice[] => {
  const [from, to] = items[index] ?? [0, 0]
  const comma = /^\s*,/.exec(text.slice(to))
  if (comma !== null) {
    const end = to + comma[0].length
    const line = lineAround(text, from, end)
    if (text.slice(line.from, from).trim() === '' && /^[ \t]*((?:#|\/\/).*)?\r?\n$/.test(text.slice(end, line.to))) return [{ ...line, text: '' }]
    return [{ from, to: end + (/^[ \t]*/.exec(text.slice(end))?.[0].length ?? 0), text: '' }]
  }
  const before = items[index - 1]?.[1]
  const commaBefore = before === undefined ? null : /^\s*,[ \t]*/.exec(text.slice(before))
  const line = lineAround(text, from, to)
  const alone = text.slice(line.from, from).trim() === '' && /^[ \t]*((?:#|\/\/).*)?\r?\n$/.test(text.slice(to, line.to))
  return [
    ...(before === undefined || commaBefore === null ? [] : [{ from: before + commaBefore[0].indexOf(','), to: alone ? before + commaBefore[0].indexOf(',') + 1 : before + commaBefore[0].length, text: '' }]),
    alone ? { ...line, text: '' } : { from, to, text: '' },
  ]
}

/** A new item behind the last one of a list with commas; on a line of its own when that one begins a line. */
export const withItem = (text: string, [from, to]: readonly [from: number, to: number], item: string): readonly Splice[] => {
  const line = lineAround(text, from, to)
  const indent = text.slice(line.from, from)
  if (indent.trim() !== '') return [{ from: to, to, text: `, ${item}` }]
  const comma = /^\s*,/.exec(text.slice(to))?.[0].length
  const said = to + (comma ?? 0) + (/^[ \t]*(?:#|\/\/)[^\r\n]*/.exec(text.slice(to + (comma ?? 0)))?.[0].length ?? 0)
  const next = { from: said, to: said, text: `${endOf(text)}${indent}${item}${comma === undefined ? '' : ','}` }
  return comma === undefined ? [{ from: to, to, text: ',' }, next] : [next]
}
