import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { pack, type Header } from 'tar-stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ArchiveEntry } from '../../src/core/fact.js'
import { archiveEntries, archiveText } from '../../src/formats/archive.js'
import { zipOf, type ZipEntry } from '../support/zip.js'

let folder: string
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'provision-archive-')) })
afterAll(() => rmSync(folder, { recursive: true }))

let count = 0
const write = (bytes: Uint8Array): string => {
  const path = join(folder, `archive-${count++}`)
  writeFileSync(path, bytes)
  return path
}
const zip = (...entries: readonly ZipEntry[]): string => write(zipOf(entries))
const tar = async (entries: readonly (Partial<Header> & { name: string; content?: string })[], packed = true): Promise<string> => {
  const archive = pack()
  for (const { content, ...header } of entries) archive.entry(header, content ?? '')
  archive.finalize()
  const bytes = await buffer(archive)
  return write(packed ? gzipSync(bytes) : bytes)
}
const told = (entries: readonly ArchiveEntry[]): string[] =>
  entries.map(({ path, type, mode, target, size, content }) => [type, mode, path, target, content === undefined ? size : Buffer.from(content).toString()].filter((part) => part !== undefined).join(' '))
const codeOf = async (answer: Promise<unknown>): Promise<unknown> => answer.then(() => 'no error', (error: { code?: unknown }) => error.code)

describe('zip', () => {
  it('tells modes as under umask 022, without the bits that change the user', async () => {
    expect(told(await archiveEntries(zip(
      { name: 'app/', mode: 0o040777 }, { name: 'app/run.sh', mode: 0o100775, content: '#!/bin/sh\r\n' }, { name: 'app/suid', mode: 0o104755 },
      { name: 'app/key', mode: 0o100600 }, { name: 'app/none', mode: 0o100000 }, { name: 'app/closed/', mode: 0o040500 },
    )))).toEqual(['directory 0755 app 0', 'file 0755 app/run.sh #!/bin/sh\r\n', 'file 0755 app/suid ', 'file 0600 app/key ', 'file 0644 app/none ', 'directory 0700 app/closed 0'])
  })

  it('gives what was packed without modes the usual ones', async () => {
    expect(told(await archiveEntries(zip({ name: 'app/bin/run.sh', system: 0 })))).toEqual(['directory 0755 app 0', 'directory 0755 app/bin 0', 'file 0644 app/bin/run.sh '])
  })

  it('knows links, and names beyond ASCII that are certain', async () => {
    expect(told(await archiveEntries(zip({ name: 'ñandú 漢', mode: 0o100644, content: 'x' }, { name: Buffer.from('é'), mode: 0o100644 }, { name: 'link', mode: 0o120777, content: 'ñandú 漢' }))))
      .toEqual(['file 0644 ñandú 漢 x', 'file 0644 é ', 'link 0777 link ñandú 漢 0'])
  })

  it('leaves large content out', async () => {
    const [small, large] = await archiveEntries(zip({ name: 'small', content: Buffer.alloc(65_536) }, { name: 'large', content: Buffer.alloc(65_537) }))
    expect([small?.content?.length, large?.content, large?.size]).toEqual([65_536, undefined, 65_537])
  })

  it.each([
    ['unsafe-archive', { name: '../evil' }], ['unsafe-archive', { name: 'a/../../evil' }], ['unsafe-archive', { name: '/etc/evil' }], ['unsafe-archive', { name: 'C:/evil' }],
    ['unsafe-archive', { name: 'a\\b' }], ['unsafe-archive', { name: 'a\nb' }], ['unsafe-archive', { name: 'pipe', mode: 0o010644 }],
    ['unclear-archive', { name: Buffer.from([0x61, 0xe9]) }], ['unclear-archive', { name: Buffer.from('é'), system: 0 }], ['unclear-archive', { name: 'secret', flags: 1 }],
  ] as const)('refuses %s %o', async (code, entry) => expect(await codeOf(archiveEntries(zip(entry)))).toBe(code))

  it('refuses what would be written through a link, and what is two things', async () => {
    expect(await codeOf(archiveEntries(zip({ name: 'l', mode: 0o120777, content: '/etc' }, { name: 'l/passwd' })))).toBe('unsafe-archive')
    expect(await codeOf(archiveEntries(zip({ name: 'a' }, { name: 'a/' })))).toBe('unsafe-archive')
  })

  it('reads one entry', async () => {
    const path = zip({ name: 'app/sql/a.sql', content: 'SELECT 1;\n' }, { name: 'app/sql/' })
    expect(await archiveText(path, 'app/sql/a.sql')).toBe('SELECT 1;\n')
    expect(await codeOf(archiveText(path, 'app/sql/b.sql'))).toBe('missing-entry')
    expect(await codeOf(archiveText(path, 'app/sql'))).toBe('missing-entry')
  })
})

describe('tar', () => {
  const entries = [
    { name: './', type: 'directory' }, { name: './app/', type: 'directory', mode: 0o775 }, { name: './app/run.sh', mode: 0o755, content: 'x' }, { name: `./app/${'long'.repeat(60)}`, content: 'y' },
    { name: './app/link', type: 'symlink', linkname: '/etc/hosts' }, { name: './app/same', type: 'link', linkname: './app/run.sh' },
  ] as const
  it.each([['packed', true], ['not packed', false]])('is listed, %s', async (_name, packed) => {
    expect(told(await archiveEntries(await tar(entries, packed)))).toEqual([
      'directory 0755 app 0', 'file 0755 app/run.sh x', `file 0644 app/${'long'.repeat(60)} y`, 'link 0777 app/link /etc/hosts 0', 'file 0755 app/same x'])
  })

  it('reads one entry', async () => expect(await archiveText(await tar(entries), 'app/run.sh')).toBe('x'))

  it.each([
    ['../evil', {}], ['same', { type: 'link', linkname: 'nothing' }], ['same', { type: 'link', linkname: '../../etc/passwd' }], ['null', { type: 'character-device' }],
  ] as const)('refuses %s %o', async (name, header) => expect(await codeOf(archiveEntries(await tar([{ name, ...header }])))).toBe('unsafe-archive'))
})

describe('other files', () => {
  it('are told apart', async () => {
    expect(await codeOf(archiveEntries(write(Buffer.from('<html>not found</html>'))))).toBe('not-an-archive')
    expect(await codeOf(archiveEntries(write(Buffer.alloc(0))))).toBe('not-an-archive')
    const whole = zipOf([{ name: 'a', content: 'x'.repeat(1000) }])
    expect(await codeOf(archiveEntries(write(whole.subarray(0, whole.length - 30))))).toBe('damaged-archive')
    expect(await codeOf(archiveEntries(write(gzipSync(Buffer.alloc(5000, 1)).subarray(0, 20))))).toBe('damaged-archive')
  })
})
