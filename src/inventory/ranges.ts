import type { Place } from '../core/errors.js'
import { mistake } from './mistake.js'

/** More hosts than anybody runs by one line; a slip of the finger should not make a million. */
const MOST = 10_000

const range = /\[([A-Za-z0-9]*):([A-Za-z0-9]*)(?::([0-9]+))?\]/

/** Whether a name stands for several: `mi[1:3]`. */
export const isRange = (name: string): boolean => range.test(name)

/** The names that a range stands for: `mi[1:3]`, `mi[01:12]`, `db-[a:c]`, every second of `mi[1:9:2]`; several ranges in a name are combined, the last one running fastest. */
export const expandRange = (name: string, at?: Place): readonly string[] => {
  const match = range.exec(name)
  if (match === null) return [name]
  const [whole, from = '', to = '', step = '1'] = match
  const before = name.slice(0, match.index)
  const after = expandRange(name.slice(match.index + whole.length), at)
  if (Number(step) === 0) throw mistake('bad-range', `${whole} never gets on`, { at, hint: 'write a step of 1 or more, or none' })
  const names = between(from, to, whole, at).filter((_, index) => index % Number(step) === 0)
  if (names.length * after.length > MOST) throw mistake('bad-range', `${name} stands for more than ${MOST} hosts`, { at, hint: 'write a shorter range' })
  return names.flatMap((middle) => after.map((end) => `${before}${middle}${end}`))
}

const between = (from: string, to: string, whole: string, at: Place | undefined): readonly string[] => {
  if (/^\d+$/.test(from) && /^\d+$/.test(to)) {
    const padded = from.length > 1 && from.startsWith('0')
    if (padded && from.length !== to.length) throw mistake('bad-range', `the ends of ${whole} are not equally long`, { at, hint: 'write [01:12], or [1:12] for numbers without zeros' })
    return numbers(Number(from), Number(to), whole, at).map((number) => String(number).padStart(padded ? from.length : 0, '0'))
  }
  const letters = [/^[a-z]$/, /^[A-Z]$/].some((letter) => letter.test(from) && letter.test(to))
  if (!letters) throw mistake('bad-range', `${whole} is not a range`, { at, hint: 'write two numbers, [1:3] or [01:12], or two letters, [a:c]' })
  return numbers(from.charCodeAt(0), to.charCodeAt(0), whole, at).map((code) => String.fromCharCode(code))
}

const numbers = (from: number, to: number, whole: string, at: Place | undefined): readonly number[] => {
  if (from > to) throw mistake('bad-range', `${whole} runs backwards`, { at, hint: 'write the smaller end first' })
  if (to - from >= MOST) throw mistake('bad-range', `${whole} stands for more than ${MOST} hosts`, { at, hint: 'write a shorter range' })
  return Array.from({ length: to - from + 1 }, (_, step) => from + step)
}
