import type { HostFact } from '../core/fact.js'
import { script, sh, type Script } from '../core/shell.js'
import { runSql, serverKey, sqlClient, type DatabaseServer } from './database-server.js'
import { gateKind, type Gate } from './gate.js'

/** A query whose first value is compared. */
export interface SqlQuestion {
  readonly server: DatabaseServer
  readonly database?: string | undefined
  readonly query: string
  readonly wanted: { readonly equals: string } | { readonly atLeast: number }
}

const holds = ({ server, database, query, wanted }: SqlQuestion): Script => script(
  sqlClient(server, { database, timeout: 15 }),
  // a client may warn on standard error and still answer
  sh`answer=$(${runSql(query)} 2>/dev/null) || { answer=$(${runSql(query)} 2>&1); printf '%.300s\\n' "$answer"; exit 1; }
value=\${answer%%'\n'*}; value=\${value%%'\t'*}`,
  'equals' in wanted
    ? sh`[ "$value" = ${wanted.equals} ] || { printf 'the answer is %.100s\\n' "\${value:-empty}"; exit 1; }`
    : sh`case $value in ''|*[!0-9]*) false ;; *) [ "$value" -ge ${wanted.atLeast} ] ;; esac || { printf 'the answer is %.100s\\n' "\${value:-empty}"; exit 1; }`,
)

const kind = gateKind<SqlQuestion>({
  name: 'sql',
  summary: 'Whether the first value that a query answers is the wanted one, asked from the host.',
  beyond: true,
  holds,
})

const answers = (question: SqlQuestion): HostFact<boolean, SqlQuestion> => {
  const { server, database, query, wanted } = question
  return { key: `sql:${database ?? ''}@${serverKey(server)} ${query} ${'equals' in wanted ? `= ${wanted.equals}` : `>= ${wanted.atLeast}`}`, kind, subject: question }
}
export const sqlKind = kind

/** Waits for a query to answer a value. */
export const sqlGate = (question: SqlQuestion): Gate => {
  const { database, query, server, wanted } = question
  const brief = `${'equals' in wanted ? wanted.equals : `at least ${wanted.atLeast}`} from ${database ?? serverKey(server)}`
  return { fact: answers(question), label: `${brief}: ${query}`, brief: `${brief} (SQL)`, holds: holds(question) }
}
