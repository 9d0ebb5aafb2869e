import type { FactPath } from '../core/disturbance.js'
import { sh, type Script } from '../core/shell.js'
import { answerOf } from './one-by-one.js'

/** The first line of an answer about a path: its folder with links resolved, empty when there is none. */
export const printFolder = (path: string): Script => sh`( cd -P -- ${path.slice(0, path.lastIndexOf('/')) || '/'} 2>/dev/null && pwd -P ) || echo`

/** Ends with the given status when nothing is at a path, and with 1 when the user may not know. */
export const unlessThere = (path: string, status: number): Script => sh`if [ ! -e ${path} ]; then
  d=${path}; while [ -n "$d" ] && [ ! -e "$d" ]; do d=\${d%/*}; done
  if [ -d "\${d:-/}" ] && [ ! -x "\${d:-/}" ]; then echo "\${d:-/} may not be entered" >&2; exit 1; fi
  exit ${status}
fi`

/** Where a fact rests whose answer begins with that line. */
export const restingPlace = (path: string, reply: string | undefined): FactPath => {
  const folder = reply === undefined ? '' : answerOf(reply).stdout.split('\n', 1).join()
  return { path, ...(folder === '' ? {} : { real: `${folder === '/' ? '' : folder}/${path.slice(path.lastIndexOf('/') + 1)}` }) }
}
