import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { Secret } from '../../src/core/secret.js'
import { sh } from '../../src/core/shell.js'
import type { Session, Transport } from '../../src/core/transport.js'
import { envelope, shellLoop } from '../../src/transport/shell-loop.js'
import { LocalTransport } from '../../src/transport/local.js'
import { scratch, shellCases } from './shells.js'

const opened: Transport[] = []
const open = async (transport: Transport): Promise<Session> => {
  opened.push(transport)
  return transport.session()
}
afterEach(async () => { for (const transport of opened.splice(0)) await transport.close() })

const code = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    return await promise
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error
  }
}

describe.each(shellCases)('a session of $name', ({ missing, transport }) => {
  it.skipIf(missing)('keeps the two streams and the status apart', async () => {
    const session = await open(transport())
    expect(await session.exec('echo out; echo err >&2; exit 7')).toEqual({ stdout: 'out\n', stderr: 'err\n', exit: 7 })
    expect(await session.exec('printf no-newline')).toEqual({ stdout: 'no-newline', stderr: '', exit: 0 })
    expect(await session.exec('')).toEqual({ stdout: '', stderr: '', exit: 0 })
    expect((await session.exec('kill -9 $(exec sh -c "echo \\$PPID")')).exit).toBe(137)
  })

  it.skipIf(missing)('outlives whatever a script does to its shell', async () => {
    const session = await open(transport())
    const hostile = [
      'exit 3', 'set -eu; false; echo unreached', 'echo $((1+', 'if', 'exec true', 'exec >/dev/null 2>&1', 'exec 0<&- 1>&- 2>&-', 'cd /tmp; umask 777; PATH=/nowhere; IFS=x; LC_ALL=xx',
      'trap "echo trapped" EXIT; trap "" TERM', 'read line; cat; echo "got:$line"', 'sleep 30 & echo started', 'readonly _k=1 _m=2 _z=3', 'set -f; set -x; alias echo=false', 'unset PATH HOME', 'set', 'ulimit -n 3',
      'nosuchcommand', 'cat <<X\nunfinished', '. /nonexistent', 'echo() { false; }; dd() { false; }; cat() { false; }', 'while :; do break 5; done', 'return 4', 'shift 9', 'eval "exit 9"',
    ]
    for (const script of hostile) {
      await session.exec(script)
      await session.exec(script, { stdin: 'one\ntwo\n'.repeat(20_000) })
      expect(await session.exec('echo "$((1 + 1))"; pwd; umask; echo "$LC_ALL"', {}), script).toMatchObject({ stdout: expect.stringMatching(/^2\n\/.*\n0?022\nC\n$/), exit: 0 })
    }
  }, 60_000)

  it.skipIf(missing)('gives a script exactly its input, whether it reads it or not', async () => {
    const session = await open(transport())
    expect(await session.exec('cat', { stdin: 'grüße\n' })).toMatchObject({ stdout: 'grüße\n' })
    expect(await session.exec('wc -c | tr -d " "', { stdin: new Secret('12345') })).toMatchObject({ stdout: '5\n' })
    expect(await session.exec('read first; echo "$first"', { stdin: 'a\n'.repeat(500_000) })).toMatchObject({ stdout: 'a\n' })
    expect(await session.exec('true', { stdin: randomBytes(3_000_000) })).toMatchObject({ exit: 0 })
    expect(await session.exec('cat; echo end', {})).toMatchObject({ stdout: 'end\n' })
    expect(await session.exec('cat; exit 5', { stdin: new Uint8Array(0) })).toMatchObject({ stdout: '', exit: 5 })
    const bytes = randomBytes(200_001)
    const sums = await session.exec('sha256sum', { stdin: { stream: Readable.from([bytes.subarray(0, 65_536), bytes.subarray(65_536)]), length: bytes.length } })
    expect(sums.stdout.slice(0, 64)).toBe(createHash('sha256').update(bytes).digest('hex'))
  })

  it.skipIf(missing)('carries any words in any script', async () => {
    const session = await open(transport())
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ unit: fc.constantFrom("'", '\\', '\n', '"', '$', '`', '!', '%', '\x7f', '\x81', '\x88', 'é', '\t', ' '), maxLength: 40 }))
      .map((value) => value.replaceAll('\0', ''))
    await fc.assert(fc.asyncProperty(text, text, async (word, input) => {
      const { stdout, stderr, exit } = await session.exec(sh`printf %s ${word}; cat >&2; exit 3`.text, { stdin: input })
      expect({ stdout, stderr, exit }).toEqual({ stdout: Buffer.from(word).toString(), stderr: Buffer.from(input).toString(), exit: 3 })
    }), { numRuns: 60 })
  }, 60_000)

  it.skipIf(missing)('carries any input of any length and a long script', async () => {
    const session = await open(transport())
    await fc.assert(fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 2000 }), fc.constantFrom(1, 65_535, 65_536, 65_537, 131_072, 400_000).map((size) => new Uint8Array(randomBytes(size)))), async (input) => {
      const { stdout } = await session.exec('base64 | tr -d "\\n"', { stdin: input })
      expect(Buffer.compare(Buffer.from(stdout, 'base64'), input)).toBe(0)
    }), { numRuns: 40 })
    const words = Array.from({ length: 40_000 }, (_, index) => `: ${index}`).join('\n')
    expect(await session.exec(`${words}\necho done`)).toMatchObject({ stdout: 'done\n' })
  }, 60_000)

  it.skipIf(missing)('ends what a script started when its time is over, and goes on', async () => {
    const session = await open(transport())
    const mark = `4${Math.floor(Math.random() * 1e6)}`
    expect(await code(session.exec(`sleep ${mark} & (trap "" TERM; sleep ${mark}) ; echo late`, { timeout: 300 }))).toBe('timed-out')
    const left = await session.exec(`for f in /proc/[0-9]*/cmdline; do tr "\\0" " " <$f 2>/dev/null; echo; done | grep -c "^sleep ${mark}"`)
    expect(left.stdout).toBe('0\n')
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 100)
    expect(await code(session.exec('sleep 100', { signal: stop.signal }))).toBe('interrupted')
    expect(await code(session.exec('touch /nonexistent/x', { signal: stop.signal }))).toBe('interrupted')
    expect(await session.exec('echo on')).toMatchObject({ stdout: 'on\n' })
  })

  it.skipIf(missing)('rejects, and starts anew, when a script ends the session itself', async () => {
    const session = await open(transport())
    expect(await code(session.exec('kill -9 $$'))).toBe('connection-lost')
    expect(await code(session.exec('kill -9 0'))).toBe('connection-lost')
    expect(await session.exec('echo on')).toMatchObject({ stdout: 'on\n' })
  })
})

describe('a frame that is cut anywhere', () => {
  const program = 'echo ran >&2; : padding'
  const marks = envelope(program.length, 0, true)
  const whole = `${marks.header}${program}${marks.afterScript}`
  const said = (text: string): string => spawnSync('sh', ['-c', shellLoop('ready')], { input: text, encoding: 'utf8' }).stderr

  it('runs nothing of its script', () => {
    for (let length = 0; length < whole.length - 1; length += 3) expect(said(whole.slice(0, length)), `after ${length} bytes`).not.toContain('ran')
    expect(said(whole)).toContain('ran')
  })
})

describe('a session', () => {
  it('hands on output as it comes, without what encloses it', async () => {
    const session = await open(new LocalTransport())
    const seen: string[] = []
    let firstAt = 0
    const began = performance.now()
    await session.exec('printf "\\303"; sleep 0.2; printf "\\251"; echo err >&2; sleep 0.3; echo end', { onOutput: (text, stream) => {
      firstAt ||= performance.now() - began
      seen.push(`${stream}:${text}`)
    } })
    expect(firstAt).toBeLessThan(450)
    expect(seen.filter((line) => line.startsWith('stdout')).join('').replaceAll('stdout:', '')).toBe('éend\n')
    expect(seen).toContain('stderr:err\n')
    expect(seen.join('')).not.toMatch(/[0-9a-f]{24}/)
  })

  it('runs frames one after the other, in the order they came', async () => {
    const session = await open(new LocalTransport())
    const outputs = await Promise.all([session.exec('sleep 0.2; echo 1'), session.exec('exit 2'), session.exec('echo 3')])
    expect(outputs.map(({ stdout, exit }) => `${stdout.trim()}/${exit}`)).toEqual(['1/0', '/2', '3/0'])
  })

  it('drops what a background process says between frames', async () => {
    const session = await open(new LocalTransport())
    await session.exec('(sleep 0.1; echo stray; echo stray >&2) & true')
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(await session.exec('echo own')).toEqual({ stdout: 'own\n', stderr: '', exit: 0 })
  })

  it('counts one round trip for the start and one a frame', async () => {
    const transport = new LocalTransport()
    const session = await open(transport)
    await session.exec('true')
    await session.exec('true', { stdin: 'x' })
    expect(transport.roundTrips).toBe(3)
    expect(await transport.session()).toBe(session)
    expect(transport.roundTrips).toBe(3)
  })

  it('refuses a script with NUL and an input of another length than announced', async () => {
    const session = await open(new LocalTransport())
    expect(await code(session.exec('echo a\0b'))).toBe('nul-in-script')
    expect(await code(session.exec('cat', { stdin: { stream: Readable.from([Buffer.alloc(10)]), length: 20 } }))).toBe('wrong-input-length')
    expect(await code(session.exec('cat', { stdin: { stream: Readable.from([Buffer.alloc(10)]), length: 5 } }))).toBe('wrong-input-length')
    expect(await session.exec('echo on')).toMatchObject({ stdout: 'on\n' })
  })

  it('never lets a script take a cut input for the whole', async () => {
    const directory = scratch()
    const session = await open(new LocalTransport())
    const failing = async function* (): AsyncGenerator<Buffer> {
      yield Buffer.alloc(100_000)
      await new Promise((resolve) => setTimeout(resolve, 100))
      throw new Error('disk error')
    }
    await expect(session.exec(sh`cat >${directory}/part; touch ${directory}/complete`.text, { stdin: { stream: Readable.from(failing()), length: 200_000 } })).rejects.toThrow('disk error')
    await new Promise((resolve) => setTimeout(resolve, 200))
    const { stdout } = await session.exec(sh`ls ${directory}`.text)
    expect(stdout).toBe('part\n')
  })

  it('reads byte by byte where dd cannot fill its blocks', async () => {
    const directory = scratch()
    writeFileSync(join(directory, 'dd'), '#!/bin/sh\nfor word; do case $word in iflag=*) exit 1;; esac; done\nexec /bin/dd "$@"\n')
    chmodSync(join(directory, 'dd'), 0o755)
    const session = await open(new LocalTransport({ env: { ...process.env, PATH: `${directory}:${process.env['PATH'] ?? ''}` } }))
    expect(await session.exec('cat; echo; echo end', { stdin: 'x'.repeat(5000) })).toMatchObject({ stdout: `${'x'.repeat(5000)}\nend\n` })
    expect(await session.exec('echo on')).toMatchObject({ stdout: 'on\n' })
  })

  it('cannot be used after it was closed', async () => {
    const transport = new LocalTransport()
    const session = await transport.session()
    await transport.close()
    expect(await code(session.exec('true'))).toBe('connection-lost')
  })
})
