import { oneLineEach, type FactKind, type HostFact } from '../core/fact.js'
import { sh } from '../core/shell.js'

/** Who a session acts as. */
export interface Identity { readonly user: string; readonly group: string; readonly uid: number }

const kind: FactKind<Identity> = {
  name: 'identity',
  summary: 'The user that steps act as: name, primary group, number.',
  script: () => sh`echo "$(id -un):$(id -gn):$(id -u)"`,
  ...oneLineEach,
  constant: true,
  parse: (_subject, reply) => {
    const [user = '', group = '', uid = ''] = reply.split(':')
    return { user, group, uid: Number(uid) }
  },
}

/** The acting user: `identity:self`. */
export const identity: HostFact<Identity, string> = { key: 'identity:self', kind, subject: 'self' }
