import { z } from 'zod'
import { below, every, everything, type Disturbance } from '../core/change.js'
import { but } from '../core/disturbance.js'
import { ProvisionError } from '../core/errors.js'
import { sh, type Script } from '../core/shell.js'
import { groupKind } from '../facts/group.js'
import { packageKind } from '../facts/package.js'
import { programKind } from '../facts/program.js'
import { sysctlKind } from '../facts/sysctl.js'
import { userGroupsKind } from '../facts/user-groups.js'
import { userKind } from '../facts/user.js'
import { unitKind, type UnitState } from '../facts/unit.js'
import { steady } from './steady.js'

const SUFFIX = /\.(service|socket|timer|path|target|mount|automount|swap|slice|scope)$/

/** A unit's name; without a suffix it is a service. */
export const unitName = z.string().regex(/^[A-Za-z0-9:_.\\@-]+$/, 'expected the name of a unit').refine((name) => !/@(\.|$)/.test(name), 'expected an instance of the template, such as app@1.service')
  .transform((name) => (SUFFIX.test(name) ? name : `${name}.service`))

/** Only a unit that is there, and that systemd could read, can be acted on. */
export const requireUnit = (name: string, { load }: UnitState): void => {
  if (load === 'loaded') return
  const [code, message, hint] = ({
    'masked': ['masked-unit', `${name} is masked`, `run \`systemctl unmask ${name}\` on the host if it may run`],
    'not-found': ['no-such-unit', `there is no unit ${name} on this host`, 'put the `package` or `systemd-unit` step that brings it before this one, or mend the name'],
    'bad': ['bad-unit', `systemd cannot use the unit ${name}`, `see \`systemctl status ${name}\` on the host`],
  } as const)[load]
  throw new ProvisionError(code, message, { hint })
}

/** Acts on a unit as its file is now; what it said is shown when it fails. */
export const systemctl = (verb: 'start' | 'stop' | 'restart' | 'reload', name: string): Script => sh`case $(systemctl show -p NeedDaemonReload -- ${name}) in *=yes) systemctl daemon-reload || exit 1 ;; esac
systemctl ${verb} -- ${name} || { s=$?; systemctl status --no-pager --full --lines=20 -- ${name} >&2; exit "$s"; }${verb === 'start' || verb === 'restart' ? lives(name) : sh``}`

/** Of a unit whose process counts as started at once, a moment shows whether it ended again, and its log says why. */
const lives = (name: string): Script => sh`
case $(systemctl show -p Type -- ${name}) in *=simple|*=exec|*=idle)
  sleep 0.3
  case $(systemctl show -p ActiveState,SubState -- ${name}) in *=failed*|*=auto-restart*) systemctl status --no-pager --full --lines=20 -- ${name} >&2; exit 1 ;; esac ;;
esac`

/** Where what runs does not write by convention of the Filesystem Hierarchy Standard; a product's own folder below /opt is what it was given. */
const NOT_WRITTEN = ['/bin', '/boot', '/etc', '/home', '/lib', '/lib64', '/opt', '/root', '/sbin', '/srv', '/usr', '/var/www']

/** What is no longer known of a host once a unit starts or ends: ports, databases, what lies below /run and /var, and the units that it is tied to. */
export const runEffects = (alone: boolean | undefined): readonly Disturbance[] => [
  but(everything, ...steady, ...[groupKind, packageKind, programKind, sysctlKind, userGroupsKind, userKind].map(every), ...NOT_WRITTEN.map(below), ...(alone === true ? [every(unitKind)] : [])),
]

/** What is no longer known once a unit is tied to targets or untied: the links below them, and the units that it names beside itself. */
export const enableEffects = (alone: boolean | undefined): readonly Disturbance[] => (alone === true
  ? ['basic', 'default', 'graphical', 'multi-user', 'network-online', 'sockets', 'sysinit', 'timers'].map((target) => below(`/etc/systemd/system/${target}.target.wants`))
  : [below('/etc/systemd/system'), every(unitKind)])
