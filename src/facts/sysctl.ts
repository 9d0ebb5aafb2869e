import { ProvisionError } from '../core/errors.js'
import { oneLineEach, type FactKind, type HostFact } from '../core/fact.js'
import { sh } from '../core/shell.js'

/**
 * A reply is `=` and the value, `-` for a key that the kernel does not have, `!` for one that may not be read.
 * The kernel answers only the first read of such a file in full, so that a shell's `read`, byte by byte, would see one digit.
 */
const kind: FactKind<string | null> = {
  name: 'sysctl',
  summary: 'The value that a kernel setting has now, its parts separated by single spaces; nothing when the kernel does not have it.',
  script: (subjects) => sh`for p in ${subjects.map(sysctlPath)}; do
  if [ ! -e "$p" ]; then echo -
  elif value=$(cat -- "$p" 2>/dev/null); then set -f; set -- $value; set +f; echo "=$*"
  else echo '!'; fi
done`,
  ...oneLineEach,
  parse(key, reply) {
    if (reply === '!') throw new ProvisionError('not-readable', `the kernel setting ${key} may not be read by this user`, { hint: 'say `become: true` at the step or the play' })
    return reply === '-' ? null : reply.slice(1)
  },
}

/** Where the kernel shows a setting: its dots are folders. */
export const sysctlPath = (key: string): string => `/proc/sys/${key.replaceAll('.', '/')}`

/** A kernel setting: `sysctl:vm.swappiness`. */
export const sysctlValue = (key: string): HostFact<string | null, string> => ({ key: `sysctl:${key}`, kind, subject: key })
export const sysctlKind = kind
