import { script, sh, type Script } from '../core/shell.js'

const folder = sh`d=/run/provision; [ "$(id -u)" = 0 ] || d=$HOME/.local/state/provision`

/**
 * Takes the host's lock for this session's shell, or tells whose it is and ends the frame.
 * A lock lives as long as the shell that took it (its process id and start time), so that a killed run blocks nobody for long.
 */
export const takeLock = (owner: string, patience: number): Script => script(
  sh`${folder}`,
  sh`mkdir -p -m 700 -- "$d" || exit 1`,
  sh`born() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }`,
  sh`tries=0; while ! ( set -C; echo "$$ $(born $$) "${owner} > "$d/lock" ) 2>/dev/null; do`,
  sh`  read -r pid start who < "$d/lock" || { sleep 1; [ -s "$d/lock" ] || rm -f -- "$d/lock"; continue; }`,
  sh`  [ "$pid $start" = "$$ $(born $$)" ] && break`,
  sh`  if [ "$(born "$pid")" != "$start" ]; then rm -f -- "$d/lock"; continue; fi`,
  sh`  if [ "$tries" -ge ${patience} ]; then m locked 0; printf '%s' "$who"; exit 0; fi`,
  sh`  tries=$((tries+1)); sleep 1`,
  sh`done`,
)

/** Gives the lock back, if it is ours. */
export const releaseLock = script(
  folder,
  sh`born() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }`,
  sh`if read -r pid start who < "$d/lock" 2>/dev/null && [ "$pid $start" = "$$ $(born $$)" ]; then rm -f -- "$d/lock"; fi`,
)
