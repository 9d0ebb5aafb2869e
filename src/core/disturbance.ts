import type { Disturbance } from './change.js'

/** Where a fact rests in the file system: as asked, with links resolved, and on a second file that it takes to read the first; on everything below, where it tells of a whole tree. */
export interface FactPath { readonly path: string; readonly real?: string; readonly also?: string; readonly isTree?: boolean }

/** No path that a step may name holds it, so that the form cannot be mistaken. */
const BUT = '|!'

/** A disturbance without some of what it covers: `below:/etc|!file:/etc|!below:/etc/systemd/system`, `*|!identity:self`. */
export const but = (disturbance: Disturbance, ...spared: readonly Disturbance[]): Disturbance => [disturbance, ...spared].join(BUT)

const within = (path: string, folder: string): boolean => folder === '/' || (path.startsWith(folder) && (path.length === folder.length || path[folder.length] === '/'))

interface Taken { readonly whole: string; readonly spared: readonly string[]; /** Of what is disturbed, where that is paths. */ readonly folder: string | undefined; readonly folders: readonly string[] }
/** Disturbances are as few as a playbook has steps, and are held against thousands of facts: each is taken apart once. */
const taken = new Map<Disturbance, Taken>()

const takenApart = (disturbance: Disturbance): Taken => {
  const known = taken.get(disturbance)
  if (known !== undefined) return known
  const [whole = '', ...spared] = disturbance.split(BUT)
  const pathOf = (one: string): string | undefined => (one.startsWith('below:') ? one.slice('below:'.length) : undefined)
  const fresh = { whole, spared, folder: pathOf(whole), folders: spared.flatMap((one) => pathOf(one) ?? []) }
  taken.set(disturbance, fresh)
  return fresh
}

/** The folder of a disturbance of paths, spared ones left aside. */
export const folderOf = (disturbance: Disturbance): string | undefined => takenApart(disturbance).folder

const names = (disturbance: Disturbance, key: string): boolean => disturbance === key || (disturbance.endsWith(':*') && key.startsWith(disturbance.slice(0, -1)))

/** Whether a disturbance makes the fact with this key unknown. */
export const covers = (disturbance: Disturbance, key: string, at: FactPath | undefined): boolean => isCovered(takenApart(disturbance), key, at)

/** The same for several disturbances and many facts. */
export const coverage = (disturbances: readonly Disturbance[]): ((key: string, at: FactPath | undefined) => boolean) => {
  const all = disturbances.map(takenApart)
  return (key, at) => all.some((one) => isCovered(one, key, at))
}

const isCovered = ({ whole, spared, folder, folders }: Taken, key: string, at: FactPath | undefined): boolean => {
  if (spared.length === 0 && at?.isTree !== true) return whole === '*' || names(whole, key) || (folder !== undefined && at !== undefined && (within(at.path, folder) || (at.real !== undefined && within(at.real, folder)) || (at.also !== undefined && within(at.also, folder))))
  if (spared.some((one) => names(one, key))) return false
  const places = at === undefined ? [] : [at.path, ...(at.real === undefined ? [] : [at.real]), ...(at.also === undefined ? [] : [at.also])].filter((place) => !folders.some((one) => within(place, one)))
  if (at !== undefined && places.length === 0) return false
  if (whole === '*' || names(whole, key) || (folder !== undefined && places.some((place) => within(place, folder)))) return true
  const inside = folder ?? (whole.startsWith('file:') ? whole.slice('file:'.length) : undefined)
  return at?.isTree === true && inside !== undefined && places.some((place) => within(inside, place))
}
