import { describe, expect, it } from 'vitest'
import type { Place } from '../../../src/core/errors.js'
import { Secret } from '../../../src/core/secret.js'
import { evaluateCondition, interpolate, isTemplated } from '../../../src/playbook/template/interpolate.js'
import { inShort, mistake, place, scopeOf, textOf } from './given.js'

const variables = { n: 5, on: true, list: [1], map: { a: 1 }, name: 'esb', nothing: null, port: '9443' }

describe('a value of a YAML file', () => {
  it.each<readonly [unknown, unknown]>([
    ['{{ n }}', 5], ['{{n}}', 5], ['{{- n -}}', 5], [' {{ n }}', ' 5'], ['{{ n }}\n', '5\n'], ['{{ n }}{{ on }}', '5true'], ['{{ list }}', [1]], ['{{ map }}', { a: 1 }], ['{{ nothing }}', null], ['{{ on }}', true], ['{{ port }}', '9443'],
    ['a{% if on %}b{% endif %}', 'ab'], ['{% for i in list %}{{ i }}{% endfor %}', '1'], ['plain', 'plain'], ['', ''], [7, 7], [null, null], [false, false],
    ['${#list[@]} ${x#} {{ n }}', '${#list[@]} ${x#} 5'], ['{# no comment #}', '{# no comment #}'], ['a {# b #} {{ n }}', 'a {# b #} 5'], ['{ {n} } }}', '{ {n} } }}'], ["{{ '{{ n }}' }}", '{{ n }}'],
    [{ '{{ n }}': ['{{ n }}', { k: 'v{{ n }}' }] }, { '{{ n }}': [5, { k: 'v5' }] }],
  ])('%j becomes %j', (value, gives) => {
    expect(interpolate(value, scopeOf(variables), place)).toEqual(gives)
  })

  it('leaves what is no plain data as it is', () => {
    const secret = new Secret('{{ n }}')
    const date = new Date(0)
    expect(interpolate([secret, date], scopeOf(variables), place)).toEqual([secret, date])
  })

  it('keeps a key named __proto__ a key', () => {
    const value = interpolate(JSON.parse('{"__proto__": "{{ n }}"}'), scopeOf(variables), place)
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Object.entries(value ?? {})).toEqual([['__proto__', 5]])
  })

  it('knows whether there is anything to do', () => {
    expect(['{{ a }}', 'a{% if b %}', 'a', '{#', '{ {'].map(isTemplated)).toEqual([true, true, false, false, false])
  })

  it('cannot include templates', () => {
    expect(mistake(() => textOf("{% include 'a' %}")).code).toBe('no-templates-here')
  })
})

describe('the place of a mistake in a YAML file', () => {
  const at = (text: string, start: Place): string => inShort(mistake(() => interpolate(text, scopeOf(), start)))
  const start = (text: string, column: number): Place => ({ file: 'site.yaml', line: 3, column, text })

  it.each([
    ['plain', 'a {{ nam }}', start('k: a {{ nam }}', 4), 'undefined-variable 3:9'],
    ['in double quotes', 'a {{ nam }}', start('k: "a {{ nam }}"', 4), 'undefined-variable 3:10'],
    ['in single quotes', '{{ nam }}', start("- '{{ nam }}'", 3), 'undefined-variable 3:7'],
    ['in a block', 'a\n{{ nam }}\n', start('k: |', 4), 'undefined-variable 5:4'],
    ['in a folded block', '{{ nam }}', start('k: >-', 4), 'undefined-variable 4:4'],
    ['on a second line', 'a\n{{ nam }}', start('k: a', 4), 'undefined-variable 4:4'],
    ['without the line', '{{ nam }}', { file: 'site.yaml', line: 3, column: 4 }, 'undefined-variable 3:7'],
  ] as const)('%s', (_, text, where, told) => {
    expect(at(text, where)).toBe(told)
  })

  it('shows the line', () => {
    expect(mistake(() => interpolate('{{ nam }}', scopeOf(), start('k: {{ nam }}', 4))).at?.text).toBe('k: {{ nam }}')
  })

  it('asks for the place of each value within', () => {
    const error = mistake(() => interpolate({ a: [1, '{{ nam }}'] }, scopeOf(), (path) => ({ file: path.join('.'), line: 1, column: 1 })))
    expect(error.at?.file).toBe('a.1')
  })
})

describe('a condition', () => {
  it.each<readonly [string | boolean, boolean]>([
    [true, true], [false, false], ['on', true], ['not on', false], ['n', true], ['n - 5', false], ['list', true], ['[]', false], ['{}', false], ['map', true], ['nothing', false], ["name == 'esb' and n > 3", true], ['missing is defined and missing.x', false], [' on\n', true], ["name in ['{{', 'esb']", true], ["'{{ x }}' == name", false],
  ])('%s: %s', (condition, gives) => {
    expect(evaluateCondition(condition, scopeOf(variables), place)).toBe(gives)
  })

  it.each([
    ['{{ on }}', 'braces-in-condition 3:7', 'write on'], [' {{ n == 5 }} ', 'braces-in-condition 3:7', 'write n == 5'], ['{% if on %}1{% endif %}', 'braces-in-condition 3:7', "write an expression such as: os == 'debian'"],
    ['name', 'not-a-condition 3:7', "compare it with ==, ask `is defined`, or turn 'yes' and 'no' into truth with | bool"], ["'false'", 'not-a-condition 3:7', "compare it with ==, ask `is defined`, or turn 'yes' and 'no' into truth with | bool"], ['nam', 'undefined-variable 3:7', 'did you mean name?'],
  ])('%s: %s', (condition, told, hint) => {
    const error = mistake(() => evaluateCondition(condition, scopeOf(variables), place))
    expect([inShort(error), error.hint]).toEqual([told, hint])
  })
})

describe('`omit`', () => {
  it.each<readonly [unknown, unknown]>([
    [{ a: '{{ missing | default(omit) }}', b: '{{ n | default(omit) }}' }, { b: 5 }], [['{{ missing | default(omit) }}', 'x'], ['x']], [{ a: '{{ 1 if on else omit }}', b: '{{ omit if on else 1 }}' }, { a: 1 }],
    [{ a: { b: '{{ omit }}' } }, { a: {} }], [{ a: "{{ nothing | default(omit, true) }}" }, {}],
  ])('leaves keys and items out: %j becomes %j', (value, gives) => { expect(interpolate(value, scopeOf(variables), place)).toEqual(gives) })

  it('is a variable’s own name first', () => { expect(interpolate({ a: '{{ omit }}' }, scopeOf({ omit: 3 }), place)).toEqual({ a: 3 }) })

  it.each([['{{ [omit] }}', 'omit-inside'], ["{{ {'a': omit} }}", 'omit-inside'], ['a {{ omit }}', 'not-text'], ['{{ omit.a }}', 'undefined-attribute'], ["{{ omit ~ 'a' }}", 'not-text']])('cannot be used otherwise: %s', (value, code) => {
    expect(mistake(() => interpolate({ a: value }, scopeOf(variables), place)).code).toBe(code)
  })
})
