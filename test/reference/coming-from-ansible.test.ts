import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { reference } from '../../src/cli/docs.js'
import { basicNames } from '../../src/facts/basics.js'
import { connectionSchema, inventorySchema, groupSchema, hostSchema } from '../../src/inventory/schema.js'
import { modules } from '../../src/modules/index.js'
import { playbookSchema } from '../../src/playbook/schema.js'
import { checks } from '../../src/playbook/template/checks.js'
import { filters } from '../../src/playbook/template/filters.js'
import { argumentsOf } from '../../src/reference/arguments.js'
import { topics } from '../../src/reference/terminal.js'

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
  if (name.startsWith('provision docs ')) return topics(reference).includes(name.slice('provision docs '.length))
  if (name.startsWith('provision vault ')) return flags.includes(`vaultCommand('${name.slice('provision vault '.length)}'`)
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

/** What a reason may name of Ansible's, since it says what is not there or what becomes of it; anything else that looks like a name must be one of ours. */
const theirWords = new Set([
  'label', 'rc', 'stdout_lines', 'failed_when', 'listen', 'shuffle', 'meta', 'ansible-vault', 'case_sensitive=true', 'loose', 'strict', 'semver', 'regexp', 'insertafter', 'latest', 'state: touch', 'state: restarted',
])
/** Values and syntax, which are no names. */
const plain = new Set(['localhost', 'secret', 'local', 'transport: ssh', 'no', 'false', 'etc', 'A', 'a', 'never', 'always', 'host1', 'state: absent'])
const bound = new Set(['item', 'result', 'failure', 'stdout', 'stderr', 'exit', 'changed', 'results']) // what steps see of loops and outcomes
const statements = new Set(['if', 'for', 'set', 'macro', 'call', 'include', 'import', 'filter', 'raw'])
const ofConnections = new Set(Object.keys(connectionSchema.shape))

describe('the reasons', () => {
  const all = ['Constructs', 'Filters and tests', 'Modules'].flatMap((heading) => rowsOf(heading).map((row) => ({ heading, ...row })))
  const argumentsIn = (names: readonly string[]): ReadonlySet<string> => new Set(names.flatMap((name) => modules.get(name)?.args).filter((args) => args !== undefined)
    .flatMap((args) => argumentsOf(args).map(({ name }) => name)))

  it('name only what there is', () => {
    const lies = all.flatMap(({ heading, theirs, ours, why }) => {
      const told = named(why)
      const given = argumentsIn([...ours, ...told, ...(heading === 'Modules' ? [] : ['command'])])
      return told.filter((name) => {
        if (theirWords.has(name) || plain.has(name)) return false
        if (name.startsWith('--') || name.startsWith('provision ')) return !isConstruct(name.replace(/ .*/, (rest) => (name.startsWith('--') ? '' : rest)))
        if (name.startsWith('host.')) return ![...basicNames, 'name', 'groups'].includes(name.slice('host.'.length))
        if (/^[a-z][\w-]*:$/.test(name)) return !isConstruct(name)
        if (/^[a-z][\w-]*: /.test(name)) return !modules.has(name.replace(/:.*/, '')) && !keys.has(name.replace(/:.*/, '')) && !given.has(name.replace(/:.*/, ''))
        if (!/^[a-z][\w-]*$/.test(name)) return false
        return ![modules, keys, operations, given, bound, statements, ofConnections, words].some((known) => known.has(name)) && !isConstruct(`provision vault ${name}`)
      }).map((name) => `${theirs}: ${name}`)
    })
    expect(lies).toEqual([])
  })

  it('leave "not yet" to the middle column, where it is held against the program', () => {
    expect(all.filter(({ theirs, why }) => / yet\b/.test(`${theirs} ${why}`)).map(({ theirs }) => theirs)).toEqual(['unarchive'])
  })

  it('take no word of Ansible for excuse that we have by now', () => {
    expect([...theirWords].filter((name) => operations.has(name) || keys.has(name))).toEqual([])
    expect(all.flatMap(({ theirs, ours, why }) => named(why).filter((name) => theirWords.has(name) && argumentsIn(ours).has(name)).map((name) => `${theirs}: ${name}`))).toEqual([])
  })
})
