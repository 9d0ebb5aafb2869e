import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/core/secret.js'
import { stepsIn } from '../../src/core/step.js'
import { Unknown, UnknownValue } from '../../src/core/unknown.js'
import { briefly, list, outcomes, play, resolve, told, values, walked, walkedParts, type Given } from './given.js'

describe('plays', () => {
  const three: Given = { hosts: { a: {}, b: {}, c: {}, d: {}, e: {} } }
  it.each([
    ['1', [1]], ['"40%"', [2]], ['"1%"', [1]], ['"100%"', [5]], ['[1, "50%", 5]', [1, 2, 5]],
  ])('are cut into batches by serial: %s', (serial, batches) => {
    expect(resolve(play('- note: {}', `serial: ${serial}`), three)[0]).toMatchObject({ batches, hosts: ['a', 'b', 'c', 'd', 'e'] })
  })

  it('say how many hosts may fail, and have no batches when they say nothing', () => {
    const [limited, free] = resolve(`${play('- note: {}', 'max-failures: 0')}${play('- note: {}')}`)
    expect(limited).toMatchObject({ name: 'Play', maxFailures: 0 })
    expect(free).not.toHaveProperty('maxFailures')
    expect(free).not.toHaveProperty('batches')
  })

  it('without a selected step are left out', () => {
    expect(resolve(`${play('- note: {}\n  tags: a')}${play('- note: {}\n  tags: b')}`, { selection: { tags: ['b'] } }).map(({ steps }) => steps.length)).toEqual([1])
  })
})

describe('tags', () => {
  const files = play('- { name: plain, note: {} }\n- { name: a, note: {}, tags: a }\n- { name: ab, note: {}, tags: [a, b] }\n- { name: always, note: {}, tags: always }\n- { name: never, note: {}, tags: [never, drill] }')
  it.each([
    [{}, 'plain a ab always'], [{ tags: ['a'] }, 'a ab always'], [{ tags: ['b'] }, 'ab always'], [{ tags: ['all'] }, 'plain a ab always'], [{ tags: ['drill'] }, 'always never'], [{ tags: ['never'] }, 'always never'],
    [{ skipTags: ['a'] }, 'plain always'], [{ tags: ['a'], skipTags: ['b'] }, 'a always'], [{ skipTags: ['always'] }, 'plain a ab'], [{ tags: ['nothing'] }, 'always'], [{ tags: ['drill'], skipTags: ['drill'] }, 'always'],
  ])('%o select %s', (selection, names) => {
    expect(resolve(files, { selection })[0]?.steps.map(({ name }) => name).join(' ')).toBe(names)
  })

  it('do not keep handlers from running', () => {
    expect(resolve({ 'site.yaml': play('- { note: {}, notify: h, tags: a }', 'handlers:\n  - { name: h, include: l }'), 'l.yaml': 'steps:\n  - { note: {}, tags: b }\n' }, { selection: { tags: ['a'] } })[0]?.handlers.map(({ steps }) => steps.length)).toEqual([1])
  })
})

describe('when', () => {
  it('skips a step and says why', () => {
    expect(walked(play('- note: {}\n  when: a == 1\n- note: {}\n  when: a == 2\n- note: {}\n  when: false\n- note: {}\n  when: true'), { set: { a: 2 } })).toEqual(['skipped: only when a == 1; here a is 2', ['note: {}'], 'skipped: `when` is false', ['note: {}']])
  })

  it('names what it skips by what is known, the rest as an ellipsis', () => {
    const names = (text: string): readonly unknown[] => stepsIn(resolve(play(text), { set: { a: 2 } })[0]?.steps ?? []).map((step) => step.nameIn?.('h1', new Map()))
    expect(names('- { name: "a is {{ a }}", note: {}, when: false }')).toEqual(['a is 2'])
    expect(names('- { name: "{{ item.x }} has {{ a }}", note: {}, loop: [] }')).toEqual(['… has 2'])
  })

  it('that asks for what a run will know defers', () => {
    expect(() => walked(play('- note: {}\n  when: out.changed'), {}, 'h1', new Map([['out', new Unknown('ask')]]))).toThrow(UnknownValue)
    expect(walked(play('- note: {}\n  when: false and out.changed'), {}, 'h1', new Map([['out', new Unknown('ask')]]))).toEqual(['skipped: only when false and out.changed'])
  })

  it('tells what it found: three short values at most, and secrets as dots', () => {
    const set = { a: 'x'.repeat(50), b: null, c: { d: true, e: [1] }, f: 1, g: 2, h: new Secret('hunter22') }
    const because = (condition: string): unknown => walked(play(`- note: {}\n  when: ${condition}`), { set })[0]
    expect(because("a == 'y' and b")).toBe("skipped: only when a == 'y' and b; here b is none")
    expect(because('not c.d and c.e and c.other is defined')).toBe('skipped: only when not c.d and c.e and c.other is defined; here c.d is true')
    expect(because('f == g and g == 3 and b and c.d')).toMatch(/; here f is 1, g is 2, b is none$/)
    expect(because("h == 'other'")).toBe("skipped: only when h == 'other'; here h is ••••••••")
  })

  it('keeps arguments from being looked at', () => { expect(walked(play('- note: { value: "{{ missing }}" }\n  when: missing is defined'))).toEqual(['skipped: only when missing is defined']) })

  it('of an include is asked where the include is written', () => {
    const files = { 'site.yaml': play('- include: a\n  with: { on: true }\n- include: a\n  with: { on: false }'), 'a.yaml': list('on: { type: boolean }', '- include: b\n  when: on\n  with: { on: "no" }'), 'b.yaml': list('on: { type: string }', '- note: { value: "{{ on }}" }\n  vars: { on: mine }') }
    expect(walked(files)).toEqual([['note mine: {"value":"mine"}'], 'skipped: only when on; here on is false'])
  })

  it('of several includes must all hold, the outer ones first', () => {
    const files = { 'site.yaml': play('- include: a\n  when: x is defined'), 'a.yaml': list('', '- include: b\n  when: x > 1'), 'b.yaml': list('', '- note: {}\n  when: x > 2') }
    expect([{}, { x: 1 }, { x: 2 }, { x: 3 }].map((set) => walked(files, { set })[0])).toEqual(['skipped: only when x is defined', 'skipped: only when x > 1; here x is 1', 'skipped: only when x > 2; here x is 2', ['note: {}']])
  })

  it('in braces is a mistake', () => { expect(briefly(() => walked(play('- note: {}\n  when: "{{ a }}"')))).toEqual(['site.yaml:5 braces-in-condition: a condition is an expression already and has no braces around it']) })
})

describe('loops', () => {
  it.each([
    ['a list', 'loop: [a, 2]', ['note (a): {"value":"a"}', 'note (2): {"value":2}']],
    ['a list of expressions', 'loop: ["{{ one }}", b]', ['note (1): {"value":1}', 'note (b): {"value":"b"}']],
    ['an expression', 'loop: "{{ some }}"', ['note (x): {"value":"x"}', 'note (y): {"value":"y"}']],
    ['maps', 'loop: [{ id: 7, name: seven }, { id: 8 }, { flag: true }]', ['note seven (seven): {"value":{"id":7,"name":"seven"}}', 'note (8): {"value":{"id":8}}', 'note: {"value":{"flag":true}}']],
    ['nothing', 'loop: []', 'skipped: the loop is empty'],
  ])('over %s', (_title, loop, expected) => {
    const [found] = walked(play(`- note: { value: "{{ item }}" }\n  ${loop}`), { set: { one: 1, some: ['x', 'y'] } })
    const plain = (lines: unknown): unknown => (Array.isArray(lines) ? lines.map((line) => String(line).replace(/^note \w+ /, 'note ').replace(/^note (\w+):/, 'note ($1):')) : lines)
    expect(plain(found)).toEqual(plain(expected))
  })

  it('name their items, once', () => {
    const names = (step: string): unknown => stepsIn(resolve(play(step), { set: { secret: new Secret('hunter22') } })[0]?.steps ?? []).map((one) => { const binding = one.bind('h1', new Map()); return 'skipped' in binding ? [] : binding.steps.map(({ name }) => name) })[0]
    expect(names('- note: { path: "/srv/{{ item }}" }\n  loop: [a]')).toEqual(['note /srv/a'])
    expect(names('- note: { path: /srv }\n  loop: [a]')).toEqual(['note /srv (a)'])
    expect(names('- name: site {{ item }}\n  note: {}\n  loop: [a]')).toEqual(['site a'])
    expect(names('- name: site\n  note: {}\n  loop: [a]')).toEqual(['site (a)'])
    expect(names('- name: a\n  note: {}\n  loop: [a]')).toEqual(['a (a)'])
    expect(names('- note: {}\n  loop: ["{{ secret }}"]')).toEqual(['note (••••••••)'])
    expect(names('- name: "{{ secret }}"\n  note: {}')).toEqual(['••••••••'])
  })

  it('ask `when` of each item', () => {
    expect(walked(play('- note: { path: "{{ item }}" }\n  loop: [a, b, c]\n  when: item != \'b\''))).toEqual([['note a: {"path":"a"}', 'note c: {"path":"c"}']])
    expect(walked(play('- note: { path: "{{ item }}" }\n  loop: [a, b]\n  when: item == \'c\''))).toEqual(["skipped: only when item == 'c'"])
  })

  it('let variables of the step use the item', () => {
    expect(walked(play('- note: { path: "{{ file }}" }\n  loop: [a, b]\n  vars: { file: "/srv/{{ item }}" }'))).toEqual([['note /srv/a: {"path":"/srv/a"}', 'note /srv/b: {"path":"/srv/b"}']])
  })

  it('never evaluate what stands in an item', () => {
    const registered = new Map([['out', { lines: ['{{ missing }}', '{% raw %}'] }]])
    expect(values(play('- note: { content: "{{ item }}", value: "{{ item }}!" }\n  loop: "{{ out.lines }}"'), {}, 'h1', registered))
      .toEqual([{ content: '{{ missing }}', value: '{{ missing }}!' }, { content: '{% raw %}', value: '{% raw %}!' }])
  })

  it.each([
    ['text', 'loop: nodes', 'write "{{ nodes }}" if that is the name of a list'], ['a map', 'loop: "{{ map }}"', 'for a map, write `| items`'], ['a number', 'loop: "{{ 3 }}"', 'for a map, write `| items`'],
  ])('over %s are mistakes', (_title, loop, hint) => {
    const text = told(() => walked(play(`- note: {}\n  ${loop}`), { set: { map: { a: 1 } } }))
    expect(text).toContain('error: `loop` takes a list [not-a-list]\n  at site.yaml:5:13')
    expect(text).toContain(`hint: ${hint}`)
  })
})

describe('arguments', () => {
  it.each([
    ['of the wrong type', 'count: "{{ text }}"', 'site.yaml:6 wrong-value: "count" must be a number, but is "many"'],
    ['that are not allowed', 'kind: "{{ text }}"', 'site.yaml:6 wrong-value: "kind" must be one of plain, fancy, but is "many"'],
    ['too small', 'count: "{{ 0 }}"', 'site.yaml:6 wrong-value: "count" must be at least 1'],
    ['that are none of several', 'port: "{{ text }}"', 'site.yaml:6 wrong-value: "port" must be a number or a map, but is "many"'],
    ['within a value', 'port: { number: "{{ text }}" }', 'site.yaml:6 wrong-value: "number" must be a number, but is "many"'],
  ])('%s are told where they stand once they are known', (_title, line, mistake) => {
    expect(briefly(() => walked(play(`- note:\n    path: /a\n    ${line}`), { set: { text: 'many' } }))).toEqual([mistake])
  })

  it('may be one expression as a whole', () => {
    expect(values(play('- note: "{{ all }}"'), { set: { all: { path: '/a' } } })).toEqual([{ path: '/a' }])
    expect(briefly(() => walked(play('- note: "{{ all }}"'), { set: { all: { pth: '/a' } } }))).toEqual(['site.yaml:4 unknown-key: unknown key "pth"'])
    expect(briefly(() => walked(play('- note: "{{ all }}"'), { set: { all: 'x' } }))).toEqual(['site.yaml:4 wrong-value: "note" must be a map, but is "x"'])
  })

  it('do not show a secret that is wrong', () => {
    expect(briefly(() => walked(play('- note: { count: "{{ s }}" }'), { set: { s: new Secret('hunter22') } }))).toEqual(['site.yaml:4 wrong-value: "count" must be a number, but is an encrypted value'])
  })

  it('may be left out', () => { expect(values(play('- note:'))).toEqual([{}]) })
})

describe('names of steps', () => {
  it.each([
    ['- note: { content: text, path: /etc/a }', 'note /etc/a'], ['- note: { value: [one, two] }', 'note one, two'], ['- note: { count: 3 }', 'note 3'], ['- note: {}', 'note'], ['- note: { content: "a\\nb" }', 'note'],
    ['- note: { path: "{{ folder }}/a" }', 'note /srv/a'], ['- note: { content: "{{ secret }}" }', 'note'], ['- note: { value: "{{ [1, 2] }}", path: /a }', 'note /a'], ['- note: { value: "{{ [1, 2] }}" }', 'note'],
    ['- name: site of {{ folder }}\n  note: {}', 'site of /srv'], ['- name: "{{ 3 }}"\n  note: {}', '3'],
  ])('%s', (step, name) => {
    const [one] = resolve(play(step), { set: { folder: '/srv', secret: new Secret('hunter22') } })[0]?.steps ?? []
    const binding = one?.bind('h1', new Map())
    expect(binding !== undefined && 'steps' in binding ? binding.steps[0]?.name : undefined).toBe(name)
  })
})

describe('become', () => {
  it.each([
    ['of the play', '- note: {}', 'become: true', ' as root by sudo'], ['of the step over the play', '- note: {}\n  become: { user: app, method: su }', 'become: true', ' as app by su'], ['nobody', '- note: {}\n  become: false', 'become: true', ''], ['said by nobody', '- note: {}', '', ''],
    ['with a variable of the step', '- note: {}\n  become: { user: "{{ who }}" }\n  vars: { who: "{{ owner }}2" }', '', ' as app2 by sudo'], ['with the item', '- note: {}\n  become: { user: "{{ item }}" }\n  loop: [x]', '', ' as x by sudo'], ['of the play with a variable', '- note: {}\n  vars: { owner: never }', 'become: { user: "{{ owner }}" }', ' as app by sudo'],
  ])('%s', (_title, step, more, expected) => {
    expect(String(walked(play(step, more), { set: { owner: 'app' } }).flat()[0]).replace(/^note[^{]*\{\}/, '')).toBe(expected)
  })

  it('of an include is asked where it is written', () => {
    const files = { 'site.yaml': play('- include: a\n  with: { owner: app }'), 'a.yaml': list('owner: { type: string }', '- include: b\n  become: { user: "{{ owner }}" }'), 'b.yaml': list('', '- note: {}') }
    expect(walked(files)).toEqual([['note: {} as app by sudo']])
    expect(briefly(() => walked({ ...files, 'a.yaml': list('owner: { type: string }', '- include: b\n  become: { user: "{{ onwer }}" }') }))).toEqual(['a.yaml:5 undefined-variable: onwer is not defined'])
    expect(briefly(() => walked({ ...files, 'a.yaml': list('owner: { type: string }', '- include: b\n  become: { user: "{{ 3 }}" }') }))).toEqual(['a.yaml:5 wrong-user: `become` takes the name of a user'])
  })
})

describe('what else a step says', () => {
  const step = (text: string) => stepsIn(resolve(play(text))[0]?.steps ?? [])[0]
  it('is handed on', () => {
    expect(step('- note: {}')).toMatchObject({ name: 'note', module: 'note', notify: [], ignoreFailure: false, place: { file: 'site.yaml', line: 4 } })
    expect(step('- note: {}\n  register: out\n  timeout: 5\n  ignore-failure: true\n  until: result.exit == 0')).toMatchObject({ register: 'out', timeout: 5, ignoreFailure: true, until: { retries: 3, delay: 5 } })
    expect(step('- note: {}\n  until: true\n  retries: 9\n  delay: 0')).toMatchObject({ until: { retries: 9, delay: 0 } })
    expect(step('- flush-handlers: true')).toMatchObject({ name: 'flush-handlers', flushHandlers: true })
    expect(outcomes(step('- flush-handlers: true')?.bind('h1', new Map()) ?? { steps: [] })).toEqual([])
  })

  it('asks `until` and `changed-when` of the result', () => {
    const asked = step('- note: {}\n  until: result.exit == wanted\n  changed-when: result.stdout is search(\'new\')\n  vars: { wanted: 3 }')
    const result = (exit: number, stdout: string) => new Map([['result', { exit, stdout }]])
    expect([asked?.until?.holds('h1', result(3, '')), asked?.until?.holds('h1', result(0, ''))]).toEqual([true, false])
    expect([asked?.changedWhen?.('h1', result(0, 'new')), asked?.changedWhen?.('h1', result(0, 'old'))]).toEqual([true, false])
  })

  it('is about hosts of the inventory only', () => { expect(() => step('- note: {}')?.bind('nobody', new Map())).toThrow('nobody is not in the inventory') })
})

describe('blocks', () => {
  it('give their steps variables, the item of their loop and its number, through blocks within', () => {
    const files = play('- block:\n    - block:\n        - note: { value: "{{ site }} {{ n }} {{ item }} {{ v }}" }\n      loop: [x, y]\n      vars: { v: "{{ site }}!" }\n  loop: "{{ sites }}"\n  loop-var: site\n  index-var: n')
    expect(values(files, { set: { sites: ['a', 'b'] } })).toEqual(['a 0 x a!', 'a 0 y a!', 'b 1 x b!', 'b 1 y b!'].map((value) => ({ value })))
  })

  it('tell the rounds of a step apart', () => {
    expect(walked(play('- block:\n    - name: site\n      note: {}\n    - name: site of {{ item }}\n      note: {}\n  loop: [a, b]'))).toEqual([['site (a): {}'], ['site of a: {}'], ['site (b): {}'], ['site of b: {}']])
  })

  it('are asked once for their condition, with the includes around', () => {
    expect(walked(play('- block:\n    - note: {}\n  when: x > 1'), { set: { x: 1 } })).toEqual(['skipped: only when x > 1; here x is 1'])
    expect(walked(play('- block:\n    - note: {}\n  when: item > 1\n  loop: [1, 2]'))).toHaveLength(1)
    expect(walked(play('- block:\n    - note: {}\n  loop: []'))).toEqual(['skipped: the loop is empty'])
    expect(walked({ 'site.yaml': play('- include: a\n  when: x > 1'), 'a.yaml': list('', '- block:\n    - note: {}') }, { set: { x: 1 } })).toEqual(['skipped: only when x > 1; here x is 1'])
  })

  it('are selected by the tags of their steps', () => {
    const files = play('- block:\n    - { name: a, note: {}, tags: a }\n    - { name: b, note: {} }\n  always:\n    - { name: c, note: {} }\n  tags: all-of-it')
    const names = (tags: readonly string[]): readonly string[] => stepsIn(resolve(files, { selection: { tags } })[0]?.steps ?? []).map(({ name }) => name)
    expect([names(['a']), names(['all-of-it']), names(['other'])]).toEqual([['a'], ['a', 'b', 'c'], []])
  })

  it('are what a step list in a loop becomes', () => {
    const files = { 'site.yaml': play('- include: a\n  loop: [1, 2, 3]\n  when: item != 2\n  with: { n: "{{ item }}" }'), 'a.yaml': list('n: { type: integer }', '- note: { value: "{{ n }}" }\n- note: { value: "{{ n + 10 }}" }') }
    expect(values(files)).toEqual([1, 11, 3, 13].map((value) => ({ value })))
  })

  it('give what they say to the handlers of the lists in them, round by round', () => {
    const two = `${list('a: { type: string }', '- note: {}\n  notify: hh')}handlers:\n  - { name: hh, act: { name: "{{ a }}" } }\n`
    const handled = (steps: string, more: Readonly<Record<string, string>> = {}): readonly unknown[] => resolve({ 'site.yaml': play(steps), 'two.yaml': two, ...more })[0]?.handlers.map(({ name, steps: parts }) => [name, ...walkedParts(parts, 'h1', new Map()).flat()]) ?? []
    expect(handled('- include: two\n  loop: [1, 2, 3]\n  when: item != 2\n  with: { a: "l{{ item }}" }')).toEqual([['hh', 'hh (1): {"name":"l1"}', 'hh (3): {"name":"l3"}']])
    expect(handled('- block:\n    - include: two\n      with: { a: "{{ v }}{{ item }}" }\n  loop: [1, 2]\n  vars: { v: x }')).toEqual([['hh', 'hh (1): {"name":"x1"}', 'hh (2): {"name":"x2"}']])
    expect(handled('- include: outer\n  loop: [a, b]\n  with: { o: "{{ item }}" }', { 'outer.yaml': list('o: { type: string }', '- include: two\n  loop: [1, 2]\n  with: { a: "{{ o }}{{ item }}" }') }))
      .toEqual([['hh', ...['a1', 'a2', 'b1', 'b2'].map((name) => `hh (${[...name].join(', ')}): {"name":"${name}"}`)]])
    expect(handled('- include: two\n  when: host.name == \'h1\'\n  loop: [1]\n  with: { a: x }\n- include: two\n  with: { a: y }')).toEqual([['hh', 'hh: {"name":"x"}', 'hh: {"name":"y"}']])
  })

  it('leave handlers that use nothing of them as they are', () => {
    const handled = (with_: string, handler: string, include = ''): readonly unknown[] => resolve({
      'site.yaml': play(`- include: two\n  loop: [1, 2]\n  index-var: n\n  with: { ${with_} }`),
      'two.yaml': `${list('a: { type: string, default: "" }\nb: { type: string, default: "{{ a }}" }', `- note: {}\n  notify: hh${include}`)}${handler}`,
      'three.yaml': `steps: []\nhandlers:\n  - { name: hh, act: { name: three } }\n`,
    }, { set: { s: 'nginx' } })[0]?.handlers.map(({ steps }) => walkedParts(steps, 'h1', new Map()).flat()) ?? []
    const named = (name: string): string => `handlers:\n  - { name: hh, act: { name: "${name}" } }\n`
    expect(handled('a: "l{{ item }}"', named('x'))).toEqual([['hh: {"name":"x"}']])
    expect(handled('a: "l{{ item }}"', named('{{ s }}'))).toEqual([['hh: {"name":"nginx"}']])
    expect(handled('a: "{{ s }}", b: x', named('{{ a }}'))).toEqual([['hh: {"name":"nginx"}']])
    expect(handled('a: "x{{ n }}"', named('{{ b }}'))).toEqual([['hh (1): {"name":"x0"}', 'hh (2): {"name":"x1"}']])
    expect(handled('a: "l{{ item }}"', '', "\n- include: three\n  when: a == 'l2'")).toEqual([["skipped: only when a == 'l2'; here a is 'l1'", 'hh (2): {"name":"three"}']])
  })

  it('hand their user on', () => {
    expect(walked(play('- block:\n    - note: {}\n  become: { user: app }'))).toEqual([['note: {} as app by sudo']])
  })
})

describe('where a step is done', () => {
  const two: Given = { hosts: { a: { vars: { lb: 'b' } }, b: {} } }
  const bound = (text: string) => {
    const [step] = stepsIn(resolve(play(text), two)[0]?.steps ?? [])
    const binding = step?.bind('a', new Map())
    return binding === undefined || 'skipped' in binding ? [] : binding.steps.map(({ delegate }) => delegate)
  }
  it('may be another host, named by variables and items', () => {
    expect(bound('- note: {}\n  delegate: "{{ lb }}"')).toEqual(['b'])
    expect(bound('- note: {}\n  delegate: "{{ item }}"\n  loop: [a, b]')).toEqual(['a', 'b'])
    expect(bound('- note: {}')).toEqual([undefined])
    expect(stepsIn(resolve(play('- note: { value: "{{ out }}" }\n  delegate: "{{ lb }}"'), two)[0]?.steps ?? [])[0]?.delegates?.('a', new Map([['out', new Unknown('x')]]))).toEqual(['b'])
  })

  it('must be a host', () => { expect(briefly(() => bound('- note: {}\n  delegate: c'))).toEqual(['site.yaml:5 unknown-delegate: there is no host "c" to do this step']) })
  it('is told of hosts that a step asks, whatever its condition', () => {
    const asked = (text: string): readonly string[] | undefined => stepsIn(resolve(play(text), two)[0]?.steps ?? [])[0]?.delegates?.('a', new Map([['out', new Unknown('x')]]))
    expect(asked('- copies: { from: "{{ lb }}" }\n  when: out.changed')).toEqual(['b'])
    expect(asked('- copies: { from: "{{ item }}" }\n  loop: [a, b]\n  delegate: b')).toEqual(['b', 'a', 'b', 'b'])
    expect([asked('- copies: {}'), asked('- note: {}')]).toEqual([[], undefined])
    expect(briefly(() => bound('- copies: { from: c }'))).toEqual(['site.yaml:4 unknown-host: there is no host "c" to ask'])
  })
  it('and how often are handed on', () => { expect(stepsIn(resolve(play('- note: {}\n  once: true\n  throttle: 2'), two)[0]?.steps ?? [])[0]).toMatchObject({ once: true, throttle: 2 }) })

  it.each([['inventory', 'b,a,c'], ['reverse-inventory', 'c,a,b'], ['sorted', 'a,b,c'], ['reverse-sorted', 'c,b,a']])('comes in the order %s', (order, hosts) => {
    expect(resolve(play('- note: {}', `order: ${order}`), { hosts: { b: {}, a: {}, c: {} } })[0]?.hosts.join()).toBe(hosts)
  })
})

describe('what hosts say of themselves', () => {
  const known = new Map<string, Readonly<Record<string, unknown>>>()
  const given: Given = { hosts: { a: { vars: { cpus: 'mine' } }, b: { address: '10.0.0.2' } }, basics: { names: ['os', 'cpus', 'address'], known } }
  it('is asked for when it is looked up, and known from then on', () => {
    const step = () => walked(play('- note: { value: "{{ host.os.family }} {{ hosts.b.os.family }}" }'), given, 'a')
    expect(step).toThrow(expect.objectContaining({ asks: 'a' }))
    known.set('a', { os: { family: 'debian' } })
    expect(step).toThrow(expect.objectContaining({ asks: 'b' }))
    known.set('b', { os: { family: 'redhat' }, address: '10.9.9.9' })
    expect(values(play('- note: { value: "{{ host.os.family }} {{ hosts.b.os.family }}" }'), given, 'a')).toEqual([{ value: 'debian redhat' }])
  })

  it('gives way to what the inventory says', () => {
    expect(values(play('- note: { value: "{{ host.cpus }} {{ hosts.b.address }}" }'), given, 'a')).toEqual([{ value: 'mine 10.0.0.2' }])
  })
})
