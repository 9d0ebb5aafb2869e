import type { Disturbance } from './change.js'

/** Where a fact rests in the file system: as asked, and with links resolved. */
export interface FactPath { readonly path: string; readonly real?: string }

/** No path that a step may name holds it, so that the form cannot be mistaken. */
const BUT = '|!'

/** A disturbance without some of what it covers: `below:/etc|!file:/etc|!below:/etc/systemd/system`, `*|!identity:self`. */
export const but = (disturbance: Disturbance, ...spared: readonly Disturbance[]): Disturbance => [disturbance, ...spared].join(BUT)

const within = (path: string, folder: string): boolean => path === folder || folder === '/' || path.startsWith(`${folder}/`)

/** The folder of a disturbance of paths, spared ones left aside. */
export const folderOf = (disturbance: Disturbance): string | undefined => (disturbance.startsWith('below:') ? disturbance.slice('below:'.length).split(BUT)[0] : undefined)

const names = (disturbance: Disturbance, key: string): boolean => disturbance === key || (disturbance.endsWith(':*') && key.startsWith(disturbance.slice(0, -1)))

/** Whether a disturbance makes the fact with this key unknown. */
export const covers = (disturbance: Disturbance, key: string, at: FactPath | undefined): boolean => {
  const [whole = '', ...spared] = disturbance.split(BUT)
  if (spared.some((one) => names(one, key))) return false
  const folders = spared.flatMap((one) => folderOf(one) ?? [])
  const places = at === undefined ? [] : [at.path, ...(at.real === undefined ? [] : [at.real])].filter((place) => !folders.some((folder) => within(place, folder)))
  if (at !== undefined && places.length === 0) return false
  const folder = folderOf(whole)
  return whole === '*' || names(whole, key) || (folder !== undefined && places.some((place) => within(place, folder)))
}
