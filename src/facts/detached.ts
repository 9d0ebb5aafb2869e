import { oneLineEach, type FactKind, type HostFact } from '../core/fact.js'
import { sh } from '../core/shell.js'

/** What was begun apart from any session and whose result nobody took: when, as ISO 8601 in UTC, and whether it is at work still. */
export interface Begun { readonly at: string; readonly isRunning: boolean }

/** A reply is a line of `name,running|ended,time`, by name. */
const kind: FactKind<Readonly<Record<string, Begun>>> = {
  name: 'detached',
  summary: 'What the acting user began apart from any session and whose result nobody took, by name.',
  script: () => sh`( cd -- "$HOME/.local/state/provision/jobs" 2>/dev/null && for j in *; do
  [ -e "$j/begun" ] || continue
  state=running
  if [ -e "$j/exit" ]; then state=ended
  elif p=$(cat -- "$j/pid" 2>/dev/null) && [ -n "$p" ] && [ ! -d "/proc/$p" ]; then state=ended; fi
  printf '%s,%s,%s ' "$j" "$state" "$(date -u -r "$j/begun" +%Y-%m-%dT%H:%M:%SZ)"
done; echo )`,
  ...oneLineEach,
  aside: true,
  parse: (_subject, reply) => Object.fromEntries(reply.split(' ').filter(Boolean).map((entry) => {
    const [name = '', state, at = ''] = entry.split(',')
    return [name, { at, isRunning: state === 'running' }]
  })),
}

/** What was begun by the acting user: `detached:self`. */
export const begunBefore: HostFact<Readonly<Record<string, Begun>>, string> = { key: 'detached:self', kind, subject: 'self' }
