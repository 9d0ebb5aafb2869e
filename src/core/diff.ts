import { diffLines } from 'diff/lib/diff/line.js'
import { reveal, Secret, type Text } from './secret.js'

/** One line of a diff: kept, added or removed; `~` stands for lines left out. */
export interface DiffLine { readonly sign: ' ' | '+' | '-' | '~'; readonly text: string }
/** Before and after of a change, as lines that are safe to print. */
export interface Diff { readonly title?: string; readonly lines: readonly DiffLine[] }

const HIDDEN = '•••••••• (hidden: the new content holds a secret)'
const CONTEXT = 2
/** Texts that differ in more lines are shown one after the other: to match them takes time by the square. */
const MOST_EDITS = 1_000

const split = (text: string): string[] => {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** Plan, run and every host ask for the same diffs: the latest are kept, as long as they are short. */
const latest = new Map<string, Diff>()
const MOST_KEPT = 256
const LONGEST_KEPT = 8_192

/** Lines of both texts; where the new content holds a secret, old lines that do not match stay hidden. */
export const textDiff = (before: Text, after: Text): Diff => {
  if (before instanceof Secret || after instanceof Secret || before.length + after.length > LONGEST_KEPT) return diffOf(before, after)
  const id = `${before.length} ${before}${after}`
  const diff = latest.get(id) ?? diffOf(before, after)
  latest.delete(id)
  latest.set(id, diff)
  for (const oldest of latest.size > MOST_KEPT ? latest.keys() : []) {
    latest.delete(oldest)
    break
  }
  return diff
}

const diffOf = (before: Text, after: Text): Diff => {
  const secret = after instanceof Secret || before instanceof Secret
  const visible = after instanceof Secret ? split(after.shown) : split(after)
  let position = 0
  const lines: DiffLine[] = []
  for (const part of partsOf(reveal(before), reveal(after))) {
    for (const text of split(part.value)) {
      if (part.removed) lines.push({ sign: '-', text: secret ? HIDDEN : text })
      else lines.push({ sign: part.added ? '+' : ' ', text: visible[position++] ?? (secret ? HIDDEN : text) })
    }
  }
  return { lines: fold(lines) }
}

const partsOf = (before: string, after: string): readonly Part[] => diffLines(before, after, { maxEditLength: MOST_EDITS }) ?? [{ value: before, removed: true, added: false }, { value: after, removed: false, added: true }]
interface Part { readonly value: string; readonly removed: boolean; readonly added: boolean }

/** One named value before and after: `mode 0644 → 0600`. */
export const valueDiff = (values: readonly (readonly [name: string, before: string, after: string])[]): Diff =>
  ({ lines: values.flatMap(([name, before, after]): DiffLine[] => (before === after ? [] : [{ sign: '-', text: `${name}: ${before}` }, { sign: '+', text: `${name}: ${after}` }])) })

const fold = (lines: readonly DiffLine[]): DiffLine[] => {
  const near = (index: number): boolean => lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ sign }) => sign !== ' ')
  const folded: DiffLine[] = []
  lines.forEach((line, index) => {
    if (near(index)) folded.push(line)
    else if (folded.at(-1)?.sign !== '~') folded.push({ sign: '~', text: '…' })
  })
  return folded
}
