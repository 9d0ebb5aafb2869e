import { describe, expect, it } from 'vitest'
import { folderWith } from '../inventory/files.js'
import { said, type Said } from '../support/said.js'

const here = 'connection: { transport: local }\nhosts: { here: {} }\n'
const look = `plays:
  - name: Work
    hosts: all
    steps:
      - file: { path: /nowhere/at/all, content: x }
  - name: Proof
    hosts: all
    verify: true
    steps:
      - name: nobody listens at port 1
        wait-for: { port: 1, timeout: 60 }
      - name: one and one is two
        assert: { that: "{{ 1 + 1 == 2 }}" }
  - name: More proof
    hosts: all
    verify: only
    steps:
      - name: what is not asked for
        when: 1 > 2
        assert: { that: false }
`
/** The same with a first check that holds. */
const sound = look.replace('wait-for: { port: 1, timeout: 60 }', 'assert: { that: true }')
const verify = async (playbook: string, ...more: readonly string[]): Promise<Said> =>
  said(await folderWith({ 'inventories/here/hosts.yaml': here, 'site.yaml': playbook }), ['verify', 'site.yaml', '-i', 'here', ...more])

describe('verify', () => {
  it('shows the checks alone as a table, all of them, and is exit 1 where one fails', async () => {
    const { code, stdout, stderr } = await verify(look)
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(stdout).toBe(`Host  Check                     Result
here  nobody listens at port 1  failed
        missing:
        port 1: nothing listens there
here  one and one is two        ok
here  what is not asked for     skipped: only when 1 > 2

Verified: 1 of 2 checks ok, 1 failed.
`)
  })

  it('is exit 0 where everything holds, and short on demand', async () => {
    const { code, stdout } = await verify(sound, '--quiet')
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Verified: 2 of 2 checks ok.\n' })
  })

  it('tells machines the same', async () => {
    const { code, stdout } = await verify(look, '--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ status: 'failed', changed: 0, failed: 1, hosts: { here: { ok: 1, failed: 1, skipped: 1 } }, plays: [{ name: 'Proof', steps: [{ step: 'nobody listens at port 1', verdict: { status: 'failed', error: { code: 'not-verified' } } }, {}] }, { name: 'More proof' }] })
    expect(JSON.parse((await verify(sound, '--json')).stdout)).toMatchObject({ status: 'verified', failed: 0 })
  })

  it('leaves what only it shall see to it', async () => {
    const folder = await folderWith({ 'inventories/here/hosts.yaml': here, 'site.yaml': look.replace('/nowhere/at/all', '/provision-test') })
    const { stdout } = await said(folder, ['plan', 'site.yaml', '-i', 'here'])
    expect(stdout).toContain('nobody listens at port 1')
    expect(stdout).not.toContain('what is not asked for')
    expect((await said(folder, ['validate', 'site.yaml', '-i', 'here'])).stdout).toContain('3 plays, 4 steps')
  })

  it('refuses a playbook without checks, and checks that do more than look', async () => {
    expect(await verify(look.replaceAll(/verify: .*/g, 'become: false'))).toMatchObject({ code: 2, stderr: expect.stringContaining('error: no play of site.yaml only looks [nothing-to-verify]\n') })
    const { code, stderr } = await verify(look.replace('assert: { that: false }', 'restart: { name: nginx }'))
    expect(code).toBe(2)
    expect(stderr).toContain('error: restart does not only look, as steps of a play with `verify: true` must [not-only-looking]')
    expect(stderr).toContain('hint: move it to another play; here stand assert, debug, fail, wait-for\n')
  })
})
