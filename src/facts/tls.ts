import type { HostFact } from '../core/fact.js'
import { sh, type Script } from '../core/shell.js'
import { gateKind, type Gate } from './gate.js'

/** A port that serves TLS, and the certificate that is wanted of it. */
export interface TlsQuestion {
  readonly host: string
  readonly port: number
  /** The name that is asked for. */
  readonly name: string
  /** Authorities to trust, as a PEM file on the host that asks. */
  readonly ca: string
  /** It must be the first one of this PEM file on the host that asks. */
  readonly certificate?: string | undefined
  /** It must be valid for all of these, addresses among them. */
  readonly names: readonly string[]
  /** It must not end within so many days. */
  readonly days: number
}

const ADDRESS = /^[\d.]+$|:/
const DAY = 86_400

const at = ({ host, port }: TlsQuestion): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

const holds = (question: TlsQuestion): Script => {
  const { name, ca, certificate, names, days } = question
  const server = ADDRESS.test(name) ? sh`` : sh`-servername ${name}`
  return sh`command -v openssl >/dev/null || { echo 'openssl is not on this host: install the package openssl' >&2; exit 127; }
served=$(timeout 15 openssl s_client -connect ${at(question)} ${server} -CAfile ${ca} -verify_return_error </dev/null 2>&1) || {
  why=$(printf '%s\\n' "$served" | grep -m1 -e 'verify error' -e errno -e ':error:'); printf '%.200s\\n' "\${why:-it does not answer as TLS does}"; exit 1; }
leaf=$(printf '%s\\n' "$served" | openssl x509 2>/dev/null) || { echo 'it shows no certificate'; exit 1; }
about() { printf '%s\\n' "$leaf" | openssl x509 -noout "$@"; }
for wanted in ${names.filter((one) => !ADDRESS.test(one))}; do case $(about -checkhost "$wanted") in *'does match'*) ;; *) echo "its certificate is not valid for $wanted"; exit 1 ;; esac; done
for wanted in ${names.filter((one) => ADDRESS.test(one))}; do case $(about -checkip "$wanted") in *'does match'*) ;; *) echo "its certificate is not valid for $wanted"; exit 1 ;; esac; done
about -checkend ${days * DAY} >/dev/null || { echo "its certificate ends too soon: $(about -enddate)"; exit 1; }
${certificate === undefined ? sh`` : sh`[ "$(about -fingerprint -sha256)" = "$(openssl x509 -in ${certificate} -noout -fingerprint -sha256)" ] || { echo ${`it serves another certificate than ${certificate}`}; exit 1; }`}`
}

const kind = gateKind<TlsQuestion>({
  name: 'tls',
  summary: 'Whether a port, asked from the host, serves a trusted certificate that has the wanted names, does not end soon, and is the one of a file.',
  beyond: true,
  holds,
})

const serves = (question: TlsQuestion): HostFact<boolean, TlsQuestion> => {
  const { name, ca, certificate, names, days } = question
  return { key: `tls:${at(question)} as ${name} by ${ca} with ${names.join(',')} for ${days} days${certificate === undefined ? '' : ` from ${certificate}`}`, kind, subject: question }
}
export const tlsKind = kind

/** Waits for a port to serve the wanted certificate: `tls:10.0.0.5:8253`. */
export const tlsGate = (question: TlsQuestion): Gate => {
  const brief = `certificate at ${at(question)}`
  const { certificate, names, days } = question
  return { fact: serves(question), label: `${brief}${certificate === undefined ? '' : `, that of ${certificate}`}, for ${names.join(', ')}, for ${days} days`, brief, holds: holds(question) }
}
