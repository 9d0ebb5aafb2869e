import { script, sh, type Script } from '../core/shell.js'
import { tellFullDisk } from './full-disk.js'
import { lockFolder } from './keep.js'
import type { Walk } from './walk.js'

/** Seconds that another run's lock is waited for. */
const PATIENCE = 30
/** Tries to write a lock that nobody holds; more show a disk that takes no file. */
const WRITES = 5
/** Seconds between two signs of life of a run on a host where it holds the lock and has nothing under way. */
export const BEAT = 20
/** Minutes without a sign of life after which an idle shell holds no lock any more; `find -mmin` counts whole ones, so it is up to one more. */
const SILENCE = 1

const born = sh`born() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }`

type Held = Pick<Walk, 'owner' | 'keep'>

/**
 * Takes the host's lock for this session's shell, or makes sure that the run still has it; otherwise tells whose it is and ends the frame.
 * A lock lives as long as the shell that took it (its process id and start time) and its run gives signs of life: a killed run, or one whose machine is gone, blocks nobody for long.
 * The owner is what each frame is fenced by: of a run whose lock was taken away, no frame changes anything. Sessions of one run, which has one owner, do not lock each other out.
 * `isHeld` says that the run has had the lock of this user before.
 */
export const takeLock = ({ owner, lockPatience = PATIENCE, keep }: Held & Pick<Walk, 'lockPatience'>, isHeld: boolean): Script => script(
  lockFolder(keep),
  sh`[ -d "$d" ] || mkdir -p -m 700 -- "$d" || exit 1`,
  sh`[ ! -s "$d/taken-away" ] || while read -r who; do [ "$who" != ${owner} ] || { m lost 0; exit 0; }; done < "$d/taken-away"`,
  sh`{ read -r pid start who < "$d/lock"; } 2>/dev/null || who=`,
  sh`[ "$pid" = "$$" ] && [ "$who" = ${owner} ] || {`,
  isHeld && sh`  [ -z "$who" ] || [ "$who" = ${owner} ] || { m lost 0; printf '%s' "$who"; exit 0; }`,
  born,
  sh`  tries=0; writes=0; while ! why=$( ( set -C; echo "$$ $(born $$) "${owner} > "$d/lock" ) 2>&1 ); do`,
  sh`    { read -r pid start who < "$d/lock"; } 2>/dev/null || {`,
  sh`      writes=$((writes+1)); [ "$writes" -lt ${WRITES} ] || { echo "the lock $d/lock cannot be written: $why" >&2; ${tellFullDisk(sh`"$d"`)}; exit 1; }`,
  sh`      sleep 1; [ -s "$d/lock" ] || rm -f -- "$d/lock"; continue`,
  sh`    }`,
  sh`    [ "$pid $start" = "$$ $(born $$)" ] && break`,
  // two hosts of the inventory may be one machine, on which the run has a session for each
  sh`    [ "$(born "$pid")" = "$start" ] && [ "$who" = ${owner} ] && break`,
  sh`    if [ "$(born "$pid")" != "$start" ]; then rm -f -- "$d/lock"; continue; fi`,
  // a shell that has nothing under way has no children; its run has been silent for long
  sh`    if [ -n "$(find "$d/beat" -mmin +${SILENCE} 2>/dev/null)" ] && { read -r under < "/proc/$pid/task/$pid/children"; [ -z "$under" ]; } 2>/dev/null; then rm -f -- "$d/lock"; continue; fi`,
  sh`    if [ "$tries" -ge ${lockPatience} ]; then m locked 0; printf '%s' "$who"; exit 0; fi`,
  sh`    tries=$((tries+1)); sleep 1`,
  sh`  done`,
  sh`}`,
  sh`: > "$d/beat"`,
)

/** A sign of life, where the lock is still the run's. */
export const beat = ({ owner, keep }: Held): Script => script(
  lockFolder(keep),
  sh`if { read -r pid start who < "$d/lock"; } 2>/dev/null && [ "$who" = ${owner} ]; then : > "$d/beat"; fi`,
)

/** Gives the lock back, if it is ours. */
export const releaseLock = ({ keep }: Pick<Walk, 'keep'>): Script => script(
  lockFolder(keep),
  born,
  sh`if read -r pid start who < "$d/lock" 2>/dev/null && [ "$pid $start" = "$$ $(born $$)" ]; then rm -f -- "$d/lock" "$d/beat"; fi`,
)

/** Asks whose the lock of the acting user is: nothing where nobody holds it, else lines with the owner, seconds since it was taken and since the last sign of life, and how its shell is. */
export const askLock = ({ keep }: Pick<Walk, 'keep'>): Script => script(
  lockFolder(keep),
  born,
  sh`{ read -r pid start who < "$d/lock"; } 2>/dev/null || exit 0`,
  sh`now=$(date +%s); printf '%s\\n' "$who" "$((now - $(stat -c %Y -- "$d/lock")))" "$((now - $(stat -c %Y -- "$d/beat" 2>/dev/null || echo "$now")))"`,
  sh`if [ "$(born "$pid")" != "$start" ]; then echo gone; elif { read -r under < "/proc/$pid/task/$pid/children"; [ -n "$under" ]; } 2>/dev/null; then echo busy; else echo idle; fi`,
)

/** Takes the lock away from this owner, whose frames are refused from then on; exit 1 where it is another's by now. */
export const takeAway = ({ owner, keep }: Held): Script => script(
  lockFolder(keep),
  sh`{ read -r pid start who < "$d/lock"; } 2>/dev/null || exit 0`,
  sh`[ "$who" = ${owner} ] || { printf '%s\\n' "$who"; exit 1; }`,
  sh`printf '%s\\n' ${owner} >> "$d/taken-away" && rm -f -- "$d/lock"`,
)
