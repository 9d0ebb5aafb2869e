import { describe, expect, it } from 'vitest'
import { Secret } from '../../../src/core/secret.js'
import { valueOf as valueIn } from './given.js'

const known = { x: [1, 2, 3, 4, 5], t: 'hello', m: { a: 1 }, s: new Secret('abc') }
const valueOf = (expression: string): unknown => valueIn(expression, known)

describe('expressions that Jinja has', () => {
  it.each<[string, unknown]>([
    ['x[1:]', [2, 3, 4, 5]], ['x[:2]', [1, 2]], ['x[-2:]', [4, 5]], ['x[1:4:2]', [2, 4]], ['x[4:1:-1]', [5, 4, 3]], ['x[10:]', []], ['x[-10:2]', [1, 2]], ['x[::-2]', [5, 3, 1]], ['x[10::-1]', [5, 4, 3, 2, 1]],
    ['t[1:3]', 'el'], ['t[::-1]', 'olleh'], ['x[1:][0]', 2], ['t | first', 'h'], ['t | last', 'o'], ['1e3', 1000], ['1_000', 1000],
    ["'abc' | center(8)", '  abc   '], ["'abcd' | center(9)", '   abcd  '], ["'a b-c d' | wordcount", 4], ['[1, 2, 3, 4] | slice(3, 0)', [[1, 2], [3, 0], [4, 0]]],
    ["'%5s|%-4s|%05d|%+d|% d' | format('a', 'b', -3, 3, 4)", '    a|b   |-0003|+3| 4'], ["'%(a)s %.2s %% %.1f %x %X %o' | format('abc', 1.25, 255, 255, 8, a='q')", 'q ab % 1.3 ff FF 10'],
  ])('give what they give there: %s', (expression, value) => { expect(valueOf(expression)).toEqual(value) })

  it.each([
    ['x[::0]', 'a slice cannot go in steps of 0'], ["x['a':]", 'text cannot be an end of a slice'], ['m[1:]', 'a map cannot be sliced'], ['x[1:2:3:4]', 'expected ] behind a key'], ['x[]', 'a key or an index is missing'],
    ['1a', '1a is neither a number nor a name'], ['1e30', 'too large to be exact'], ["'%d' | format('a')", '%d is for a number, not for text'], ["'%q' | format(1)", 'format has no %q'], ["'%s' | format(x)", 'a list cannot stand in a text'],
    ["'a' | format(1)", 'more values than places'], ["'%s' | format()", 'no value for %s'],
  ])('are refused where they mean nothing: %s', (expression, message) => { expect(() => valueOf(expression)).toThrow(message) })

  it('keep secrets secret', () => {
    for (const expression of ['s[1:]', 's | first', 's | center(9)', "'%s' | format(s)"]) expect(valueOf(expression)).toBeInstanceOf(Secret)
  })
})
