import { ProvisionError } from '../core/errors.js'
import type { HostFact } from '../core/fact.js'
import { Secret, type Text } from '../core/secret.js'
import { sh } from '../core/shell.js'
import { oneByOne } from './one-by-one.js'

/** The acting user's own table. */
const OWN = 'self'

/** The options of `crontab` that name a table. */
export const crontabOptions = (user: string | undefined): readonly string[] => (user === undefined ? [] : ['-u', user])

const kind = oneByOne<Text>({
  name: 'crontab',
  summary: "A user's table of cron jobs, as it was written; empty when there is none. It is never shown, for jobs hold passwords.",
  script: (user) => sh`command -v crontab >/dev/null || { echo 'there is no crontab' >&2; exit 127; }
LC_ALL=C crontab ${[...crontabOptions(user === OWN ? undefined : user), '-l']}`,
  parse(user, { stdout, stderr, exit }) {
    if (exit === 0) return new Secret(stdout)
    if (exit === 1 && stderr.startsWith('no crontab for ')) return new Secret('')
    if (exit === 127) throw new ProvisionError('missing-program', 'the host has no program crontab', { hint: 'put a step `package: { name: cron }` (of Red Hat: cronie) before this one' })
    throw new ProvisionError('not-readable', `the crontab of ${user === OWN ? 'this user' : user} cannot be read`, { hint: 'say `become: true` at the step or the play, or make the user before', output: stderr })
  },
})

/** A user's cron jobs: `crontab:app`; those of the acting user: `crontab:self`. */
export const crontabOf = (user: string | undefined): HostFact<Text, string> => ({ key: `crontab:${user ?? OWN}`, kind, subject: user ?? OWN })
export const crontabKind = kind
