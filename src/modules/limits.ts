import { z } from 'zod'
import { below } from '../core/change.js'
import { defineModule } from '../core/module.js'
import { file } from './file.js'

const ITEMS = ['as', 'core', 'cpu', 'data', 'fsize', 'memlock', 'msgqueue', 'nice', 'nofile', 'nproc', 'rss', 'rtprio', 'sigpending', 'stack'] as const
const limit = z.union([z.int(), z.literal('unlimited')])

const args = z.strictObject({
  user: z.string().regex(/^(@?[a-z_][a-z0-9_.-]{0,31}|\*)$/, 'expected a user, @GROUP or *').describe('A user, `@GROUP`, or `*` for everybody but root.'),
  item: z.enum(ITEMS).describe('What is limited, such as `nofile` (open files) or `nproc` (processes).'),
  soft: limit.optional().describe('The limit that a session starts with: a number or `unlimited`. Left out when unset.'),
  hard: limit.optional().describe('The limit up to which a process may raise its own. Left out when unset.'),
}).refine(({ soft, hard }) => soft !== undefined || hard !== undefined, { message: 'give `soft`, `hard` or both', path: ['soft'] })
type Args = z.output<typeof args>

export const limits = defineModule({
  name: 'limits',
  kind: 'state',
  summary: 'Sessions of a user have a limit, by a file below /etc/security/limits.d; systemd units have theirs in the unit (LimitNOFILE=).',
  args,
  examples: ['limits: { user: app, item: nofile, soft: 65536, hard: 65536 }', `limits: { user: '@app', item: nproc, hard: unlimited }`],
  needs: (wanted, scope) => file.needs({ path: fileOf(wanted), state: 'present' }, scope),
  mayDisturb: (wanted) => [below(fileOf(wanted))],
  check(wanted, facts) {
    const { user, item, soft, hard } = wanted
    const lines = [['soft', soft], ['hard', hard]].flatMap(([type, value]) => (value === undefined ? [] : [`${user} ${type} ${item} ${value}\n`]))
    return file.check({ path: fileOf(wanted), state: 'present', content: lines.join('') }, facts)
  },
})

const fileOf = ({ user, item }: Args): string => `/etc/security/limits.d/90-${user === '*' ? 'everybody' : user.replace('@', 'group-')}-${item}.conf`
