import { resolve } from 'node:path'
import { measured, spread } from './measured.js'
import { atMost, fixed, spreadText, type Section } from './report.js'

const checkout = resolve(import.meta.dirname, '../../..')
const commands = [
  { name: '`node -e 0`', command: [process.execPath, '-e', '0'] },
  { name: '`provision --version`', command: [process.execPath, resolve(checkout, 'dist/cli/main.js'), '--version'] },
] as const

/** What a user waits for before anything is done. */
export const startUp = async (repeat: number): Promise<Section> => {
  const seconds = commands.map((): number[] => [])
  for (let round = 0; round < repeat; round++) {
    for (const [index, { command }] of commands.entries()) seconds[index]?.push((await measured([...command], checkout)).seconds)
  }
  const [node = Number.NaN, ours = Number.NaN] = seconds.map((of) => spread(of).median)
  return {
    key: 'start-up', title: 'Start-up', head: ['', 'times', 'seconds'],
    rows: commands.map(({ name }, index) => [name, String(repeat), spreadText(spread(seconds[index] ?? []))]),
    verdicts: [atMost(`\`provision --version\` / \`node -e 0\` (${fixed(1000 * (ours - node), 0)} ms more)`, ours / node, 1.5)],
  }
}
