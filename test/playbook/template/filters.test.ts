import { describe, expect, it } from 'vitest'
import { Secret } from '../../../src/core/secret.js'
import { checks } from '../../../src/playbook/template/checks.js'
import { filters } from '../../../src/playbook/template/filters.js'
import { functions } from '../../../src/playbook/template/functions.js'
import { mistake, valueOf } from './given.js'

describe.each([['filter', filters], ['test', checks], ['function', functions]] as const)('every %s', (_, operations) => {
  it.each(operations.map((operation) => [operation.name, operation] as const))('%s has a sentence and an example that holds', (name, { summary, example }) => {
    expect(summary).toMatch(/^[A-Z].*\.$/)
    expect(example.expression).toContain(name === 'default' ? '| default' : name)
    expect(valueOf(example.expression)).toEqual(example.gives)
  })
  it('has a name of its own', () => {
    const names = operations.flatMap(({ name, aliases = [] }) => [name, ...aliases])
    expect(new Set(names).size).toBe(names.length)
  })
})

const people = [{ name: 'bob', age: 30, at: { host: 'b' } }, { name: 'Al', age: 20, at: { host: 'a' } }]
const variables = { people, odd_one: [{ name: 'x' }, {}], text: 'a b' }

describe('filters', () => {
  it.each<readonly [string, unknown]>([
    ["people | map(attribute='at.host')", ['b', 'a']], ["[['a', 1]] | map(attribute=1)", [1]], ["[['b', 2], ['a', 3]] | sort(attribute=0) | map('last')", [3, 2]], ["[{'a': none}] | map(attribute='a', default=1)", [null]], ["missing | default(none)", null], ["[[1, 'a']] | items2dict", { 1: 'a' }], ["'ab' | regex_findall('(x)?b')", ['']], ["people | map(attribute='name') | map('upper') | list", ['BOB', 'AL']], ["['a1'] | map('regex_replace', '[0-9]', 'z')", ['az']], ["['a,b'] | map('split', separator=',')", [['a', 'b']]],
    ["['a'] | map(filter='upper')", ['A']], ["odd_one | map(attribute='name', default='-')", ['x', '-']],
    ["people | sort(attribute='name') | map(attribute='name')", ['Al', 'bob']], ["people | sort(attribute='name', reverse=true) | map(attribute='name')", ['bob', 'Al']], ["['b', 'A'] | sort(case_sensitive=true)", ['A', 'b']], ["['b', 'B', 'a'] | sort", ['a', 'b', 'B']],
    ["people | min(attribute='age')", people[1]], ["people | max(attribute='age')", people[0]], ["people | sum(attribute='age')", 50], ['[1] | sum(start=2)', 3], ['[1, 2] | max', 2], ['[] | max | default(0)', 0],
    ["people | unique(attribute='age') | length", 2], ['[1, 1.0, "1", [1], [1], {}, {}] | unique', [1, '1', [1], {}]],
    ["people | selectattr('age', '>', 25) | map(attribute='name')", ['bob']], ["people | rejectattr('age', '>', 25) | map(attribute='name')", ['Al']], ["people | selectattr('age') | length", 2], ["people | selectattr('at.host', 'in', ['a']) | length", 1],
    ["odd_one | selectattr('name', 'defined') | length", 1], ["odd_one | rejectattr('name', 'defined') | length", 1], ["odd_one | selectattr('name', 'undefined') | length", 1],
    ['[0, 1, "", "a"] | select', [1, 'a']], ['[0, 1] | reject', [0]], ["[1, 2, 3, 4] | select('divisibleby', 2)", [2, 4]],
    ['[[1, [2]], 3] | flatten(levels=1)', [1, [2], 3]], ["[1, 2] | zip(['a'], [true])", [[1, 'a', true]]], ["'ab' | list", ['a', 'b']], ['[1] | list', [1]], ['[{"a": 1}] | intersect([{"a": 1}])', [{ a: 1 }]],
    ["people | join(', ', attribute='name')", 'bob, Al'], ["['a', 1, true] | join", 'a1true'],
    ["'a\\n\\nb' | indent(2, true, true)", '  a\n  \n  b'], ["'a\\nb' | indent", 'a\n    b'], ["'a\\nb' | indent(-1)", 'a\nb'],
    ["'xxaxx' | trim('x')", 'a'], ["'xx' | trim(chars='x')", ''], ["'a.b.c' | replace('.', '-', 1)", 'a-b.c'], ["'a.b' | replace('.', '$&')", 'a$&b'], ["text | split", ['a', 'b']],
    ["'ab' | regex_replace('(a)(?<last>b)', '\\\\g<last>\\\\1\\\\g<0>\\\\0\\\\\\\\$1')", 'baabab\\$1'], ["'Aa' | regex_replace('a', 'x', ignorecase=true)", 'xx'], ["'a\\na' | regex_replace('^a', 'x', multiline=true)", 'x\nx'], ["'a\\na' | regex_replace('^a', 'x')", 'x\na'],
    ["'v=12' | regex_search('v=([0-9]+)', 1)", '12'], ["'A' | regex_search('a', ignorecase=true)", 'A'], ["'b' | regex_search('a') | default('none')", 'none'], ["'a1 B2' | regex_findall('([a-z])[0-9]', ignorecase=true)", ['a', 'B']],
    ["'/' | dirname", '/'], ["'/a' | dirname", '/'], ["'a' | dirname", ''], ["'a/b/' | dirname", 'a'], ["'a/b/' | basename", 'b'], ["'' | basename", ''],
    ["'' | quote", "''"], ["['a b', 1] | quote", "'a b' 1"], ['1 | string', '1'], ['true | string', 'true'],
    ["' 12 ' | int", 12], ["'x' | int(0)", 0], ["'1.9' | int", 1], ['2.9 | int', 2], ['true | int', 1], ['false | int', 0], ["'0644' | int(base=8)", 420], ["'0o644' | int(base=8)", 420], ["'0xff' | int(base=16)", 255], ["'-0b11' | int(base=2)", -3], ["'zz' | int(base=36)", 1295], ["'9' | int('no', 8)", 'no'], ['[] | int(1)', 1], ["'1' | int(0, 99)", 0],
    ["'1.5' | float", 1.5], ["'x' | float(0.5)", 0.5], ['2 | float', 2], ["'-3' | abs", 3], ['2.5 | round', 3], ['-2.5 | round', -3], ['1.005 | round(2)', 1.01], ['1234 | round(-2)', 1200], ["1.2 | round(method='ceil')", 2], ['0.0000001 | round(7)', 1e-7], ['-0.2 | round', 0],
    ["'ON' | bool", true], ["'No' | bool", false], ['1 | bool', true], ['0 | bool', false], ['false | bool', false],
    ["'abc' | length", 3], ["{'a': 1} | count", 1],
    ["{'a': 1} | to_json(indent=1)", '{\n "a": 1\n}'], ["'{\"a\": [null]}' | from_json", { a: [null] }],
    ["'a\\tb\\\\\\n\"\\u' | to_toml", '"a\\tb\\\\\\n\\"\\\\u"'], ['5 | to_toml', '5'], ['true | to_toml', 'true'], ["['a', 1] | to_toml", '["a", 1]'], ["{'a': 'b', 'c d': 1} | to_toml", '{ a = "b", "c d" = 1 }'],
    ["'<a b=\"c\">&\\'' | e", '&lt;a b=&quot;c&quot;&gt;&amp;&apos;'], ["'eMOp\\ncw==' | b64decode", 'xés'], ["'é' | b64encode | b64decode", 'é'],
    ["true | ternary('a', 'b')", 'a'], ["0 | ternary('a', 'b')", 'b'], ["none | ternary('a', 'b', 'c')", 'c'], ["none | ternary('a', 'b')", 'b'],
    ["{'a': {'x': 1}, 'b': 1} | combine({'a': {'y': 2}}, {'b': 2})", { a: { y: 2 }, b: 2 }], ["{'a': 1} | combine({'a': {'y': 2}}, recursive=true)", { a: { y: 2 } }],
    ["{'a': 1} | dict2items(key_name='k', value_name='v')", [{ k: 'a', v: 1 }]], ["[['a', 1]] | items2dict", { a: 1 }], ["[{'name': 'a', 'size': 1}] | items2dict('name', 'size')", { a: 1 }],
    ['[3, 1] | reverse | last', 3], ["'a b-c' | title", 'A B-C'],
  ])('%s', (expression, gives) => {
    expect(valueOf(expression, variables)).toEqual(gives)
  })

  it('writes control characters as TOML asks', () => {
    expect(valueOf('x | to_toml', { x: '\u0000\u001f\u007f\b\f\r' })).toBe('"\\u0000\\u001F\\u007F\\b\\f\\r"')
  })

  it.each([
    ["'x' | int", 'not-a-number', 'the text is not a number'], ["[1] | int", 'not-a-number', 'a list is not a number'], ["'x' | abs", 'not-a-number', 'the text is not a number'], ["'99999999999999999999' | int", 'not-a-number', 'the number is too large to be exact'], ["none | float", 'not-a-number', 'empty (null) is not a number'],
    ["'maybe' | bool", 'wrong-type', 'the value is neither true nor false'], ['1 | length', 'wrong-type', 'a number has no length'], ['none | length', 'wrong-type', 'empty (null) has no length'], ["1 | round(method='up')", 'wrong-type', 'round has no such method'], ['1 | sum', 'wrong-type', 'sum wants a list, not a number'],
    ["'a' | join", 'wrong-type', 'join wants a list'], ['[[1]] | join', 'not-text', 'a list cannot be written into text'], ['[none] | join', 'not-text', 'the value is empty (null) and cannot be written into text'], ['{} | upper', 'not-text', 'a map cannot be written into text'],
    ["'a' | regex_search('(')", 'not-a-pattern', 'the text is not a regular expression'], ["'a' | regex_search('b')", 'undefined-value', 'regex_search gives nothing here'],
    ["'{' | from_json", 'not-json', 'the text is not JSON'], ["'a' | b64decode", 'not-base64', 'the text is not Base64'], ["'/w==' | b64decode", 'not-base64', 'what the Base64 stands for is not UTF-8 text'], ["'a' | hash('md5')", 'wrong-type', 'hash knows only sha256'], ['none | to_toml', 'wrong-type', 'TOML has no way to write empty (null)'],
    ["'a' | sort", 'wrong-type', 'sort wants a list, not text'], ['{} | first', 'wrong-type', 'first wants a list, not a map'], ["['a', 1] | sort", 'wrong-type', 'a number and text have no order'], ["odd_one | map(attribute='name')", 'undefined-attribute', 'an item has no "name"'], ["odd_one | sort(attribute='name')", 'undefined-attribute', 'an item has no "name"'],
    ['[1] | map', 'wrong-type', 'map needs the name of a filter or an attribute'], ['[1] | select(1)', 'wrong-type', 'the test is named by a text'], ["[[]] | map('first')", 'undefined-value', 'first gives nothing for an item'], ["odd_one | selectattr('name')", 'undefined-attribute', 'an item has no "name"'],
    ["[] | combine({})", 'wrong-type', 'combine wants a map, not a list'], ["{} | combine({}, list_merge='x')", 'wrong-type', 'combine has no parameter list_merge'], ["1 | dict2items", 'wrong-type', 'dict2items wants a map, not a number'], ['1 | items2dict', 'wrong-type', 'items2dict wants a list, not a number'], ["[{'key': 'a'}] | items2dict", 'wrong-type', 'an item has no "value"'], ["[{'value': 1}] | items2dict", 'wrong-type', 'an item has no text as its key'], ["[1] | union(2)", 'wrong-type', 'union wants a list, not a number'],
    ["[1] | selectattr", 'wrong-arguments', 'selectattr needs attribute'],
  ])('%s is the mistake %s', (expression, code, message) => {
    const error = mistake(() => valueOf(expression, variables))
    expect([error.code, error.message]).toEqual([code, message])
    expect(error.at?.file).toBe('site.yaml')
  })

  it('does not make the key of a map of a secret', () => {
    expect(mistake(() => valueOf('[[p, 1]] | items2dict', { p: new Secret('pw') })).message).toBe('a secret cannot become the key of a map')
    expect(mistake(() => valueOf('{(p): 1}', { p: new Secret('pw') })).message).toBe('the key of a map is text')
  })
})

describe('tests', () => {
  it.each<readonly [string, boolean]>([
    ['none is none', true], ['1 is none', false], ['none is null', true], ['1 is true', false], ['true is true', true], ['false is false', true], ['1 is integer', true], ['1.5 is integer', false], ['true is boolean', true], ['[] is mapping', false], ['{} is iterable', true], ["'a' is iterable", false], ['1 is odd', true], ['2 is not odd', true],
    ["'esb' is match('E', ignorecase=true)", true], ["'esb' is match('s')", false], ["'esb' is search('S')", false], ["'esb' is search('S', true)", true], ["'a' is match('b|a')", true], ["'ba' is match('c|a')", false], ['10 is divisibleby(3)', false], ['[1, 4] is subset([1, 2])', false], ['[1, 2] is superset([2])', true],
    ['1 is in (1, 2)', true], ["'a' is in {'a': 1}", true], ['1 is lt 2 and 2 is gt 1', true], ['1 is ge(2)', false], ['1 is le 0', false], ['1 is eq 1', true], ['1 is ne 1', false], ["[1] is contains 1 and 'ab' is contains('b')", true],
  ])('%s: %s', (expression, gives) => {
    expect(valueOf(expression)).toBe(gives)
  })

  it.each([
    ["'a' is even", 'even asks about whole numbers, not about text'], ['1 is match(\'a\')', 'match asks about text, not about a number'], ['1 is subset([1])', 'a number and a list are no two lists'], ['1 is divisibleby 0', 'nothing can be divided by zero'], ['1 is divisibleby', 'divisibleby needs divisor'],
  ])('%s: %s', (expression, message) => {
    expect(mistake(() => valueOf(expression)).message).toBe(message)
  })
})
