import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sha256 } from '../../src/core/digest.js'
import type { Controller } from '../../src/core/fact.js'
import { createController } from '../../src/engine/controller.js'
import { fileMemory } from '../../src/engine/file-memory.js'
import { archiveListing } from '../../src/facts/archive-listing.js'
import { givenCertificate } from '../../src/facts/given-certificate.js'
import { driverClasses } from '../../src/facts/jdbc-driver.js'
import { constant, localFile, localText } from '../../src/facts/local-file.js'
import { Secret } from '../../src/core/secret.js'
import { archiveEntries, archiveText } from '../../src/formats/archive.js'
import { zipOf } from '../support/zip.js'

let folder: string
let controller: Controller
let reads: string[]
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'provision-controller-'))
  mkdirSync(join(folder, 'play'))
  mkdirSync(join(folder, 'work'))
  writeFileSync(join(folder, 'play/both.txt'), 'of the playbook\n')
  writeFileSync(join(folder, 'work/both.txt'), 'of the directory\n')
  writeFileSync(join(folder, 'work/only.bin'), Buffer.from([0xff, 0xfe]))
  writeFileSync(join(folder, 'play/driver.jar'), zipOf([{ name: 'META-INF/services/java.sql.Driver', content: '# two\norg.example.Driver # first\n\norg.example.Other\n' }]))
  writeFileSync(join(folder, 'play/library.jar'), zipOf([{ name: 'a.class' }]))
  reads = []
  controller = createController({
    roots: [join(folder, 'play'), join(folder, 'work')],
    archive: async (path) => { reads.push(path); return archiveEntries(path) },
    archiveText,
    render: async () => 'rendered',
  })
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('controller', () => {
  it('finds files in the first root that has them, and by absolute path', async () => {
    expect(await controller.text('both.txt')).toBe('of the playbook\n')
    expect(await localText(join(folder, 'work/both.txt')).read(controller)).toBe('of the directory\n')
    expect(await localFile('only.bin').read(controller)).toEqual({ local: join(folder, 'work/only.bin'), sha256: sha256(Buffer.from([0xff, 0xfe])), size: 2 })
    expect([...await controller.bytes('only.bin')]).toEqual([0xff, 0xfe])
  })

  it('remembers what it read', async () => {
    await controller.file('both.txt')
    const before = await controller.file('both.txt')
    writeFileSync(join(folder, 'play/both.txt'), 'of the playbook\n')
    expect(await controller.file('both.txt')).toBe(before)
    expect(await archiveListing('driver.jar').read(controller)).toBe(await controller.archive('driver.jar'))
    expect(reads).toEqual([join(folder, 'play/driver.jar')])
  })

  it.each([['none.txt', 'file'], ['both.txt/x', 'file'], ['../play', 'file'], ['none.txt', 'text'], ['none.zip', 'archive']] as const)('says that %s is missing', async (path, ask) => {
    await expect(controller[ask](path)).rejects.toMatchObject({ code: 'missing-file', exit: 2 })
  })

  it('refuses text that is none', async () => expect(controller.text('only.bin')).rejects.toMatchObject({ code: 'not-text' }))

  it('renders as it was told', async () => expect(await controller.render('x', { host: 'h', lookup: () => undefined })).toBe('rendered'))

  it('reads the classes of a driver', async () => {
    expect(await driverClasses('driver.jar').read(controller)).toEqual(['org.example.Driver', 'org.example.Other'])
    await expect(driverClasses('library.jar').read(controller)).rejects.toMatchObject({ code: 'no-driver' })
    await expect(driverClasses('none.jar').read(controller)).rejects.toMatchObject({ code: 'missing-file' })
  })

  it('reads a provided certificate, and hides its key', async () => {
    const given = await givenCertificate({ certificate: 'both.txt', key: 'both.txt' }).read(controller)
    expect([given.certificate, given.key.reveal()]).toEqual(['of the playbook\n', 'of the playbook\n'])
    expect(String(given.key)).not.toContain('playbook')
    const key = new Secret('x')
    expect((await givenCertificate({ certificate: 'both.txt', key }).read(controller)).key).toBe(key)
    expect(await constant(key).read(controller)).toBe(key)
  })
})

describe('what outlives a run', () => {
  const file = (): string => join(folder, 'play/library.jar')
  const settled = async (): Promise<void> => { while (Date.now() - statSync(file()).ctimeMs < 2_100) await new Promise((resolve) => setTimeout(resolve, 100)) }
  const ask = async (place: string): Promise<readonly string[]> => {
    const asked: string[] = []
    const later = createController({ roots: [join(folder, 'play')], archive: async (path) => { asked.push(path); return archiveEntries(path) }, archiveText, render: async () => '', memory: fileMemory(place) })
    expect([(await later.file('library.jar')).sha256, (await later.archive('library.jar')).map(({ path, content }) => [path, content?.length])])
      .toEqual([(await controller.file('library.jar')).sha256, [['a.class', 0]]])
    return asked
  }

  it('is not asked again while the file is the same', async () => {
    const place = join(folder, 'memory')
    await settled()
    expect(await ask(place)).toEqual([file()])
    expect(await ask(place)).toEqual([])
    expect(readdirSync(place).map((name) => (statSync(join(place, name)).mode & 0o777).toString(8))).toEqual(['600', '600'])
    writeFileSync(file(), zipOf([{ name: 'a.class' }]))
    expect(await ask(place), 'touched just now').toEqual([file()])
    await settled()
    expect(await ask(place), 'another file').toEqual([file()])
    for (const name of readdirSync(place)) writeFileSync(join(place, name), 'damaged')
    expect(await ask(place), 'damaged').toEqual([file()])
    expect(await ask('/dev/null/nowhere'), 'no folder').toEqual([file()])
  }, 15_000)
})

describe('files that come back', () => {
  it('are written whole, for their owner alone, and looked at anew each time', async () => {
    const alone = createController({ roots: [folder], archive: archiveEntries, archiveText, render: async () => '' })
    expect(await alone.digest('logs/one/app.log')).toBeUndefined()
    await alone.save('logs/one/app.log', Buffer.from('first'))
    expect(await alone.digest('logs/one/app.log')).toBe(sha256('first'))
    await alone.save('logs/one/app.log', Buffer.from([0xff]))
    expect(await alone.digest(join(folder, 'logs/one/app.log'))).toBe(sha256(Buffer.from([0xff])))
    expect(statSync(join(folder, 'logs/one/app.log')).mode & 0o777).toBe(0o600)
    expect(readdirSync(join(folder, 'logs/one'))).toEqual(['app.log'])
    expect(await alone.digest('logs/one/app.log/below')).toBeUndefined()
    await expect(alone.digest('logs')).rejects.toMatchObject({ code: 'not-a-file' })
  })
})
