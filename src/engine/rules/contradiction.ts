import { isDeepStrictEqual } from 'node:util'
import type { Claim } from '../../core/claim.js'
import { claimsOf, machines, placeWord, type Rule, type Said } from './rule.js'

type Wanted = Said<Extract<Claim, { readonly claims: 'object' }>>

/** Two steps want one object of a host to be different: each run, the second undoes the first. */
export const contradiction: Rule = (hosts) => machines(hosts).flatMap((host) => {
  return [...grouped(claimsOf(host, 'object'))].flatMap(([key, all]) => all.flatMap((later, index) => {
    const found = all.slice(0, index).flatMap((earlier) => {
      const what = differing(earlier, later)
      return what === undefined ? [] : [{ earlier, what }]
    })[0]
    return found === undefined ? [] : [{
      host: host.name, code: 'contradicting-steps', at: later.place,
      message: `"${found.earlier.step}" and "${later.step}" contradict each other about ${key}: ${found.what}`,
      hint: `the first stands at ${placeWord(found.earlier.place)}; every run would change it there and back: keep one of them`,
    }]
  }))
})

const grouped = (all: readonly Wanted[]): Map<string, Wanted[]> => {
  const groups = new Map<string, Wanted[]>()
  for (const one of all) groups.set(one.claim.key, [...groups.get(one.claim.key) ?? [], one])
  return groups
}

/** The first thing that both say and say differently; digests say nothing to people. */
const differing = ({ claim: { is: one } }: Wanted, { claim: { is: other } }: Wanted): string | undefined => {
  const name = Object.keys(other).find((key) => Object.hasOwn(one, key) && !isDeepStrictEqual(one[key], other[key]))
  return name === undefined ? undefined : name === 'content' ? 'different content' : `${name} ${String(one[name])}, then ${String(other[name])}`
}
