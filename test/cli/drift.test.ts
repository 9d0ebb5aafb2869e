import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { appendFile, chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Secret } from '../../src/core/secret.js'
import { encryptText } from '../../src/inventory/vault/age.js'
import { folderWith } from '../inventory/files.js'
import { said, type Said } from '../support/said.js'

let folder = ''
beforeEach(async () => {
  folder = await folderWith({ 'inventories/here/hosts.yaml': 'connection: { transport: local }\nhosts: { here: {} }\n', 'three.j2': 'three\n' })
  vi.stubEnv('XDG_STATE_HOME', join(folder, 'state'))
  await writeFile(join(folder, 'site.yaml'), `plays:
  - name: Here
    hosts: all
    steps:
      - file: { path: ${folder}/one, content: "one\\n" }
      - directory: { path: ${folder}/made }
      - { name: gate, command: { run: "touch ${folder}/passed", creates: ${folder}/passed } }
      - { name: template, template: { src: three.j2, path: ${folder}/three } }
      - { name: always skipped, file: { path: ${folder}/never }, when: false }
`)
})
afterEach(() => { vi.unstubAllEnvs() })
const call = (...args: readonly string[]): Promise<Said> => said(folder, args)
const drift = (...more: readonly string[]): Promise<Said> => call('drift', 'site.yaml', '-i', 'here', ...more)
const run = async (): Promise<void> => { expect(await call('run', 'site.yaml', '-i', 'here', '--yes')).toMatchObject({ code: 0 }) }
const nothing = { code: 0, stdout: 'Nothing has moved: 0 steps newly wanted, 0 not known.\n', stderr: '' }

describe('drift', () => {
  it('is nothing after a run, and what somebody changed since, also where the run altered much', async () => {
    await run()
    expect(await drift()).toEqual(nothing)
    await appendFile(join(folder, 'one'), 'theirs\n')
    const { code, stdout } = await drift()
    expect(code).toBe(3)
    expect(stdout).toMatch(/^Moved on the hosts\n {2}here {2}file:\S+\/one since the run [0-9a-f]{6} looked at it, .*\n {8}a run would do: file \S+ — update \S+\/one\n {12}one\n {10}- theirs\n\n1 fact moved: 0 steps newly wanted, 0 not known.\n$/)
    await run()
    expect(await drift()).toEqual(nothing)
    await chmod(join(folder, 'made'), 0o700)
    expect(await drift()).toMatchObject({ code: 3, stdout: expect.stringMatching(/^Moved on the hosts\n {2}here {2}file:\S+\/made since the run [0-9a-f]{6}\n {8}nothing would be done about it\n/) })
  })

  it('is told apart from what the files newly want, and from both', async () => {
    await run()
    await run()
    await writeFile(join(folder, 'three.j2'), 'other\n')
    await appendFile(join(folder, 'site.yaml'), `      - { name: new, file: { path: ${folder}/new } }\n`)
    const only = await drift()
    expect(only).toMatchObject({ code: 0, stderr: '' })
    expect(only.stdout).toMatch(/^Newly wanted\n {2}here {2}template — update .*\n.*the host is as it was left: .* site.yaml:8\n {2}here {2}new — create .*\n.*it is new, or has other arguments {2}site.yaml:10\n {2}other than at the last run: site.yaml, three.j2\n\nNothing has moved: 2 steps newly wanted, 0 not known.\n$/)
    await rm(join(folder, 'passed'))
    await writeFile(join(folder, 'site.yaml'), (await readFile(join(folder, 'site.yaml'), 'utf8')).replace('one\\n', 'two\\n'))
    await appendFile(join(folder, 'one'), 'theirs\n')
    const { code, stdout } = await drift('--json')
    expect(code).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({
      since: readdirSync(join(folder, 'state/provision/runs')).toSorted().at(-1)?.replace('.ndjson', ''), files: ['site.yaml', 'three.j2'],
      moved: [{ fact: `file:${folder}/one`, isWanted: true, steps: [{ step: `file ${folder}/one` }] }, { fact: `file:${folder}/passed`, isWanted: false, steps: [{ step: 'gate' }] }],
      wanted: [{ step: { step: 'new' } }], unknown: [{ step: { step: 'template' }, why: 'it waits for "gate"' }],
    })
  })

  it('writes nothing on the host', async () => {
    await run()
    await rm(join(folder, 'passed'))
    const before = await readdir(folder)
    const { mtimeMs } = await stat(join(folder, 'one'))
    await drift()
    expect(await readdir(folder)).toEqual(before)
    expect((await stat(join(folder, 'one'))).mtimeMs).toBe(mtimeMs)
    expect(readdirSync(join(folder, 'state/provision/runs'))).toHaveLength(1)
  })

  it('needs a run to compare with, whose journal nobody altered', async () => {
    expect(await drift()).toMatchObject({ code: 2, stderr: expect.stringContaining('no run of site.yaml with here from here is known, so that nobody can tell what has moved since [no-record]') })
    await run()
    const [name = ''] = readdirSync(join(folder, 'state/provision/runs'))
    const file = join(folder, 'state/provision/runs', name)
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"file:\S*?":"[0-9a-f]/, (fact) => `${fact.slice(0, -1)}${fact.endsWith('0') ? '1' : '0'}`).replace('"exit":0', '"exit":1'))
    expect(await drift()).toMatchObject({ code: 2, stderr: expect.stringContaining('[journal-altered]') })
  })

  it('compares nothing under another key of the vault', async () => {
    const vaulted = (words: string): Promise<string> => encryptText('word: swordfish9\n', { kind: 'passphrase', passphrase: new Secret(words) })
    const key = 'the right key, long enough'
    await writeFile(join(folder, 'inventories/here/vault.yaml'), await vaulted(key))
    await writeFile(join(folder, 'site.yaml'), `plays:\n  - name: Here\n    hosts: all\n    steps:\n      - file: { path: ${folder}/secret, content: "{{ word }}\\n" }\n`)
    await writeFile(join(folder, 'key'), key, { mode: 0o600 })
    expect(await call('run', 'site.yaml', '-i', 'here', '--yes', '--vault-key-file', 'key')).toMatchObject({ code: 0 })
    const [name = ''] = readdirSync(join(folder, 'state/provision/runs'))
    const journal = readFileSync(join(folder, 'state/provision/runs', name), 'utf8')
    expect(journal).toContain('"key":"vault"')
    expect(journal).not.toContain('swordfish9')
    expect(await drift('--vault-key-file', 'key')).toEqual(nothing)
    await writeFile(join(folder, 'secret'), 'swordfish8\n')
    expect(await drift('--vault-key-file', 'key')).toMatchObject({ code: 3, stdout: expect.stringContaining(`file:${folder}/secret`) })
    await writeFile(join(folder, 'inventories/here/vault.yaml'), await vaulted('another key, long enough'))
    await writeFile(join(folder, 'key'), 'another key, long enough')
    expect(await drift('--vault-key-file', 'key')).toMatchObject({ code: 5, stderr: expect.stringContaining('the vault has another key than at the last run, so that nothing can be compared [other-vault-key]') })
  })

  it('is not told where a host cannot be planned for', async () => {
    await run()
    await appendFile(join(folder, 'site.yaml'), '      - { name: broken, file: { path: /nowhere/at/all/x, content: x } }\n')
    expect(await drift()).toMatchObject({ code: 1, stderr: expect.stringMatching(/^here: broken: /) })
  })
})
