import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { stepNodesIn } from '../../src/playbook/nodes.js'
import { loadPlaybook } from '../../src/playbook/load.js'
import { modules } from '../../src/modules/index.js'
import { list, load, mistakesIn, play, told } from './given.js'

const folder = join(import.meta.dirname, 'mistakes')

/** `site.yaml`, and behind each `### NAME` another file. */
const filesOf = (text: string): Readonly<Record<string, string>> => {
  const [site = '', ...others] = text.split(/^### /m)
  return { 'site.yaml': site, ...Object.fromEntries(others.map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)])) }
}

describe('mistakes of playbooks are told at once, each with its line', () => {
  it.each(readdirSync(folder).filter((file) => file.endsWith('.yaml')).map((file) => file.replace('.yaml', '')))('%s', async (name) => {
    const text = told(() => load(filesOf(readFileSync(join(folder, `${name}.yaml`), 'utf8')), modules))
    await expect(`${text}\n`).toMatchFileSnapshot(join(folder, `${name}.txt`))
  })
})

describe('a playbook', () => {
  it('is a list of plays, or a map with parameters', () => {
    expect(load(play('- note: {}')).map(({ source }) => source.name)).toEqual(['Play'])
    expect(load(`description: two\nplays:\n${play('- note: {}').replace(/^/gm, '  ')}`)).toHaveLength(1)
    expect(load('[]')).toEqual([])
    expect(load('plays: []')).toEqual([])
  })

  it('that is run by itself need not have its parameters yet', () => {
    expect(load('params: { a: { type: string } }\nplays: []')).toEqual([])
  })

  it('is looked for beside the one that imports it, where the reader stands, and among the shipped', () => {
    expect(mistakesIn({ 'site.yaml': '- import: a/b', 'a/b.yaml': '- import: c\n- import: d\n- import: e', 'a/c.yaml': '[]', 'd.yaml': '[]', 'playbooks/e.yaml': '[]' })).toBe('no mistake')
  })

  it('of operations says so for its own plays, whose steps may be verbs, not for those that it imports', () => {
    const files = { 'site.yaml': `procedure: true\nplays:\n  - import: other\n${play('- restart: { name: nginx }').replace(/^/gm, '  ')}`, 'other.yaml': play('- file: { path: /a, content: b }') }
    expect(load(files, modules).map(({ source }) => source.procedure)).toEqual([undefined, true])
    expect(told(() => load({ ...files, 'other.yaml': play('- restart: { name: nginx }') }, modules))).toContain('[verb-as-step]')
    expect(told(() => load({ ...files, 'site.yaml': files['site.yaml'].replace('true', 'false') }, modules))).toContain('[verb-as-step]')
  })

  it('may be imported twice, with tags for all its steps', () => {
    const plays = load({ 'site.yaml': '- import: a\n  tags: [one]\n- import: a\n  tags: two\n  with: {}', 'a.yaml': '- import: b\n  tags: three', 'b.yaml': play('- note: {}\n  tags: four', 'tags: five') })
    expect(plays.map(({ steps }) => steps[0]?.tags)).toEqual([['one', 'three', 'five', 'four'], ['two', 'three', 'five', 'four']])
  })
})

describe('a step list', () => {
  const files = { 'site.yaml': play('- include: outer\n  tags: a\n  when: first\n  become: { user: app }\n- note: {}'), 'outer.yaml': `${list('', '- include: inner\n  tags: b\n  when: second\n- note: {}\n  become: false')}handlers:\n  - { name: outer, act: {} }\n`, 'inner.yaml': `${list('', '- note: {}\n  tags: c')}handlers:\n  - { name: inner, act: {} }\n` }

  it('gives its steps the tags, conditions and user of the includes around it', () => {
    const steps = stepNodesIn(load(files)[0]?.steps ?? [])
    expect(steps.map(({ tags, conditions, become }) => [tags.join(' '), conditions.map(({ value }) => value).join(' '), become?.value])).toEqual([['a b c', 'first second', { user: 'app' }], ['a', 'first', false], ['', '', undefined]])
  })

  it('brings its handlers into the play', () => {
    expect(load(files)[0]?.handlers.map(({ name, steps }) => [name, steps[0]?.conditions.length])).toEqual([['inner', 2], ['outer', 1]])
  })

  it('is looked for beside the file, in its steps/, and among the shipped', () => {
    expect(mistakesIn({ 'site.yaml': play('- include: a\n- include: b\n- include: c.yaml\n- include: sub/d\n- include: ./e.yml'), 'a.yaml': 'steps: []', 'steps/b.yaml': 'steps: []', 'playbooks/steps/c.yaml': 'steps: []', 'sub/d.yaml': 'steps: []', 'e.yml': 'steps: []' })).toBe('no mistake')
  })

  it('may have handlers with steps that include others', () => {
    const [only] = load({ 'site.yaml': play('- note: {}\n  notify: h', 'handlers:\n  - name: h\n    steps:\n      - include: l\n      - act: {}'), 'l.yaml': list('', '- act: { name: a }') })
    expect(only?.handlers.map(({ steps }) => steps.length)).toEqual([2])
  })
})

describe('handlers of one name', () => {
  const handler = (text: string): string => `steps: []\nhandlers:\n  - name: h\n${text.replace(/^/gm, '    ')}\n`
  const handlers = (files: Readonly<Record<string, string>>): readonly unknown[] => load(files)[0]?.handlers.map(({ name, steps }) => [name, ...stepNodesIn(steps).map(({ args }) => args)]) ?? []
  const two = play('- include: a\n  with: { x: 1 }\n- include: b\n  with: { x: 2 }')

  it('are those of the play where it has them', () => {
    expect(handlers({ 'site.yaml': play('- include: a', 'handlers: [{ name: h, act: { name: own } }]'), 'a.yaml': handler('act: { name: a }') })).toEqual([['h', { name: 'own' }]])
  })

  it('are done for each list, and once where they are the same', () => {
    const params = 'params: { x: { type: integer } }\n'
    expect(handlers({ 'site.yaml': two, 'a.yaml': params + handler('act: { name: a }'), 'b.yaml': params + handler('act: { name: a }') })).toEqual([['h', { name: 'a' }]])
    expect(handlers({ 'site.yaml': two, 'a.yaml': params + handler('act: { name: a }'), 'b.yaml': params + handler('act: { name: b }') })).toEqual([['h', { name: 'a' }, { name: 'b' }]])
    const twice = play('- include: a\n  with: { x: 1 }\n- include: a\n  with: { x: 2 }\n- include: a\n  with: { x: 2 }')
    expect(handlers({ 'site.yaml': twice, 'a.yaml': params + handler('act: { name: a }') })).toEqual([['h', { name: 'a' }]])
    expect(handlers({ 'site.yaml': twice, 'a.yaml': params + handler('act: { name: "{{ x }}" }') })).toEqual([['h', { name: '{{ x }}' }, { name: '{{ x }}' }]])
  })
})

it('passes what is no mistake of the reader on', () => {
  const broken = new Error('disk on fire')
  const library = { find: () => 'site.yaml', list: () => [], read: () => { throw broken } }
  expect(() => loadPlaybook('site.yaml', library, modules)).toThrow(broken)
})
