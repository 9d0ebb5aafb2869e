import { z } from 'zod'
import { ProvisionError } from '../core/errors.js'

const compiles = (source: string): boolean => {
  try {
    return new RegExp(source) instanceof RegExp
  } catch {
    return false // the only question here
  }
}

/** A regular expression of JavaScript, tried on one line. */
export const regexp = z.string().min(1).refine(compiles, 'expected a regular expression')

/** Where something new goes into a text: after the last or before the first line that matches, else at the end. */
export const positionIn = (lines: readonly string[], { after, before }: { after?: string | undefined; before?: string | undefined }, path: string): number => {
  const anchor = after ?? before
  if (anchor === undefined) return lines.length
  const at = after === undefined ? lines.findIndex((line) => new RegExp(anchor).test(line)) : lines.findLastIndex((line) => new RegExp(anchor).test(line))
  if (at < 0) throw new ProvisionError('no-such-line', `no line of ${path} matches ${anchor}`, { hint: 'mend `after` or `before`, or leave it out to append' })
  return after === undefined ? at : at + 1
}
