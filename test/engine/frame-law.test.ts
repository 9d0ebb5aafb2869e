import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { below } from '../../src/core/change.js'
import { sha256 } from '../../src/core/digest.js'
import { becomes } from '../../src/core/fact.js'
import { defineModule, type Module } from '../../src/core/module.js'
import { sh } from '../../src/core/shell.js'
import type { Handler } from '../../src/core/step.js'
import { fileAt } from '../../src/facts/file.js'
import { LocalTransport } from '../../src/transport/local.js'
import { play, run, settled, step, verdicts } from '../support/engine.js'

const path = z.string()
const wrote = (where: string, content: string): string => sh`[ "$(sha256sum < ${where})" = ${`${sha256(content)}  -`} ]`.text as string
const owned = { mode: '0644', owner: 'root', group: 'root' }

/** Writes what it says, and something else that it does not say. */
const meddle = defineModule({
  name: 'meddle', kind: 'state', summary: '', args: z.strictObject({ path, other: path }), examples: [], needs: ({ path: at }) => ({ now: fileAt(at) }),
  check: ({ path: at, other }, { now }) => (now.type === 'file' && now.content === 'meddled\n' ? [] : [{
    summary: 'meddle', actions: [{ do: 'exec', script: sh`echo meddled > ${at} && chmod 644 ${at} && if [ -d ${other} ]; then rmdir ${other} 2>/dev/null || :; else echo spoilt > ${other}; fi`.text }],
    predicts: [becomes(fileAt(at), { type: 'file', ...owned, sha256: sha256('meddled\n'), content: 'meddled\n' })], disturbs: [below(at)], confirm: wrote(at, 'meddled\n'),
  }]),
})

/** Says one thing and does another. */
const lie = defineModule({
  name: 'lie', kind: 'state', summary: '', args: z.strictObject({ path }), examples: [], needs: ({ path: at }) => ({ now: fileAt(at) }),
  check: ({ path: at }, { now }) => (now.type === 'file' && now.content === 'true\n' ? [] : [{
    summary: 'lie', actions: [{ do: 'exec', script: sh`echo false > ${at}`.text }],
    predicts: [becomes(fileAt(at), { type: 'file', ...owned, sha256: sha256('true\n'), content: 'true\n' })], disturbs: [below(at)], confirm: wrote(at, 'true\n'),
  }]),
})

const fail = defineModule({
  name: 'fail', kind: 'state', summary: '', args: z.strictObject({ path }), examples: [], needs: ({ path: at }) => ({ now: fileAt(at) }),
  check: (_args, { now }) => (now.type === 'absent' ? [{ summary: 'fail', actions: [{ do: 'exec', script: 'exit 7' }], predicts: [], disturbs: [], confirm: 'true' }] : []),
})

type Kind = 'directory' | 'file' | 'absent' | 'meddle' | 'lie' | 'fail' | 'mode' | 'link' | 'line' | 'block' | 'command' | 'registered' | 'let pass' | 'act'
interface Draft { readonly kind: Kind; readonly path: string; readonly other: string; readonly content: string; readonly notify: boolean }
const paths = ['a', 'b', 'd', 'd/x', 'd/y', 'l/x'] as const
const draft = fc.record({
  kind: fc.constantFrom<Kind>('directory', 'file', 'file', 'file', 'absent', 'mode', 'mode', 'meddle', 'meddle', 'lie', 'fail', 'link', 'link', 'line', 'line', 'block', 'command', 'registered', 'let pass', 'act'),
  path: fc.constantFrom(...paths), other: fc.constantFrom(...paths), content: fc.constantFrom('1\n', '2\n', 'meddled\n'), notify: fc.boolean(),
})
const tree = fc.record({ a: fc.boolean(), b: fc.boolean(), d: fc.boolean(), x: fc.boolean(), l: fc.constantFrom('none', 'link', 'directory') })

const stepOf = (root: string) => ({ kind, path: at, other, content, notify }: Draft, index: number) => {
  const where = join(root, at)
  const module: Record<Kind, [string | Module, unknown]> = {
    directory: ['directory', { path: where }],
    file: ['file', { path: where, content, mode: '0644' }],
    mode: ['file', { path: where, mode: '0640' }],
    absent: ['file', { path: where, state: 'absent' }],
    meddle: [meddle, { path: where, other: join(root, other) }],
    lie: [lie, { path: where }],
    fail: [fail, { path: where }],
    link: ['link', { path: join(root, 'l'), target: at.slice(0, 1), force: true }],
    line: ['line', { path: where, line: content.trim() }],
    block: ['text-block', { path: where, name: 'law', content }],
    command: ['command', { run: `echo made >> ${where}; echo beside >> ${join(root, other)}`, creates: where }],
    registered: ['file', { path: where, content }],
    'let pass': [content === '1\n' ? fail : meddle, content === '1\n' ? { path: where } : { path: where, other: join(root, other) }],
    act: ['command', { run: `echo acted >> ${where}` }],
  }
  const [name, args] = module[kind]
  return step(`${index} ${kind} ${at}`, name, args, {
    ...(notify ? { notify: ['tell'] } : {}), ...(kind === 'registered' ? { register: `r${index}` } : {}), ...(kind === 'let pass' ? { ignoreFailure: true } : {}),
  })
}

/** Writes down how often it ran. */
const teller = (root: string): Handler => ({ name: 'tell', steps: [step('tell', 'command', { run: `echo told >> ${join(root, 'told')}` })] })

const grow = (root: string, { a, b, d, x, l }: { a: boolean; b: boolean; d: boolean; x: boolean; l: string }): void => {
  rmSync(root, { recursive: true, force: true })
  mkdirSync(root)
  if (a) writeFileSync(join(root, 'a'), '1\n')
  if (b) writeFileSync(join(root, 'b'), '2\n')
  if (d || l === 'link') mkdirSync(join(root, 'd'))
  if (x && (d || l === 'link')) writeFileSync(join(root, 'd/x'), '1\n')
  if (l === 'link') symlinkSync('d', join(root, 'l'))
  if (l === 'directory') mkdirSync(join(root, 'l'))
}

const treeOf = (root: string): string => execFileSync('sh', ['-c', 'cd "$1" && find . -printf "%p %y %m %l\n" | sort && find . -type f | sort | xargs -r sha256sum', 'sh', root], { encoding: 'utf8' })

it('comes out the same with frames of one step and of any size', async () => {
  const root = mkdtempSync(join(tmpdir(), 'provision-law-'))
  try {
    await fc.assert(fc.asyncProperty(fc.array(draft, { minLength: 1, maxLength: 7 }), tree, async (drafts, start) => {
      const outcome = async (frameSteps: number): Promise<unknown> => {
        const where = join(root, 'tree') // the same path, since paths stand in messages
        grow(where, start)
        rmSync(join(root, '.keep'), { recursive: true, force: true }) // what a failed run owes
        const door = new LocalTransport({ host: 'here', env: { ...process.env, HOME: root } })
        const told = await run([play(drafts.map(stepOf(where)), ['here'], [teller(where)])], [door], { frameSteps })
        await door.close()
        const failures = settled(told).flatMap(({ verdict }) => (verdict.status === 'failed' ? [verdict.error.code] : []))
        return { verdicts: verdicts(told), failures, tree: treeOf(where) }
      }
      expect(await outcome(Number.POSITIVE_INFINITY)).toEqual(await outcome(1))
    }), { numRuns: Number(process.env['PROVISION_LAW_RUNS'] ?? 8), examples: [
      // a later step spoils what an earlier one made, without saying so: the earlier one was made all the same
      [[{ kind: 'absent', path: 'a', other: 'a', content: '1\n', notify: false }, { kind: 'meddle', path: 'l/x', other: 'a', content: '1\n', notify: false }], { a: true, b: false, d: false, x: false, l: 'directory' }],
    ] })
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}, 900_000)
