import type { HostFact } from '../core/fact.js'
import { concat, type Secret, type Text } from '../core/secret.js'
import { emit, script, sh, type Script } from '../core/shell.js'
import { curlAccess, curlOption, needsCurl } from './curl.js'
import { gateKind, type Gate } from './gate.js'

/** A request to a URL, and the answer that is wanted. */
export interface HttpQuestion {
  readonly url: string
  readonly method: 'GET' | 'HEAD' | 'OPTIONS' | 'POST'
  readonly status: number
  readonly contains?: string | undefined
  readonly headers?: Readonly<Record<string, Text>> | undefined
  readonly user?: string | undefined
  readonly password?: Secret | undefined
  /** Authorities to trust, as a PEM file on the host. */
  readonly ca?: string | undefined
  readonly insecure?: boolean | undefined
  /** Asked so many times, the answers with their headers must hold each of these texts between them. */
  readonly together?: { readonly requests: number; readonly contain: readonly string[] } | undefined
}

const options = (question: HttpQuestion): Text => {
  const { url, method, together } = question
  return concat([
    'silent\nshow-error\nnoproxy = "*"\nconnect-timeout = 5\nmax-time = 15\nwrite-out = "\\n%{http_code}"\n', curlOption('url', url),
    ...(method === 'HEAD' ? ['head\n'] : [curlOption('request', method)]),
    curlAccess(question),
    ...(together === undefined ? [] : ['include\n']),
  ])
}

const holds = (question: HttpQuestion): Script => {
  const { together } = question
  return together === undefined ? script(needsCurl, oneAnswer(question)) : script(
    needsCurl,
    sh`all=; i=0; while [ "$i" -lt ${together.requests} ]; do i=$((i+1))`,
    oneAnswer(question),
    sh`all="$all$answer"; done`,
    sh`set -- ${together.contain}; for text do case $all in *"$text"*) ;; *) printf 'no answer of %s held: %.100s\\n' ${together.requests} "$text"; exit 1 ;; esac; done`,
  )
}

/** Leaves the answer, status below it, in `$answer`, or exits 1 with what is wrong with it. */
const oneAnswer = (question: HttpQuestion): Script => {
  const { status, contains } = question
  const right = sh`*'\n'${status}) `
  return sh`answer=$(${emit(options(question))} | curl -q --config - 2>&1) || { printf '%.300s\\n' "\${answer%?000}"; exit 1; }
case $answer in ${right};; *) printf 'answered %.300s\\n' "\${answer##*'\n'}"; exit 1 ;; esac
${contains === undefined ? sh`` : sh`case \${answer%'\n'*} in *${contains}*) ;; *) printf 'answered, without the text: %.300s\\n' "\${answer%'\n'*}"; exit 1 ;; esac`}`
}

const kind = gateKind<HttpQuestion>({
  name: 'http',
  summary: 'Whether a URL, asked from the host, answers as wanted.',
  beyond: true,
  holds,
})

const answers = (question: HttpQuestion): HostFact<boolean, HttpQuestion> => {
  const { method, url, status, contains, headers = {}, user, ca, insecure, together } = question
  const more = [contains && `contains ${JSON.stringify(contains)}`, ...Object.entries(headers).map(([name, value]) => `with ${name}: ${String(value)}`), user && `as ${user}`, ca && `by ${ca}`, insecure && 'insecure', together && `${together.requests} times with ${together.contain.join(' and ')}`]
  return { key: ['http:', method, ' ', url, ' ', status, ...more.filter(Boolean).map((part) => ` ${String(part)}`)].join(''), kind, subject: question }
}
export const httpKind = kind

/** Waits for a URL to answer as wanted: `http:GET http://127.0.0.1:9201/healthz 200`. */
export const httpGate = (question: HttpQuestion): Gate =>
  ({ fact: answers(question), label: `${question.status} of ${question.url}`, holds: holds(question) })
