import { asking, oneLineEach, type FactKind, type HostFact } from '../core/fact.js'
import { sh } from '../core/shell.js'

/** A group of the host; a prediction leaves the number out when the host chooses it. */
export type GroupState = { readonly exists: false } | { readonly exists: true; readonly gid?: number }

/** A reply is the group's number, or `-`. */
const kind: FactKind<GroupState> = {
  name: 'group',
  summary: 'A group of the host and its number.',
  ...asking(sh`set -f
groups=$(getent group "$@")
case $? in 0|2) ;; *) exit 1 ;; esac
IFS='
'
for p do
  gid=-
  for line in $groups; do case $line in "$p":*) gid=\${line#*:*:}; gid=\${gid%%:*}; break ;; esac; done
  echo "$gid"
done`),
  ...oneLineEach,
  parse: (_name, reply) => (reply === '-' ? { exists: false } : { exists: true, gid: Number(reply) }),
}

/** A group: `group:app`. */
export const group = (name: string): HostFact<GroupState, string> => ({ key: `group:${name}`, kind, subject: name })
export const groupKind = kind
