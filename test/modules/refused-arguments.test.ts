import { expect, it } from 'vitest'
import type { z } from 'zod'
import type { Module } from '../../src/core/module.js'
import { command } from '../../src/modules/command.js'
import { hostsEntry } from '../../src/modules/hosts-entry.js'
import { limits } from '../../src/modules/limits.js'
import { line } from '../../src/modules/line.js'
import { link } from '../../src/modules/link.js'
import { packageModule } from '../../src/modules/package.js'
import { service } from '../../src/modules/service.js'
import { sysctl } from '../../src/modules/sysctl.js'
import { systemdUnit } from '../../src/modules/systemd-unit.js'
import { textBlock } from '../../src/modules/text-block.js'
import { user } from '../../src/modules/user.js'

it.each<[module: Module, args: unknown, place: string]>([
  [command, { run: ' ' }, 'run'],
  [command, { run: 'make', creates: '/x', unless: 'true' }, 'unless'],
  [command, { run: 'make', chdir: 'relative' }, 'chdir'],
  [hostsEntry, { address: '10.0.0.256', names: 'a' }, 'address'],
  [hostsEntry, { address: '10.0.0.1', names: 'a b' }, 'names'],
  [hostsEntry, { address: '10.0.0.1', names: [] }, 'names'],
  [limits, { user: 'app', item: 'nofile' }, 'soft'],
  [limits, { user: 'app', item: 'files', soft: 1 }, 'item'],
  [line, { path: '/x' }, 'line'],
  [line, { path: '/x', match: 'y' }, 'line'],
  [line, { path: '/x', line: 'a\nb' }, 'line'],
  [line, { path: '/x', line: 'a', match: '(' }, 'match'],
  [line, { path: '/x', line: 'a', after: 'b', before: 'c' }, 'before'],
  [line, { path: '/x', state: 'absent' }, 'line'],
  [link, { path: '/x', target: '' }, 'target'],
  [packageModule, { name: ['nginx', 'tree'], version: '1' }, 'version'],
  [packageModule, { name: 'nginx', version: '1', state: 'absent' }, 'version'],
  [packageModule, { name: 'nginx', state: 'absent', brings: { units: ['nginx'] } }, 'brings'],
  [packageModule, { name: 'nginx', brings: { programs: ['nginx'] } }, 'brings'],
  [packageModule, { name: 'nginx=1' }, 'name'],
  [packageModule, { name: '--allow-unauthenticated' }, 'name'],
  [packageModule, { name: [] }, 'name'],
  [service, { name: 'app@.service' }, 'name'],
  [service, { name: 'a b' }, 'name'],
  [sysctl, { name: 'vm', value: 1 }, 'name'],
  [sysctl, { name: 'vm.swappiness', value: '1\n2' }, 'value'],
  [systemdUnit, { name: 'app', content: 'x' }, 'name'],
  [systemdUnit, { name: 'app.service', content: '\n' }, 'content'],
  [textBlock, { path: '/x', name: 'app' }, 'content'],
  [textBlock, { path: '/x', name: 'app', content: '' }, 'content'],
  [textBlock, { path: '/x', name: 'app', content: 'x', after: 'b', before: 'c' }, 'before'],
  [textBlock, { path: '/x', name: 'two\nlines', content: 'x' }, 'name'],
  [user, { name: 'Root' }, 'name'],
  [user, { name: 'app', uid: -1 }, 'uid'],
  [user, { name: 'app', comment: 'a:b' }, 'comment'],
])('$0.name refuses $1 at $2', (module, args, place) => {
  const result = (module.args as z.ZodType).safeParse(args) // generics are erased in a table
  expect(result.success).toBe(false)
  expect(result.error?.issues.map((issue) => issue.path[0])).toContain(place)
})
