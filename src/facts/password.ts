import { ProvisionError } from '../core/errors.js'
import type { HostFact } from '../core/fact.js'
import type { Secret } from '../core/secret.js'
import { sh } from '../core/shell.js'
import { oneByOne } from './one-by-one.js'

interface Wanted { readonly name: string; readonly hash: Secret }

const NO_ENTRY = 44

/** Compared on the host, so that what it has of a password stays there. */
const kind = oneByOne<boolean, Wanted>({
  name: 'password',
  summary: 'Whether a user has this entry of a password in /etc/shadow.',
  script: ({ name, hash }) => sh`[ -r /etc/shadow ] || { echo '/etc/shadow may not be read by this user' >&2; exit 1; }
entry=$(getent shadow ${name}) || exit ${NO_ENTRY}
entry=\${entry#*:}
[ "\${entry%%:*}" = ${hash} ] && echo same || echo other`,
  parse({ name }, { stdout, stderr, exit }) {
    if (exit !== 0 && exit !== NO_ENTRY) throw new ProvisionError('not-readable', `whether ${name} has this password cannot be told`, { hint: 'say `become: true` at the step or the play', output: stderr })
    return stdout === 'same\n'
  },
})

/** Whether a user has this entry of a password: `password:app`. */
export const password = (name: string, hash: Secret): HostFact<boolean, Wanted> => ({ key: `password:${name}`, kind, subject: { name, hash } })
export const passwordKind = kind
