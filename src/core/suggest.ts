import { ansibleWords } from './ansible-words.js'

/** How many letters must be typed, left out, replaced or swapped with their neighbour to turn one word into the other. */
export const editDistance = (from: string, to: string): number => {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1]
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      current[column] = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (beforeLast[column - 2] ?? 0) + 1 : Infinity,
      )
    }
    beforeLast = last
    last = current
  }
  return last[to.length] ?? from.length
}

const folded = (word: string): string => word.toLowerCase().replaceAll('_', '-')

/** The candidate that was most likely meant by a mistyped word, if one is near enough: a third of its letters may differ, three at most. */
export const didYouMean = (word: string, candidates: Iterable<string>): string | undefined => {
  const wanted = folded(word)
  const allowed = Math.min(3, Math.max(1, Math.floor(word.length / 3)))
  let best: { readonly candidate: string; readonly distance: number; readonly alike: number } | undefined
  for (const candidate of candidates) {
    if (candidate === word || Math.abs(candidate.length - word.length) > allowed) continue
    const distance = editDistance(wanted, folded(candidate))
    // of two that are as near, the one that begins more alike: whoever types loses the end first
    const alike = sharedStart(wanted, folded(candidate))
    if (distance <= allowed && (best === undefined || distance < best.distance || (distance === best.distance && alike > best.alike))) best = { candidate, distance, alike }
  }
  return best?.candidate
}

const sharedStart = (one: string, other: string): number => {
  let at = 0
  while (at < one.length && one[at] === other[at]) at++
  return at
}

/** The hint for a mistyped word: the candidate meant, or else what there is to choose from. */
export const suggestion = (word: string, candidates: readonly string[], otherwise = 'known here'): string | undefined => {
  const ours = Object.hasOwn(ansibleWords, word) ? ansibleWords[word] : undefined
  if (ours !== undefined && candidates.includes(ours)) return `Ansible's "${word}" is "${ours}" here`
  if (word === 'restarted' || word === 'reloaded') return `make it a handler: \`${word.replace(/ed$/, '')}: { name: … }\``
  const meant = didYouMean(word, candidates)
  if (meant !== undefined) return `did you mean "${meant}"?`
  return candidates.length === 0 ? undefined : `${otherwise}: ${listed(candidates)}`
}

const SHOWN = 12
const listed = (words: readonly string[]): string =>
  words.length <= SHOWN ? words.join(', ') : `${words.slice(0, SHOWN).join(', ')} and ${words.length - SHOWN} more`
