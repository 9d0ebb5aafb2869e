import { sha256 } from '../core/digest.js'
import { ProvisionError } from '../core/errors.js'
import type { HostFact } from '../core/fact.js'
import { Secret } from '../core/secret.js'
import { sh } from '../core/shell.js'
import { oneByOne } from './one-by-one.js'
import { printFolder, restingPlace, unlessThere } from './resting-place.js'

/** How a short text is made ready for RSA. */
export type Padding = 'oaep' | 'pkcs1'

/** Values that were encrypted for a key, told by the digests of what they decrypt to; what does not decrypt has none. */
export type EncryptedValues =
  | { readonly type: 'absent' }
  | { readonly type: 'link' }
  | { readonly type: 'file'; readonly mode: string; readonly owner: string; readonly group: string; readonly values: Readonly<Record<string, Secret | null>> }

/** A file of encrypted values, and what it takes to decrypt them. */
export interface EncryptedSubject { readonly path: string; readonly key: string; readonly padding: Padding }

const ABSENT = 44
const LINK = 45
const NO_OPENSSL = 46
const NOTHING = sha256('')

/** Options of `openssl pkeyutl`; OAEP is that of Java's `OAEPWithSHA1AndMGF1Padding`. */
export const paddingOptions = (padding: Padding): readonly string[] =>
  (padding === 'pkcs1' ? ['-pkeyopt', 'rsa_padding_mode:pkcs1'] : ['-pkeyopt', 'rsa_padding_mode:oaep', '-pkeyopt', 'rsa_oaep_md:sha1', '-pkeyopt', 'rsa_mgf1_md:sha1'])

const kind = oneByOne<EncryptedValues, EncryptedSubject>({
  name: 'encrypted-values',
  summary: 'The names in a file of encrypted values, the digests of what each decrypts to, and the access of the file.',
  script: ({ path, key, padding }) => sh`${printFolder(path)}
if [ -h ${path} ]; then exit ${LINK}; fi
${unlessThere(path, ABSENT)}
stat -c '%a|%U|%G' -- ${path} || exit 1
command -v openssl >/dev/null || exit ${NO_OPENSSL}
[ -r ${path} ] || exit 1
while IFS= read -r line || [ -n "$line" ]; do
  case $line in ''|'#'*) continue ;; esac
  name=\${line%%=*}
  case $name in ''|*[!A-Za-z0-9_.-]*) name='?' ;; esac
  printf '%s ' "$name"
  printf %s "\${line#*=}" | base64 -d 2>/dev/null | openssl pkeyutl -decrypt -inkey ${key} -passin pass: ${paddingOptions(padding)} 2>/dev/null | sha256sum
done < ${path}`,
  parse({ path }, { stdout, stderr, exit }) {
    const [, head = '', ...lines] = stdout.split('\n')
    switch (exit) {
      case 0: break
      case ABSENT: return { type: 'absent' }
      case LINK: return { type: 'link' }
      case NO_OPENSSL: throw new ProvisionError('missing-program', 'the host has no program openssl', { hint: 'put a step `package: { name: openssl }` before this one' })
      default: throw new ProvisionError('not-readable', `${path} may not be read by this user`, {
        hint: 'say `become: true` at the step or the play', output: stderr,
      })
    }
    const [mode = '', owner = '', group = ''] = head.split('|')
    const values = lines.filter((line) => line !== '').map((line): [string, Secret | null] => {
      const [name = '', digest = ''] = line.split(' ')
      return [name, digest === NOTHING ? null : new Secret(digest)]
    })
    return { type: 'file', mode: mode.padStart(4, '0'), owner, group, values: Object.fromEntries(values) }
  },
  path: ({ path, key }, reply) => ({ ...restingPlace(path, reply), also: key }),
  fromTree: ({ path }, tree) => (!path.startsWith(`${tree.root}/`) || path.slice(tree.root.length + 1) in tree.entries ? undefined : { type: 'absent' }),
})

/** What a file of encrypted values holds, as far as its key opens it: `encrypted-values:/etc/app/passwords`. */
export const encryptedValuesAt = (subject: EncryptedSubject): HostFact<EncryptedValues, EncryptedSubject> => ({ key: `encrypted-values:${subject.path}`, kind, subject })
export const encryptedValuesKind = kind
