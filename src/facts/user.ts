import { asking, oneLineEach, type FactKind, type HostFact } from '../core/fact.js'
import { sh } from '../core/shell.js'

/** A user of the host; what a prediction leaves out is chosen by the host. */
export type UserState =
  | { readonly exists: false }
  | { readonly exists: true; readonly uid?: number; readonly group: string; readonly comment: string; readonly home: string; readonly shell: string }

/** A reply is `-`, or the entry of the user database with the name of the primary group before it. */
const kind: FactKind<UserState> = {
  name: 'user',
  summary: "A user of the host: number, primary group, comment, home and shell.",
  ...asking(sh`nl='
'
set -f
users=$(getent passwd "$@")
case $? in 0|2) ;; *) exit 1 ;; esac
IFS=$nl gids=
for line in $users; do rest=\${line#*:*:*:}; gids="$gids$nl\${rest%%:*}"; done
groups=; [ -z "$gids" ] || groups=$(getent group $gids)
case $? in 0|2) ;; *) exit 1 ;; esac
for p do
  entry=-
  for line in $users; do case $line in "$p":*) entry=$line; break ;; esac; done
  if [ "$entry" != - ]; then
    rest=\${entry#*:*:*:}; group=\${rest%%:*}
    for line in $groups; do rest=\${line#*:*:}; [ "\${rest%%:*}" != "$group" ] || { group=\${line%%:*}; break; }; done
    entry="$group:$entry"
  fi
  printf '%s\\n' "$entry"
done`),
  ...oneLineEach,
  parse(_name, reply) {
    if (reply === '-') return { exists: false }
    const [group = '', , , uid, , comment = '', home = '', shell = ''] = reply.split(':')
    return { exists: true, uid: Number(uid), group, comment, home, shell }
  },
}

/** A user: `user:app`. */
export const user = (name: string): HostFact<UserState, string> => ({ key: `user:${name}`, kind, subject: name })
export const userKind = kind
