import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { readJournal, type RunJournal } from '../../src/approval/journal.js'
import { folderWith } from '../inventory/files.js'
import { said, type Said } from '../support/said.js'

let folder = ''
beforeEach(async () => {
  folder = await folderWith({ 'inventories/here/hosts.yaml': 'connection: { transport: local }\nhosts: { here: {} }\n' })
  vi.stubEnv('XDG_STATE_HOME', join(folder, 'state'))
})
afterEach(() => { vi.unstubAllEnvs() })

const steps = (text: string, before = ''): Promise<void> => writeFile(join(folder, 'site.yaml'), `${before}plays:\n  - name: Here\n    hosts: all\n    steps:\n${text}`)
const call = (...args: readonly string[]): Promise<Said> => said(folder, args)
const run = (...more: readonly string[]): Promise<Said> => call('run', 'site.yaml', '-i', 'here', '--yes', ...more)
const runs = (): readonly string[] => readdirSync(join(folder, 'state/provision/runs')).toSorted()
const fileOf = (name: string): string => join(folder, 'state/provision/runs', name)
const journalOf = (name: string): RunJournal => readJournal(readFileSync(fileOf(name), 'utf8'), name)
const last = (): RunJournal => journalOf(runs().at(-1) ?? '')
const alter = (name: string, change: (text: string) => string): void => { writeFileSync(fileOf(name), change(readFileSync(fileOf(name), 'utf8'))) }

const three = (): string => `      - file: { path: ${folder}/one, content: "one\\n" }
      - { name: gate, command: { run: "test -e ${folder}/open && touch ${folder}/passed", creates: ${folder}/passed } }
      - file: { path: ${folder}/two, content: "two\\n" }
`

describe('the journal of a run', () => {
  it('tells what it was of, what was expected, and what was seen', async () => {
    await steps(three())
    expect(await run('--limit', 'here')).toMatchObject({ code: 1 })
    const { header, predicted, settled, end } = last()
    expect(header).toMatchObject({ playbook: 'site.yaml', inventory: ['here'], cwd: folder, limit: 'here', by: expect.stringMatching(/^.+@.+$/), tool: { version: expect.any(String) }, key: 'none' })
    expect(Object.keys(header.inputs.files)).toEqual(['inventories/here/hosts.yaml', 'site.yaml'])
    expect(header.after).toBeUndefined()
    expect(predicted.map(({ host, step, status, changes }) => [host, step, status, changes])).toEqual([
      ['here', `file ${folder}/one`, 'change', [`create ${folder}/one`]],
      ['here', 'gate', 'change', [expect.stringMatching(/^run test -e /)]],
      ['here', `file ${folder}/two`, 'deferred', []],
    ])
    expect(settled).toMatchObject([
      { address: `Here · site.yaml:5:9 · file ${folder}/one`, status: 'change', changes: [`create ${folder}/one`], module: 'file', file: 'site.yaml', line: 5 },
      { step: 'gate', status: 'failed', failure: 'action-failed', exit: 1, reason: expect.stringContaining('failed with exit 1') },
    ])
    expect(Object.keys(settled[0]?.facts ?? {})).toContain(`(login) file:${folder}/one`)
    expect(settled.map(({ started, ended, ms }) => [new Date(ended).getTime() - new Date(started).getTime() - ms < 2, ms >= 0])).toEqual([[true, true], [true, true]])
    expect(end).toMatchObject({ exit: 1, unfinished: ['here'], hosts: { here: { changed: 1, failed: 1 } } })
    expect(readFileSync(fileOf(runs()[0] ?? ''), 'utf8')).not.toContain('one\\n')
  })

  it('names the run before, the plan that is applied, and the run that it goes on with', async () => {
    await steps(`      - file: { path: ${folder}/one, content: "one\\n" }\n`)
    expect(await call('plan', 'site.yaml', '-i', 'here', '-o', 'change.plan')).toMatchObject({ code: 0 })
    expect(await call('apply', 'change.plan')).toMatchObject({ code: 0 })
    expect(last().header.plan).toBe((JSON.parse(await readFile(join(folder, 'change.plan'), 'utf8')) as { digest: string }).digest)
    await steps(three())
    await run()
    expect(last().header.after).toEqual({ run: runs()[0]?.replace('.ndjson', ''), digest: journalOf(runs()[0] ?? '').digests.at(-1) })
    await run('--resume')
    expect(last().header.resumes).toBe(runs()[1]?.replace('.ndjson', ''))
  })

  it('knows which facts a later step may have altered unseen', async () => {
    await steps(`      - file: { path: ${folder}/one, content: "one\\n" }\n      - command: { run: touch ${folder}/passed, creates: ${folder}/passed }\n`)
    expect(await run()).toMatchObject({ code: 0 })
    expect(last().end?.unsure['here']).toContain(`(login) file:${folder}/one`)
    expect(await run()).toMatchObject({ code: 0 })
    expect(last().end?.unsure).toEqual({})
  })

  it('holds no fingerprint of what holds a secret where no vault keys it', async () => {
    await steps(`      - file: { path: ${folder}/one, content: "{{ word }}\\n" }\n      - file: { path: ${folder}/two, content: "two\\n" }\n`, 'params: { word: { type: secret } }\n')
    expect(await run('--set', 'word=hush hush')).toMatchObject({ code: 0 })
    expect(last().settled.map(({ fingerprint, facts }) => [fingerprint === undefined, facts === undefined])).toEqual([[true, true], [false, false]])
    expect(readFileSync(fileOf(runs()[0] ?? ''), 'utf8')).not.toContain('hush')
  })
})

describe('--resume', () => {
  it('goes on with a journal that breaks off, as far as it goes', async () => {
    await steps(three())
    await run()
    await writeFile(join(folder, 'open'), '')
    alter(runs()[0] ?? '', (text) => text.slice(0, text.indexOf('"status":"failed"') + 20))
    expect(last().end).toBeUndefined()
    const { code, stderr } = await run('--resume')
    expect(code).toBe(0)
    expect(stderr).toMatch(/skipped {3}file \S+one — done by the run of /)
    expect(await run('--resume')).toMatchObject({ code: 0, stderr: expect.stringContaining('there is nothing to go on with') })
  })

  it('refuses an altered journal, and says where', async () => {
    await steps(three())
    await run()
    const [name = ''] = runs()
    const before = readFileSync(fileOf(name), 'utf8')
    const refused = async (line: number, why: string): Promise<void> => {
      expect(await run('--resume')).toMatchObject({ code: 2, stderr: expect.stringContaining(`error: the journal of the run ${name.replace('.ndjson', '')} was altered: line ${line}: ${why} [journal-altered]`) })
    }
    alter(name, (text) => text.replace('"status":"failed"', '"status":"change"'))
    await refused(6, 'its digest does not match')
    writeFileSync(fileOf(name), before.split('\n').toSpliced(4, 1).join('\n'))
    await refused(5, 'it does not follow the line before')
    writeFileSync(fileOf(name), before.replace('"playbook":"site.yaml"', '"playbook":"cite.yaml"'))
    await refused(1, 'its digest does not match')
    expect(runs()).toEqual([name])
  })

  it('refuses a journal of which a later run has seen more', async () => {
    await steps(three())
    await run()
    const [name = ''] = runs()
    await call('run', 'site.yaml', '-i', 'here,', '--yes') // a run of something else
    await writeFile(join(folder, 'other.yaml'), await readFile(join(folder, 'site.yaml'), 'utf8'))
    expect(await call('run', 'other.yaml', '-i', 'here', '--yes')).toMatchObject({ code: 1 })
    alter(name, (text) => text.split('\n').slice(0, 5).join('\n').concat('\n'))
    expect(await run('--resume')).toMatchObject({ code: 2, stderr: expect.stringContaining('line 6: lines are missing at its end, which a later run has seen [journal-altered]') })
  })

  it('does not know of journals of another version', async () => {
    await steps(three())
    await run()
    const [name = ''] = runs()
    writeFileSync(fileOf(name), `{"type":"run","format":1,"at":"2026-11-25T08:00:00.000Z","playbook":"site.yaml","inventory":["here"],"cwd":"${folder}"}\n`)
    expect(await run('--resume')).toMatchObject({ code: 2, stderr: expect.stringContaining('[nothing-to-resume]') })
    expect(await run('--resume', name.replace('.ndjson', ''))).toMatchObject({ code: 2, stderr: expect.stringContaining('[journal-version]') })
  })
})
