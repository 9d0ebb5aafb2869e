import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../../src/core/secret.js'
import { ProvisionError } from '../../../src/core/errors.js'
import { evaluateCondition, interpolate } from '../../../src/playbook/template/interpolate.js'
import { mistake, place, rendered, scopeOf, textOf, valueOf } from './given.js'

const nasty = fc.array(fc.oneof(fc.constantFrom('{{', '}}', '{%', '%}', '{#', '#}', '"', "'", '\\', '\n', '\r\n', '`', '$', '${', '{{ x }}', '{% raw %}', '{% endraw %}', '-%}', 'constructor', '__proto__', '$&', '\\1'), fc.string({ maxLength: 4 })), { maxLength: 8 }).map((parts) => parts.join(''))

describe('text that comes out of an expression is data', () => {
  it('passes through whatever it holds', () => {
    fc.assert(fc.property(nasty, nasty, (value, other) => {
      const variables = { value, other, list: [value, other], map: { [`k${value}`]: other }, secret: new Secret(value) }
      expect(valueOf('value', variables)).toBe(value)
      expect(textOf('a{{ value }}b{{ other }}', variables)).toBe(`a${value}b${other}`)
      expect(rendered('a{{ value }}b{% for i in list %}{{ i }},{% endfor %}', variables)).toBe(`a${value}b${value},${other},`)
      expect(rendered('{% set v = value %}{% macro m(x) %}{{ x }}{% endmacro %}{{ m(v) }}{% for k, x in map %}{{ k }}{{ x }}{% endfor %}', variables)).toBe(`${value}k${value}${other}`)
      expect(valueOf("value ~ other", variables)).toBe(value + other)
      expect(valueOf("list | join('')", variables)).toBe(value + other)
      expect(valueOf("'x' | replace('x', value)", variables)).toBe(value)
      expect(valueOf("'x' | default(value)", variables)).toBe('x')
      expect(valueOf('missing | default(value)', variables)).toBe(value)
      expect(valueOf('value | b64encode | b64decode', variables)).toBe(Buffer.from(value).toString())
      expect(valueOf('list | to_json | from_json', variables)).toEqual([value, other])
      const secret = valueOf('secret', variables)
      expect(secret instanceof Secret && secret.reveal()).toBe(value)
      expect(evaluateCondition('value == other', scopeOf(variables), place)).toBe(value === other)
    }), { numRuns: 300 })
  })

  it('gives a value or a clear mistake for any text, never a crash', () => {
    const piece = fc.constantFrom('{{', '}}', '{%', '%}', ' ', 'if', 'for', 'in', 'x', 'set', '=', '|', 'upper', '(', ')', '[', ']', '{', '}', ',', ':', '.', "'", '"', '1', 'is', 'not', 'endif', 'endfor', 'raw', 'endraw', 'include', 'macro', 'import', 'from', 'call', 'filter', 'else', '-', '+', '*', '/', '~', '{#', '#}', '\n', 'r/', 'and', 'True', 'defined', 'as')
    const given = (act: () => unknown): void => {
      try {
        act()
      } catch (error) {
        expect(error).toBeInstanceOf(ProvisionError)
      }
    }
    fc.assert(fc.property(fc.array(piece, { maxLength: 14 }).map((parts) => parts.join(' ')), (text) => {
      given(() => interpolate(text, scopeOf({ x: 'v' }), place))
      given(() => interpolate(`{{ ${text} }}`, scopeOf({ x: 'v' }), place))
      given(() => rendered(`{% ${text} %}`, { x: 'v' }))
      given(() => evaluateCondition(text, scopeOf({ x: 'v' }), place))
    }), { numRuns: 3000 })
  })
})

describe('an attack', () => {
  const variables = { text: 'abc', list: [1, 2], map: { a: 1 }, secret: new Secret('hunter2') }
  it.each([
    "''.constructor.constructor('return process')()", "''['constructor']['constructor']('return process.version')()", "range.constructor('return process')()", 'range.constructor', 'range.prototype', '[].__proto__', '{}.__proto__', '{}.constructor', 'map.constructor', "map['__proto__']", "map['hasOwnProperty']('a')", 'map.toString()', 'list.constructor', 'list.map', "list['push'](3)", 'list.__proto__.constructor', 'text.constructor', 'text.__proto__', "text['at'](0)", 'secret.reveal()', 'secret.constructor', "secret['#value']", 'secret.shown', 'secret.toJSON()', '(1).constructor', 'true.constructor', 'none.constructor',
    'self', 'self._TemplateReference__context', 'this', 'globalThis', 'process', 'process.env', 'require', "require('child_process')", 'module', 'global', 'constructor', '__proto__', '__proto__.constructor', '__proto__.polluted', 'constructor.constructor', 'toString', 'valueOf', 'hasOwnProperty', 'arguments', 'cycler', 'joiner', 'super()', 'caller', 'caller()', 'loop', 'loop.constructor', 'lipsum', 'namespace', 'dict', 'config', 'env', 'frame', 'context', 'lookup', "lookup('pipe', 'id')", "lookup('file', '/etc/passwd')",
    "list | map(attribute='constructor') | list", "list | map('constructor')", "list | map(attribute='__proto__.constructor')", "[map] | map(attribute='constructor')", "[map] | selectattr('constructor') | list", "[map] | sort(attribute='__proto__')", "list | select('constructor')", "text | attr('constructor')", 'text | constructor', 'text | __proto__', 'text is constructor', 'text is hasOwnProperty', "{'__proto__': {'a': 1}}.b", "({'a': 1} | combine({'__proto__': {'polluted': 1}})).polluted", "([{'key': '__proto__', 'value': {'polluted': 1}}] | items2dict).polluted", "('{\"__proto__\": {\"polluted\": 1}}' | from_json).polluted",
    "('__proto__: {polluted: 1}' | from_yaml).polluted", "('{a: &x {b: 1}, <<: *x, __proto__: {polluted: 1}}' | from_yaml).polluted", "'!!js/function \"return process\"' | from_yaml", "'constructor' | extract(map)", "['__proto__', 'polluted'] | extract({})", "'a' | extract({'a': map}, ['constructor', 'constructor'])", "[map] | groupby('constructor')", "[map] | subelements('__proto__')", "{} | combine({}, list_merge='constructor')",
    "'a' | hash('constructor')", "'a' | password_hash('constructor')", "'::1' | ipaddr('constructor')", "'http://h' | urlsplit('constructor')", "'1' is version('1', 'constructor')", "'a' | regex_escape('__proto__')", "'a' | comment('constructor')", "1 | human_readable(unit='constructor')", "map is changed", "'a' | regex_search('(?{process})')", "'a' | regex_search('(a)', '\\\\g<1>;process')", "'/a' | relpath('b')", "'x' is file", "'x' is exists", "'~' | expanduser", "'/etc/*' | fileglob", "lookup('env', 'HOME')", "query('file', '/etc/passwd')", "now()",
  ])('%s fails with a clear mistake', (expression) => {
    const error = mistake(() => valueOf(expression, variables))
    expect(error.message).not.toContain('hunter2')
    expect(error.at?.line).toBe(3)
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  it('finds nothing even where the scope is a careless object', () => {
    const careless: Record<string, unknown> = { a: 1 }
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty', '__defineGetter__', '__proto__.constructor']) {
      expect(mistake(() => interpolate(`{{ ${name} }}`, { host: 'h1', lookup: (asked) => careless[asked] }, place)).code).toBe('undefined-variable')
    }
  })

  it.each(["{% set x = ''.constructor %}", "{% for i in [].constructor %}{% endfor %}", "{% include ''.constructor %}", "{% import 'a' as constructor %}", '{% macro m() %}{% endmacro %}{{ m.constructor }}', '{% macro m() %}{% endmacro %}{{ m().constructor }}', '{% macro m() %}{{ caller.constructor }}{% endmacro %}{% call m() %}{% endcall %}', "{% filter constructor %}{% endfilter %}", "{% for i in [1] %}{{ loop.constructor }}{% endfor %}", "{% import 'm.njk' as m %}{{ m.constructor }}", "{% import 'm.njk' as m %}{{ m.constructor() }}"])('%s fails with a clear mistake', (template) => {
    expect(mistake(() => rendered(template, variables, { 'm.njk': '' })).at?.file).toBe('templates/main.njk')
  })

  it('finds in a match only what the expression names', () => {
    expect(valueOf("'a' | regex_search('(?<x>a)', '\\\\g<x>', '\\\\g<constructor>', '\\\\g<__proto__>')")).toEqual(['a', '', ''])
    expect(valueOf("'a' | regex_replace('(?<x>a)', '\\\\g<constructor>$&')")).toBe('$&')
    expect(Reflect.get(globalThis, 'source')).toBeUndefined()
  })

  it('does not count on the stack for its depth', () => {
    const nested = `${'['.repeat(100)}{{ 1 }}`
    expect(textOf(nested)).toBe(`${'['.repeat(100)}1`)
    const deep = (inside: string): string => `${'(1 + '.repeat(60)}${inside}${')'.repeat(60)}`
    const error = mistake(() => rendered(`{% macro m(n) %}{{ ${deep('(m(n + 1) | length)')} }}{% endmacro %}{{ m(0) }}`))
    expect(error.code).toBe('template-too-deep')
  })
})
