import { describe, expect, it } from 'vitest'
import { Secret } from '../../../src/core/secret.js'
import { checks } from '../../../src/playbook/template/checks.js'
import { filters } from '../../../src/playbook/template/filters.js'
import { functions } from '../../../src/playbook/template/functions.js'
import { interpolate } from '../../../src/playbook/template/interpolate.js'
import { mistake, place, valueOf } from './given.js'

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
    ["['a', 'A', 'b'] | unique", ['a', 'A', 'b']], ["['a', 'A', 'b'] | unique(case_sensitive=false)", ['a', 'b']], ['[1, none, [2, none]] | flatten', [1, 2]], ['[none, [1]] | flatten(skip_nulls=false)', [null, 1]],
    ["{'b': [1, 2]} | combine({'b': [2, 3]}, list_merge='keep')", { b: [1, 2] }], ["{'b': [1, 2]} | combine({'b': [2, 3]}, list_merge='append')", { b: [1, 2, 2, 3] }], ["{'b': [1, 2]} | combine({'b': [2, 3]}, list_merge='prepend')", { b: [2, 3, 1, 2] }], ["{'b': [1, 2]} | combine({'b': [2, 3]}, list_merge='append_rp')", { b: [1, 2, 3] }], ["{'b': [1, 2]} | combine({'b': [2, 3]}, list_merge='prepend_rp')", { b: [2, 3, 1] }], ["{'b': {'c': [1]}} | combine({'b': {'c': [2]}}, recursive=true, list_merge='append')", { b: { c: [1, 2] } }], ["{'b': [1]} | combine({'b': [2]})", { b: [2] }],
    ['[1, 2] | zip_longest([3])', [[1, 3], [2, null]]], ['[1] | product', [[1]]], ["people | groupby('age') | map('first')", [20, 30]], ["[{'t': 'B'}, {'t': 'a'}, {'t': 'b'}] | groupby('t') | map('first')", ['a', 'B']], ["odd_one | groupby('name', default='-') | map('first')", ['-', 'x']], ['[1, 2, 3] | batch(2, 0)', [[1, 2], [3, 0]]],
    ["{'b': 1, 'A': 2} | dictsort", [['A', 2], ['b', 1]]], ["{'b': 1, 'a': 2} | dictsort(by='value', reverse=true)", [['a', 2], ['b', 1]]], ["{'b': 1, 'A': 2, 'a': 0} | dictsort(true) | map('first')", ['A', 'a', 'b']],
    ["[{'n': 'x'}, {'n': 'y', 'g': [1]}] | subelements('g', skip_missing=true) | length", 1], ["'b' | extract({'b': {'c': [5]}}, ['c', 0])", 5], ["'b' | extract({'b': {'c': 3}}, 'c')", 3],
    ["'a1b2' | regex_search('([a-z])([0-9])', '\\\\1', '\\\\2')", ['a', '1']], ["'a1' | regex_search('(?P<letter>[a-z])(x)?', '\\\\g<letter>', '\\\\g<2>')", ['a', '']], ["'a1' | regex_search('([a-z])', group=1)", 'a'], ["'a1b2' | regex_findall('([a-z])([0-9])')", [['a', '1'], ['b', '2']]], ["'ab' | regex_findall('(x)?(b)')", [['', 'b']]], ["'A\nb' | regex_findall('^[a-z]', multiline=true, ignorecase=true)", ['A', 'b']],
    ["'A' | regex_replace('(?i)a', 'b')", 'b'], ["'abab' | regex_replace('(?P<x>a)(?P=x)?', '<\\\\g<x>>')", '<a>b<a>b'], ["'b\nb' | regex_replace('(?m)\\\\Ab|b\\\\Z', '-')", '-\n-'], ["'ab' | regex_replace('a')", 'b'], ["'a[b]^.$*+' | regex_escape('posix_basic')", 'a\\[b\\]\\^\\.\\$\\*+'], ["('a-b c.(d)' is match('a-b c.(d)' | regex_escape ~ '$'))", true],
    ["['a', 'b/', 'c'] | path_join", 'a/b/c'], ["['a', '/c'] | path_join", '/c'], ["'/etc/.profile' | splitext", ['/etc/.profile', '']], ["'/a' | relpath('/a')", '.'],
    ["'a\n\nb' | comment('c')", '//\n// a\n//\n// b\n//'], ["'x' | comment(decoration=';; ')", ';;\n;; x\n;;'],
    ['8 | log(2)', 3], ['1000 | log(10)', 3], ['81 | log(3) | round(9)', 4], ['1 | log', 0], ['16 | root(4)', 2], ['9 | root', 3],
    ['10 | human_readable', '10.00 Bytes'], ['10 | human_readable(isbits=true)', '10.00 bits'], ['1536 | human_readable(isbits=true)', '1.50 Kb'], ["5242880 | human_readable(unit='K')", '5120.00 KB'], ["5 | human_readable(unit='B')", '5.00 Bytes'], ['0 | human_readable', '0.00 Bytes'], ["'10' | human_to_bytes", 10], ["'10' | human_to_bytes(default_unit='K')", 10240], ["'2GiB' | human_to_bytes", 2147483648],
    ["{'b': 1, 'a': {'d': [{'z': 1, 'y': 2}], 'c': none}} | to_nice_json(indent=0)", '{"a":{"c":null,"d":[{"y":2,"z":1}]},"b":1}'], ["{'b': 1, 'a': 2} | to_json(sort_keys=true)", '{"a":2,"b":1}'], ['[] | to_nice_json', '[]'],
    ["{'b': [1, {'c': 2}], 'a': 'x'} | to_yaml", 'a: x\nb:\n- 1\n- {c: 2}\n'], ["{'y': 'yes', 'o': '0644', 'e': '', 'q': \"it's\", 'h': '#a', 'n': none, 't': true, 'l': [], 'm': {}} | to_nice_yaml", "e: ''\nh: '#a'\nl: []\nm: {}\n'n': null\no: '0644'\nq: it's\nt: true\n'y': 'yes'\n"], ["'x' | to_yaml", 'x\n'], ["'- a\n- {b: 1}' | from_yaml", ['a', { b: 1 }]], ["'' | from_yaml", null], ["people | to_yaml | from_yaml == people", true],
    ["{'a': 'b c', 'd': 1} | urlencode", 'a=b+c&d=1'], ["\"ü'(*)\" | urlencode", '%C3%BC%27%28%2A%29'], ["'https://u@h:8443/p?q=1#f' | urlsplit", { scheme: 'https', username: 'u', password: null, hostname: 'h', port: 8443, path: '/p', query: 'q=1', fragment: 'f' }], ["'http://h/' | urlsplit('port')", null],
    ["'a' | hash", '86f7e437faa5a7fce15d1ddcb9eaeaea377667b8'], ["'a' | hash('md5')", '0cc175b9c0f1b6a831c399e269772661'], ["'secret' | password_hash('sha256', 'mysalt')", '$5$mysalt$I2SNajjJ3Gc5gIR/tkrLOGngF8wqv59buJCqxh.o9s8'], ["'secret' | password_hash('sha512', 'mysalt', rounds=1000) is match('[$]6[$]rounds=1000[$]mysalt[$]')", true], ["'secret' | password_hash == 'secret' | password_hash", true],
    ["'192.0.2.7/24' | ipaddr", '192.0.2.7/24'], ["'192.0.2.7/255.255.255.0' | ipaddr('prefix')", 24], ["'192.0.2.7' | ipaddr('prefix')", 32], ["'x' | ipaddr", false], ["'1.2' | ipaddr", false], ["'192.0.2.7/33' | ipaddr", false], ["'192.0.2.7/255.0.255.0' | ipaddr", false], ["'192.0.2.7/x' | ipaddr", false], ["'1.1.1.1/8/8' | ipaddr", false], ["'fe80::1%eth0' | ipaddr", false], ['5 | ipaddr', false],
    ["'192.0.2.7/24' | ipaddr('address')", '192.0.2.7'], ["'192.0.2.0/24' | ipaddr('address')", false], ["'192.0.2.7/24' | ipaddr('netmask')", '255.255.255.0'], ["'2001:DB8::1/64' | ipaddr('netmask')", 'ffff:ffff:ffff:ffff::'], ["'2001:DB8::1/64' | ipaddr('network')", '2001:db8::'], ["'192.0.2.7/20' | ipaddr('broadcast')", '192.0.15.255'], ["'192.0.2.7/31' | ipaddr('broadcast')", false], ["'::1/64' | ipaddr('broadcast')", false],
    ["'192.0.2.7/24' | ipaddr('subnet')", '192.0.2.0/24'], ["'192.0.2.0/24' | ipaddr('net')", '192.0.2.0/24'], ["'192.0.2.1/24' | ipaddr('net')", false], ["'192.0.2.0/24' | ipaddr('size')", 256], ["'::/0' | ipaddr('size')", '340282366920938463463374607431768211456'], ["'::1' | ipaddr('version')", 6], ["'1.1.1.1' | ipaddr('version')", 4],
    ["['10.0.0.1/24', '8.8.8.8', 'x'] | ipaddr('private')", ['10.0.0.1/24']], ["['10.0.0.1', '8.8.8.8'] | ipaddr('public')", ['8.8.8.8']], ["'192.0.2.0/24' | ipaddr('first_usable')", '192.0.2.1'], ["'192.0.2.0/24' | ipaddr('last_usable')", '192.0.2.254'], ["'192.0.2.0/31' | ipaddr('last_usable')", '192.0.2.1'],
    ["'192.0.2.0/24' | ipaddr(5)", '192.0.2.5/24'], ["'192.0.2.0/24' | ipaddr('-1')", '192.0.2.255/24'], ["'192.0.2.0/24' | ipaddr(300)", false], ["['192.0.2.7', '192.0.3.7', '::1'] | ipaddr('192.0.2.0/24')", ['192.0.2.7']], ["['192.0.2.7/24', '2001:db8::1/64'] | ipv6('prefix')", [64]],
    ["['2001:db8::1/64', 'h', '1.1.1.1'] | ipwrap", ['[2001:db8::1]/64', 'h', '1.1.1.1']],
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
    ["'{' | from_json", 'not-json', 'the text is not JSON'], ["'a' | b64decode", 'not-base64', 'the text is not Base64'], ["'/w==' | b64decode", 'not-base64', 'what the Base64 stands for is not UTF-8 text'], ["'a' | hash('crc')", 'wrong-type', 'hash knows no such digest'], ['none | to_toml', 'wrong-type', 'TOML has no way to write empty (null)'],
    ["'a' | sort", 'wrong-type', 'sort wants a list, not text'], ['{} | first', 'wrong-type', 'first wants a list, not a map'], ["['a', 1] | sort", 'wrong-type', 'a number and text have no order'], ["odd_one | map(attribute='name')", 'undefined-attribute', 'an item has no "name"'], ["odd_one | sort(attribute='name')", 'undefined-attribute', 'an item has no "name"'],
    ['[1] | map', 'wrong-type', 'map needs the name of a filter or an attribute'], ['[1] | select(1)', 'wrong-type', 'the test is named by a text'], ["[[]] | map('first')", 'undefined-value', 'first gives nothing for an item'], ["odd_one | selectattr('name')", 'undefined-attribute', 'an item has no "name"'],
    ["[] | combine({})", 'wrong-type', 'combine wants a map, not a list'], ["{} | combine({}, list_merge='x')", 'wrong-type', 'combine has no such list_merge'], ["{} | combine({}, deep=true)", 'wrong-type', 'combine has no parameter deep'], ["1 | dict2items", 'wrong-type', 'dict2items wants a map, not a number'], ['1 | items2dict', 'wrong-type', 'items2dict wants a list, not a number'], ["[{'key': 'a'}] | items2dict", 'wrong-type', 'an item has no "value"'], ["[{'value': 1}] | items2dict", 'wrong-type', 'an item has no text as its key'], ["[1] | union(2)", 'wrong-type', 'union wants a list, not a number'],
    ["'a' | extract({})", 'undefined-attribute', 'the map holds nothing under such a key'], ["5 | extract([1])", 'undefined-attribute', 'a list holds nothing under such a key'], ["[1] | batch(0)", 'wrong-type', 'batch wants a whole number from 1 on'], ["{} | dictsort(by='size')", 'wrong-type', 'dictsort puts in order by key or value'], ["range(1001) | product(range(1000))", 'template-too-large', 'a list grows beyond a million items'],
    ["'a' | regex_search('a', 'x')", 'wrong-type', 'a group is asked for by its number or name'], ["'a' | regex_search('a', deep=true)", 'wrong-type', 'regex_search has no parameter deep'], ["'a' | regex_escape('x')", 'wrong-type', 'regex_escape has no such dialect'], ["'a' | path_join", 'wrong-type', 'path_join wants a list'], ["'a' | relpath('/')", 'wrong-type', 'relpath wants two paths that start with /'], ["'a' | comment('x')", 'wrong-type', 'comment has no such style'],
    ['0 | log', 'wrong-type', 'log has no result here'], ['-1 | root', 'wrong-type', 'root has no result here'], ['10 | pow(400)', 'wrong-type', 'pow has no result here'], ["1 | human_readable(unit='x')", 'wrong-type', 'human_readable has no such unit'], ["'x' | human_to_bytes", 'not-a-number', 'the text is no number of bytes'], ["'1' | human_to_bytes(default_unit='x')", 'not-a-number', 'the text is no number of bytes'],
    ["'a: [' | from_yaml", 'not-yaml', 'the text is not YAML'], ["'{a: 1, a: 2}' | from_yaml", 'not-yaml', 'the text is not YAML'], ["'!x a' | from_yaml", 'not-yaml', 'the text is not YAML'], ["'a' | urlsplit", 'not-a-url', 'the text is not a URL'], ["'http://h' | urlsplit('x')", 'wrong-type', 'a URL has no such part'],
    ["'a' | password_hash('md5')", 'wrong-type', 'password_hash knows no such scheme'], ["'a' | password_hash('sha512', 'a$b')", 'wrong-type', 'a salt is 1 to 16 letters, digits, points and slashes'], ["'a' | password_hash('sha512', 'a', 10)", 'wrong-type', 'rounds are a whole number from 1000 to 100000'], ["'1.1.1.1' | ipaddr('x')", 'wrong-type', 'ipaddr cannot be asked that'], ['{} | ipaddr', 'wrong-type', 'an address is a text'],
    ["[1] | selectattr", 'wrong-arguments', 'selectattr needs attribute'],
  ])('%s is the mistake %s', (expression, code, message) => {
    const error = mistake(() => valueOf(expression, variables))
    expect([error.code, error.message]).toEqual([code, message])
    expect(error.at?.file).toBe('site.yaml')
  })

  it('gives each host a salt of its own, the same every time', () => {
    const at = (host: string) => interpolate("{{ 'secret' | password_hash }}", { host, lookup: () => undefined }, place)
    expect(at('h1')).toBe(at('h1'))
    expect(at('h1')).not.toBe(at('h2'))
    expect(at('h1')).toMatch(/^\$6\$[./0-9A-Za-z]{16}\$[./0-9A-Za-z]{86}$/)
  })

  it('sends aliases of YAML back that stand for more than was written', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]', ...'bcdefgh'.split('').map((name, index) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefg'[index] ?? ''}`).join(', ')}]`)].join('\n')
    expect(mistake(() => valueOf('x | from_yaml', { x: bomb })).code).toBe('not-yaml')
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
    ["'1.0' is version('1.0.0', '==')", false], ["'1.0' is version('1.0.0', '<')", true], ["'1.10' is version('1.9', 'gt')", true], ["'1.0.0' is version('1.0.0')", true], ["'1.0.0-rc1' is version('1.0.0', '>')", true], ["'1.2' is version_compare('1.2', 'ge')", true], ["'1.2' is version('1.3', '!=')", true], ["'1.2' is version('1.2', 'le')", true], ["'1.2b' is version('1.2a', '<')", false], ["['1.2', '1.10'] | select('version', '1.9', '>') == ['1.10']", true],
    ["'a\nb' is match('a$', multiline=true)", true], ["'ab' is regex('b')", true], ['1 is float', false], ['0 is truthy', false], ['[] is falsy', true], ['[1, 0] is all', false], ['[] is any', false], ["'Ab' is lower", false], ["'1' is upper", false], ["'etc' is abs", false], ["'10.0.0.0/8' is in_network('10.0.0.0/9')", false], ["'::1' is in_network('10.0.0.0/8')", false], ["'10.0.0.0/24' is in_network('10.0.0.0/9')", true],
    ['result is changed', true], ['result is failed', true], ['result is succeeded', false], ['result is skipped', false],
  ])('%s: %s', (expression, gives) => {
    expect(valueOf(expression, { result: { stdout: '', stderr: '', exit: 1, changed: true } })).toBe(gives)
  })

  it.each([
    ["'a' is even", 'even asks about whole numbers, not about text'], ['1 is match(\'a\')', 'match asks about text, not about a number'], ['1 is subset([1])', 'a number and a list are no two lists'], ['1 is divisibleby 0', 'nothing can be divided by zero'], ['1 is divisibleby', 'divisibleby needs divisor'],
    ["'1.a' is version('1.0', '<')", 'the versions have a number and a word at the same place, which have no order'], ["'1' is version('1', '~')", 'version has no such operator'], ['1 is any', 'any asks about lists, not about a number'], ['1 is changed', 'changed asks about what a step registered'], ["'x' is in_network('10.0.0.0/8')", 'in_network asks about addresses'],
  ])('%s: %s', (expression, message) => {
    expect(mistake(() => valueOf(expression)).message).toBe(message)
  })
})

describe('a regular expression', () => {
  const text = `${'a'.repeat(40)}b`
  it.each([
    "text is search('(a|a)*$')", "text | regex_findall('(a|aa)+$')", "text | regex_replace('^(a+)+$', '')",
  ])('that would not end is ended: %s', (expression) => {
    const started = performance.now()
    const error = mistake(() => valueOf(expression, { text }))
    expect([error.code, error.at?.line]).toEqual(['pattern-too-slow', 3])
    expect(performance.now() - started).toBeLessThan(10_000)
  })

  it('works again afterwards, and leaves nothing of a text behind', () => {
    expect(valueOf("'aaa' is match('(a+)+$')")).toBe(true)
    expect(valueOf("'x' is match('text|replacement|source|shelf|globalThis')")).toBe(false)
  })

  it('is quick over many short texts', () => {
    expect(valueOf("range(2000) | map('string') | select('match', '[0-9]*5$') | length")).toBe(200)
  })
})
