import { sh, type Script } from '../core/shell.js'

/** Kilobytes; less are as good as none. */
const NEXT_TO_NOTHING = 64

/** Says that the disk of a folder is full, when it is: a shell that cannot write calls it an I/O error. */
export const tellFullDisk = (folder: string | Script): Script =>
  sh`{ df -Pk -- ${folder} 2>/dev/null | { read -r _; read -r _d _s _u free _p place; [ "\${free:-999999}" -gt ${NEXT_TO_NOTHING} ] || echo "the disk at $place is full: $free KiB are free" >&2; }; }`
