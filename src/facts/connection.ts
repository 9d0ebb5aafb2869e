import type { HostFact } from '../core/fact.js'
import { sh } from '../core/shell.js'
import { gateKind, type Gate } from './gate.js'

export interface Endpoint { readonly host: string; readonly port: number }

/** Without a network tool in POSIX, bash connects, or curl where there is none. */
const holds = ({ host, port }: Endpoint): ReturnType<typeof sh> => sh`if command -v bash >/dev/null; then
  timeout 5 bash -c 'exec 3<>"/dev/tcp/$0/$1"' ${host} ${port} 2>/dev/null && exit 0
elif command -v curl >/dev/null; then
  case $(curl -q --silent --output /dev/null --noproxy '*' --connect-timeout 3 --max-time 3 --write-out '%{time_connect}' \\
    ${`telnet://${host.includes(':') ? `[${host}]` : host}:${port}`} </dev/null) in *[1-9]*) exit 0 ;; esac
else
  echo 'neither bash nor curl is on this host: install the package bash' >&2; exit 127
fi
echo 'no connection'; exit 1`

const kind = gateKind<Endpoint>({
  name: 'connection',
  summary: 'Whether the host can open a TCP connection to a port of another host.',
  beyond: true,
  holds,
})

const connects = (endpoint: Endpoint): HostFact<boolean, Endpoint> => ({ key: `connection:${endpoint.host}:${endpoint.port}`, kind, subject: endpoint })
export const connectionKind = kind

/** Waits until the host can connect to a port elsewhere: `connection:10.0.0.5:3306`. */
export const connectionGate = (endpoint: Endpoint): Gate => ({ fact: connects(endpoint), label: `port ${endpoint.port} of ${endpoint.host}`, holds: holds(endpoint) })
