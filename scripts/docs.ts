import { readFile, writeFile } from 'node:fs/promises'
import { reference } from '../src/cli/docs.js'
import { markdownManual } from '../src/reference/markdown.js'

/** Generated files and what they must hold. */
const files: readonly (readonly [path: string, text: string])[] = [['docs/modules.md', markdownManual(reference)]]

const missing = (error: NodeJS.ErrnoException): undefined => {
  if (error.code === 'ENOENT') return undefined
  throw error
}

/** The first line that differs, told with its number. */
const difference = (now: string, wanted: string): string => {
  const [have, want] = [now.split('\n'), wanted.split('\n')]
  const at = want.findIndex((line, index) => line !== have[index])
  const line = at < 0 ? want.length : at
  return `line ${line + 1}\n  is        ${have[line] ?? '(nothing)'}\n  should be ${want[line] ?? '(nothing)'}`
}

/** Writes the generated files, or with `--check` tells which differ from what the code says. */
const main = async (flags: readonly string[]): Promise<number> => {
  const unknown = flags.find((flag) => flag !== '--check')
  if (unknown !== undefined) {
    console.error(`unknown flag ${unknown}; usage: npm run docs [-- --check]`)
    return 2
  }
  let stale = 0
  for (const [path, text] of files) {
    const now = await readFile(path, 'utf8').catch(missing)
    if (now === text) console.log(`${path} is as the code says`)
    else if (!flags.includes('--check')) {
      await writeFile(path, text)
      console.log(`${path} written`)
    } else {
      stale++
      console.error(now === undefined ? `${path} is missing` : `${path} differs from the code at ${difference(now, text)}`)
    }
  }
  if (stale > 0) console.error('run `npm run docs` and commit what it writes')
  return stale > 0 ? 1 : 0
}

process.exitCode = await main(process.argv.slice(2))
