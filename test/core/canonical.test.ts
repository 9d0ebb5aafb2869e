import { describe, expect, it } from 'vitest'
import { canonical } from '../../src/core/canonical.js'
import { Secret } from '../../src/core/secret.js'

describe('data as one text', () => {
  it('does not ask in which order keys stand, and leaves out what is not there', () => {
    expect(canonical({ b: 1, a: [true, null, { d: 'x', c: undefined }] })).toBe('{"a":[true,null,{"d":"x"}],"b":1}')
    expect(canonical({ a: [true, null, { d: 'x' }], b: 1 })).toBe(canonical({ b: 1, a: [true, null, { c: undefined, d: 'x' }] }))
  })

  it('tells secrets by what they are, so that two can be told apart', () => {
    expect(canonical({ password: new Secret('one', '…') })).toBe('{"password":"one"}')
    expect(canonical(new Secret('one'))).not.toBe(canonical(new Secret('two')))
  })

  it.each([[undefined, 'null'], [5n, '"5"'], [/a+/g, '"/a+/g"'], [new Date(Number.NaN), '"Invalid Date"'], [Uint8Array.of(1, 2), '"AQI="'], ['ü"', '"ü\\""'], [Symbol('s'), '"Symbol(s)"']])('has a text for %s', (value, text) => {
    expect(canonical(value)).toBe(text)
  })
})
