import { script, sh, type Script } from '../core/shell.js'
import type { Gate } from '../facts/gate.js'

/** Seconds: until giving up, between two looks, and that all must hold. */
export interface Patience { readonly timeout: number; readonly interval: number; readonly stable: number }

/** Looks until all gates hold; fails naming what is still missing, or as soon as a unit to watch has died. */
export const pollUntil = (gates: readonly Gate[], units: readonly string[], { timeout, interval, stable }: Patience): Script => script(
  units.length > 0 && sh`died() {
echo "unit-died: $1 $2 while it was waited for; it logged last:"
journalctl --quiet --no-pager --output=cat --all --lines=20 "--unit=$1"
exit 1
}
alive() {
active= sub= start=
for line in $(systemctl show --property=ActiveState,SubState,InvocationID -- "$1"); do
case $line in ActiveState=*) active=\${line#*=} ;; SubState=*) sub=\${line#*=} ;; InvocationID=*) start=\${line#*=} ;; esac
done
case $active/$sub in */auto-restart*|failed/*|inactive/*) died "$1" "is $active ($sub)" >&2 ;; esac
[ -z "$2" ] || [ "$start" = "$2" ] || died "$1" 'started anew' >&2
}`,
  ...units.map((unit, index) => script(sh`alive ${unit} ''`, sh`start${name(index)}=$start`)),
  sh`up() { read -r now _ </proc/uptime; now=\${now%%.*}; }
up; end=$((now + ${timeout})); since=
while :; do
missing=`,
  ...gates.map(({ label, holds }) => sh`seen=$( ( ${holds}
) 2>&1 </dev/null )
case $? in
0) ;;
1) missing="$missing
  "${label}"\${seen:+: $seen}" ;;
*) printf '%s\\n' "$seen" >&2; exit 1 ;;
esac`),
  ...units.map((unit, index) => sh`alive ${unit} "$start${name(index)}"`),
  sh`up
if [ -z "$missing" ]; then
[ $((now - \${since:=$now})) -lt ${stable} ] || exit 0
else since=; fi
[ "$now" -lt "$end" ] || break
sleep ${interval}
done
if [ -n "$missing" ]; then ${timeout === 0 ? sh`printf 'missing:%s\\n' "$missing"` : sh`printf 'after %s seconds still missing:%s\\n' ${timeout} "$missing"`}
else echo "all of it held, but not yet for ${stable} seconds"; fi >&2`,
  ...units.map((unit) => sh`{ echo ${`last lines of ${unit}:`}; journalctl --quiet --no-pager --output=cat --all --lines=10 --unit=${unit}; } >&2`),
  sh`exit 1`,
)

/** A number as part of a shell variable's name. */
const name = (index: number): string => `_${index}`
