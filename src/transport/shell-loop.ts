import { randomBytes } from 'node:crypto'

/** A word that cannot be met by chance in the output of a script. */
export const freshToken = (): string => randomBytes(12).toString('hex')

/**
 * The program that a session runs: it says that it is ready, then reads frames from standard input and runs each in a subshell.
 * Without single quote, backslash, exclamation mark or newline, so that sh, bash, fish and csh all pass it on unaltered
 * as one word in single quotes.
 */
export const shellLoop = (ready: string): string => [
  'export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"; umask 022; unset ENV BASH_ENV CDPATH; cd ~ 2>/dev/null || cd /',
  // `head -c` of busybox reads ahead and `read` of any shell is slow; a `dd` that fills its blocks takes exactly what it was asked for.
  '_f=iflag=fullblock; dd bs=1 count=0 $_f </dev/null >/dev/null 2>&1 || _f=',
  `echo ${ready} $$ $_f`,
  'while read -r _k _m _b _c _p _q _r _t; do _s=$(dd bs=$_b count=$_c $_f 2>/dev/null)',
  // The key follows the script and the input: what was cut short on its way is neither run nor ever looks complete to a script.
  'read -r _e _x; [ "$_e" = $_k ] || exit 3',
  'echo $_k$_m; echo $_k$_m >&2',
  'case $_p in 0) (eval "$_s") </dev/null;;'
    + ' *) { dd bs=$_p count=$_q $_f 2>/dev/null; [ $_t = 0 ] || dd bs=$_r count=$_t $_f 2>/dev/null;'
    + ' read -r _e && [ "$_e" = $_k ] || eval "$_x"; }'
    + ' | { (eval "$_s"); _z=$?; cat >/dev/null; exit $_z; };; esac; _z=$?',
  'echo $_m$_k $_z; echo $_m$_k >&2; done',
].join('; ')

/** The command that starts the loop, in a form that every login shell understands. */
export const loopCommand = (ready: string): string => `sh -c '${shellLoop(ready)}'`

/** Collects in `$_l` a process and all its descendants; on one line. */
const processTree = (root: string): string =>
  `_l=" ${root} "; while :; do _u=$_l; for _d in /proc/[0-9]*/stat; do { read -r _v <"$_d"; } 2>/dev/null || continue; `
  + '_w=${_v%% *}; _v=${_v##*) }; _v=${_v#? }; _v=${_v%% *}; '
  + 'case $_l in *" $_w "*) ;; *" $_v "*) _l="$_l$_w ";; esac; done; [ "$_u" = "$_l" ] && break; done'

/** A script that ends a process and all its descendants: asks first, and insists after a second. */
export const endTree = (pid: number): string => [
  processTree(String(pid)),
  // Asked in one go: a shell that saw its child die would start the next command.
  'kill -TERM $_l 2>/dev/null',
  // `kill -0` would take those for alive that only wait to be reaped.
  'for _i in 1 2 3 4 5 6 7 8 9 10; do _u=; for _w in $_l',
  'do { read -r _v </proc/$_w/stat; } 2>/dev/null || continue; case ${_v##*) } in Z*) ;; *) _u=1;; esac; done',
  '[ -z "$_u" ] && exit 0; sleep 0.1 2>/dev/null || sleep 1; done',
  'kill -KILL $_l 2>/dev/null; exit 0',
].join('; ')

/** Run beside a script whose input was cut off: ends the session before the script can take the end of its input for the whole of it. */
const endCutScript = `${processTree('$$')}; _w=$(exec sh -c 'echo $PPID'); `
  + '_u=; for _d in $_l; do [ $_d = $_w ] || _u="$_u $_d"; done; kill -KILL $_u; exit 3'

const BLOCK = 65_536

/** What encloses one frame on the wire, and the marks that enclose its output. */
export interface Envelope {
  readonly header: string
  readonly afterScript: string
  readonly afterInput: string
  readonly begin: string
  readonly end: string
}

/** `exact` says whether the host's `dd` fills its blocks; without it bytes are read one by one. */
export const envelope = (script: number, input: number, exact: boolean): Envelope => {
  // Two halves, never printed together: a script that lists all variables must not end its own frame.
  const key = freshToken()
  const mate = freshToken()
  const ofScript = exact && script > 0 ? [script, 1] : [1, script]
  const whole = Math.floor(input / BLOCK)
  const ofInput = input === 0 ? [0, 0, 0, 0]
    : exact === false ? [1, input, 1, 0]
    : whole === 0 ? [input, 1, 1, 0]
    : [BLOCK, whole, Math.max(1, input % BLOCK), input % BLOCK === 0 ? 0 : 1]
  return {
    header: `${[key, mate, ...ofScript, ...ofInput].join(' ')}\n`,
    afterScript: `${key} ${input === 0 ? '' : endCutScript}\n`,
    afterInput: input === 0 ? '' : `${key}\n`,
    begin: `${key}${mate}\n`,
    end: `${mate}${key}`,
  }
}
