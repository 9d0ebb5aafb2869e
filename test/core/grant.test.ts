import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { grant } from '../../src/core/grant.js'

let folder = ''
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'provision-grant-')) })
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const shells = ['/bin/dash', '/bin/bash', '/bin/busybox'].filter(existsSync)
const owner = String(process.getuid?.() ?? 0)
const group = String(process.getgid?.() ?? 0)
const given = (shell: string, path: string, mode: string) => spawnSync(shell, [...(shell.endsWith('busybox') ? ['sh'] : []), '-c', grant(path, { mode, owner, group }).toString()], { encoding: 'utf8' })
const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8)

describe.each(shells)('giving a path away in %s', (shell) => {
  it('reaches what lies there', () => {
    const file = join(folder, "it's a file")
    writeFileSync(file, 'x', { mode: 0o600 })
    expect(given(shell, file, '0640').status).toBe(0)
    expect(modeOf(file)).toBe('640')
  })

  it('takes set-group-id from a directory that shall not have it, and gives it to one that shall', () => {
    const path = join(folder, 'shared')
    mkdirSync(path)
    chmodSync(path, 0o2775)
    expect([given(shell, path, '0755').status, modeOf(path)]).toEqual([0, '755'])
    expect([given(shell, path, '2755').status, modeOf(path)]).toEqual([0, '2755'])
  })

  it('does not follow a link that somebody put in its place', () => {
    const victim = join(folder, 'victim')
    writeFileSync(victim, 'secret', { mode: 0o600 })
    symlinkSync(victim, join(folder, 'link'))
    const { status, stderr } = given(shell, join(folder, 'link'), '0644')
    expect([status, modeOf(victim)]).toEqual([1, '600'])
    expect(stderr).toContain('somebody exchanges it')
  })

  it('does not give what is new to whom it belongs already, and only then', () => {
    const file = join(folder, 'new')
    writeFileSync(file, 'x', { mode: 0o600 })
    const asked = (own: string): string => spawnSync(shell, [...(shell.endsWith('busybox') ? ['sh'] : []), '-c', `own=${own}; chown() { echo given; }; ${grant(file, { mode: '0600', owner, group }).toString()}`], { encoding: 'utf8' }).stdout
    expect([asked(`${owner}:${group}`), asked('somebody:else'), asked('')]).toEqual(['', 'given\n', 'given\n'])
  })

  it('fails where nothing lies', () => { expect(given(shell, join(folder, 'none'), '0644').status).not.toBe(0) })
})
