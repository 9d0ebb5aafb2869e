import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { folderWith } from '../inventory/files.js'
import { said, type Said } from '../support/said.js'

let folder = ''
beforeEach(async () => {
  folder = await folderWith({ 'deploy/inventories/here/hosts.yaml': 'connection: { transport: local }\nhosts: { here: {} }\n' })
  vi.stubEnv('XDG_STATE_HOME', join(folder, 'state'))
  vi.stubEnv('GITHUB_ACTIONS', '')
})
afterEach(() => { vi.unstubAllEnvs() })
const steps = (text: string): Promise<void> => writeFile(join(folder, 'deploy/site.yaml'), `plays:\n  - name: Here\n    hosts: all\n    steps:\n${text}`)
const call = (...args: readonly string[]): Promise<Said> => said(join(folder, 'deploy'), args)
const report = (): string => readFileSync(join(folder, 'deploy/junit.xml'), 'utf8')
const made = (): string => `      - file: { path: ${folder}/made, content: "made\\n" }\n      - { name: gate, command: { run: "false", creates: ${folder}/passed } }\n`

describe('--junit', () => {
  it('is written by a run, a plan and an apply, and leaves nothing of an earlier report', async () => {
    await steps(made())
    expect(await call('plan', 'site.yaml', '-i', 'here', '--junit', 'junit.xml', '-o', 'change.plan')).toMatchObject({ code: 0 })
    expect(report()).toContain('<testsuites name="provision" tests="2" failures="0" ')
    expect(await call('apply', 'change.plan', '--junit', 'junit.xml')).toMatchObject({ code: 1 })
    expect(report()).toContain('<testsuites name="provision" tests="2" failures="1" ')
    // where the host has moved nothing is done, and that is no success
    await writeFile(join(folder, 'made'), 'otherwise\n')
    expect(await call('apply', 'change.plan', '--junit', 'junit.xml', '--json')).toMatchObject({ code: 5, stdout: expect.stringMatching(/"status": "failed".*"code": "moved",\n *"message": "here: \(login\) file:/s) })
    expect(report()).toMatch(/<failure message="here: \(login\) file:\S+ answers otherwise than when the plan was made" type="moved">/)
  })

  it('tells why nothing was done', async () => {
    await steps('      - file: { path: /nowhere/at/all/two, content: two }\n')
    expect(await call('run', 'site.yaml', '-i', 'here', '--yes', '--junit', 'junit.xml')).toMatchObject({ code: 1 })
    expect(report()).toContain('failures="1"')
    await steps('      - fil: { path: /x }\n')
    expect(await call('run', 'site.yaml', '-i', 'here', '--yes', '--junit', 'junit.xml')).toMatchObject({ code: 2 })
    expect(report()).toMatch(/<testcase name="site.yaml:5:9" classname="provision" time="0.000">\n<failure message="[^"]*fil/)
    expect(await call('run', 'site.yaml', '-i', 'here', '--yes', '--junit', 'no/such/junit.xml')).toMatchObject({ code: 2, stderr: expect.stringContaining('--junit no/such/junit.xml: the file cannot be written: ENOENT [unwritable-file]') })
    expect(existsSync(join(folder, 'made'))).toBe(false)
  })
})

describe('a job of GitHub', () => {
  it('is told of failures by their lines in the repository, and of the plays that are folded', async () => {
    await steps(made())
    vi.stubEnv('GITHUB_ACTIONS', 'true')
    vi.stubEnv('GITHUB_WORKSPACE', folder)
    const { stderr } = await call('run', 'site.yaml', '-i', 'here', '--yes')
    expect(stderr).toMatch(/^::group::Here\n\nHere\n.*\n::error file=deploy\/site.yaml,line=6,col=9,title=here%3A gate::run false failed with exit 1 \[action-failed\]\n.*\n::endgroup::\n\nfailed: /s)
    vi.stubEnv('GITHUB_WORKSPACE', '/elsewhere')
    const quiet = await call('run', 'site.yaml', '-i', 'here', '--yes', '--json')
    expect(quiet.stderr).toContain('::error file=site.yaml,line=6')
    expect(quiet.stderr).not.toContain('::group::')
    expect(JSON.parse(quiet.stdout)).toMatchObject({ status: 'failed' })
  })

  it('is not told of anything elsewhere', async () => {
    await steps(made())
    expect((await call('run', 'site.yaml', '-i', 'here', '--yes')).stderr).not.toContain('::')
  })
})
