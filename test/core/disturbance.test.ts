import { describe, expect, it } from 'vitest'
import { but, covers, type FactPath } from '../../src/core/disturbance.js'

const file = (path: string, real?: string): [string, FactPath] => [`file:${path}`, { path, ...(real === undefined ? {} : { real }) }]
const plain = (key: string): [string, undefined] => [key, undefined]

describe('covers', () => {
  it.each([
    ['*', ...plain('unit:nginx.service')],
    ['*', ...file('/etc/hosts')],
    ['unit:nginx.service', ...plain('unit:nginx.service')],
    ['unit:*', ...plain('unit:nginx.service')],
    ['below:/etc', ...file('/etc')],
    ['below:/etc', ...file('/etc/hosts')],
    ['below:/', ...file('/srv/app')],
    ['below:/opt/app-1', ...file('/opt/app/bin', '/opt/app-1/bin')],
    ['below:/srv/a/b', 'tree:/srv/a', { path: '/srv/a', isTree: true }],
    ['below:/data/b', 'tree:/srv/a', { path: '/srv/a', real: '/data', isTree: true }],
    ['file:/srv/a/b', 'tree:/srv/a', { path: '/srv/a', isTree: true }],
    ['below:/etc/ssl', 'encrypted-values:/etc/app/passwords', { path: '/etc/app/passwords', also: '/etc/ssl/app.key' }],
    [but('below:/etc', 'below:/etc/app'), 'encrypted-values:/etc/app/passwords', { path: '/etc/app/passwords', also: '/etc/ssl/app.key' }],
    [but('*', 'identity:self', 'below:/opt'), ...plain('unit:nginx.service')],
    [but('*', 'identity:self', 'below:/opt'), ...file('/etc/hosts')],
    [but('*', 'below:/opt'), ...file('/opt/java', '/usr/lib/java')],
    [but('below:/etc', 'below:/etc/systemd/system'), ...file('/etc/systemd/system.conf')],
    [but('below:/usr', 'below:/usr/local'), ...file('/usr/bin/tool', '/usr/local/bin/tool')],
  ])('%s covers %s', (disturbance, key, at) => {
    expect(covers(disturbance, key, at)).toBe(true)
  })

  it.each([
    ['unit:nginx.service', ...plain('unit:nginx.service.d')],
    ['unit:*', ...plain('port:22')],
    ['unit:*', 'tree:/srv/a', { path: '/srv/a', isTree: true }],
    ['file:/srv/ab', 'tree:/srv/a', { path: '/srv/a', isTree: true }],
    ['below:/srv/a/b', ...file('/srv/a')],
    ['below:/etc', ...file('/etcetera')],
    ['below:/etc', ...plain('unit:nginx.service')],
    [but('*', 'identity:self', 'below:/opt'), ...plain('identity:self')],
    [but('*', 'os:*'), ...plain('os:self')],
    [but('*', 'file:/etc', 'below:/opt'), ...file('/etc')],
    [but('*', 'below:/opt'), ...file('/opt/app', '/opt/app')],
    [but('below:/etc', 'below:/etc/hosts', 'below:/etc/systemd/system'), ...file('/etc/systemd/system/app.service')],
    [but('below:/usr', 'below:/usr/local'), ...file('/usr/local/bin', '/usr/local/bin')],
    [but('below:/usr', 'below:/usr/local'), ...file('/srv/tool', '/usr/local/bin/tool')],
    ['below:/srv', 'encrypted-values:/etc/app/passwords', { path: '/etc/app/passwords', also: '/etc/ssl/app.key' }],
    [but('unit:*', 'unit:ssh.service'), ...plain('unit:ssh.service')],
  ])('%s does not cover %s', (disturbance, key, at) => {
    expect(covers(disturbance, key, at)).toBe(false)
  })
})
