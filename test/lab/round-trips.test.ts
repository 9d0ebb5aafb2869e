import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asRoot } from '../support/lab-project.js'
import { labHosts, noHostsReason, titled, type TestHost } from '../support/lab.js'
import { tcpProxy, type TcpProxy } from '../support/proxy.js'
import { checkout, provision } from '../support/provision.js'

const reason = await noHostsReason()

/** Long enough that what follows from an answer is not mistaken for what was under way with it. */
const LATENCY = 100

describe.skipIf(reason !== undefined)(titled('the 51 steps of the benchmark on a distant host', { reason }), () => {
  let host: TestHost
  let proxy: TcpProxy
  let folder: string
  beforeAll(async () => {
    const [made] = (await labHosts(['trips'], 'round-trips')).hosts
    if (made === undefined) throw new Error('the lab made no host')
    host = made
    proxy = await tcpProxy({ host: host.address, port: host.port }, { latency: LATENCY, greets: true })
    folder = await mkdtemp(join(tmpdir(), 'provision-trips-'))
    await mkdir(join(folder, 'inventories/far'), { recursive: true })
    await writeFile(join(folder, 'ssh_config'), `Host trips\n  HostName ${proxy.host}\n  Port ${proxy.port}\n  HostKeyAlias trips\n  IdentityFile ${host.key}\n  IdentitiesOnly yes\n  UserKnownHostsFile ${host.knownHosts}\n  GlobalKnownHostsFile /dev/null\n`)
    await writeFile(join(folder, 'inventories/far/hosts.yaml'), `connection: { ssh-config: ${join(folder, 'ssh_config')}, user: ${host.user} }\nhosts: { trips: {} }\n`)
  }, 600_000)
  afterAll(async () => {
    await proxy?.close()
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  })

  const travelled = async (playbook: string): Promise<{ readonly changed: unknown; readonly frames: unknown; readonly roundTrips: number }> => {
    const before = proxy.roundTrips
    const { code, stdout, stderr } = await provision(['run', join(checkout, 'test/support/bench', playbook), '-i', 'far', '--yes', '--json'], { cwd: folder })
    expect(code, stderr).toBe(0)
    // the program's own form
    const { hosts } = JSON.parse(stdout) as { readonly hosts: Readonly<Record<string, { readonly changed: number; readonly round_trips: number }>> }
    return { changed: hosts['trips']?.changed, frames: hosts['trips']?.round_trips, roundTrips: proxy.roundTrips - before }
  }

  // Exact, so that nothing grows unseen: whoever saves one writes the new number here, whoever costs one says why.
  it('take this many frames and round trips', async () => {
    expect(await travelled('ordinary.yaml'), 'first apply: five to connect, two for a shell, questions, changes, changes').toEqual({ changed: 51, frames: 4, roundTrips: 10 })
    expect(await travelled('ordinary.yaml'), 'converged: five to connect, two for a shell, questions').toEqual({ changed: 0, frames: 2, roundTrips: 8 })
    await asRoot(host, 'echo drifted > /etc/shop/version')
    expect(await travelled('ordinary.yaml'), 'one change: one more').toEqual({ changed: 1, frames: 3, roundTrips: 9 })
  })
})
