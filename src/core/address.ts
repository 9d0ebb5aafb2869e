import type { Place } from './errors.js'

/** What tells one step of a host from all others, but for those that it is done several times: play, place in the files, and the name with the item of its loop. */
export const addressOf = ({ play, place, step, handler }: { readonly play: string; readonly place: Place; readonly step: string; readonly handler?: unknown }): string =>
  [play, `${place.file}:${place.line}:${place.column}`, step, ...(handler === undefined ? [] : ['handler'])].join('\n')
