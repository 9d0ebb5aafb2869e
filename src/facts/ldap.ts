import type { HostFact } from '../core/fact.js'
import type { Secret } from '../core/secret.js'
import { emit, script, sh, type Script } from '../core/shell.js'
import { gateKind, type Gate } from './gate.js'

/** Entries of a directory, and who asks for them. */
export interface LdapQuestion {
  readonly url: string
  /** The distinguished name that logs in; nobody when unset. */
  readonly bind?: string | undefined
  readonly password?: Secret | undefined
  readonly base: string
  /** The entry of the base itself when unset, else those below it. */
  readonly filter?: string | undefined
  /** Authorities to trust, as a PEM file on the host. */
  readonly ca?: string | undefined
}

const holds = ({ url, bind, password, base, filter, ca }: LdapQuestion): Script => script(
  sh`command -v ldapsearch >/dev/null || { echo 'ldapsearch is not on this host: install the package ldap-utils' >&2; exit 127; }
export LDAPTLS_REQCERT=demand`,
  ca !== undefined && sh`export LDAPTLS_CACERT=${ca}`,
  sh`set -- -x -LLL -o nettimeout=5 -l 15 -H ${url} -b ${base}`,
  filter === undefined ? sh`set -- "$@" -s base` : sh`set -- "$@" ${filter}`,
  // the password comes on standard input, whole
  bind !== undefined && sh`set -- -D ${bind} -y /dev/stdin "$@"`,
  sh`answer=$(${emit(password ?? '')} | ldapsearch "$@" 1.1 2>&1) || { printf '%.300s\\n' "\${answer:-ldapsearch said nothing}"; exit 1; }
case $answer in dn:*|*'\n'dn:*) ;; *) echo 'no entry was found'; exit 1 ;; esac`,
)

const kind = gateKind<LdapQuestion>({
  name: 'ldap',
  summary: 'Whether a directory lets somebody in and has an entry, asked from the host.',
  beyond: true,
  holds,
})

const answers = (question: LdapQuestion): HostFact<boolean, LdapQuestion> => {
  const { url, bind, base, filter, ca } = question
  return { key: ['ldap:', url, ' ', base, ...[filter, bind && `as ${bind}`, ca && `by ${ca}`].filter(Boolean).map((part) => ` ${String(part)}`)].join(''), kind, subject: question }
}
export const ldapKind = kind

/** Waits for a directory to have an entry. */
export const ldapGate = (question: LdapQuestion): Gate => {
  const { url, base, filter } = question
  return { fact: answers(question), label: `${filter ?? 'the entry'} ${filter === undefined ? base : `below ${base}`} of ${url}`, brief: `${filter ?? base} (LDAP)`, holds: holds(question) }
}
