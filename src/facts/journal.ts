import type { HostFact } from '../core/fact.js'
import { sh, type Script } from '../core/shell.js'
import { gateKind, type Gate } from './gate.js'

/** A text that a unit logs, looked for since the unit's current start. */
export interface JournalQuestion { readonly unit: string; readonly text: string }

const holds = ({ unit, text }: JournalQuestion): Script => sh`command -v journalctl >/dev/null || { echo 'journalctl is not on this host: its units have no journal' >&2; exit 127; }
shown=$(systemctl show --property=ActiveState,InvocationID -- ${unit}) || exit 2
active= start=
for line in $shown; do case $line in ActiveState=*) active=\${line#*=} ;; InvocationID=*) start=\${line#*=} ;; esac; done
[ -n "$start" ] || { echo 'the unit has not started'; exit 1; }
case $active in inactive|failed) echo 'the unit does not run'; exit 1 ;; esac
journalctl --quiet --no-pager --output=cat --all "_SYSTEMD_INVOCATION_ID=$start" | grep -qF -e ${text} && exit 0
echo 'not logged since its start'; exit 1`

const kind = gateKind<JournalQuestion>({
  name: 'journal',
  summary: 'Whether a unit that runs has logged a text since its start.',
  holds,
})

const tells = (question: JournalQuestion): HostFact<boolean, JournalQuestion> => ({ key: `journal:${question.unit} ${question.text}`, kind, subject: question })
export const journalKind = kind

/** Waits for a unit to log a text: `journal:app.service started in`. */
export const journalGate = (question: JournalQuestion): Gate => ({ fact: tells(question), label: `"${question.text}" of ${question.unit}`, holds: holds(question) })
