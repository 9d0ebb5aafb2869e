import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const readme = readFileSync('README.md', 'utf8')
const options = readFileSync('src/cli/options.ts', 'utf8')
const rows = [...(readme.split('\n## Commands\n')[1] ?? '').matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map(([, name = '', about = '']) => ({ name, about }))

it('the table of commands has each command once, in the order of the help', () => {
  const commands = [...options.matchAll(/root\.command\('(\w+)'\)/g)].map(([, name]) => name)
  expect(rows.map(({ name }) => name)).toEqual(commands)
})

it('options and commands of commands that the table names exist', () => {
  const flags = rows.flatMap(({ about }) => [...about.matchAll(/(?<=`)--[a-z-]+/g)].map(([flag]) => flag))
  expect(flags.length).toBeGreaterThan(20)
  expect(flags.filter((flag) => !new RegExp(`${flag}[ ']`).test(options))).toEqual([])
  const inner = (command: string) => [...options.matchAll(new RegExp(`${command}Command\\('(\\w+)'`, 'g'))].map(([, name = '']) => name)
  for (const command of ['vault', 'lab']) {
    const about = rows.find(({ name }) => name === command)?.about ?? ''
    expect(inner(command).filter((name) => !about.includes(`\`${name}\``))).toEqual([])
  }
})
