import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { mutants } from './mutants-listed.js'

/** Those whose file has one of the words of the command line in its name; all without any. */
const words = process.argv.slice(2)
const chosen = mutants.filter(([file]) => words.length === 0 || words.some((word) => file.includes(word)))

const checkout = resolve(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'provision-mutants-'))

/** Whether the tests of modules and facts pass; the first line that says why not. */
const verdict = (): Promise<string | undefined> => new Promise((settle, reject) => {
  const child = spawn(process.execPath, [join(checkout, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'check', '--bail=1', '--reporter=dot', 'test/modules.test.ts', 'test/facts.test.ts', 'test/facts', 'test/modules'], { cwd: folder, env: { ...process.env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => { said += chunk.toString() })
  child.stderr.on('data', (chunk: Buffer) => { said += chunk.toString() })
  child.once('error', reject)
  child.once('close', (code) => settle(code === 0 ? undefined : /FAIL\s+(.*)/.exec(said)?.[1] ?? said.trim().split('\n').at(-1) ?? ''))
})

try {
  for (const name of ['src', 'test', 'scripts', 'package.json', 'tsconfig.json', 'vitest.config.ts', 'playbooks', 'templates', 'inventories', 'docs']) cpSync(join(checkout, name), join(folder, name), { recursive: true })
  symlinkSync(join(checkout, 'node_modules'), join(folder, 'node_modules'))
  const sound = await verdict()
  if (sound !== undefined) throw new Error(`the tests fail as things are: ${sound}`)
  let caught = 0
  for (const [file, from, to] of chosen) {
    const path = join(folder, 'src', file)
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replace(from, () => to))
    const found = await verdict()
    writeFileSync(path, text)
    if (found !== undefined) caught++
    process.stdout.write(`${found === undefined ? 'SURVIVED' : 'caught  '} ${file}: ${from} → ${to === '' ? '(nothing)' : to}\n${found === undefined ? '' : `           by ${found}\n`}`)
  }
  process.stdout.write(`${caught} of ${chosen.length} mutants caught\n`)
  process.exitCode = caught === chosen.length ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
