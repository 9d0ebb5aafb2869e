import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** Faults made by hand in modules and facts, one at a time, each of which the tests must find: what survives shows a missing fixture. */
const mutants: readonly (readonly [file: string, from: string, to: string])[] = [
  ['modules/file-access.ts', 'if (now.mode === wanted.mode && now.owner', 'if (now.owner'],
  ['modules/file-access.ts', "args.mode ?? ('mode' in now ? now.mode : mode)", 'args.mode ?? mode'],
  ['modules/file-access.ts', 'predicts: [becomes(fileAt(path), { ...now, ...wanted })]', 'predicts: []'],
  ['modules/file-access.ts', "parent.type === 'directory' || parent.type === 'link'", "parent.type === 'directory'"],
  ['modules/file.ts', 'reveal(now.sha256) === sha256(reveal(args.content))', 'true'],
  ['modules/file.ts', "if (state === 'absent') return now.type === 'absent' ? []", "if (state === 'absent') return now.type !== 'file' ? []"],
  ['modules/file.ts', "args.validate.replaceAll('%s'", "args.validate.replaceAll('%f'"],
  ['modules/link.ts', "now.type === 'link' && now.target === target", "now.type === 'link'"],
  ['modules/link.ts', "(now.type === 'file' && !force)", 'false'],
  ['modules/directory.ts', "parent.type === 'absent' ? ancestors(path)", "parent.type !== 'absent' ? ancestors(path)"],
  ['modules/directory.ts', "accessOf(args, now, who, '0755')", "accessOf(args, now, who, '0644')"],
  ['modules/group.ts', "system ? ['-r'] : []", '[]'],
  ['modules/group.ts', 'now.gid === undefined || now.gid === gid', 'true'],
  ['modules/user.ts', "now.uid !== wanted.uid", 'false'],
  ['modules/user.ts', "['-a', '-G', missing.join(',')]", "['-G', missing.join(',')]"],
  ['modules/user.ts', "filter((one) => !member.includes(one))", 'filter(() => false)'],
  ['modules/user.ts', "(system ? '/usr/sbin/nologin' : '/bin/sh')", "'/bin/sh'"],
  ['modules/service.ts', "if (state === 'stopped' && now.active)", "if (state === 'stopped')"],
  ['modules/service.ts', "if (enabled === true && !atBoot)", "if (enabled === true && now.file === 'disabled')"],
  ['modules/service.ts', "{ active: true }, runEffects", "{}, runEffects"],
  ['modules/sysctl.ts', "others(name),\n      confirm", "[],\n      confirm"],
  ['modules/jdbc-driver.ts', 'jar.name !== name && isSameDriver(jar, mine)', 'jar.name !== name'],
  ['modules/jdbc-driver.ts', "disturbs: paths.flatMap((path) => [disturbs(fileAt(path)), below(path)])", 'disturbs: []'],
  ['modules/archive.ts', 'if (known !== file.sha256)', 'if (false)'],
  ['modules/archive.ts', 'args.sha256 !== undefined && args.sha256 !== file.sha256', 'false'],
  ['modules/archive.ts', "if (stamp.type !== 'file')", 'if (false)'],
  ['modules/database-script.ts', 'if (missing.length < wanted.length) throw', 'if (false) throw'],
  ['modules/database-script.ts', "(now.lowers && there.has(table.toLowerCase()))", 'there.has(table.toLowerCase())'],
  ['modules/text-block.ts', 'index < found.first || index > found.last', 'index < found.first || index >= found.last'],
  ['modules/line.ts', 'new Set(found.map((index) => lines[index])).size > 1', 'false'],
  ['modules/copy.ts', 'if (now.type === \'file\' && reveal(now.sha256) === sha256) return changes', 'if (now.type === \'file\') return changes'],
  ['modules/wait-for.ts', 'filter(({ fact }) => facts[fact.key] !== true)', 'filter(({ fact }) => facts[fact.key] === false && fact.key.length < 12)'],
  ['modules/restart.ts', 'if (onlyRunning && !now.active) return []', ''],
  ['modules/command.ts', "answer.type !== 'absent'", "answer.type === 'file'"],
  ['facts/file.ts', "mode: mode.padStart(4, '0')", 'mode'],
  ['facts/file.ts', "case 'A': return { type: 'absent' }", ''],
  ['facts/identity.ts', 'uid: Number(uid)', 'uid: Number(group)'],
  ['facts/basics.ts', "(ipv4.find(({ name: of }) => of === outward) ?? ipv4[0])?.address ?? ''", "''"],
]

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
  for (const [file, from, to] of mutants) {
    const path = join(folder, 'src', file)
    const text = readFileSync(path, 'utf8')
    if (text.split(from).length !== 2) throw new Error(`${file} holds ${text.split(from).length - 1} times: ${from}`)
    writeFileSync(path, text.replace(from, () => to))
    const found = await verdict()
    writeFileSync(path, text)
    if (found !== undefined) caught++
    process.stdout.write(`${found === undefined ? 'SURVIVED' : 'caught  '} ${file}: ${from} → ${to === '' ? '(nothing)' : to}\n${found === undefined ? '' : `           by ${found}\n`}`)
  }
  process.stdout.write(`${caught} of ${mutants.length} mutants caught\n`)
  process.exitCode = caught === mutants.length ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
