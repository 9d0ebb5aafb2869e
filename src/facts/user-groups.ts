import { asking, oneLineEach, type FactKind, type HostFact } from '../core/fact.js'
import { sh } from '../core/shell.js'

/** A reply is empty for a user who is not there. */
const kind: FactKind<readonly string[]> = {
  name: 'user-groups',
  summary: 'The groups that a user is in, the primary one too, in alphabetical order.',
  ...asking(sh`for p do
  getent passwd "$p" >/dev/null
  case $? in 0) id -Gn -- "$p" || exit 1 ;; 2) echo ;; *) exit 1 ;; esac
done`),
  ...oneLineEach,
  parse: (_name, reply) => reply.split(' ').filter((group) => group !== '').sort(),
}

/** A user's groups: `user-groups:app`. */
export const userGroups = (name: string): HostFact<readonly string[], string> => ({ key: `user-groups:${name}`, kind, subject: name })
export const userGroupsKind = kind
