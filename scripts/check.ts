import { spawn } from 'node:child_process'
import { buffer } from 'node:stream/consumers'

/** The quick part, all at once: types, lint, the manual, and the tests that need no host. Types and lint look again only at what changed. What went wrong is printed whole, one after the other. */
const parts: Readonly<Record<string, readonly string[]>> = {
  tests: ['vitest', 'run', '--project', 'check', '--reporter=default'],
  types: ['tsc', '--noEmit', '--incremental', '--tsBuildInfoFile', 'node_modules/.cache/types.tsbuildinfo'],
  lint: ['eslint', '--quiet', '--cache', '--cache-location', 'node_modules/.cache/eslint/'],
  manual: ['tsx', 'scripts/docs.ts', '--check'],
}

const began = performance.now()
const outcomes = await Promise.all(Object.entries(parts).map(async ([title, command]) => {
  const child = spawn('npx', ['--no-install', ...command], { stdio: ['ignore', 'pipe', 'pipe'], env: { FORCE_COLOR: process.stdout.isTTY ? '1' : '0', ...process.env } })
  const ended = new Promise<number | null>((settle, reject) => { child.once('error', reject).once('close', settle) })
  const [out, err, code] = await Promise.all([buffer(child.stdout), buffer(child.stderr), ended])
  process.stdout.write(`${code === 0 ? 'ok    ' : 'FAILED'} ${title} ${((performance.now() - began) / 1000).toFixed(0)} s\n`)
  return { title, ok: code === 0, text: Buffer.concat([out, err]).toString() }
}))
for (const { title, ok, text } of outcomes) if (!ok || title === 'tests') process.stdout.write(`\n== ${title}\n${text}`)
process.exitCode = outcomes.every(({ ok }) => ok) ? 0 : 1
