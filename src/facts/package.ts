import { ProvisionError } from '../core/errors.js'
import { oneLineEach, type FactKind, type HostFact } from '../core/fact.js'
import { sh } from '../core/shell.js'

/** Who keeps a host's packages: dpkg with apt, or rpm with dnf. */
export type PackageManager = 'apt' | 'dnf'

/** A package of the distribution; its version is told only when it was asked for. */
export interface PackageState { readonly manager: PackageManager; readonly installed: boolean; readonly version?: string }

/** A subject is `NAME` or `NAME=VERSION`, a reply `apt|installed|1.22.1-9`, `dnf|absent|`; one program is asked for all names. */
const kind: FactKind<PackageState> = {
  name: 'package',
  summary: 'Whether a package of the distribution is installed, and which version when one is asked for.',
  script: (subjects) => sh`nl='
'
export LC_ALL=C
manager= list=
set -- ${subjects.map(nameOf)}
if command -v dpkg-query >/dev/null && [ -s /var/lib/dpkg/status ]; then
  manager=apt
  list=$(dpkg-query -W -f '\${Package}|\${db:Status-Status}|\${Version}\\n' -- "$@" 2>/dev/null)
  case $? in 0|1) ;; *) dpkg-query -W -- "$@" >/dev/null; exit 1 ;; esac
elif command -v rpm >/dev/null; then
  manager=dnf
  list=$(rpm -q --qf '%{NAME}|installed|%{VERSION}-%{RELEASE}\\n' -- "$@")
  for p do case "$nl$list$nl" in *"$nl$p|"*|*"$nl"'package '"$p is not installed$nl"*) ;; *) printf '%s\\n' "$list" >&2; exit 1 ;; esac; done
fi
for p in ${subjects}; do
  name=\${p%%=*} state=absent version=
  case "$nl$list$nl" in
    *"$nl$name|installed|"*|*"$nl$name|triggers-"*) state=installed
      case $p in *=*) version="$nl$list"; version=\${version#*"$nl$name|"}; version=\${version#*|}; version=\${version%%"$nl"*} ;; esac ;;
  esac
  printf '%s|%s|%s\\n' "$manager" "$state" "$version"
done`,
  ...oneLineEach,
  parse(subject, reply) {
    const [manager, state, version = ''] = reply.split('|')
    if (manager !== 'apt' && manager !== 'dnf') {
      throw new ProvisionError('no-package-manager', 'the host has neither dpkg nor rpm', { hint: 'install what it needs by an archive, or by `command`' })
    }
    return { manager, installed: state === 'installed', ...(subject.includes('=') && state === 'installed' ? { version } : {}) }
  },
}

const nameOf = (subject: string): string => subject.replace(/=.*/, '')

/** A package: `package:nginx`, or, with a version, `package:nginx=1.22.1-9`. */
export const packageOf = (name: string, version?: string): HostFact<PackageState, string> => {
  const subject = version === undefined ? name : `${name}=${version}`
  return { key: `package:${subject}`, kind, subject }
}
export const packageKind = kind
