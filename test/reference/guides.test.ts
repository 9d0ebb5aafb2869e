import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reference } from '../../src/cli/docs.js'
import { type Known, openKnown, openProject } from '../../src/cli/project.js'
import { selectHosts } from '../../src/inventory/patterns.js'
import { contextOf } from '../../src/playbook/template/context.js'
import { evaluate } from '../../src/playbook/template/evaluate.js'
import { inFile } from '../../src/playbook/template/origin.js'
import { parseExpression } from '../../src/playbook/template/parse.js'
import { guideInventory, guides } from '../../src/reference/guides.js'
import { topicText } from '../../src/reference/terminal.js'
import { folderWith } from '../inventory/files.js'

const here = process.cwd()
const options = readFileSync('src/cli/options.ts', 'utf8')
let known: Known
const examples = guides.flatMap(({ name, examples: all }) => all.map((example) => ({ name, example })))
const playbooks = examples.flatMap(({ name, example }) => ('playbook' in example ? [{ name, text: example.playbook }] : []))

beforeAll(async () => {
  process.chdir(await folderWith({ 'inventories/prod/hosts.yaml': guideInventory, ...Object.fromEntries(playbooks.map(({ name, text }) => [`${name}.yaml`, text])) }))
  known = await openKnown({ inventory: ['prod'] })
})
afterAll(() => { process.chdir(here) })

describe('the examples of guides', () => {
  it.each(examples.flatMap(({ example }) => ('expression' in example ? [example] : [])))('$expression', ({ expression, gives }) => {
    const origin = inFile('example', expression)
    expect(evaluate(parseExpression(expression, origin), contextOf(known.scopeOf('mi1'), origin))).toEqual(gives)
  })
  it.each(examples.flatMap(({ example }) => ('pattern' in example ? [example] : [])))('$pattern', ({ pattern, hosts }) => {
    expect(selectHosts(known.inventory, pattern).map(({ name }) => name).join(' ')).toBe(hosts)
  })
  it.each(playbooks)('the playbook of $name has no mistakes', async ({ name }) => {
    expect((await openProject(`${name}.yaml`, { inventory: ['prod'] })).plays).toHaveLength(1)
  })
  it.each([['config', 2], ['app,drill', 3], ['drill', 2]] as const)('with --tags %s so many steps are left: %s', async (tags, count) => {
    const { plays } = await openProject('tags.yaml', { inventory: ['prod'], tags })
    expect(plays.flatMap(({ steps }) => steps)).toHaveLength(count)
  })
  it.each(examples.flatMap(({ example }) => ('command' in example ? [example.command] : [])))('%s', (line) => {
    const [, command = '', inner = ''] = /provision (\w+) (\S+)/.exec(line) ?? []
    expect(options).toContain(command === 'vault' ? `vaultCommand('${inner}'` : `command('${command}')`)
    for (const [flag] of line.matchAll(/--[a-z-]+/g)) expect(options).toContain(`${flag} `)
  })
})

describe('the pages', () => {
  it.each(guides.map(({ name }) => name))('%s shows examples before anything else, and fits on two screens', (name) => {
    const text = topicText(name, reference) ?? ''
    expect(text.indexOf('\nExample')).toBeGreaterThan(0)
    expect(text.indexOf('\nExample')).toBeLessThan(text.indexOf('\nMeaning'))
    expect(text.split('\n').length).toBeLessThan(80)
  })
  it('of the inventory begins with one that is read', () => {
    const text = topicText('inventory', reference) ?? ''
    expect(text.indexOf('mi[1:2]')).toBeLessThan(text.indexOf('\nArguments'))
    expect(known.hosts.map(({ name }) => name)).toEqual(['mi1', 'mi2', 'mi3', 'db1', 'lb1'])
  })
})
