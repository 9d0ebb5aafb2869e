import { sh, type Script } from '../core/shell.js'

/** Sets `$d`: the folder of the host's lock. */
export const lockFolder = (keep: string | undefined): Script => (keep === undefined ? sh`d=/run/provision; ${unlessRoot('d')}` : sh`d=$HOME/${keep}`)

/** Sets `$l`: the ledger, where a host keeps what must outlive a run. */
export const ledger = (keep: string | undefined): Script => (keep === undefined ? sh`l=/var/lib/provision; ${unlessRoot('l')}` : sh`l=$HOME/${keep}`)

const unlessRoot = (name: 'd' | 'l'): Script => sh`[ "$(id -u)" = 0 ] || ${name}=$HOME/.local/state/provision`
