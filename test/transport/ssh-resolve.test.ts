import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseSshConfig } from '../../src/formats/ssh-config.js'
import { readSshConfig } from '../../src/transport/ssh-config-lookup.js'
import { resolveSshSettings, type SshTarget } from '../../src/transport/ssh-resolve.js'
import { scratch } from './shells.js'

const environment = { home: '/home/olga', user: 'olga', agent: '/run/agent' }
const resolve = (config: string, target: Partial<SshTarget> = {}) => resolveSshSettings({ host: 'web1', ...target }, parseSshConfig(config, '~/.ssh/config'), environment)

describe('how a host is reached', () => {
  it('follows custom where nothing is said', () => {
    const { settings, notes } = resolve('')
    expect(notes).toEqual([])
    expect(settings).toMatchObject({ host: 'web1', hostname: 'web1', port: 22, user: 'olga', agent: '/run/agent', identitiesOnly: false, jumps: [], pinned: [] })
    expect(settings.identities.map((identity) => ('path' in identity ? identity.path : identity.name))).toEqual(['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => `/home/olga/.ssh/${name}`))
    expect(settings.knownHosts).toEqual(['/home/olga/.ssh/known_hosts', '/home/olga/.ssh/known_hosts2', '/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'])
    expect(settings.keepalive).toEqual({ interval: 15_000, count: 3 })
  })

  it('takes the first setting that holds from the ssh_config', () => {
    const { settings } = resolve(`
      Host web* !web9
        hostname = %h.example.org   # comment
        User deploy
        Port 2222
        IdentityFile "~/my keys/%r@%h"
        IdentityFile ~/.ssh/id_%n_%p_%u%%
        IdentitiesOnly yes
        UserKnownHostsFile ~/.ssh/one ~/.ssh/two
        GlobalKnownHostsFile none
        HostKeyAlias farm
        ConnectTimeout 3
        ServerAliveInterval 5
      Host *
        User other
        Port 23
        IdentityFile ~/.ssh/last
        IdentityAgent none
    `)
    expect(settings).toEqual({
      host: 'web1', hostname: 'web1.example.org', port: 2222, user: 'deploy', identitiesOnly: true, hostKeyAlias: 'farm', pinned: [], jumps: [],
      identities: ['/home/olga/my keys/deploy@web1.example.org', '/home/olga/.ssh/id_web1_2222_olga%', '/home/olga/.ssh/last'].map((path) => ({ path })),
      knownHosts: ['/home/olga/.ssh/one', '/home/olga/.ssh/two'], connectTimeout: 3000, keepalive: { interval: 5000, count: 3 }, startTimeout: 30_000,
    })
    expect(resolve('Host web* !web1\n Port 24\nHost *\n Port 25').settings.port).toBe(25)
  })

  it('lets the inventory go before it, and looks its address up', () => {
    const { settings } = resolve('Host 10.0.0.1\n User a\n Port 1\nHost web1\n User b', { address: '10.0.0.1', port: 22, identities: [{ path: '/k' }] })
    expect(settings).toMatchObject({ hostname: '10.0.0.1', user: 'a', port: 22, identities: [{ path: '/k' }] })
  })

  it('judges Match lines as far as the configuration goes, and says where not', () => {
    const { settings, notes } = resolve('Match originalhost web1 user olga\n Port 7\nMatch host x\n Port 8\nMatch exec "test -e /x"\n User nobody\nMatch all\n User somebody')
    expect(settings).toMatchObject({ port: 7, user: 'somebody' })
    expect(notes).toEqual([expect.stringContaining('Match exec test -e /x')])
  })

  it('says which settings it does not follow', () => {
    expect(resolve('StrictHostKeyChecking no\nCertificateFile ~/.ssh/c').notes).toEqual([expect.stringContaining('StrictHostKeyChecking no'), expect.stringContaining('CertificateFile')])
    expect(resolve('StrictHostKeyChecking ask').notes).toEqual([])
    expect(() => resolve('ProxyCommand nc %h %p')).toThrow(expect.objectContaining({ code: 'unsupported-ssh-option', exit: 2 }))
    expect(() => resolve('Port many')).toThrow(expect.objectContaining({ code: 'wrong-ssh-option', exit: 2 }))
    expect(() => parseSshConfig('Host "open', 'f')).toThrow(expect.objectContaining({ code: 'unreadable-ssh-config', exit: 2 }))
  })

  it('goes through jump hosts, each by its own settings', () => {
    const { settings } = resolve('Host web1\n ProxyJump admin@gate:2200,inner\nHost gate\n HostName gate.example.org\n ProxyJump outer\n IdentityFile ~/.ssh/gate\nHost inner\n User ivan\n ProxyJump gate')
    expect(settings.jumps.map(({ user, hostname, port }) => `${user}@${hostname}:${port}`)).toEqual(['olga@outer:22', 'admin@gate.example.org:2200', 'ivan@inner:22'])
    expect(settings.jumps[1]?.identities).toEqual([{ path: '/home/olga/.ssh/gate' }])
    expect(settings.jumps.every(({ jumps }) => jumps.length === 0)).toBe(true)
    expect(resolve('Host web1\n ProxyJump gate', { jump: 'none' }).settings.jumps).toEqual([])
    expect(resolve('', { jump: '[2001:db8::1]:22', user: 'deploy', identities: [{ path: '/k' }] }).settings.jumps).toMatchObject([{ hostname: '2001:db8::1', user: 'deploy', identities: [{ path: '/k' }] }])
    expect(() => resolve('Host web1\n ProxyJump web1')).toThrow(expect.objectContaining({ code: 'endless-jump', exit: 2 }))
    expect(() => resolve('', { jump: ':22' })).toThrow(expect.objectContaining({ code: 'wrong-jump-host', exit: 2 }))
  })

  it('reads included files under the conditions of their place', async () => {
    const home = scratch()
    mkdirSync(join(home, '.ssh', 'conf.d'), { recursive: true })
    writeFileSync(join(home, '.ssh', 'config'), 'Include conf.d/*.conf nowhere\nHost web1\n  Include only-web1\n  Port 3\nHost *\n  User last\n')
    writeFileSync(join(home, '.ssh', 'conf.d', 'a.conf'), 'Host web2\n  User second\n')
    writeFileSync(join(home, '.ssh', 'conf.d', 'b.txt'), 'User wrong\n')
    writeFileSync(join(home, '.ssh', 'only-web1'), 'User first\nHost web2\n  Port 9\n')
    const options = await readSshConfig(join(home, '.ssh', 'config'), home)
    expect(resolveSshSettings({ host: 'web1' }, options, environment).settings).toMatchObject({ user: 'first', port: 3 })
    expect(resolveSshSettings({ host: 'web2' }, options, environment).settings).toMatchObject({ user: 'second', port: 22 })
    expect(resolveSshSettings({ host: 'web3' }, options, environment).settings).toMatchObject({ user: 'last' })
    expect(await readSshConfig(join(home, 'none'), home)).toEqual([])
  })
})
