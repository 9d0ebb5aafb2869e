import { afterAll, describe, expect, test } from 'vitest'
import { labDown, labStatus } from '../../src/lab/lab.js'
import { attempt } from '../../src/lab/program.js'
import { labHosts, noHostsReason, resetTestHost, titled } from '../support/lab.js'

const hosts = await labHosts(['s1', 's2'], 'support')

describe.skipIf(hosts.reason !== undefined)(titled('hosts for tests', hosts), () => {
  const ssh = (host: string, command: string) => attempt(['ssh', '-F', hosts.hosts[0]?.sshConfig ?? '', host, command])

  test('answer by what they say of themselves', async () => {
    for (const { name, address, key, knownHosts, user, port } of hosts.hosts) {
      const { stdout } = await attempt(['ssh', '-F', 'none', '-i', key, '-o', `UserKnownHostsFile=${knownHosts}`, '-p', String(port), `${user}@${address}`, 'uname -n'])
      expect(stdout).toBe(`${name}\n`)
    }
  })

  test('are shared by name, and reset one by one', async () => {
    await ssh('s1', 'touch mark')
    expect((await labHosts(['s2'], 'support')).hosts).toEqual(hosts.hosts.slice(1))
    await resetTestHost(hosts, 's1')
    expect((await ssh('s1', 'uname -n; ls')).stdout).toBe('s1\n')
  })

  afterAll(async () => {
    const directory = hosts.lab?.directory ?? ''
    await labDown({ directory, say: () => undefined })
    expect(await labStatus({ directory })).toBeUndefined()
  })
})

test('where no host can be made, the title says why', async () => {
  expect(titled('x', { reason: 'making hosts needs root' })).toBe('x (skipped: making hosts needs root)')
  expect((await noHostsReason()) === undefined).toBe(hosts.reason === undefined)
})
