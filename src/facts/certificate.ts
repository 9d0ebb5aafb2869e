import { sha256 } from '../core/digest.js'
import { ProvisionError } from '../core/errors.js'
import type { HostFact } from '../core/fact.js'
import { sh } from '../core/shell.js'
import { reveal } from '../core/secret.js'
import { oneByOne } from './one-by-one.js'
import { printFolder, restingPlace, unlessThere } from './resting-place.js'
import { readCertificate, type CertificateText } from './x509.js'

/** Of a certificate that a change will only issue, what nobody can know before is left out: when it ends, fingerprint, keys. */
export type CertificateState =
  | { readonly type: 'absent' }
  /** Something that holds no certificate in PEM. */
  | { readonly type: 'other' }
  | { readonly type: 'link' }
  | ({ readonly type: 'certificate'; readonly mode: string; readonly owner: string; readonly group: string
      /** SHA-256 of the whole file. */
      readonly file?: string }
    & Pick<CertificateText, 'commonName' | 'names' | 'authority' | 'key'> & Partial<Omit<CertificateText, 'commonName' | 'names' | 'authority' | 'key'>>)

const ABSENT = 44
const LINK = 45

const kind = oneByOne<CertificateState>({
  name: 'certificate',
  summary: 'The first certificate of a PEM file: names, key, issuer, end, fingerprint, and the access of the file.',
  script: (path) => sh`${printFolder(path)}
if [ -h ${path} ]; then exit ${LINK}; fi
${unlessThere(path, ABSENT)}
stat -c '%a|%U|%G|%F' -- ${path} || exit 1
[ -d ${path} ] || cat -- ${path}`,
  parse(path, { stdout, stderr, exit }) {
    if (exit === ABSENT) return { type: 'absent' }
    if (exit === LINK) return { type: 'link' }
    if (exit !== 0) throw new ProvisionError('not-readable', `${path} may not be read by this user`, {
      hint: 'say `become: true` at the step or the play', output: stderr,
    })
    const [, head = '', ...text] = stdout.split('\n')
    const [mode = '', owner = '', group = ''] = head.split('|')
    return certificateState(text.join('\n'), { mode: mode.padStart(4, '0'), owner, group })
  },
  path: restingPlace,
  fromTree(path, tree) {
    const entry = tree.entries[path.slice(tree.root.length + 1)]
    switch (entry?.type) {
      case undefined: return entry === null ? undefined : { type: 'absent' }
      case 'file': return entry.content === undefined ? undefined : certificateState(reveal(entry.content), entry)
      case 'link': return { type: 'link' }
      default: return { type: 'other' }
    }
  },
})

/** The state of a PEM file with this text. */
export const certificateState = (text: string, { mode, owner, group }: { readonly mode: string; readonly owner: string; readonly group: string }): CertificateState => {
  const certificate = readCertificate(text)
  return certificate === undefined ? { type: 'other' } : { type: 'certificate', mode, owner, group, file: sha256(text), ...certificate }
}

/** What certificate is at this path: `certificate:/etc/ssl/app.pem`. */
export const certificateAt = (path: string): HostFact<CertificateState, string> => ({ key: `certificate:${path}`, kind, subject: path })
export const certificateKind = kind
