import { ProvisionError } from '../core/errors.js'
import { oneLineEach, type FactKind, type HostFact } from '../core/fact.js'
import { sh } from '../core/shell.js'

/** A unit as systemd knows it. */
export interface UnitState {
  /** Whether it can be used: it may be masked, not be there at all, or hold mistakes. */
  readonly load: 'loaded' | 'masked' | 'not-found' | 'bad'
  /** Whether it runs now; not while it starts, ends or waits to be started again. */
  readonly active: boolean
  /** systemd's word: `enabled`, `disabled`, `static`, `generated`…; empty when there is no unit file. */
  readonly file: string
  /** Whether the file was changed since systemd read it. */
  readonly stale: boolean
  /** Whether starting, stopping or enabling it leaves every other unit as it was; left out when that cannot be told. */
  readonly alone?: boolean
}

/** The words of a unit file that draw other units in when it is started, stopped or enabled. */
export const OTHERS = ['Requires', 'Wants', 'BindsTo', 'Upholds', 'Conflicts', 'OnFailure', 'OnSuccess', 'PropagatesStopTo'] as const
const REVERSE = ['RequiredBy', 'BoundBy', 'ConsistsOf', 'Triggers'] as const
const PROPERTIES = ['Id', 'Names', 'LoadState', 'ActiveState', 'UnitFileState', 'NeedDaemonReload', 'FragmentPath', ...OTHERS, ...REVERSE]

/** A reply is `load state|active state|unit file state|needs reload|alone`; targets, slices and mounts are up before anyone logs in, so they do not count as others. */
const kind: FactKind<UnitState> = {
  name: 'unit',
  summary: 'A unit as systemd knows it: whether it is there, runs, is enabled, and whether its file was changed since it was read.',
  script: (subjects) => sh`set -f
nl='
'
if ! command -v systemctl >/dev/null; then for p in ${subjects}; do echo '!|the host has no systemctl'; done; exit 0; fi
if ! out=$(LC_ALL=C systemctl show -p ${PROPERTIES.join(',')} -- ${subjects} 2>&1); then
  why=\${out##*"$nl"}
  for p in ${subjects}; do printf '!|%s\\n' "$why"; done
  exit 0
fi
IFS=$nl
paths=; for line in $out; do case $line in FragmentPath=/*) paths="$paths$nl\${line#*=}" ;; esac; done
drawing=; [ -z "$paths" ] || drawing=$(grep -slE '^(Also|Alias)=|^(Wanted|Required|Upheld)By=.*[.](service|socket|timer|path)' -- $paths)
unset IFS
load= names= others= fragment=
set -- ${subjects}
flush() {
  alone=alone
  for o in $names; do [ "$o" = "$1" ] || alone=tied; done
  for o in $others; do case \${o%'"'} in *.target|*.slice|*.mount|dbus.socket) ;; *) alone=tied ;; esac; done
  case "$nl$drawing$nl" in *"$nl$fragment$nl"*) [ -z "$fragment" ] || alone=tied ;; esac
  echo "$load|$active|$file|$stale|$alone"
}
printf '%s\\n\\n' "$out" | while IFS= read -r line; do
  case $line in
    '') [ -z "$load" ] || flush "$1"; shift; load= names= others= fragment= ;;
    Names=*) names=\${line#*=} ;;
    LoadState=*) load=\${line#*=} ;;
    ActiveState=*) active=\${line#*=} ;;
    UnitFileState=*) file=\${line#*=} ;;
    NeedDaemonReload=*) stale=\${line#*=} ;;
    FragmentPath=*) fragment=\${line#*=} ;;
    Id=*) ;;
    *) others="$others \${line#*=}" ;;
  esac
done`,
  ...oneLineEach,
  parse(unit, reply) {
    const [load = '', active = '', file = '', stale, alone] = reply.split('|')
    if (load === '!') throw new ProvisionError('no-systemd', `systemd does not answer about ${unit}: ${active}`, { hint: 'the host must have been started by systemd' })
    return {
      load: load === 'loaded' || load === 'masked' || load === 'not-found' ? load : 'bad',
      active: active === 'active' || active === 'reloading' || active === 'refreshing',
      file, stale: stale === 'yes', alone: alone === 'alone',
    }
  },
}

/** A unit of systemd: `unit:nginx.service`. */
export const unit = (name: string): HostFact<UnitState, string> => ({ key: `unit:${name}`, kind, subject: name })
export const unitKind = kind
