import { spawnSync } from 'node:child_process'
import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sha256 } from '../../src/core/digest.js'
import type { Text } from '../../src/core/secret.js'
import { hasDigest, LARGE } from '../../src/core/host-digest.js'
import { fileAt } from '../../src/facts/file.js'

const bytes = Buffer.alloc(LARGE, 'some bytes of a distribution')
let folder = ''
const at = (name: string): string => join(folder, name)
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'provision-digest-'))
  mkdirSync(at('bin'))
  const found = spawnSync('sh', ['-c', 'for p in sh stat sha256sum cat base64 realpath readlink id; do command -v $p; done'], { encoding: 'utf8' }).stdout.trim().split('\n')
  for (const program of found) symlinkSync(program, join(at('bin'), program.slice(program.lastIndexOf('/') + 1)))
  writeFileSync(at('large'), bytes)
  writeFileSync(at('less'), bytes.subarray(1))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each([{ host: 'with OpenSSL', path: () => process.env['PATH'] }, { host: 'without it', path: () => at('bin') }])('a large file on a host $host', ({ path }) => {
  const sh = (text: Text): { readonly status: number | null; readonly stdout: string; readonly stderr: string } => spawnSync('/bin/sh', { input: String(text), encoding: 'utf8', env: { PATH: path() } })

  it('has its digest, and no other', () => {
    const told = [sha256(bytes), sha256('other')].map((digest) => sh(hasDigest(at('large'), digest).text))
    expect(told.map(({ status, stderr }) => [status, stderr])).toEqual([[0, ''], [1, '']])
    expect(sh(hasDigest(at('nothing'), sha256('')).text).status).toBe(1)
  })

  it('is told by its digest beside others', () => {
    const { kind } = fileAt(at('large'))
    const subjects = [at('less'), at('nothing'), at('large')]
    const { stdout, stderr } = sh(String(kind.script(subjects)))
    expect(stderr).toBe('')
    expect(kind.split(stdout, subjects).map((reply, index) => kind.parse(subjects[index] ?? '', reply))).toEqual([
      expect.objectContaining({ type: 'file', sha256: sha256(bytes.subarray(1)) }), { type: 'absent' }, expect.objectContaining({ type: 'file', sha256: sha256(bytes) }),
    ])
  })
})

it('OpenSSL is on this machine, so that both ways are seen', () => { expect(spawnSync('openssl', ['version']).status).toBe(0) })
