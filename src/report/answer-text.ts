import { counted } from '../core/counted.js'
import type { Failure } from '../core/errors.js'
import { oneLine, printable } from '../core/printable.js'
import { Secret } from '../core/secret.js'
import type { Style } from './style.js'
import { failureText } from './words.js'

/** So many lines of a text are shown. */
const LINES = 20

/** A fact and what a host answers to it, for people: a map one line a key. */
export const answerText = (key: string, answer: { readonly known: unknown } | { readonly failure: Failure }, style: Style): readonly string[] => {
  const title = `  ${style.cyan(oneLine(key))}`
  if ('failure' in answer) return [title, ...failureText(answer.failure, style, '    ')]
  const { known } = answer
  if (!isMap(known)) return [`${title}  ${valueText(known)}`]
  const width = Math.max(...Object.keys(known).map((name) => name.length))
  return [title, ...Object.entries(known).flatMap(([name, value]) => {
    const [first = '', ...more] = linesOf(value)
    return [`    ${style.dim(name.padEnd(width))}  ${first}`, ...more.map((line) => `    ${' '.repeat(width)}  ${line}`)]
  })]
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Secret)

const linesOf = (value: unknown): readonly string[] => {
  if (typeof value !== 'string' || !value.trimEnd().includes('\n')) return [valueText(value)]
  const lines = value.trimEnd().split('\n')
  return [...printable(lines.slice(0, LINES).join('\n'), LINES).split('\n'), ...(lines.length > LINES ? [`… ${counted(lines.length - LINES, 'more line')} (--json has all)`] : [])]
}

const valueText = (value: unknown): string => {
  if (value instanceof Secret) return '••••••••'
  if (typeof value === 'string') return oneLine(value.trimEnd())
  if (value === null) return 'none'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? oneLine(value.join(', ')) : oneLine(JSON.stringify(value) ?? '')
}
