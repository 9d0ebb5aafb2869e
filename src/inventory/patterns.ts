import { counted } from '../core/counted.js'
import type { Place } from '../core/errors.js'
import { suggestion } from '../core/suggest.js'
import type { Host, Inventory } from './inventory.js'
import { mistake } from './mistake.js'
import { expandRange, isRange } from './ranges.js'

/**
 * The hosts of a pattern, in the order of the inventory: hosts, groups, `all`, globs (`mi*`), ranges (`mi[1:3]`) and members of a group
 * (`nodes[0]`, `nodes[-1]`), with `,` or `:` between them;
 * `&x` keeps only what is also in x, `!x` takes x away, wherever they stand. A name that is not known is an error, an empty result is not.
 */
export const selectHosts = (inventory: Inventory, pattern: string, at?: Place): readonly Host[] => {
  const terms = termsOf(pattern).map((term) => ({ how: howOf(term), hosts: namesOf(inventory, term.replace(/^[!&]/, '').trim(), at) }))
  const plain = terms.filter(({ how }) => how === 'with')
  return inventory.hosts.filter(({ name }) =>
    (plain.length === 0 ? terms.length > 0 : plain.some(({ hosts }) => hosts.has(name)))
    && terms.every(({ how, hosts }) => (how === 'within' ? hosts.has(name) : how === 'without' ? !hosts.has(name) : true)))
}

/** The hosts of `--limit`: as `selectHosts`, but a limit that leaves nobody is an error. */
export const limitHosts = (inventory: Inventory, pattern: string): readonly Host[] => {
  const hosts = selectHosts(inventory, pattern)
  if (hosts.length === 0) throw mistake('no-hosts', `the limit "${pattern}" leaves no host`, { hint: 'see what there is with provision inventory --graph' })
  return hosts
}

const howOf = (term: string): 'with' | 'within' | 'without' => (term.startsWith('!') ? 'without' : term.startsWith('&') ? 'within' : 'with')

/** The pieces between commas and colons; the colon of a range is not one. */
const termsOf = (pattern: string): readonly string[] =>
  (pattern.match(/(?:\[[^\]]*\]|[^,:])+/g) ?? []).map((term) => term.trim()).filter((term) => term !== '')

const namesOf = (inventory: Inventory, term: string, at: Place | undefined): ReadonlySet<string> => {
  const names = inventory.hosts.map(({ name }) => name)
  if (term === 'all') return new Set(names)
  const named = (word: string): readonly string[] => inventory.groups.get(word) ?? (names.includes(word) ? [word] : unknown(inventory, word, at))
  const member = /^(.+)\[(-?\d+)\]$/.exec(term)
  if (member !== null) return memberOf(named(member[1] ?? ''), Number(member[2]), term, at)
  if (isRange(term)) return new Set(expandRange(term, at).flatMap(named))
  if (!term.includes('*') && !term.includes('?')) return new Set(named(term))
  const glob = globOf(term)
  const found = [...names.filter((name) => glob.test(name)), ...[...inventory.groups].flatMap(([group, hosts]) => (glob.test(group) ? hosts : []))]
  return new Set(found.length === 0 ? unknown(inventory, term, at) : found)
}

const memberOf = (hosts: readonly string[], index: number, term: string, at: Place | undefined): ReadonlySet<string> => {
  const host = hosts.at(index)
  if (host === undefined) throw mistake('unknown-host', `${term} is beyond the ${counted(hosts.length, 'host')} of the group`, { at, hint: 'the first is [0], the last [-1]' })
  return new Set([host])
}

const globOf = (term: string): RegExp => new RegExp(`^${term.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`)

const unknown = (inventory: Inventory, word: string, at: Place | undefined): never => {
  const known = ['all', ...inventory.groups.keys(), ...inventory.hosts.map(({ name }) => name)]
  throw mistake('unknown-host', `no host or group of ${inventory.file} is "${word}"`, { at, hint: suggestion(word, known, 'known here') })
}
