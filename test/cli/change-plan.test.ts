import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rm, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { planFileText, readPlanFile } from '../../src/approval/plan-file.js'
import { folderWith } from '../inventory/files.js'
import { said, type Said } from '../support/said.js'

const here = 'connection: { transport: local }\nhosts: { here: {} }\n'

/** A project that makes files below its own folder on this machine. */
const project = async (approvals = '', steps?: string): Promise<string> => {
  const folder = await folderWith({ 'inventories/here/hosts.yaml': `${approvals}${here}` })
  await writeFile(join(folder, 'site.yaml'), `plays:
  - name: Here
    hosts: all
    steps:
${steps ?? `      - directory: { path: ${folder}/made, mode: '0755' }
      - file: { path: ${folder}/made/one, content: "one\\n" }
      - file: { path: ${folder}/made/two, content: "two\\n" }
`}`)
  return folder
}
const at = (folder: string) => (...args: readonly string[]): Promise<Said> => said(folder, args)
const planned = async (folder: string, ...more: readonly string[]): Promise<string> => {
  const { code, stderr } = await said(folder, ['plan', 'site.yaml', '-i', 'here', '-o', 'change.plan', '--author', 'author@example.org', ...more])
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^Wrote change.plan, sha256:[0-9a-f]{64}\n$/) })
  return readFile(join(folder, 'change.plan'), 'utf8')
}
const keyOf = (folder: string, name: string): string => {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, name)])
  return `${name}@example.org ${execFileSync('cut', ['-d ', '-f1,2', join(folder, `${name}.pub`)], { encoding: 'utf8' })}`
}

describe("a plan's file", () => {
  it('is the same for the same, but for its header, and is shown', async () => {
    const folder = await project()
    const [one, other] = [await planned(folder), await planned(folder, '--ticket', 'CHG-1')].map((text) => JSON.parse(text) as { plan: unknown; header: object; digest: string })
    expect(one?.plan).toEqual(other?.plan)
    expect(one?.digest).not.toBe(other?.digest)
    expect(other?.header).toMatchObject({ ticket: 'CHG-1', author: 'author@example.org', playbook: 'site.yaml', inventory: ['here'], inputs: { files: { 'site.yaml': expect.any(String), 'inventories/here/hosts.yaml': expect.any(String) } } })
    await writeFile(join(folder, 'first.plan'), await readFile(join(folder, 'change.plan')))
    expect(await at(folder)('diff', 'first.plan', 'change.plan')).toMatchObject({ code: 0, stdout: 'The plans do the same.\n' })
    const { code, stdout } = await at(folder)('show', 'change.plan')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^exact: each of 3 steps is decided\n/)
    expect(stdout).toContain(`create ${folder}/made/one`)
    expect(await at(folder)('show', 'change.plan', '--md')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\*\*exact: each of 3 steps is decided\*\*\n/) })
    expect(await at(folder)('show', 'change.plan', '--html')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^<!doctype html>\n.*exact: each of 3 steps is decided/s) })
    expect(await at(folder)('show', 'change.plan', '--md', '--html')).toMatchObject({ code: 2, stdout: '' })
    expect(await at(folder)('show', 'change.plan', '--md', '--json')).toMatchObject({ code: 2, stdout: '' })
    expect(await readdir(folder)).not.toContain('made')
    await mkdir(join(folder, 'made'), { mode: 0o755 })
    await planned(folder)
    expect(await at(folder)('diff', 'first.plan', 'change.plan')).toMatchObject({ code: 3, stdout: expect.stringMatching(/^The later plan does otherwise:\n.*is so already/s) })
  })

  it('says first what it does not know, with the commands', async () => {
    const folder = await project('', '      - command: { run: touch made, creates: /nowhere/made }\n      - file: { path: /nowhere/at/all/two, content: two }\n')
    await planned(folder)
    const { stdout } = await at(folder)('show', 'change.plan')
    expect(stdout).toMatch(/^bounded: 2 of 2 steps are not known before they are done\n/)
    expect(stdout).toContain('touch made')
    expect(stdout).toContain('waits for "command touch made"')
    expect(stdout).toMatch(/opaque +1 step: what it does is known by its command alone/)
  })

  it('is not written where the plan cannot be done', async () => {
    const folder = await project('', '      - file: { path: /nowhere/at/all/two, content: two }\n')
    expect(await at(folder)('plan', 'site.yaml', '-i', 'here', '-o', 'change.plan')).toMatchObject({ code: 1, stderr: 'change.plan was not written: a plan that cannot be done as things are is none to approve.\n' })
    expect(existsSync(join(folder, 'change.plan'))).toBe(false)
  })

  it('is not read when a byte of it is another, or its version', async () => {
    const folder = await project()
    const text = await planned(folder)
    const altered = async (other: string): Promise<Said> => {
      await writeFile(join(folder, 'altered.plan'), other)
      return at(folder)('apply', 'altered.plan')
    }
    for (const other of [text.replace('one', 'ome'), `${text} `, text.replace('"made/', '"mode/'), text.replace(/(created": ")2/, '$13'), text.replace(/[0-9a-f]"/, (end) => `${end[0] === '0' ? '1' : '0'}"`)]) {
      if (other !== text) expect(await altered(other)).toMatchObject({ code: 2, stderr: expect.stringContaining('[plan-altered]') })
    }
    expect(await altered(text.replace('"1.1"', '"2.0"'))).toMatchObject({ code: 2, stderr: expect.stringContaining('has the format 2.0, and this program reads 1.x [plan-version]') })
    expect(await altered(text.slice(0, -100))).toMatchObject({ code: 2, stderr: expect.stringContaining('[plan-malformed]') })
    expect(existsSync(join(folder, 'made'))).toBe(false)
  })
})

describe('apply', () => {
  it('does what the plan says, and nothing a second time', async () => {
    const folder = await project()
    await planned(folder)
    expect(await at(folder)('apply', 'change.plan')).toMatchObject({ code: 0, stderr: expect.stringContaining('3 changed') })
    expect(await readFile(join(folder, 'made/two'), 'utf8')).toBe('two\n')
    expect(await at(folder)('apply', 'change.plan')).toMatchObject({ code: 0, stderr: expect.stringContaining('3 ok, 0 changed') })
  })

  it('leaves behind how long its steps took, for the page of a later plan', async () => {
    const folder = await project()
    vi.stubEnv('XDG_STATE_HOME', join(folder, 'state'))
    try {
      await planned(folder)
      const page = async (): Promise<string> => (await at(folder)('show', 'change.plan', '--html')).stdout
      expect(await page()).toContain('no run of these steps is known yet')
      expect(await at(folder)('apply', 'change.plan')).toMatchObject({ code: 0 })
      expect(await page()).toMatch(/3 steps <span class="quiet-text">about \d+ ms</)
      await writeFile(join(folder, 'state/provision/runs/half.ndjson'), '{"type":"run"')
      expect(await page()).toContain('3 steps <span class="quiet-text">about ')
    } finally {
      vi.unstubAllEnvs()
    }
  })

  it('leaves out what somebody has done already', async () => {
    const folder = await project()
    await mkdir(join(folder, 'made'), { mode: 0o755 })
    await planned(folder)
    await writeFile(join(folder, 'made/one'), 'one\n', { mode: 0o644 })
    const { code, stderr } = await at(folder)('apply', 'change.plan')
    expect(code).toBe(0)
    expect(stderr).toContain(`note: here: file ${folder}/made/one: is so already`)
    expect(stderr).toContain('2 ok, 1 changed')
  })

  it('touches nothing when a host is not as it was, and tells what moved', async () => {
    const folder = await project()
    await mkdir(join(folder, 'made'), { mode: 0o755 })
    await writeFile(join(folder, 'made/one'), 'other\n', { mode: 0o644 })
    await planned(folder)
    for (const move of [() => writeFile(join(folder, 'made/one'), 'third\n'), () => chmod(join(folder, 'made/one'), 0o600), () => unlink(join(folder, 'made/one'))]) {
      await move()
      const { code, stderr } = await at(folder)('apply', 'change.plan')
      expect(code).toBe(5)
      expect(stderr).toContain('The hosts are not as they were when the plan was made:\n')
      expect(stderr).toContain(`file:${folder}/made/one`)
      expect(stderr).toContain('Nothing was changed.\n')
    }
    expect(await readdir(join(folder, 'made'))).toEqual([])
  })

  it('wants the files that the plan was made of, and values of --set again', async () => {
    const folder = await project('', '      - file: { path: /tmp/provision-never-there, content: "{{ word }}" }\n')
    await planned(folder, '--set', 'word=hush')
    expect(JSON.parse(await readFile(join(folder, 'change.plan'), 'utf8'))).toMatchObject({ header: { set: [{ name: 'word', fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/) }] } })
    expect(await at(folder)('apply', 'change.plan', '--set', 'word=other')).toMatchObject({ code: 5, stderr: expect.stringContaining('--set word  has another value') })
    await writeFile(join(folder, 'site.yaml'), `${await readFile(join(folder, 'site.yaml'), 'utf8')}# seen\n`)
    expect(await at(folder)('apply', 'change.plan', '--set', 'word=hush')).toMatchObject({ code: 5, stderr: expect.stringMatching(/site.yaml {2}has other content\n.*\[inputs-moved\]/s) })
    expect(existsSync('/tmp/provision-never-there')).toBe(false)
  })

  it('keeps to the time that the plan says', async () => {
    const folder = await project()
    await planned(folder, '--expires', '2020-01-01T00:00Z')
    expect(await at(folder)('apply', 'change.plan')).toMatchObject({ code: 6, stderr: expect.stringContaining('[plan-expired]') })
    await planned(folder, '--window', '2020-01-01T00:00Z/2020-01-01T02:00Z')
    expect(await at(folder)('apply', 'change.plan')).toMatchObject({ code: 6, stderr: expect.stringContaining('[outside-window]') })
    await planned(folder, '--window', '2120-01-01T00:00Z/2120-01-01T02:00Z')
    expect(await at(folder)('apply', 'change.plan')).toMatchObject({ code: 6, stderr: expect.stringContaining('[outside-window]') })
    expect(await at(folder)('plan', 'site.yaml', '-i', 'here', '-o', 'x', '--expires', 'soon')).toMatchObject({ code: 2, stderr: expect.stringContaining('[wrong-time]') })
    expect(existsSync(join(folder, 'made'))).toBe(false)
  })

  it('leaves the rest of the plan when it breaks off, which goes on with what was approved alone', async () => {
    const folder = await project()
    await writeFile(join(folder, 'site.yaml'), `plays:
  - name: Here
    hosts: all
    steps:
      - file: { path: ${folder}/one, content: "one\\n" }
      - name: gate
        command: { run: "test -e ${folder}/open && touch ${folder}/passed", creates: ${folder}/passed }
      - file: { path: ${folder}/two, content: "two\\n" }
`)
    await planned(folder)
    expect(await at(folder)('apply', 'change.plan')).toMatchObject({ code: 1, stderr: expect.stringContaining('What is left of the plan: change.resume.plan. To go on: provision apply change.resume.plan\n') })
    await writeFile(join(folder, 'open'), '')
    const rest = JSON.parse(await readFile(join(folder, 'change.resume.plan'), 'utf8')) as { header: { parent: string }; plan: { steps: { step: string }[] } }
    expect(rest.header.parent).toBe((JSON.parse(await readFile(join(folder, 'change.plan'), 'utf8')) as { digest: string }).digest)
    expect(rest.plan.steps.map(({ step }) => step)).toEqual(['gate', `file ${folder}/two`])
    // who writes a rest of their own says nothing that was not approved
    const forged = readPlanFile(await readFile(join(folder, 'change.resume.plan'), 'utf8'), 'rest')
    for (const [header, plan, told] of [
      [{ ...forged.header, playbook: 'other.yaml' }, forged.plan, 'its header is'],
      [forged.header, { ...forged.plan, hosts: { here: { facts: { 'root file:/x': '0'.repeat(32) } } } }, 'what here answered is'],
      [forged.header, { ...forged.plan, steps: forged.plan.steps.map((step) => ({ ...step, module: 'script' })) }, 'the step "gate" of here is'],
    ] as const) {
      await writeFile(join(folder, 'forged.resume.plan'), planFileText(header, plan))
      expect(await at(folder)('apply', 'forged.resume.plan')).toMatchObject({ code: 6, stderr: expect.stringContaining(`error: ${told} not what the plan says of which this is the rest [not-approved]`) })
    }
    await rm(join(folder, 'forged.resume.plan'))
    // what was done is not done again, though somebody has undone it: that was not left
    await rm(join(folder, 'one'))
    expect(await at(folder)('apply', 'change.resume.plan')).toMatchObject({ code: 5, stderr: expect.stringContaining('was not in the plan') })
    await writeFile(join(folder, 'one'), 'one\n', { mode: 0o644 })
    expect(await at(folder)('apply', 'change.resume.plan')).toMatchObject({ code: 0 })
    expect(await readFile(join(folder, 'two'), 'utf8')).toBe('two\n')
  })
})

describe('approval', () => {
  const policy = 'approvals: { required: 2, signers: ../../signers, roles: { opaque: [bob@example.org] } }\n'
  const three = async (folder: string): Promise<void> => writeFile(join(folder, 'signers'), ['alice', 'bob', 'author'].map((name) => keyOf(folder, name)).join(''))

  it('is asked of others than the author, as many as the inventory says, with the role that a risk needs', async () => {
    const folder = await project(policy)
    await three(folder)
    await writeFile(join(folder, 'site.yaml'), `plays:\n  - name: Here\n    hosts: all\n    steps:\n      - command: { run: touch ${folder}/made, creates: ${folder}/made }\n`)
    const call = at(folder)
    expect(await call('run', 'site.yaml', '-i', 'here', '--yes')).toMatchObject({ code: 6, stderr: expect.stringContaining('[needs-approval]') })
    await planned(folder)
    const refused = async (text: string): Promise<void> => { expect(await call('apply', 'change.plan')).toMatchObject({ code: 6, stderr: expect.stringContaining(text) }) }
    await refused('the plan has 0 of 2 approvals that it needs [not-approved]')
    expect(await call('approve', 'change.plan', '--key', 'author')).toMatchObject({ code: 0 })
    await refused('0 of 2 approvals that it needs; that of author@example.org, who made the plan, does not count')
    expect(await call('approve', 'change.plan', '--key', 'alice', '--as', 'alice')).toMatchObject({ code: 0, stderr: expect.stringMatching(/^Approved sha256:[0-9a-f]{64}: change.plan.alice.sig\n$/) })
    await refused('1 of 2 approvals')
    keyOf(folder, 'mallory')
    expect(await call('approve', 'change.plan', '--key', 'mallory')).toMatchObject({ code: 0 })
    await refused('1 of 2 approvals')
    expect(existsSync(join(folder, 'made'))).toBe(false)
    expect(await call('approve', 'change.plan', '--key', 'bob', '--as', 'bob')).toMatchObject({ code: 0 })
    // OpenSSH says the same of the signature
    expect(execFileSync('ssh-keygen', ['-Y', 'verify', '-f', 'signers', '-I', 'bob@example.org', '-n', 'provision-plan', '-s', 'change.plan.bob.sig'], { cwd: folder, input: await readFile(join(folder, 'change.plan')), encoding: 'utf8' })).toContain('Good "provision-plan" signature for bob@example.org')
    expect(await call('apply', 'change.plan')).toMatchObject({ code: 0 })
    expect(existsSync(join(folder, 'made'))).toBe(true)
  })

  /** One approval is enough, and alice has given it. */
  const approved = async (): Promise<string> => {
    const folder = await project(policy.replace('required: 2', 'required: 1').replace(', roles: { opaque: [bob@example.org] }', ''))
    await three(folder)
    await planned(folder)
    await at(folder)('approve', 'change.plan', '--key', 'alice')
    return folder
  }

  it('is of these bytes, and of these signers', async () => {
    const folder = await approved()
    const call = at(folder)
    await planned(folder, '--ticket', 'another')
    expect(await call('apply', 'change.plan')).toMatchObject({ code: 6, stderr: expect.stringContaining('0 of 1 approvals') })
    await call('approve', 'change.plan', '--key', 'alice', '--as', 'again')
    keyOf(folder, 'late')
    await writeFile(join(folder, 'signers'), `${await readFile(join(folder, 'signers'), 'utf8')}# one more\n`)
    expect(await call('apply', 'change.plan')).toMatchObject({ code: 5, stderr: expect.stringContaining('signers  has other content') })
    await rm(join(folder, 'signers'))
    expect(await call('apply', 'change.plan')).toMatchObject({ code: 2, stderr: expect.stringContaining('[no-signers]') })
  })

  it('has its file altered in any place: refused', async () => {
    const folder = await approved()
    const call = at(folder)
    const signature = await readFile(join(folder, 'change.plan.sig'), 'utf8')
    const lines = signature.trimEnd().split('\n')
    for (const [index, line] of lines.entries()) {
      const other = `${line[0] === 'A' ? 'B' : 'A'}${line.slice(1)}`
      await writeFile(join(folder, 'change.plan.sig'), `${lines.with(index, other).join('\n')}\n`)
      expect(await call('apply', 'change.plan')).toMatchObject({ code: 6, stderr: expect.stringContaining('0 of 1 approvals') })
    }
    expect(existsSync(join(folder, 'made'))).toBe(false)
  })
})
