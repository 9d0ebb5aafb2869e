import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Module } from '../../src/core/module.js'
import { bind } from '../../src/core/module.js'

const tsx = resolve('node_modules/.bin/tsx')
let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'provision-new-module-'))
  for (const part of ['src', 'scripts', 'package.json', 'tsconfig.json']) cpSync(part, join(root, part), { recursive: true })
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'))
})
afterAll(() => { rmSync(root, { recursive: true, force: true }) })

const text = (path: string): string => readFileSync(join(root, path), 'utf8')
const refused = (name: string): string => {
  const before = text('src/modules/index.ts')
  const { status, stderr } = spawnSync(tsx, ['scripts/new-module.ts', name], { cwd: root, encoding: 'utf8' })
  expect(status).toBe(2)
  expect(text('src/modules/index.ts')).toBe(before)
  return stderr
}

describe('npm run new:module', () => {
  it('makes a module that works, in its alphabetical place', async () => {
    const told = execFileSync(tsx, ['scripts/new-module.ts', 'log-rotation'], { cwd: root, encoding: 'utf8' })
    expect(told).toContain('npx vitest run test/modules.test.ts -t log-rotation')
    const registry = text('src/modules/index.ts')
    const imported = [...registry.matchAll(/from '\.\/(.+)\.js'/g)].map(([, name]) => name)
    expect(imported).toContain('log-rotation')
    expect(imported.slice(imported.indexOf('log-rotation') - 1)[0]).toBe('link')
    expect(registry).toMatch(/\n {2}link,\n {2}logRotation,\n/)

    const { logRotation } = await import(join(root, 'src/modules/log-rotation.ts')) as { logRotation: Module } // made a moment ago
    const scope = { host: 'host1', lookup: () => undefined }
    for (const [scenario, summaries] of [['creates', ['create /etc/sample']], ['leaves-alone', []]] as const) {
      const { args, facts } = parse(text(`test/modules/log-rotation/${scenario}.yaml`)) as { args: unknown; facts: Readonly<Record<string, unknown>> }
      expect(bind(logRotation, logRotation.args.parse(args), scope).check(facts).map(({ summary }) => summary)).toEqual(summaries)
    }
    const lab = parse(text('test/lab/modules/log-rotation.yaml')) as { steps: readonly Readonly<Record<string, unknown>>[] }
    expect(logRotation.args.safeParse(lab.steps[0]?.['log-rotation']).success).toBe(true)
    expect(refused('log-rotation')).toContain('there is a module log-rotation already')
  }, 30_000)

  it.each([['LogRotation', 'no name for a module'], ['file', 'there is a module file already'], ['notify', 'every step may use']])('refuses %s', (name, why) => {
    expect(refused(name)).toContain(why)
  }, 30_000)
})
