import { describe, expect, it } from 'vitest'
import { ProvisionError } from '../../src/core/errors.js'
import { Secret } from '../../src/core/secret.js'
import { Unknown, UnknownValue } from '../../src/core/unknown.js'
import { HostScope } from '../../src/playbook/scope.js'
import { briefly, list, play, resolve, told, values, walked, worldOf, type Files, type Given } from './given.js'

/** The value of `x` as the last step sees it. */
const seen = (files: Files, given?: Given): unknown => values(files, given).at(-1)
const show = 'note: { value: "{{ x }}" }'

describe('five levels of variables', () => {
  const own = { hosts: { h1: { vars: { x: 'host' } } } }
  const called = (more = '') => ({ 'site.yaml': '- import: inner\n  with: { x: parameter }', 'inner.yaml': `params: { x: { type: string, default: product } }\nplays:\n${play(show, more).replace(/^/gm, '  ')}` })

  it.each([
    ['the default of a playbook', { 'site.yaml': `params: { x: { type: string, default: product } }\nplays:\n${play(show).replace(/^/gm, '  ')}` }, {}, 'product'],
    ['a parameter over its default', called(), {}, 'parameter'],
    ['a play over a parameter', called('vars: { x: play }'), {}, 'play'],
    ['the inventory over a play', called('vars: { x: play }'), own, 'host'],
    ['--set over the inventory', called('vars: { x: play }'), { ...own, set: { x: 'set' } }, 'set'],
    ['a step over --set', play(`${show}\nvars: { x: step }`.replace(/^/gm, '  ').replace('  note', '- note')), { ...own, set: { x: 'set' } }, 'step'],
    ['a parameter of a step list over --set', { 'site.yaml': play('- include: l\n  with: { x: argument }'), 'l.yaml': list('x: { type: string }', `- ${show}`) }, { ...own, set: { x: 'set' } }, 'argument'],
  ])('%s', (_title, files, given, value) => {
    const fixed = typeof files === 'string' ? files : Object.fromEntries(Object.entries(files).map(([name, text]) => [name, text.replace(/^( *)note:/gm, '$1- note:')]))
    expect(seen(fixed, given)).toEqual({ value })
  })

  it('holds what the inventory and --set say of a typed parameter to its type', () => {
    const files = `params: { kind: { type: string, one-of: [a, b], default: a } }\nplays:\n${play('- note: { value: "{{ kind }}" }').replace(/^/gm, '  ')}`
    expect(briefly(() => walked(files, { set: { kind: 'c' } }))).toEqual(['--set:1 wrong-parameter: the parameter "kind" must be one of a, b'])
    expect(briefly(() => walked(files, { hosts: { h1: { vars: { kind: 3 } } } }))).toEqual(['inventory/h1:1 wrong-parameter: the parameter "kind" must be one of a, b'])
    expect(values(files, { set: { kind: 'b' } })).toEqual([{"value":"b"}])
  })

  it('says which parameter a playbook lacks, once for all its uses', () => {
    const files = `params:\n  kind: { type: string, description: what it is }\nplays:\n${play('- note: { value: "{{ kind }}" }\n- note: { value: "{{ kind }}" }').replace(/^/gm, '  ')}`
    const text = told(() => walked(files))
    expect(text).toBe('error: the playbook needs the parameter "kind": what it is [missing-parameter]\n  at site.yaml:2:9\n  2 |   kind: { type: string, description: what it is }\n    |         ^\n  hint: give it under `with:` of an import, in the inventory, or as --set kind=…')
  })
})

describe('names', () => {
  it('of a step list are its parameters and the global ones, not what the caller has', () => {
    const files = { 'site.yaml': play('- include: outer\n  with: { a: 1 }'), 'outer.yaml': list('a: { type: integer }', '- include: inner\n  with: { b: "{{ a }}" }'), 'inner.yaml': list('b: { type: integer }', '- note: { value: "{{ b }} {{ a is defined }} {{ g }}" }') }
    expect(values(files, { set: { g: 'global' } })).toEqual([{"value":"1 false global"}])
  })

  it('in variables of the inventory never mean a parameter of a step list or a variable of a step', () => {
    const files = { 'site.yaml': play('- include: l\n  with: { name: list }\n- note: { value: "{{ text }}" }\n  vars: { name: step }'), 'l.yaml': list('name: { type: string }', '- note: { value: "{{ text }}" }') }
    expect(values(files, { hosts: { h1: { vars: { text: 'I am {{ name }}', name: 'host' } } } })).toEqual([{"value":"I am host"}, {"value":"I am host"}])
  })

  it('given to an imported playbook are those of the caller, not those of the plays within', () => {
    const files = { 'site.yaml': '- import: inner\n  with: { target: "{{ home }}" }', 'inner.yaml': `params: { target: { type: path }, other: { type: string, default: "{{ home }}" } }\nplays:\n${play('- note: { value: "{{ target }} {{ other }}" }', 'vars: { home: /play }').replace(/^/gm, '  ')}` }
    expect(briefly(() => walked(files))).toEqual(['site.yaml:2 undefined-variable: home is not defined'])
    expect(values({ ...files, 'site.yaml': '- import: inner\n  with: { target: /given, other: x }' })).toEqual([{"value":"/given x"}])
  })

  it('may be given on under the same name', () => {
    const files = { 'site.yaml': play('- include: a\n  with: { x: "{{ x }}" }'), 'a.yaml': list('x: { type: integer }', '- include: b\n  with: { x: "{{ x }}" }'), 'b.yaml': list('x: { type: integer }', '- note: { value: "{{ x }}" }') }
    expect(values(files, { set: { x: 7 } })).toEqual([{"value":7}])
    expect(values(play('- note: { value: "{{ x }}" }\n  vars: { x: "{{ x + 1 }}" }'), { set: { x: 7 } })).toEqual([{"value":8}])
  })

  it('of a default see the other parameters', () => {
    const files = { 'site.yaml': play('- include: l\n  with: { name: a }'), 'l.yaml': list('name: { type: string }\npath: { type: path, default: "/opt/{{ name }}" }\nlast: { type: string, default: "{{ path }}/last" }', '- note: { value: "{{ last }}" }') }
    expect(values(files)).toEqual([{"value":"/opt/a/last"}])
  })

  it('of every object of JavaScript mean nothing', () => {
    expect(briefly(() => walked(play('- note: { value: "{{ constructor }}" }')))).toEqual(['site.yaml:4 undefined-variable: constructor is not defined'])
    const files = { 'site.yaml': play('- include: l'), 'l.yaml': list('a: { type: any, default: null }', '- note: { value: "{{ constructor is defined }}" }') }
    expect(values(files)).toEqual([{"value":false}])
    expect(values(play('- note: { value: "{{ hosts.h1.constructor }}" }'), { hosts: { h1: { vars: { constructor: 'mine' } } } })).toEqual([{"value":"mine"}])
  })

  it('that are mistyped are offered from all levels', () => {
    const files = { 'site.yaml': '- import: inner', 'inner.yaml': `params: { archive: { type: any, default: 1 } }\nplays:\n${play('- include: l').replace(/^/gm, '  ')}`, 'l.yaml': list('other: { type: any, default: 1 }', '- note: { value: "{{ archve }}" }') }
    expect(told(() => walked(files))).toContain('did you mean archive?')
    const scope = new HostScope(worldOf({ set: { s: 1 }, hosts: { h1: { vars: { v: 1 } } } }), worldOf().hosts.get('h1') ?? raise(), {
      play: new Map([['p', { value: 1, place: { file: 'a', line: 1, column: 1 } }]]), locals: new Map([['l', { value: 1, place: { file: 'a', line: 1, column: 1 } }]]), registered: new Map([['r', 1]]),
    })
    expect(scope.names()).toEqual(['l', 'r', 'p', 'host', 'hosts', 'groups', 'members'])
  })
})

describe('circles', () => {
  it.each([
    ['variables of a host', play('- note: { value: "{{ a }}" }'), { hosts: { h1: { vars: { a: '{{ b }}', b: '{{ a }}' } } } }, /^inventory\/h1:1 circular-variable: the variable a is defined by itself$/],
    ['a variable of a play by itself', play('- note: { value: "{{ a }}" }', 'vars: { a: "{{ a }}" }'), {}, /circular-variable/],
    ['seen from a step with variables', play('- note: { value: "{{ a }}" }\n  vars: { z: 1 }', 'vars: { a: "{{ b }}", b: "{{ a }}" }'), {}, /circular-variable/],
    ['defaults of a step list', { 'site.yaml': play('- include: l'), 'l.yaml': list('a: { type: any, default: "{{ b }}" }\nb: { type: any, default: "{{ a }}" }', '- note: { value: "{{ a }}" }') }, {}, /l.yaml:\d circular-variable/],
    ['between hosts', play('- note: { value: "{{ a }}" }'), { hosts: { h1: { vars: { a: '{{ hosts.h2.a }}' } }, h2: { vars: { a: '{{ hosts.h1.a }}' } } } }, /circular-variable/],
  ] as const)('are mistakes: %s', (_title, files, given: Given, expected) => {
    const [mistake = '', ...more] = briefly(() => walked(files, given))
    expect(mistake).toMatch(expected)
    expect(more).toEqual([])
  })

  it('name the way round', () => {
    expect(told(() => walked(play('- note: { value: "{{ a }}" }'), { hosts: { h1: { vars: { a: '{{ b }}', b: '{{ a }}' } } } }))).toContain('hint: it goes round through: a, b')
  })
})

describe('what is there without being named', () => {
  const hosts = { db1: { address: '10.0.0.1', groups: ['database'], vars: { port: 3306, url: '{{ host.address }}:{{ port }}' } }, mi1: { groups: ['nodes'], address: '10.0.0.2' }, mi2: { groups: ['nodes'], vars: { port: '{{ base + 1 }}', base: 9000 } } }
  const value = (expression: string, given: Given = { hosts }): unknown => values(play(`- note: { value: "{{ ${expression} }}" }`), given, 'mi1')[0]

  it.each([
    ["hosts['db1'].address", '10.0.0.1'], ['hosts.db1.url', '10.0.0.1:3306'], ['hosts.mi2.port', 9001], ['groups.nodes', ['mi1', 'mi2']], ['groups.all', ['db1', 'mi1', 'mi2']],
    ['members.nodes', [{ name: 'mi1', address: '10.0.0.2', groups: ['nodes'] }, { name: 'mi2', groups: ['nodes'] }]], ["members.nodes | map(attribute='name')", ['mi1', 'mi2']],
    ['host.name', 'mi1'], ['host.groups', ['nodes']], ["hosts.mi2.address is defined", false], ['hosts.nobody is defined', false],
  ])('%s', (expression, expected) => { expect(value(expression)).toEqual({ value: expected }) })

  it('shows the variables of the host at hand too, and --set above them', () => {
    expect(value('host.a', { hosts: { mi1: { vars: { a: 1, b: 2 } } }, set: { b: 3 } })).toEqual({ value: 1 })
    expect(value('host.b', { hosts: { mi1: { vars: { a: 1, b: 2 } } }, set: { b: 3 } })).toEqual({ value: 3 })
  })

  it('sees variables of plays and playbooks in those of other hosts', () => {
    const files = { 'site.yaml': `params: { suffix: { type: string, default: .test } }\nplays:\n${play('- note: { value: "{{ hosts.db1.full }}" }', 'vars: { dot: "!" }').replace(/^/gm, '  ')}` }
    expect(values(files, { hosts: { h1: {}, db1: { vars: { full: 'db1{{ suffix }}{{ dot }}' } } } })).toEqual([{"value":"db1.test!"}])
  })

  it('may be shadowed', () => { expect(value('host', { hosts: { mi1: { vars: { host: 'mine' } } } })).toEqual({ value: 'mine' }) })
})

describe('values', () => {
  it('keep their type when they are one expression', () => {
    const vars = { port: 8290, on: true, some: ['a', { b: 1 }], none: null }
    expect(values(play('- note: { value: ["{{ port }}", "{{ on }}", "{{ some }}", "{{ none }}", "{{ port }}!"] }'), { hosts: { h1: { vars } } })).toEqual([{"value":[8290,true,["a",{"b":1}],null,"8290!"]}])
  })

  it('that are not defined are mistakes at their place', () => {
    expect(told(() => walked(play('- note:\n    path: /a\n    value: "x {{ missing }}"')))).toMatchInlineSnapshot(`
      "error: missing is not defined [undefined-variable]
        at site.yaml:6:22
        6 |         value: "x {{ missing }}"
          |                      ^
        hint: set it in the inventory or the playbook, with --set missing=…, or write missing | default(…)"
    `)
  })

  it('within maps and lists are placed where they stand', () => {
    const step = play('- note: { value: "{{ x }}" }\n  vars:\n    x:\n      first: 1\n      second: "{{ missing }}"')
    expect(briefly(() => walked(step))).toEqual(['site.yaml:8 undefined-variable: missing is not defined'])
    const files = { 'site.yaml': play('- include: l\n  with:\n    x:\n      - a\n      - "{{ missing }}"'), 'l.yaml': list('x: { type: list }', '- note: { value: "{{ x }}" }') }
    expect(briefly(() => walked(files))).toEqual(['site.yaml:8 undefined-variable: missing is not defined'])
  })

  it('that are secret stay so through variables and parameters', () => {
    const files = { 'site.yaml': play('- include: l\n  with: { password: "{{ vaulted }}" }'), 'l.yaml': list('password: { type: secret }', '- note: { content: "user:{{ password }}" }') }
    const [steps] = resolve(files, { hosts: { h1: { vars: { vaulted: new Secret('hunter22') } } } }).map(({ steps }) => steps)
    const binding = steps?.[0]?.bind('h1', new Map())
    expect(JSON.stringify(binding)).not.toContain('hunter22')
    expect(values(files, { hosts: { h1: { vars: { vaulted: new Secret('hunter22') } } } })).toEqual([{"content":"user:••••••••"}])
  })

  it('that only a run will know defer the step', () => {
    const files = play('- note: { value: "{{ out.stdout }}" }')
    expect(() => walked(files, {}, 'h1', new Map([['out', new Unknown('ask')]]))).toThrow(UnknownValue)
    expect(values(files, {}, 'h1', new Map([['out', { stdout: 'hello' }]]))).toEqual([{"value":"hello"}])
  })

  it('that were registered are seen in step lists, and parameters come before them', () => {
    const files = { 'site.yaml': play('- include: l\n  with: { x: argument }'), 'l.yaml': list('x: { type: string }', '- note: { value: "{{ x }} {{ y }}" }') }
    expect(values(files, { set: { y: 'set' } }, 'h1', new Map([['x', 'registered'], ['y', 'registered']]))).toEqual([{"value":"argument registered"}])
  })
})

const raise = (): never => { throw new ProvisionError('test', 'no such host') }
