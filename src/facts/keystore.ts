import { ProvisionError } from '../core/errors.js'
import type { HostFact } from '../core/fact.js'
import type { Secret } from '../core/secret.js'
import { script, sh, type Script } from '../core/shell.js'
import { oneByOne } from './one-by-one.js'
import { printFolder, restingPlace, unlessThere } from './resting-place.js'
import { readCertificate } from './x509.js'

export type KeystoreType = 'JKS' | 'PKCS12'

/** An entry of a keystore; of a certificate that is not issued yet, the fingerprint is left out. */
export interface KeystoreEntry { readonly type: 'key' | 'certificate' | 'secret'; readonly sha256?: string }

export type KeystoreState =
  | { readonly type: 'absent' }
  | { readonly type: KeystoreType; readonly mode: string; readonly owner: string; readonly group: string; readonly entries: Readonly<Record<string, KeystoreEntry>> }

/** A keystore, and what it takes to look into it. */
export interface KeystoreSubject { readonly path: string; readonly password: Secret; readonly keytool: string }

const ABSENT = 44
const LINK = 45
const NO_KEYTOOL = 46
const OTHER = 47
const REFUSED = 48

/** Options that make keytool's words and dates the same on every host, and spare a program of half a second the compiler for those that run long. */
export const KEYTOOL_OPTIONS = ['-J-Duser.language=en', '-J-Duser.country=US', '-J-Dfile.encoding=UTF-8', '-J-Dstdout.encoding=UTF-8', '-J-XX:+IgnoreUnrecognizedVMOptions', '-J-XX:TieredStopAtLevel=1']

const kind = oneByOne<KeystoreState, KeystoreSubject>({
  name: 'keystore',
  summary: 'The entries of a JKS or PKCS12 keystore, with the fingerprints of their certificates, and the access of the file.',
  script: ({ path, password, keytool }) => script(
    printFolder(path),
    sh`if [ -h ${path} ]; then exit ${LINK}; fi
${unlessThere(path, ABSENT)}
stat -c '%a|%U|%G' -- ${path} || exit 1
magic=$(od -An -tx1 -N4 < ${path}) || exit 1
echo "$magic"
case $magic in ' fe ed fe ed'|' 30'*) ;; *) exit ${OTHER} ;; esac
command -v -- ${keytool} >/dev/null || exit ${NO_KEYTOOL}
list() { ${tell(password)} | ${keytool} ${KEYTOOL_OPTIONS} -list "$@" -keystore ${path} -storepass:file /dev/stdin 2>/dev/null; }
entries=$(list) || { printf '%s\\n' "$entries"; exit ${REFUSED}; }
case $entries in *'(SHA1): '*|*'(MD5): '*) list -rfc ;; *) printf '%s\\n' "$entries" ;; esac`,
  ),
  parse({ path, keytool }, { stdout, stderr, exit }) {
    const [, head = '', magic = '', ...lines] = stdout.split('\n')
    switch (exit) {
      case 0: break
      case ABSENT: return { type: 'absent' }
      case LINK: throw new ProvisionError('is-a-link', `${path} is a symbolic link`, { hint: 'name the file that it points to' })
      case OTHER: throw new ProvisionError('not-a-keystore', `${path} is neither a JKS nor a PKCS12 keystore`, {
        hint: 'choose another path, or move it away by hand',
      })
      case NO_KEYTOOL: throw new ProvisionError('missing-program', `the host has no program ${keytool}`, {
        hint: 'install a JDK before this step, or say `java-home`',
      })
      case REFUSED: throw refused(path, lines.join('\n'))
      default: throw new ProvisionError('not-readable', `${path} may not be read by this user`, {
        hint: 'say `become: true` at the step or the play', output: stderr,
      })
    }
    const [mode = '', owner = '', group = ''] = head.split('|')
    return { type: magic.startsWith(' fe') ? 'JKS' : 'PKCS12', mode: mode.padStart(4, '0'), owner, group, entries: entriesOf(lines) }
  },
  path: ({ path }, reply) => restingPlace(path, reply),
  fromTree: ({ path }, tree) => (path.slice(tree.root.length + 1) in tree.entries ? undefined : { type: 'absent' }),
})

/** keytool's own words, which are all it says. */
const refused = (path: string, output: string): ProvisionError =>
  /password was incorrect/.test(output)
    ? new ProvisionError('wrong-password', `the password does not open the keystore ${path}`, {
      hint: 'correct `password`, or choose another path: the keystore is left as it is', output,
    })
    : new ProvisionError('unreadable-keystore', `keytool cannot read the keystore ${path}`, {
      hint: 'restore it, or move it away by hand', output,
    })

const types: Readonly<Record<string, KeystoreEntry['type']>> = { PrivateKeyEntry: 'key', keyEntry: 'key', trustedCertEntry: 'certificate', SecretKeyEntry: 'secret' }

/** Reads both forms: a line with alias, date and type above one with the fingerprint; or, of a keytool that tells no SHA-256, whole certificates. */
const entriesOf = (lines: readonly string[]): Record<string, KeystoreEntry> => {
  const entries: Record<string, KeystoreEntry> = {}
  lines.forEach((line, index) => {
    const [, alias, type = ''] = /^(.*), [^,]+, \d{4}, (\w+), ?$/.exec(line) ?? []
    const [, named] = /^Alias name: (.*)$/.exec(line) ?? []
    if (alias !== undefined) entries[alias] = entryOf(type, /SHA-256\): ([0-9A-F:]+)/.exec(lines[index + 1] ?? '')?.[1]?.replaceAll(':', '').toLowerCase())
    else if (named !== undefined) {
      const rest = lines.slice(index + 1)
      const next = rest.findIndex((other) => other.startsWith('Alias name: '))
      const part = rest.slice(0, next < 0 ? rest.length : next)
      entries[named] = entryOf(/^Entry type: (\w+)/m.exec(part.join('\n'))?.[1] ?? '', readCertificate(part.join('\n'))?.sha256)
    }
  })
  return entries
}

const entryOf = (type: string, sha256: string | undefined): KeystoreEntry => ({ type: types[type] ?? 'secret', ...(sha256 === undefined ? {} : { sha256 }) })

/** A password on standard output, for a program that reads it from a file: it is in no argument and in no environment. */
export const tell = (password: Secret): Script => sh`printf '%s\\n' ${password}`

/** What is in a keystore: `keystore:/opt/app/security/keys.p12`. */
export const keystoreAt = (subject: KeystoreSubject): HostFact<KeystoreState, KeystoreSubject> => ({ key: `keystore:${subject.path}`, kind, subject })
export const keystoreKind = kind
