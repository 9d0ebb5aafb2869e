import { describe, expect, it } from 'vitest'
import { exitCode, ProvisionError } from '../../src/core/errors.js'
import { Secret } from '../../src/core/secret.js'
import { sh } from '../../src/core/shell.js'
import type { Transport } from '../../src/core/transport.js'
import { LocalTransport } from '../../src/transport/local.js'
import { patient } from '../../src/transport/patient.js'
import { type Exchange, transcribed } from '../../src/transport/transcript.js'

const failing = (codes: readonly string[]): { readonly transport: Transport; readonly opened: () => number } => {
  let opened = 0
  const inner = new LocalTransport()
  return { opened: () => opened, transport: {
    host: 'web1', get roundTrips() { return inner.roundTrips }, session: (become) => inner.session(become), close: () => inner.close(),
    open: async () => {
      const code = codes[opened]
      opened += 1
      if (code !== undefined) throw new ProvisionError(code, `web1: ${code}`, { exit: exitCode.unreachable })
    },
  } }
}

describe('a patient transport', () => {
  const patience = { delay: 5, longest: 8, random: () => 1 }

  it('tries again while the host is unreachable', async () => {
    const { transport, opened } = failing(['unreachable', 'unreachable'])
    const notices: string[] = []
    await patient(transport, { ...patience, tries: 3, onNotice: (text) => notices.push(text) }).open()
    expect(opened()).toBe(3)
    expect(notices).toEqual(['web1: unreachable; trying again in 0.0 s (1 of 3)', 'web1: unreachable; trying again in 0.0 s (2 of 3)'])
  })

  it('gives up in the end', async () => {
    const { transport, opened } = failing(['unreachable', 'unreachable', 'unreachable'])
    await expect(patient(transport, { ...patience, tries: 2 }).open()).rejects.toMatchObject({ code: 'unreachable' })
    expect(opened()).toBe(2)
  })

  it.each(['unknown-host-key', 'changed-host-key', 'authentication-failed', 'wrong-become-password'])('does not try %s twice', async (code) => {
    const { transport, opened } = failing([code])
    await expect(patient(transport, patience).open()).rejects.toMatchObject({ code })
    expect(opened()).toBe(1)
  })

  it('is otherwise the transport within', async () => {
    const { transport } = failing([])
    const outer = patient(transport)
    expect(await (await outer.session()).exec('echo on')).toMatchObject({ stdout: 'on\n' })
    expect([outer.host, outer.roundTrips]).toEqual(['web1', 2])
    await outer.close()
  })
})

describe('a transcript', () => {
  it('tells each exchange without input and secrets', async () => {
    const exchanges: Exchange[] = []
    let time = 0
    const transport = transcribed(new LocalTransport({ host: 'web1' }), (exchange) => exchanges.push(exchange), () => { time += 5; return time })
    const session = await transport.session()
    await session.exec(sh`echo ${new Secret('xyzzy')}; cat; exit 3`.text, { stdin: 'plugh é' })
    await session.exec('sleep 5', { timeout: 50, stdin: new Secret('xyzzy') }).catch(() => undefined)
    await transport.close()
    expect(exchanges).toEqual([
      { host: 'web1', user: session.user, script: "echo '••••••••'; cat; exit 3", exit: 3, inputBytes: 8, outputBytes: 14, ms: 5 },
      { host: 'web1', user: session.user, script: 'sleep 5', exit: 'timed-out', inputBytes: 5, outputBytes: 0, ms: 5 },
    ])
    expect(JSON.stringify(exchanges)).not.toMatch(/xyzzy|plugh/)
  })
})
