import { script, sh, type Script } from '../core/shell.js'
import { tellFullDisk } from './full-disk.js'
import { lockFolder } from './keep.js'
import type { Walk } from './walk.js'

/** Seconds that another run's lock is waited for. */
const PATIENCE = 30
/** Tries to write a lock that nobody holds; more show a disk that takes no file. */
const WRITES = 5

/**
 * Takes the host's lock for this session's shell, or tells whose it is and ends the frame.
 * A lock lives as long as the shell that took it (its process id and start time), so that a killed run blocks nobody for long.
 * Sessions of one run, which has one owner, do not lock each other out.
 */
export const takeLock = ({ owner, lockPatience = PATIENCE, keep }: Pick<Walk, 'owner' | 'lockPatience' | 'keep'>): Script => script(
  lockFolder(keep),
  sh`mkdir -p -m 700 -- "$d" || exit 1`,
  sh`born() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }`,
  sh`tries=0; writes=0; while ! why=$( ( set -C; echo "$$ $(born $$) "${owner} > "$d/lock" ) 2>&1 ); do`,
  sh`  { read -r pid start who < "$d/lock"; } 2>/dev/null || {`,
  sh`    writes=$((writes+1)); [ "$writes" -lt ${WRITES} ] || { echo "the lock $d/lock cannot be written: $why" >&2; ${tellFullDisk(sh`"$d"`)}; exit 1; }`,
  sh`    sleep 1; [ -s "$d/lock" ] || rm -f -- "$d/lock"; continue`,
  sh`  }`,
  sh`  [ "$pid $start" = "$$ $(born $$)" ] && break`,
  // two hosts of the inventory may be one machine, on which the run has a session for each
  sh`  [ "$(born "$pid")" = "$start" ] && [ "$who" = ${owner} ] && break`,
  sh`  if [ "$(born "$pid")" != "$start" ]; then rm -f -- "$d/lock"; continue; fi`,
  sh`  if [ "$tries" -ge ${lockPatience} ]; then m locked 0; printf '%s' "$who"; exit 0; fi`,
  sh`  tries=$((tries+1)); sleep 1`,
  sh`done`,
)

/** Gives the lock back, if it is ours. */
export const releaseLock = ({ keep }: Pick<Walk, 'keep'>): Script => script(
  lockFolder(keep),
  sh`born() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }`,
  sh`if read -r pid start who < "$d/lock" 2>/dev/null && [ "$pid $start" = "$$ $(born $$)" ]; then rm -f -- "$d/lock"; fi`,
)
