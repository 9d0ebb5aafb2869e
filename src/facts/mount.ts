import { oneLineEach, type FactKind, type HostFact } from '../core/fact.js'
import { sh } from '../core/shell.js'

/** A path as fstab and the kernel write it: what would end a field is octal. */
export const mountField = (path: string): string => path.replace(/[\\ \t\n]/g, (letter) => `\\${letter.charCodeAt(0).toString(8).padStart(3, '0')}`)

/** A reply is `mounted` or `-`. The kernel names points with all links resolved; only the folder is entered, for a dead server holds up whoever enters the point. */
const kind: FactKind<boolean> = {
  name: 'mount',
  summary: 'Whether a file system is mounted at a path.',
  script: (subjects) => sh`nl='
'
points=$nl
while read -r _ _ _ _ point _; do points="$points$point$nl"; done < /proc/self/mountinfo
set -- ${subjects.map(mountField)}
for p in ${subjects}; do
  field=$1; shift
  folder=\${p%/*}
  if [ -n "$folder" ] && real=$(cd -P -- "$folder" 2>/dev/null && pwd -P); then
    case $real in *' '*|*'\\'*) ;; /) field=/\${field##*/} ;; *) field=$real/\${field##*/} ;; esac
  fi
  case $points in *"$nl$field$nl"*) echo mounted ;; *) echo - ;; esac
done`,
  ...oneLineEach,
  parse: (_path, reply) => reply === 'mounted',
}

/** Whether something is mounted: `mount:/srv/data`. */
export const mountAt = (path: string): HostFact<boolean, string> => ({ key: `mount:${path}`, kind, subject: path })
export const mountKind = kind
