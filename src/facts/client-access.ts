import type { HostFact } from '../core/fact.js'
import { script, sh } from '../core/shell.js'
import { rowsOf, runSql, serverKey, sqlClient, type DatabaseServer } from './database-server.js'
import { oneByOne } from './one-by-one.js'

/** The file in which PostgreSQL lists who may connect from where (`pg_hba.conf`). */
export interface ClientAccess { readonly path: string; readonly mode: string; readonly owner: string; readonly group: string; readonly content: string }

const kind = oneByOne<ClientAccess, DatabaseServer>({
  name: 'client-access',
  summary: 'The file in which a PostgreSQL server lists who may connect from where.',
  script: (server) => script(
    sqlClient(server, { timeout: 30 }),
    sh`path=$(${runSql('SHOW hba_file')}) && printf '%s\n' "$path" && stat -c '%a\n%U\n%G' -- "$path" && cat -- "$path"`),
  parse: (server, answer) => {
    rowsOf(server, answer)
    const [path = '', mode = '', owner = '', group = '', ...lines] = answer.stdout.split('\n')
    return { path, mode: mode.padStart(4, '0'), owner, group, content: lines.join('\n') }
  },
  path: () => ({ path: '/etc/postgresql' }), // only the reply tells where it really is; this is where packages put it
})

/** Who may connect to a PostgreSQL server of this host: `client-access:postgresql`. */
export const clientAccess = (server: DatabaseServer): HostFact<ClientAccess, DatabaseServer> =>
  ({ key: `client-access:${serverKey(server)}`, kind, subject: server })
export const clientAccessKind = kind
