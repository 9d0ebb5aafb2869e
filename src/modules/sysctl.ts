import { z } from 'zod'
import { below, disturbs, every, type Disturbance } from '../core/change.js'
import { claimOf } from '../core/claim.js'
import { valueDiff } from '../core/diff.js'
import { ProvisionError } from '../core/errors.js'
import { becomes } from '../core/fact.js'
import { defineModule } from '../core/module.js'
import { sh } from '../core/shell.js'
import { sysctlKind, sysctlPath, sysctlValue } from '../facts/sysctl.js'
import { absolutePath } from './arguments.js'
import { file } from './file.js'

export const sysctl = defineModule({
  name: 'sysctl',
  kind: 'state',
  summary: 'A kernel setting has a value, now and after a reboot.',
  args: z.strictObject({
    name: z.string().regex(/^[a-z0-9_]+(\.[A-Za-z0-9_-]+)+$/, 'expected a key with dots, such as vm.swappiness').describe('The key, with dots.'),
    value: z.union([z.string().regex(/^\S+([ \t]\S+)*$/, 'expected words with single spaces'), z.number()]).describe('The value; its parts separated by single spaces.'),
    file: absolutePath.optional().describe('The file that keeps it, for this key alone. When unset, /etc/sysctl.d/90-NAME.conf.'),
  }),
  examples: ['sysctl: { name: vm.swappiness, value: 10 }', 'sysctl: { name: net.ipv4.ip_local_port_range, value: 1024 65535 }'],
  needs: ({ name, file: kept }, scope) => ({ ...file.needs({ path: kept ?? fileOf(name), state: 'present' }, scope), value: sysctlValue(name) }),
  mayDisturb: ({ name, file: kept }) => [below(kept ?? fileOf(name)), disturbs(sysctlValue(name)), ...others(name)],
  claims: ({ name, value }) => [claimOf(`sysctl:${name}`, { value: String(value).replaceAll('\t', ' ') })],
  check({ name, value, file: kept }, { value: now, ...facts }) {
    if (now === null) throw new ProvisionError('no-such-setting', `the kernel of this host has no setting ${name}`, { hint: 'mend the name, or load the kernel module that brings it before' })
    const wanted = String(value).replaceAll('\t', ' ')
    const changes = file.check({ path: kept ?? fileOf(name), state: 'present', content: `${name} = ${wanted}\n` }, facts)
    if (now === wanted) return changes
    return [...changes, {
      summary: `set ${name}`,
      diff: valueDiff([[name, now, wanted]]),
      actions: [{ do: 'exec', script: sh`printf '%s\\n' ${wanted} > ${sysctlPath(name)}`.text }],
      predicts: [becomes(sysctlValue(name), wanted)],
      disturbs: others(name),
      confirm: sh`set -f; set -- $(cat -- ${sysctlPath(name)}); [ "$*" = ${wanted} ]`.text,
    }]
  },
})

const fileOf = (name: string): string => `/etc/sysctl.d/90-${name}.conf`

/** Some settings move others, as vm.dirty_bytes does vm.dirty_ratio; these are known to stand alone. */
const ALONE = /^(fs\.|kernel\.(pid_max|threads-max|sem|msg|shm(all|max|mni)$)|net\.core\.|net\.ipv4\.(tcp_|udp_|ip_local_)|vm\.(max_map_count|swappiness)$)/

const others = (name: string): readonly Disturbance[] => (ALONE.test(name) ? [] : [every(sysctlKind)])
