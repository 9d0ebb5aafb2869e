import { sha256 as digestOf } from '../core/digest.js'
import { ProvisionError } from '../core/errors.js'
import type { HostFact } from '../core/fact.js'
import { sh } from '../core/shell.js'
import { oneByOne } from './one-by-one.js'
import { printFolder, restingPlace, unlessThere } from './resting-place.js'

/** A private key is never read off the host: its file's digest and that of its public half are. */
export type PrivateKeyState =
  | { readonly type: 'absent' }
  | { readonly type: 'other' }
  | { readonly type: 'link' }
  | {
      readonly type: 'key'; readonly mode: string; readonly owner: string; readonly group: string
      /** SHA-256 of the file. */
      readonly sha256?: string
      /** SHA-256 of the public key; not known on a host without `openssl`. */
      readonly publicKey?: string
    }

const ABSENT = 44
const LINK = 45
const UNTOLD = '-'
const NOTHING = digestOf('')

const kind = oneByOne<PrivateKeyState>({
  name: 'private-key',
  summary: 'The access of a private key in PEM, and the digests of its file and of its public half.',
  script: (path) => sh`${printFolder(path)}
if [ -h ${path} ]; then exit ${LINK}; fi
${unlessThere(path, ABSENT)}
stat -c '%a|%U|%G' -- ${path} || exit 1
if [ -d ${path} ]; then echo directory; exit 0; fi
sha256sum < ${path} || exit 1
if command -v openssl >/dev/null; then openssl pkey -in ${path} -passin pass: -pubout -outform DER 2>/dev/null | sha256sum; else echo ${UNTOLD}; fi`,
  parse(path, { stdout, stderr, exit }) {
    if (exit === ABSENT) return { type: 'absent' }
    if (exit === LINK) return { type: 'link' }
    if (exit !== 0) throw new ProvisionError('not-readable', `${path} may not be read by this user`, {
      hint: 'say `become: true` at the step or the play', output: stderr,
    })
    const [, head = '', file = '', half = ''] = stdout.split('\n')
    const [mode = '', owner = '', group = ''] = head.split('|')
    const publicKey = half.slice(0, 64)
    if (half === '' || publicKey === NOTHING) return { type: 'other' }
    return { type: 'key', mode: mode.padStart(4, '0'), owner, group, sha256: file.slice(0, 64), ...(publicKey === UNTOLD ? {} : { publicKey }) }
  },
  path: restingPlace,
  fromTree: (path, tree) => {
    const entry = tree.entries[path.slice(tree.root.length + 1)]
    return entry === undefined ? { type: 'absent' } : undefined
  },
})

/** What private key is at this path: `private-key:/etc/ssl/app.key`. */
export const privateKeyAt = (path: string): HostFact<PrivateKeyState, string> => ({ key: `private-key:${path}`, kind, subject: path })
export const privateKeyKind = kind
