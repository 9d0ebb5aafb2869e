import { z } from 'zod'
import { below, disturbs } from '../core/change.js'
import { claimOf } from '../core/claim.js'
import { valueDiff } from '../core/diff.js'
import { ProvisionError } from '../core/errors.js'
import { becomes } from '../core/fact.js'
import { defineModule } from '../core/module.js'
import { sh } from '../core/shell.js'
import { sysctlPath, sysctlValue } from '../facts/sysctl.js'
import { file } from './file.js'

const PATH = '/etc/hostname'
const KEY = 'kernel.hostname'

export const hostname = defineModule({
  name: 'hostname',
  kind: 'state',
  summary: 'The host has a name, now and after a reboot. Whoever shall find it by that name asks DNS or /etc/hosts, which this leaves alone.',
  risks: () => ['network'],
  args: z.strictObject({
    name: z.string().max(64).regex(/^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/, 'expected a host name: letters, digits and hyphens, at most 64')
      .describe('The name, with or without a domain.'),
  }),
  examples: ['hostname: { name: node1.example.com }'],
  needs: (_args, scope) => ({ ...file.needs({ path: PATH, state: 'present' }, scope), kernel: sysctlValue(KEY) }),
  mayDisturb: () => [below(PATH), disturbs(sysctlValue(KEY))],
  claims: ({ name }) => [claimOf('hostname', { name })],
  check({ name }, { kernel, ...facts }) {
    const changes = file.check({ path: PATH, state: 'present', content: `${name}\n` }, facts)
    if (kernel === null) throw new ProvisionError('no-such-setting', 'the kernel of this host does not tell its name', { hint: `mount /proc, so that ${sysctlPath(KEY)} is there` })
    if (kernel === name) return changes
    return [...changes, {
      summary: `name the host ${name.length <= 40 ? name : `${name.slice(0, 39)}…`}`,
      diff: valueDiff([['hostname', kernel, name]]),
      actions: [{ do: 'exec', script: sh`hostname -- ${name} 2>/dev/null || printf '%s\\n' ${name} > ${sysctlPath(KEY)}`.text }],
      predicts: [becomes(sysctlValue(KEY), name)],
      disturbs: [],
      confirm: sh`[ "$(cat ${sysctlPath(KEY)})" = ${name} ]`.text,
    }]
  },
})
