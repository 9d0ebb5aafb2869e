import { describe, expect, it } from 'vitest'
import { literalOf } from '../../src/inventory/ansible/python-literal.js'

describe('a literal of Python', () => {
  // what ast.literal_eval of Python 3.11 gives
  it.each<[string, unknown]>([
    ['1_0', 10], ['0x1f', 31], ['0o7', 7], ['0b1', 1], ['-5', -5], ['+5', 5], ['- 5', -5], ['00', 0], ['-1.5', -1.5], ['.5', 0.5], ['2.5e-1', 0.25],
    ["'it'", 'it'], ['"it\'s"', "it's"], ["'a' 'b'", 'ab'], ["r'a\\n'", 'a\\n'], ["u'x'", 'x'], ["'\\x41\\u00e9\\U0001F600\\101'", 'Aé😀A'], ["'a\\qb\\n\\\\'", 'a\\qb\n\\'], ["'''a'''", 'a'], ["''", ''],
    ['True', true], ['False', false], ['None', null], ['[True, \'x\', None]', [true, 'x', null]], ['[1,]', [1]], ['[]', []], ['()', []], ['(1,)', [1]], ['(1)', 1], ['((1))', 1], ['1,', [1]], ['80,443', [80, 443]],
    ['{}', {}], ["{1: 2, 'b': {'c': [3]}}", { 1: 2, b: { c: [3] } }], ['1 # c', 1], [' 1', 1],
  ])('%s', (text, value) => {
    expect(literalOf(text)).toEqual({ value, pointless: undefined })
  })

  it.each(['007', '1__0', '_1', '5L', '--1', '[a]', 'f\'x\'', "{'a':}", '[1 2]', "'a", '1 2', 'true', 'yes', '', '{1}', "b'x'", '...', '1j', '[1', '(1, 2', "{'a': 1", '1.10.2', '10.0.0.1', '{[1]: 2}', '-x', ')', '# c', "-'a'", '{'])(
    'is not %s', (text) => {
      expect(literalOf(text)).toBeUndefined()
    },
  )

  it.each(['1.0', '1e3', '[2.0]', '12345678901234567890'])('tells that %s would not print as it is written', (text) => {
    expect(literalOf(text)?.pointless).toBe(text.replace(/[[\]]/g, ''))
  })
})
