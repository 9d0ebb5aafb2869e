import type { HostFact } from '../core/fact.js'
import { sh } from '../core/shell.js'
import { gateKind, type Gate } from './gate.js'

const holds = (unit: string): ReturnType<typeof sh> => sh`command -v systemctl >/dev/null || { echo 'systemctl is not on this host: it has no units' >&2; exit 127; }
shown=$(systemctl show --property=ActiveState,SubState -- ${unit}) || exit 2
active= sub=
for line in $shown; do case $line in ActiveState=*) active=\${line#*=} ;; SubState=*) sub=\${line#*=} ;; esac; done
case $active in active|reloading|refreshing) exit 0 ;; esac
echo "it is $active ($sub)"; exit 1`

const kind = gateKind<string>({ name: 'active', summary: 'Whether a unit of systemd runs now.', holds })

const runs = (unit: string): HostFact<boolean, string> => ({ key: `active:${unit}`, kind, subject: unit })
export const activeKind = kind

/** Waits for a unit to run: `active:nginx.service`. */
export const activeGate = (unit: string): Gate => ({ fact: runs(unit), label: `${unit} running`, holds: holds(unit) })
