import { reveal, Secret } from '../../core/secret.js'
import { didYouMean } from '../../core/suggest.js'
import type { Filter, Tools } from './filter.js'
import { addressFilters } from './filters/addresses.js'
import { digestFilters } from './filters/digests.js'
import { encodingFilters } from './filters/encodings.js'
import { groupFilters } from './filters/groups.js'
import { listFilters } from './filters/lists.js'
import { mapFilters } from './filters/maps.js'
import { numberFilters } from './filters/numbers.js'
import { pathFilters } from './filters/paths.js'
import { patternFilters } from './filters/patterns.js'
import { setFilters } from './filters/sets.js'
import { textFilters } from './filters/texts.js'
import { argumentsOf, byName } from './operation.js'
import { templateError } from './origin.js'
import { covered, kindOf, limited, lineByLine, uncovered } from './values.js'

/** All filters, in the order of the manual. */
export const filters: readonly Filter[] = [
  ...mapFilters, ...listFilters, ...setFilters, ...groupFilters, ...textFilters, ...patternFilters, ...pathFilters, ...numberFilters, ...encodingFilters, ...digestFilters, ...addressFilters,
]
  .toSorted((one, other) => (one.name < other.name ? -1 : 1))

const table = byName(filters)

/** The filter of a name or an alias. */
export const filterNamed = (name: string): Filter => {
  const filter = table.get(name)
  if (filter !== undefined) return filter
  const meant = didYouMean(name, table.keys())
  throw templateError('unknown-filter', `there is no filter ${name}`, {
    hint: meant === undefined ? '`provision docs filters` lists them' : `did you mean ${meant}?`,
  })
}

/** Puts a value through a filter; `undefined` in or out means that there is no value. */
export const applyFilter = (filter: Filter, input: unknown, positional: readonly unknown[], named: ReadonlyMap<string, unknown>, tools: Tools): unknown => {
  for (const value of [input, ...positional, ...named.values()]) if (value !== undefined) kindOf(value)
  if (filter.secrets === 'kept') return limited(filter.apply(input, argumentsOf(filter, positional, named), tools))
  const run = (cover: (secret: Secret) => string): { readonly value: unknown; readonly secret: boolean } => {
    const all = uncovered([input, positional, Object.fromEntries(named)], cover)
    // `uncovered` keeps the form of what it is given.
    const [plain, plainPositional, plainNamed] = all.value as [unknown, readonly unknown[], Readonly<Record<string, unknown>>]
    return { value: limited(filter.apply(plain, argumentsOf(filter, plainPositional, new Map(Object.entries(plainNamed))), tools)), secret: all.secret }
  }
  const result = run(reveal)
  if (!result.secret) return result.value
  if (filter.secrets === 'hidden' || typeof result.value !== 'string') return covered(result.value)
  return new Secret(result.value, String(run((secret) => String(lineByLine(secret))).value))
}
