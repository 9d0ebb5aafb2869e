import { describe, expect, it } from 'vitest'
import { evaluateCondition } from '../../../src/playbook/template/interpolate.js'
import { inShort, mistake, place, rendered, scopeOf, textOf, valueOf } from './given.js'

describe('mistakes of syntax in a template', () => {
  it.each([
    ['a\n {{ ', '2:2', 'the text ends inside {{'],
    ['{{ a', '1:1', 'the text ends inside {{'],
    ['{{ "abc }}', '1:4', 'a text in quotes does not end'],
    ['{{ f(', '1:1', 'the text ends inside {{'],
    ['{{ [1', '1:1', 'the text ends inside {{'],
    ['\n{% if a %}x', '2:4', 'the text ends inside {% if %}'],
    ['{% for a in b %}{% if c %}{% endif %}', '1:4', 'the text ends inside {% for %}'],
    ['{% include "a"', '1:4', 'the text ends inside {% include %}'],
    ['{% macro m() %}', '1:4', 'the text ends inside {% macro %}'],
    ['{% set a %}', '1:4', 'the text ends inside {% set %}'],
    ['{% ', '1:1', 'the text ends inside {%'],
    ['{% raw %}{{ x }}', '1:8', 'the text ends before {% endraw %}'],
    ['{% verbatim %}{% endraw %}', '1:13', 'the text ends before {% endverbatim %}'],
    ['a {# b', '1:7', 'expected end of comment, got end of file'],
    ['a #} b', '1:3', 'unexpected end of comment'],
    ['{{ a b }}', '1:6', 'expected }} but found b'],
    ['{{ a + }}', '1:8', 'unexpected token: }}'],
    ['{{ }}', '1:4', 'unexpected token: }}'],
    ['{{ a. }}', '1:7', 'expected name as lookup value, got }}'],
    ['{{ a.0 }}', '1:6', 'expected name as lookup value, got 0'],
    ['{{ a[] }}', '1:5', 'a key or an index is missing between [ and ]'],
    ['{{ a[1:2:3:4] }}', '1:5', 'expected ] behind a key'],
    ['{{ a[1, 2] }}', '1:5', 'expected ] behind a key'],
    ['{{ a | }}', '1:8', 'expected symbol, got variable-end'],
    ['{{ a is }}', '1:9', 'expected the name of a test after is'],
    ['{{ a is 5 }}', '1:9', 'expected the name of a test after is'],
    ['{{ and }}', '1:4', 'unexpected and'],
    ['{{ a if }}', '1:9', 'unexpected token: }}'],
    ['{{ $a }}', '1:4', '$a is not a name'],
    ['{{ 0644 }}', '1:4', 'a number does not start with 0'],
    ['{{ 12345678901234567890 }}', '1:4', 'the number is too large to be exact'],
    ['{{ {a: 1} }}', '1:5', 'the key a is not in quotes'],
    ["{{ {'a' 1} }}", '1:4', 'expected colon after dict key'],
    ['{{ r/a/g }}', '1:4', 'a regular expression cannot stand here'],
    ['{% frobnicate %}', '1:4', 'unknown block tag: frobnicate'],
    ['{% endif %}', '1:4', 'unknown block tag: endif'],
    ['{% 5 %}', '1:4', 'tag name expected'],
    ['{% block a %}{% endblock %}', '1:4', '{% block %} is not supported'],
    ["{% extends 'a' %}", '1:4', '{% extends %} is not supported'],
    ['{% asyncEach a in b %}{% endeach %}', '1:4', '{% asyncEach %} is not supported'],
    ['{% switch a %}{% case 1 %}{% endswitch %}', '1:4', '{% switch %} is not supported'],
    ['{% set a.b = 1 %}', '1:10', 'expected a name'],
    ['{% set a, b = 1 %}', '1:4', '{% set %} names one variable'],
    ['{% for 5 in a %}{% endfor %}', '1:10', 'variable name expected for loop'],
    ['{% for a, 5 in b %}{% endfor %}', '1:11', 'expected a name'],
    ['{% macro 5() %}{% endmacro %}', '1:10', 'expected a name'],
    ['{% if %}{% endif %}', '1:7', 'unexpected token: %}'],
    ['{{ f(a=1, **b) }}', '1:11', 'unexpected token: **'],
    ["{{ 'a'(b, c=1)(d) + x[1 }}", '1:22', 'expected ] behind a key'],
    [`{{ ${'('.repeat(400)}1${')'.repeat(400)} }}`, '1:153', 'the template is nested too deeply'],
    [`{{ ${'('.repeat(20000)}1${')'.repeat(20000)} }}`, '1:1', 'the expression is nested too deeply'],
    [`{{ 1${' + 1'.repeat(5000)} }}`, undefined, 'the template is nested too deeply'],
  ])('%s', (template, told, message) => {
    const error = mistake(() => rendered(template))
    expect([error.code, error.message]).toEqual(['template-syntax', message])
    if (told !== undefined) expect(`${error.at?.line}:${error.at?.column}`).toBe(told)
    expect(error.at?.file).toBe('templates/main.njk')
    expect(error.exit).toBe(2)
  })

  it('stays the same when thousands of other texts come between', () => {
    for (let index = 0; index < 6000; index += 1) expect(textOf(`${index}{{ ${index} }}`)).toBe(`${index}${index}`)
    expect(textOf('0{{ 0 }}')).toBe('00')
  })

  it('is found again each time, at its own place', () => {
    const first = mistake(() => textOf('{{ a b }}'))
    expect(inShort(first)).toBe('template-syntax 3:12')
    expect(inShort(mistake(() => rendered('{{ a b }}')))).toBe('template-syntax 1:6')
  })
})

describe('mistakes of syntax in a condition', () => {
  it.each([
    ['', '3:7', 'the expression ends too early'], ['a ==', '3:11', 'the expression ends too early'], ['a b', '3:9', 'unexpected b'], ['a }} b', '3:9', 'unexpected }}'], ['f(1', '3:10', 'the expression ends too early'], ["'abc", '3:7', 'a text in quotes does not end'], ['a |', '3:10', 'the expression ends too early'], ['a is', '3:11', 'the expression ends too early'], ['a = 1', '3:9', 'unexpected ='], ['a[1:2:3:4]', '3:8', 'expected ] behind a key'], ['a && b', '3:9', 'unexpected &&'],
  ])('%s', (condition, told, message) => {
    const error = mistake(() => evaluateCondition(condition, scopeOf({ a: 1 }), place))
    expect(inShort(error)).toBe(`template-syntax ${told}`)
    expect(error.message).toBe(message)
  })
})

describe('what is read otherwise than nunjucks reads it', () => {
  it.each<readonly [string, unknown]>([
    ['2 * 7 // 2', 7], ['10 - 4 + 3', 9], ["'a\\d'", 'a\\d'], ["'a\\nb'", 'a\nb'], ["'}}'", '}}'], ["'{{'", '{{'], ["{'a': {'b': 1}}", { a: { b: 1 } }], ["{'a': {'b': {}}}.a", { b: {} }], ['1 == 1 is true', false], ['1 if 0 else 2 if 0 else 3', 3], ['not 1 is string', true], ['(1 == 1) is not false', true], ['1 is in (1, 2)', true], ['1 is in [1]', true], ['1 is defined if 1', true], ['none is none and true is true', true],
    ["'a\\\nb'", 'ab'],
  ])('%s', (expression, gives) => {
    expect(valueOf(expression)).toEqual(gives)
  })
})
