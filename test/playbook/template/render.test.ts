import { describe, expect, it } from 'vitest'
import { renderTemplate } from '../../../src/playbook/template/render.js'
import { inShort, mistake, rendered, scopeOf } from './given.js'

const variables = { list: ['a', 'b', 'c'], map: { x: 1, y: 2 }, on: true, off: false, pairs: [['a', 1], ['b', 2]], nodes: [{ name: 'n1', on: true }, { name: 'n2', on: false }, { name: 'n3', on: true }] }

describe('the text of a template', () => {
  it.each<readonly [what: string, template: string, text: string]>([
    ['plain text', 'a\nb\n', 'a\nb\n'],
    ['nothing', '', ''],
    ['if', '{% if on %}a{% else %}b{% endif %}{% if off %}a{% elif on %}c{% else %}b{% endif %}{% if off %}a{% endif %}{% if off %}a{% elseif off %}b{% else %}d{% endif %}', 'acd'],
    ['for', '{% for i in list %}{{ loop.index }}{{ loop.index0 }}{{ i }}{{ "," if not loop.last }}{% endfor %}', '10a,21b,32c'],
    ['loop counters', '{% for i in list %}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.length }} {% endfor %}', '32true3 21false3 10false3 '],
    ['for over keys', '{% for k in map %}{{ k }}{% endfor %}', 'xy'],
    ['for over keys and values', '{% for k, v in map %}{{ k }}{{ v }}{% endfor %}', 'x1y2'],
    ['for over pairs', '{% for k, v in pairs %}{{ k }}{{ v }}{% endfor %}{% for k, v in map | items %}{{ k }}{{ v }}{% endfor %}', 'a1b2x1y2'],
    ['for with a condition', '{% for n in nodes if n.on %}{{ loop.index }}/{{ loop.length }} {{ n.name }} {% endfor %}', '1/2 n1 2/2 n3 '],
    ['for over a chosen list', '{% for i in (list if on else []) %}{{ i }}{% endfor %}{% for i in list if on else [] %}{{ i }}{% endfor %}', 'abcabc'],
    ['for over nothing', '{% for i in [] %}x{% else %}none{% endfor %}{% for i in list if off %}x{% else %}none{% endfor %}{% for i in [] %}x{% endfor %}', 'nonenone'],
    ['nested for', '{% for i in [1, 2] %}{% for j in [1, 2] %}{{ i }}{{ j }}{{ loop.index }} {% endfor %}{{ loop.index }};{% endfor %}', '111 122 1;211 222 2;'],
    ['set', '{% set a = 1 %}{{ a }}{% set a = a + 1 %}{{ a }}', '12'],
    ['set in a block', '{% set a %}x{{ on }}{% endset %}[{{ a }}]', '[xtrue]'],
    ['set within an if', '{% if on %}{% set a = 1 %}{% endif %}{{ a }}', '1'],
    ['set within a for stays there', '{% set a = 1 %}{% for i in list %}{% set a = 2 %}{% endfor %}{{ a }}', '1'],
    ['macro', "{% macro m(a, b='z', c=a) %}<{{ a }}{{ b }}{{ c }}>{% endmacro %}{{ m(1) }}{{ m(1, 2, 3) }}{{ m(b=2, a=1) }}", '<1z1><123><121>'],
    ['macro that calls itself', '{% macro m(n) %}{{ n }}{{ m(n - 1) if n > 0 }}{% endmacro %}{{ m(3) }}', '3210'],
    ['macro sees what stands around it, not around the call', '{% set a = 1 %}{% macro m() %}{{ a }}{{ i is defined }}{% endmacro %}{% for i in [5] %}{{ m() }}{% endfor %}', '1false'],
    ['call', '{% macro box(t) %}[{{ t }}:{{ caller() }}]{% endmacro %}{% call box("a") %}in {{ on }}{% endcall %}', '[a:in true]'],
    ['call with arguments', '{% macro each() %}{{ caller(1) }}{{ caller(2) }}{% endmacro %}{% call(n) each() %}{{ n }};{% endcall %}', '1;2;'],
    ['filter block', '{% filter upper %}a{{ on }}{% endfilter %}{% filter indent(1, first=true) %}x{% endfilter %}', 'ATRUE x'],
    ['raw', 'a{% raw %}{{ x }}{% if %}{# #}{% endraw %}b{% verbatim %}{{{% endverbatim %}', 'a{{ x }}{% if %}{# #}b{{'],
    ['comments', 'a{# b #}c{#- d -#} e', 'ace'],
    ['braces that are text', '{ {a} } }} %} {"a":{"b":1}}', '{ {a} } }} %} {"a":{"b":1}}'],
  ])('%s', (_, template, text) => {
    expect(rendered(template, variables)).toBe(text)
  })

  it('reads maps within maps', () => {
    expect(rendered("{{ {'a': {'b': {}}}.a | to_json }}{% set m = {'a': {}} %}{{ m | to_json }}")).toBe('{"b":{}}{"a":{}}')
  })

  it.each<readonly [what: string, template: string, text: string]>([
    ['a tag takes its line with it', 'a\n  {% if on %}\nb\n  {% endif %}\nc\n', 'a\nb\nc\n'],
    ['so with CRLF', 'a\r\n{% if on %}\r\nb\r\n{% endif %}\r\nc\r\n', 'a\r\nb\r\nc\r\n'],
    ['a carriage return alone stays', '{% if on %}\rb{% endif %}', '\rb'],
    ['a comment takes its line with it', 'a\n  {# b #}\nc\n{# d\n e #}\nf\n', 'a\nc\nf\n'],
    ['a comment within a line does not', 'a {# b #} c\n', 'a  c\n'],
    ['an output does not', 'a\n  {{ on }}\nb', 'a\n  true\nb'],
    ['blanks between tags of a line stay', '{% if on %} {% if on %} a{% endif %} {% endif %}', '  a '],
    ['blanks behind an output stay', '{{ on }}  {% if on %}a{% endif %}', 'true  a'],
    ['a minus takes all blanks before', 'a \n {%- if on %} b{% endif %} \n {{- on }}\n{#- c #}d', 'a btrued'],
    ['a minus takes all blanks after', '{% if on -%} \n a {% endif -%}\n\n {{ on -}} \n b{# c -#}\n d', 'a trueb' + 'd'],
    ['raw takes its lines with it', 'a\n  {% raw %}\n{{ x }}\n  {% endraw %}\nb\n', 'a\n{{ x }}\nb\n'],
    ['raw within a line', 'a {% raw %} {{ x }} {% endraw %} b\n', 'a  {{ x }}  b\n'],
    ['raw with minus', 'a {%- raw -%} {{ x }} {%- endraw -%} \n b', 'a{{ x }}b'],
    ['raw of blanks', '{% raw %}  {% endraw %}', '  '],
    ['raw at the start of a line', '{% raw %}\n  {% endraw %}\nb', 'b'],
    ['raw of blanks on a line of its own', 'a\n{% raw %}\r\n x\r\n{% endraw %}\r\nb', 'a\n x\r\nb'],
    ['the last newline stays', '{% if on %}\na\n{% endif %}\n', 'a\n'],
    ['two comments on two lines', '{# a #}\n{# b #}\nc', 'c'],
  ])('%s', (_, template, text) => {
    expect(rendered(template, variables)).toBe(text)
  })
})

describe('templates of templates', () => {
  const others = {
    'part.njk': '[{{ on }}{{ i if i is defined }}{% set leaked = 1 %}]', 'macros.njk': '{% set own = 5 %}{% macro m(a) %}<{{ a }}{{ own }}{{ on }}{{ outer is defined }}>{% endmacro %}text',
    'broken.njk': 'a\n{{ nam }}', 'syntax.njk': 'a\n{{ a b }}', 'self.njk': "{% include 'self.njk' %}",
  }
  it.each<readonly [what: string, template: string, text: string]>([
    ['include', "{% include 'part.njk' %}{{ leaked is defined }}", '[true]false'],
    ['include within a loop', "{% for i in [1, 2] %}{% include 'part.njk' %}{% endfor %}", '[true1][true2]'],
    ['include by a variable', "{% set p = 'part' %}{% include p ~ '.njk' %}", '[true]'],
    ['include of nothing', "a{% include 'none.njk' ignore missing %}b", 'ab'],
    ['import', "{% set outer = 1 %}{% import 'macros.njk' as q %}{{ q.m(1) }}{{ q['m'](2) }}", '<15truefalse><25truefalse>'],
    ['import with context', "{% set outer = 1 %}{% import 'macros.njk' as q with context %}{{ q.m(1) }}", '<15truetrue>'],
    ['from', "{% from 'macros.njk' import m, m as n %}{{ m(1) }}{{ n(2) }}", '<15truefalse><25truefalse>'],
  ])('%s', (_, template, text) => {
    expect(rendered(template, variables, others)).toBe(text)
  })

  it.each([
    ["{% include 'none.njk' %}", 'missing-template templates/main.njk 1:4', 'there is no template none.njk'],
    ['{% include 5 %}', 'wrong-type templates/main.njk 1:4', 'a template is named by a text, not by a number'],
    ["\n{% include 'broken.njk' %}", 'undefined-variable templates/broken.njk 2:4', 'nam is not defined'],
    ["{% include 'syntax.njk' %}", 'template-syntax templates/syntax.njk 2:6', 'expected }} but found b'],
    ["{% include 'self.njk' %}", 'template-too-deep templates/self.njk 1:4', 'macros and templates call each other more than 50 levels deep'],
    ["{% import 'none.njk' as q %}", 'missing-template templates/main.njk 1:4', 'there is no template none.njk'],
    ["{% from 'macros.njk' import x %}", 'undefined-macro templates/main.njk 1:4', 'the template has no macro x'],
    ["{% from 'part.njk' import x %}", 'undefined-macro templates/main.njk 1:4', 'the template has no macro x'],
    ["{% import 'macros.njk' as q %}{{ q }}", 'not-a-value templates/main.njk 1:34', 'q is an imported template, not a value'],
  ])('%s: %s', (template, told, message) => {
    const error = mistake(() => rendered(template, { on: true }, others))
    expect([`${error.code} ${error.at?.file} ${error.at?.line}:${error.at?.column}`, error.message]).toEqual([told, message])
  })

  it('says that an imported template has no such macro', () => {
    expect(inShort(mistake(() => rendered("{% import 'macros.njk' as q %}{{ q.own() }}", { on: true }, others)))).toBe('undefined-macro 1:36')
  })

  it('says that there is no such template at all', () => {
    expect(mistake(() => renderTemplate('none.njk', scopeOf(), () => undefined)).message).toBe('there is no template none.njk')
  })
})

describe('mistakes in templates', () => {
  it.each([
    ['{% for i in 5 %}{% endfor %}', 'wrong-type 1:13', 'for goes over lists and maps, not over a number'],
    ["{% for i in 'abc' %}{% endfor %}", 'wrong-type 1:13', 'for goes over lists and maps, not over text'],
    ['{% for a, b in [1] %}{% endfor %}', 'wrong-type 1:4', 'an item does not fall into a, b'],
    ['{% for a, b, c in [[1, 2]] %}{% endfor %}', 'wrong-type 1:4', 'an item does not fall into a, b, c'],
    ['a\n\n  {{ list }}', 'not-text 3:6', 'a list cannot be written into text'],
    ['{{ map }}', 'not-text 1:4', 'a map cannot be written into text'],
    ['{{ none }}', 'not-text 1:4', 'the value is empty (null) and cannot be written into text'],
    ['{% macro m(a) %}{% endmacro %}{{ m() }}', 'wrong-arguments 1:34', 'm needs a'],
    ['{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}', 'wrong-arguments 1:34', 'm takes 1 argument at most'],
    ['{% macro m() %}{% endmacro %}{{ m(x=1) }}', 'wrong-arguments 1:33', 'm has no parameter x'],
    ['{% macro m() %}{% endmacro %}{{ m }}', 'not-a-value 1:33', 'm is a macro, not a value'],
    ['{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}', 'template-too-deep 1:19', 'macros and templates call each other more than 50 levels deep'],
    ['{% macro m() %}{% endmacro %}{{ mm() }}', 'not-callable 1:33', 'mm is no function and no macro'],
    ['{{ caller() }}', 'not-callable 1:4', 'caller is no function and no macro'],
    ['{% call range(1) %}x{% endcall %}', 'not-callable 1:9', 'range is no function and no macro'],
    ['{% for i in range(1000) %}{% for j in range(1001) %}{% endfor %}{% endfor %}', 'template-too-long 1:30', 'the template takes more than a million steps'],
    ["{% set x = 'a' * 2 %}", 'wrong-type 1:16', '* does not work between text and a number'],
    ["{% macro m(x, n) %}{{ m(x ~ x, n - 1) if n > 0 }}{% endmacro %}{{ m('0123456789abcdef', 30) }}", 'template-too-large 1:27', 'a text grows beyond 16 million characters'],
    ["{% macro m(x, n) %}{{ m(x + x, n - 1) if n > 0 }}{% endmacro %}{{ m([1, 2, 3, 4], 30) }}", 'template-too-large 1:27', 'a list grows beyond a million items'],
  ])('%s: %s', (template, told, message) => {
    const error = mistake(() => rendered(template, variables))
    expect([inShort(error), error.message]).toEqual([told, message])
    expect(error.at?.file).toBe('templates/main.njk')
  })

  it('shows the line of the file', () => {
    expect(mistake(() => rendered('a\r\nb {{ c }}\r\n')).at).toEqual({ file: 'templates/main.njk', line: 2, column: 6, text: 'b {{ c }}' })
  })
})
