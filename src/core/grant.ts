import { sh, type Script } from './shell.js'

/** Who a path belongs to and who may use it. */
export interface Grant { readonly mode: string; readonly owner: string; readonly group: string }

/** The file behind the shell's descriptor 9, whatever its name has become meanwhile. */
const OPEN = '/proc/self/fd/9'

/** Sets `$own`, who the shell acts as: what is new and shall be its own need not be given to it. */
export const tellOwn: Script = sh`own=$(id -un):$(id -gn)`

/** Gives owner, group and mode to what descriptor 9 is open on; a fifth digit makes `chmod` take set-group-id from directories too. */
export const grantOpen = ({ mode, owner, group }: Grant): Script => sh`{ { [ "\${own-}" = ${`${owner}:${group}`} ] && [ -O ${OPEN} ] && [ -G ${OPEN} ]; } || chown -- ${`${owner}:${group}`} ${OPEN}; } && chmod -- ${`0${mode}`} ${OPEN}`

/**
 * The same to a path. Whoever owns the folder may exchange what lies there for a link at any moment, and `chown` by name would follow it:
 * the path is opened, what is open must be what lies there, and only then is it given away.
 */
export const grant = (path: string, access: Grant): Script =>
  sh`{ if [ "$(stat -c %d:%i -- ${path})" = "$(stat -L -c %d:%i -- ${OPEN})" ]; then ${grantOpen(access)}; else echo ${`${path} is not what it was: somebody exchanges it`} >&2; false; fi; } 9< ${path}`
