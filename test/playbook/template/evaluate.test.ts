import { describe, expect, it } from 'vitest'
import { inShort, mistake, valueOf } from './given.js'

const variables = {
  x: 1, name: 'esb', empty: '', nothing: null, yes: true, list: [1, 2, 3], none_at_all: [], pair: ['a', ['b', 'c']],
  hosts: { db1: { address: '10.0.0.1', ports: [3306, 3307] }, 'web-1': { address: '10.0.0.2' } }, key: 'db1',
}

describe('expressions', () => {
  const table: readonly (readonly [expression: string, gives: unknown])[] = [
    ['x', 1], ['"a\\"b"', 'a"b'], ["'a\\tb\\\\c\\d'", 'a\tb\\c\\d'], ['1.5', 1.5], ['true', true], ['False', false], ['None', null], ['none', null],
    ['[1, x, [name]]', [1, 1, ['esb']]], ["{'a': x, 'b': {'c': [] } }", { a: 1, b: { c: [] } }], ["{(name): 1, 2: 3}", { esb: 1, 2: 3 }], ["('a', 'b')", ['a', 'b']], ['(x)', 1],
    ['hosts.db1.address', '10.0.0.1'], ["hosts['web-1'].address", '10.0.0.2'], ['hosts[key].ports[1]', 3307], ['list[-1]', 3], ['list.length', 3], ['name.length', 3],
    ["pair[1][0]", 'b'], ["{'a': 1}.a", 1], ["{1: 'a'}[1]", 'a'], ["{1: 'a'}[1.5] is defined", false], ["('a' if none)", ''], ['1.0 * 12345678901.5', 12345678901.5], ['-1.5', -1.5],
    ['1 + 2 * 3', 7], ['2 * 7 // 2', 7], ['5 * 10 % 3', 2], ['7 - 2 - 1', 4], ['7 / 2', 3.5], ['-7 // 2', -4], ['-1 % 3', 2], ['2 ** 3', 8], ['-x', -1], ['+x', 1], ['-(0)', 0],
    ["'a' + 'b'", 'ab'], ['[1] + [2]', [1, 2]], ["'a' ~ 1 ~ true", 'a1true'],
    ['1 < 2 < 3', true], ['1 < 3 < 2', false], ["'a' < 'b'", true], ["'b' >= 'b'", true], ["'a' > 'a'", false], ['2 <= 1', false], ['x == 1', true], ["x == '1'", false], ['x != 1', false], ['x === 1', true], ['x !== 1', false],
    ['[1, [2]] == [1, [2]]', true], ["{'a': 1} == {'a': 1}", true], ["{'a': 1} == {'b': 1}", false], ["{'a': 1} == {'a': 1, 'b': 1}", false], ['list == name', false],
    ['2 in list', true], ['9 not in list', true], ["'db1' in hosts", true], ["'constructor' in hosts", false], ["'s' in name", true], ["1 in ('a', 1)", true],
    ['not x', false], ['x and name', 'esb'], ['empty and missing', ''], ['empty or name', 'esb'], ['name or missing', 'esb'], ['none_at_all or 2', 2],
    ["'a' if x else missing", 'a'], ["missing if nothing else 'b'", 'b'], ["'a' if empty", ''], ["'a' if x == 2 else 'b' if x == 1 else 'c'", 'b'],
    ["x is defined", true], ['missing is defined', false], ['missing is undefined', true], ['missing.at.all is defined', false], ['hosts.db1.adress is not defined', true], ['not missing is defined', true],
    ['missing | default(1)', 1], ['hosts.nowhere.address | d(1)', 1], ['empty | default(1)', ''], ['empty | default(1, true)', 1], ['nothing | default(1, boolean=true)', 1], ['name | default(missing)', 'esb'],
    ['name | default(missing, true)', 'esb'], ['missing | default', ''], ['none_at_all | first | default(1)', 1], ["list | map(attribute='x', default=0)", [0, 0, 0]],
    ['range(3)', [0, 1, 2]], ['range(1, 4)', [1, 2, 3]], ['range(4, 0, -2)', [4, 2]], ['range(0)', []], ['range(start=1, stop=2)', [1]],
    ['list | length + 1', 4], ['-3 | abs', 3], ['x is number and name is string', true], ['list is defined and list | length > 2', true], ['x is divisibleby 1', true], ['(x is even) | ternary(1, 2)', 2], ['x is defined | ternary(1, 2)', 1],
  ]
  it.each(table)('%s', (expression, gives) => {
    expect(valueOf(expression, variables)).toEqual(gives)
  })
})

describe('mistakes in expressions', () => {
  const table: readonly (readonly [expression: string, told: string, message: string])[] = [
    ['nam', 'undefined-variable 3:10', 'nam is not defined'],
    ['hosts.db1.adress', 'undefined-attribute 3:20', 'hosts.db1 has no key "adress"'],
    ['hosts[key].adress', 'undefined-attribute 3:21', 'hosts[key] has no key "adress"'],
    ['hosts.web', 'undefined-attribute 3:16', 'hosts has no key "web"'],
    ['hosts["web"]', 'undefined-attribute 3:16', 'hosts has no key "web"'],
    ["hosts['web-1'].x", 'undefined-attribute 3:25', "hosts['web-1'] has no key \"x\""],
    ['hosts[name ~ 1]', 'undefined-attribute 3:21', 'hosts has no key "esb1"'],
    ['hosts[name ~ 1].x.y', 'undefined-attribute 3:21', 'hosts has no key "esb1"'],
    ['list[5]', 'undefined-attribute 3:15', 'list has no item 5, it holds 3'],
    ['list[1.5]', 'undefined-attribute 3:15', 'list has no item 1.5, it holds 3'],
    ['list.name', 'undefined-attribute 3:15', 'list is a list and has no "name"'],
    ['x.y', 'undefined-attribute 3:12', 'x is a number and has no "y"'],
    ['nothing.y', 'undefined-attribute 3:18', 'nothing is empty (null) and has no "y"'],
    ['list[hosts]', 'wrong-type 3:15', 'a map cannot be a key'],
    ['[1][7]', 'undefined-attribute 3:14', 'the value has no item 7, it holds 1'],
    ['{}.a', 'undefined-attribute 3:13', 'the value has no key "a"'],
    ['none_at_all | first', 'undefined-value 3:24', 'first gives nothing here'],
    ['(none_at_all | first).x', 'undefined-value 3:25', 'first gives nothing here'],
    ["missing if yes else 1", 'undefined-variable 3:10', 'missing is not defined'],
    ["1 if not yes else missing", 'undefined-variable 3:28', 'missing is not defined'],
    ['{1: 2}[3].x', 'undefined-attribute 3:17', 'the value has no key "3"'],
    ['list[true]', 'wrong-type 3:15', 'a boolean cannot be a key'],
    ['hosts[3]', 'undefined-attribute 3:16', 'hosts has no key "3"'],
    ['(list)[1 + 8]', 'undefined-attribute 3:19', 'list has no item 9, it holds 3'],
    ['(list)[x].y.z', 'undefined-attribute 3:20', 'list[x] is a number and has no "y"'],
    ['missing and 1', 'undefined-variable 3:10', 'missing is not defined'],
    ['missing | upper', 'undefined-variable 3:10', 'missing is not defined'],
    ['missing | default(other)', 'undefined-variable 3:28', 'other is not defined'],
    ["1 + '1'", 'wrong-type 3:12', '+ does not work between a number and text'],
    ['x - name', 'wrong-type 3:12', '- does not work between a number and text'],
    ['1 / 0', 'wrong-type 3:12', '/ by zero has no result'],
    ['10 ** 400', 'wrong-type 3:13', 'the result of ** is not a number that can be written'],
    ['-name', 'wrong-type 3:10', 'text has no sign'],
    ["1 < 'a'", 'wrong-type 3:12', 'a number and text have no order'],
    ['1 in x', 'wrong-type 3:10', 'a number cannot be looked for in a number'],
    ["'a' ~ list", 'not-text 3:14', 'a list cannot be written into text'],
    ['f(1)', 'not-callable 3:10', 'f is no function and no macro'],
    ['rnage(1)', 'not-callable 3:10', 'rnage is no function and no macro'],
    ['range', 'not-a-value 3:10', 'range is a function'],
    ['name.upper()', 'not-callable 3:15', 'name.upper cannot be called: values have no methods'],
    ['name.frobnicate()', 'not-callable 3:15', 'name.frobnicate cannot be called: values have no methods'],
    ['name[x]()', 'not-callable 3:15', 'this cannot be called: values have no methods'],
    ['(1)()', 'not-callable 3:11', 'this cannot be called: values have no methods'],
    ['range(1.5)', 'wrong-type 3:10', 'range wants whole numbers, and steps other than 0'],
    ['range(1, 5, 0)', 'wrong-type 3:10', 'range wants whole numbers, and steps other than 0'],
    ["range('a')", 'wrong-arguments 3:10', 'range wants a number as start, not text'],
    ['range()', 'wrong-arguments 3:10', 'range needs start'],
    ['range(1, 2, 3, 4)', 'wrong-arguments 3:10', 'range takes 3 at most'],
    ['range(1, stopp=3)', 'wrong-arguments 3:10', 'range has no parameter stopp, stop may be meant'],
    ['range(1, qqqq=3)', 'wrong-arguments 3:10', 'range has no parameter qqqq'],
    ['range(10000000)', 'template-too-large 3:10', 'a range holds more than a million numbers'],
    ['{(list): 1}', 'wrong-type 3:10', 'the key of a map is text'],
    ['name | uper', 'unknown-filter 3:17', 'there is no filter uper'],
    ['name | frobnicate', 'unknown-filter 3:17', 'there is no filter frobnicate'],
    ['name is strng', 'unknown-test 3:18', 'there is no test strng'],
    ['name is frobnicated', 'unknown-test 3:18', 'there is no test frobnicated'],
    ["name | default('a', 'b', 'c')", 'wrong-arguments 3:17', 'default takes 2 at most'],
    ["name | upper(1)", 'wrong-arguments 3:17', 'upper takes nothing'],
    ["name | split(1)", 'wrong-arguments 3:17', 'split wants a text as separator, not a number'],
    ["list | sort(reverse='yes')", 'wrong-arguments 3:17', 'sort wants true or false as reverse, not text'],
  ]
  it.each(table)('%s: %s', (expression, told, message) => {
    const error = mistake(() => valueOf(expression, variables))
    expect([inShort(error), error.message, error.exit]).toEqual([told, message, 2])
    expect(error.hint === undefined || error.hint.length > 5).toBe(true)
  })

  it.each([
    ['nam', 'did you mean name?'], ['hosts.web', "did you mean ['web-1']?"], ['hosts.db1.adress', 'did you mean address?'], ['name | uper', 'did you mean upper?'], ['name is strng', 'did you mean string?'],
    ['name.upper()', 'write it with | upper'], ['hosts.items()', 'write it with | items'], ['rnage(1)', 'did you mean range?'], ['frobnicate', 'set it in the inventory or the playbook, with --set frobnicate=…, or write frobnicate | default(…)'],
    ['hosts.zzzzzz', 'where it may be missing, write | default(…) or ask with is defined; it has db1, web-1'], ['{}.a', 'where it may be missing, write | default(…) or ask with is defined; it is empty'],
  ])('%s: hint %s', (expression, hint) => {
    expect(mistake(() => valueOf(expression, variables)).hint).toBe(hint)
  })

  it('lists only some of many keys', () => {
    expect(mistake(() => valueOf('m.zzzz', { m: Object.fromEntries('abcdefghij'.split('').map((key) => [key, 1])) })).hint).toMatch(/it has a, b, c, d, e, f, g, h, …$/)
  })

  it('works with a scope that does not offer its names', () => {
    expect(mistake(() => valueOf('nam')).code).toBe('undefined-variable')
  })
})

it('takes a value that is no data for a bug', () => {
  expect(() => valueOf('when', { when: new Date() })).toThrow(TypeError)
})
