import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { inventorySchema, groupSchema, hostSchema } from '../../src/inventory/schema.js'
import { modules } from '../../src/modules/index.js'
import { playbookSchema } from '../../src/playbook/schema.js'
import { checks } from '../../src/playbook/template/checks.js'
import { filters } from '../../src/playbook/template/filters.js'

const text = readFileSync('docs/coming-from-ansible.md', 'utf8')

interface Row { readonly theirs: string; readonly ours: readonly string[]; readonly notYet: readonly string[]; readonly refused: boolean; readonly why: string }

const named = (cell: string): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)
const rowsOf = (heading: string): readonly Row[] => {
  const section = text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  return section.split('\n').filter((line) => line.startsWith('| ')).slice(1).map((line) => {
    const [theirs = '', ours = '', why = ''] = line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim())
    const waits = ours.startsWith('not yet: ')
    return { theirs, ours: waits ? [] : named(ours), notYet: waits ? named(ours) : [], refused: ours === 'no', why }
  })
}

const { playbook, play, step, import: imported, stepList } = playbookSchema(modules)
const flags = readFileSync('src/cli/options.ts', 'utf8')
const keys = new Set([...[playbook, play, step, imported, stepList, inventorySchema, groupSchema.unwrap(), hostSchema.unwrap()].flatMap(({ shape }) => Object.keys(shape)), 'become'])
const words = new Set(['host', 'hosts', 'groups', 'members', 'omit'])

/** Whether a playbook, an inventory, an expression or the command line has such a name. */
const isConstruct = (name: string): boolean => {
  if (name.startsWith('--')) return flags.includes(`${name} `) || flags.includes(`${name}'`)
  if (name.startsWith('provision ')) return flags.includes(`command('${name.slice('provision '.length)}')`)
  return name.endsWith(':') ? keys.has(name.slice(0, -1)) : words.has(name)
}
const operations = new Set([...filters, ...checks].flatMap(({ name, aliases = [] }) => [name, ...aliases]))

describe.each([
  ['Constructs', isConstruct, (name: string) => isConstruct(name) || keys.has(name)],
  ['Filters and tests', (name: string) => operations.has(name), (name: string) => operations.has(name)],
  ['Modules', (name: string) => modules.has(name), (name: string) => modules.has(name)],
] as const)('the table of %s', (heading, exists, isThere) => {
  const rows = rowsOf(heading)

  it('has rows, and in each something of ours, something to come, or a reason', () => {
    expect(rows.length).toBeGreaterThan(10)
    expect(rows.filter(({ ours, notYet, refused, why }) => ours.length + notYet.length === 0 && !(refused && why.length > 4)).map(({ theirs }) => theirs)).toEqual([])
  })

  it('names only what there is', () => {
    expect(rows.flatMap(({ ours }) => ours.filter((name) => !exists(name)))).toEqual([])
  })

  it('says "not yet" only of what there is not', () => {
    expect(rows.flatMap(({ notYet }) => notYet.filter(isThere)), 'is there now: write how it is used').toEqual([])
  })
})

describe('the table of Modules', () => {
  const rows = rowsOf('Modules')
  it('has every module of ours', () => {
    const alone = named(text.split('\nOf ours alone: ')[1] ?? '')
    const told = new Set([...rows.flatMap(({ ours }) => ours), ...alone])
    expect([...modules.keys()].filter((name) => !told.has(name))).toEqual([])
  })

  it('has at least forty of theirs, each once', () => {
    const theirs = rows.flatMap(({ theirs: cell }) => cell.split(', ')).filter((name) => /^[\w.]+$/.test(name))
    expect(theirs.length).toBeGreaterThanOrEqual(40)
    expect(theirs.filter((name, index) => theirs.indexOf(name) !== index)).toEqual([])
  })
})
