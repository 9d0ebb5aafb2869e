import { describe, expect, it } from 'vitest'
import { freeVariables, variablesOf, variablesOfCondition, variablesOfTemplate } from '../../../src/playbook/template/analysis.js'
import { inShort, mistake, place } from './given.js'

const inTemplate = (text: string): readonly string[] => variablesOfTemplate({ text, file: 't.njk' }).map((path) => path.join('.'))

describe('the variables of a text', () => {
  it.each<readonly [string, readonly string[]]>([
    ['plain', []], ['{{ 1 }}', []], ['{{ a }}{{ a }}{{ b }}', ['a', 'b']], ["{{ host.os }}{{ hosts['db-1'].address }}{{ list[0].x }}", ['host.os', 'hosts.db-1.address', 'list.0.x']], ['{{ hosts[name].x }}', ['hosts', 'name']], ['{{ (a ~ b).c }}', ['a', 'b']],
    ['{{ [a, {b: 1}] }}'.replace('{b: 1}', "{'k': b, (c): 1}"), ['a', 'c', 'b']], ['{{ a | default(b, true) | join(c, attribute=d) }}', ['a', 'b', 'c', 'd']], ['{{ a is defined and b is eq(c) }}', ['a', 'b', 'c']], ['{{ a if b else c }}{{ a if b }}', ['b', 'a', 'c']], ['{{ not a or -b < c in d }}', ['a', 'b', 'c', 'd']], ['{{ range(n) }}{{ f(x) }}', ['n', 'f', 'x']],
    ['{% if a %}{{ b }}{% elif c %}{% else %}{{ d }}{% endif %}', ['a', 'b', 'c', 'd']], ['{% for a, b in c if d and a %}{{ a }}{{ b }}{{ loop.index }}{{ e }}{% else %}{{ a }}{% endfor %}{{ loop }}', ['c', 'd', 'e', 'a', 'loop']], ['{% for a in b %}{% endfor %}', ['b']],
    ['{% set a = a %}{{ a }}', ['a']], ['{% set a = 1 %}{{ a }}', []], ['{% set a %}{{ b }}{% set c = 1 %}{% endset %}{{ a }}{{ c }}', ['b', 'c']], ['{% if x %}{% set a = 1 %}{% endif %}{{ a }}', ['x', 'a']],
    ['{% macro m(a, b=c) %}{{ a }}{{ b }}{{ d }}{{ caller() }}{% endmacro %}{{ m(e) }}{% call(f) m(1) %}{{ f }}{{ g }}{% endcall %}', ['c', 'd', 'g', 'e'].toSorted()],
    ["{% include t %}{% import 'x' as q %}{{ q.m(1) }}{% from u import v, w as x %}{{ v() }}{{ x() }}{{ w }}", ['t', 'u', 'w']], ['{% filter indent(n) %}{{ a }}{% endfilter %}', ['a', 'n']],
  ])('%s: %j', (text, names) => {
    expect(inTemplate(text).toSorted()).toEqual(names.toSorted())
  })

  it('goes into lists and maps of a YAML file', () => {
    const value = { '{{ key }}': ['{{ a.b }}', 1, { x: 'y {{ c }}' }], d: null, e: '{{ a.c }}' }
    expect(variablesOf(value, place)).toEqual([['a', 'b'], ['c'], ['a', 'c']])
    expect(freeVariables(value, place)).toEqual(['a', 'c'])
    expect(freeVariables('{# {{ x }} #}', place)).toEqual(['x'])
  })

  it('reads conditions', () => {
    expect(variablesOfCondition("host.os == 'debian' and x", place)).toEqual([['host', 'os'], ['x']])
    expect(variablesOfCondition(true, place)).toEqual([])
  })

  it('finds what is wrong without any values', () => {
    expect(inShort(mistake(() => freeVariables('a {{ b | uper }}', place)))).toBe('unknown-filter 3:16')
    expect(inShort(mistake(() => variablesOfCondition('b is strng', place)))).toBe('unknown-test 3:12')
    expect(inShort(mistake(() => freeVariables('{{ b c }}', place)))).toBe('template-syntax 3:12')
    expect(mistake(() => freeVariables([{ a: '{{ b c }}' }], (path) => ({ file: path.join('.'), line: 1, column: 1 }))).at?.file).toBe('0.a')
    expect(mistake(() => variablesOfTemplate({ text: '{{ b c }}', file: 't.njk' })).at?.file).toBe('t.njk')
  })
})
