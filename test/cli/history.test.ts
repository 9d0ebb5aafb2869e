import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { folderWith } from '../inventory/files.js'
import { said, type Said } from '../support/said.js'

const inventory = 'connection: { transport: local }\nhosts: { here: {} }\n'
let folder = ''
beforeEach(async () => {
  folder = await folderWith({ 'inventories/here/hosts.yaml': inventory, 'inventories/other/hosts.yaml': inventory.replace('here', 'there') })
  vi.stubEnv('XDG_STATE_HOME', join(folder, 'state'))
  for (const name of ['one', 'two']) await writeFile(join(folder, `${name}.yaml`), `plays:\n  - name: Here\n    hosts: all\n    steps:\n      - file: { path: ${folder}/${name}.made, content: "made\\n" }\n`)
})
afterEach(() => { vi.unstubAllEnvs() })

const call = (...args: readonly string[]): Promise<Said> => said(folder, args)
const run = async (playbook: string, inventoryName = 'here'): Promise<void> => { expect(await call('run', playbook, '-i', inventoryName, '--yes')).toMatchObject({ code: 0 }) }
const files = (): readonly string[] => readdirSync(join(folder, 'state/provision/runs')).toSorted().map((name) => join(folder, 'state/provision/runs', name))
const nameOf = (file = ''): string => (file.split('/').at(-1) ?? '').replace('.ndjson', '')
const listed = async (...more: readonly string[]): Promise<readonly string[][]> => {
  const { code, stdout } = await call('history', '--json', ...more)
  expect(code).toBe(0)
  return (JSON.parse(stdout) as { playbook: string; inventory: string[]; changed: number }[]).map(({ playbook, inventory: of, changed }) => [playbook, ...of, String(changed)]) // the document of --json
}

describe('history', () => {
  it('has the newest first, and those that are asked for', async () => {
    expect(await call('history')).toEqual({ code: 0, stdout: '', stderr: 'No run is known.\n' })
    await run('one.yaml')
    await run('two.yaml')
    await run('one.yaml', 'other')
    expect(await listed()).toEqual([['one.yaml', 'other', '0'], ['two.yaml', 'here', '1'], ['one.yaml', 'here', '1']])
    expect(await listed('one.yaml')).toEqual([['one.yaml', 'other', '0'], ['one.yaml', 'here', '1']])
    expect(await listed(join(folder, 'one.yaml'), '-i', 'here')).toEqual([['one.yaml', 'here', '1']])
    expect(await listed('--host', 'there')).toEqual([['one.yaml', 'other', '0']])
    expect(await listed('-n', '1')).toEqual([['one.yaml', 'other', '0']])
    const { stdout } = await call('history', '--last', '2')
    expect(stdout).toMatch(/^Run +Started +Who .*\n[0-9a-f]{6} +\S+ \S+Z +\S+ +one.yaml +other +done +0 +0 +\d+ ms\n[0-9a-f]{6} .*\nThere are earlier runs: --last says how many are shown.\n$/)
  })

  it('tells of a journal that was altered, with the line, and exits 2', async () => {
    await run('one.yaml')
    await run('two.yaml')
    const [one = ''] = files()
    writeFileSync(one, readFileSync(one, 'utf8').replace('"status":"change"', '"status":"ok"'))
    const { code, stdout } = await call('history')
    expect(code).toBe(2)
    expect(stdout).toContain(`the journal of the run ${nameOf(one)} was altered: line 2: its digest does not match`)
    expect(stdout).toContain('two.yaml')
  })
})

describe('show', () => {
  it('tells a run by its name, how that begins, or its last letters, and a plan by its file', async () => {
    await run('one.yaml')
    await run('two.yaml')
    const [one = '', two = ''] = files().map(nameOf)
    for (const name of [one, one.slice(0, -1), one.slice(-6)]) expect(await call('show', name)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^done: 1 changed, 0 failed of 1 step, each as expected\n.*changed {3}file /s) })
    const { stdout } = await call('show', two.slice(-6), '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      summary: { run: two, outcome: 'done', changed: 1, hosts: ['here'] }, header: { playbook: 'two.yaml' }, end: { exit: 0 }, digest: expect.stringMatching(/^sha256:/),
      steps: [{ expected: { status: 'change', changes: [`create ${folder}/two.made`] }, observed: { status: 'change', ms: expect.any(Number) } }],
    })
    expect(await call('show', '2')).toMatchObject({ code: 2, stderr: expect.stringContaining(`several runs begin with 2: ${one}, ${two} [ambiguous-run]`) })
    expect(await call('show', 'nothing')).toMatchObject({ code: 2, stderr: expect.stringContaining('there is no run nothing [no-such-run]') })
    expect(await call('show', 'no.plan')).toMatchObject({ code: 2, stderr: expect.stringContaining('no.plan cannot be read') })
    await call('plan', 'one.yaml', '-i', 'here', '-o', 'plan')
    expect(await call('show', 'plan')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^exact: /) })
  })

  it('refuses a run whose journal was altered, with the line', async () => {
    await run('one.yaml')
    const [file = ''] = files()
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace('"exit":0', '"exit":1'))
    expect(await call('show', nameOf(file))).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('was altered: line 4: its digest does not match [journal-altered]') })
    writeFileSync(file, text.split('\n').toSpliced(1, 1).join('\n'))
    expect(await call('show', nameOf(file))).toMatchObject({ code: 2, stderr: expect.stringContaining('line 2: it does not follow the line before') })
  })
})
