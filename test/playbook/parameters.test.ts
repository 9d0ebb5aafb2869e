import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/core/secret.js'
import { checkedParameter, defaultMistakes, parameterMistakes } from '../../src/playbook/parameters.js'
import type { Parameter } from '../../src/playbook/schema.js'
import { briefly, list, play, values } from './given.js'

const at = { file: 'caller.yaml', line: 4, column: 2 }
const secret = new Secret('hunter22')
const accepted: Readonly<Record<Parameter['type'], readonly unknown[]>> = {
  string: ['', 'a', secret], path: ['/a', 'a'], integer: [0, -3], number: [1.5, 2], boolean: [true, false], list: [[], [1]], map: [{}, { a: 1 }], secret: ['a', secret], product: ['a', {}], database: ['a', {}], any: [null, 1, 'a', [], {}, secret],
}
const everything: readonly unknown[] = ['', 'a', '/a', secret, 0, -3, 1.5, 2, true, false, [], [1], {}, { a: 1 }, null]

const revealed = (value: unknown): unknown => (value instanceof Secret ? value.reveal() : value)

describe('a parameter', () => {
  it.each(Object.keys(accepted) as Parameter['type'][])('of the type %s takes what it should', (type) => {
    for (const value of accepted[type]) expect(revealed(checkedParameter('p', { type }, value, at))).toEqual(revealed(value))
  })

  it('refuses everything else, at the line of the caller', () => {
    const taken = (type: Parameter['type']): readonly unknown[] => everything.filter((value) => briefly(() => checkedParameter('p', { type }, value, at)).length === 0)
    expect(taken('string')).toEqual(['', 'a', '/a', secret])
    expect(taken('path')).toEqual(['a', '/a'])
    expect(taken('integer')).toEqual([0, -3, 2])
    expect(taken('number')).toEqual([0, -3, 1.5, 2])
    expect(taken('boolean')).toEqual([true, false])
    expect(taken('list')).toEqual([[], [1]])
    expect(taken('map')).toEqual([{}, { a: 1 }])
    expect(taken('secret')).toEqual(['', 'a', '/a', secret])
    expect(taken('product')).toEqual(['a', '/a', {}, { a: 1 }])
    expect(briefly(() => checkedParameter('p', { type: 'map' }, 'x', at))).toEqual(['caller.yaml:4 wrong-parameter: the parameter "p" must be a map'])
    expect(briefly(() => checkedParameter('p', { type: 'secret' }, 3, at))).toEqual(['caller.yaml:4 wrong-parameter: the parameter "p" must be text'])
  })

  it('may be nothing where its default is nothing', () => {
    expect(checkedParameter('p', { type: 'string', default: null }, null, at)).toBeNull()
    expect(checkedParameter('p', { type: 'string', 'one-of': ['a'], default: null }, null, at)).toBeNull()
    expect(briefly(() => checkedParameter('p', { type: 'string', default: 'a' }, null, at))).toHaveLength(1)
  })

  it('has a default that is right itself, as far as that shows', () => {
    expect(defaultMistakes({ a: { type: 'string' }, b: { type: 'integer', default: '{{ x }}' }, c: { type: 'integer', default: 'x' } }, () => at).map(({ message }) => message)).toEqual(['the default of the parameter "c" must be a whole number'])
  })

  it('that is secret never prints, however it was given', () => {
    expect(checkedParameter('p', { type: 'secret' }, 'hunter22', at)).toBeInstanceOf(Secret)
    expect(checkedParameter('p', { type: 'string' }, 'plain', at)).toBe('plain')
  })

  it('is not what every object has', () => {
    expect(parameterMistakes({}, { constructor: { value: 1, place: at } }, 'step list l', at).map(({ message }) => message)).toEqual(['step list l has no parameter "constructor"'])
    expect(parameterMistakes(Object.fromEntries([['constructor', { type: 'string' }]]), {}, 'step list l', at).map(({ code }) => code)).toEqual(['missing-parameter'])
  })
})

describe('values that only show on a host', () => {
  const files = { 'site.yaml': play('- include: l\n  with:\n    port: "{{ x }}"'), 'l.yaml': list('port: { type: integer, one-of: [80, 443] }', '- note: { value: "{{ port }}" }') }

  it('are held to the type there, at the line of the caller', () => {
    expect(values(files, { set: { x: 443 } })).toEqual([{ value: 443 }])
    expect(briefly(() => values(files, { set: { x: '443' } }))).toEqual(['site.yaml:6 wrong-parameter: the parameter "port" must be one of 80, 443'])
  })

  it('of defaults too, at their own line', () => {
    const wrong = { 'site.yaml': play('- include: l'), 'l.yaml': list('a: { type: string, default: x }\nport: { type: integer, default: "{{ a }}" }', '- note: { value: "{{ port }}" }') }
    expect(briefly(() => values(wrong))).toEqual(['l.yaml:3 wrong-parameter: the parameter "port" must be a whole number'])
  })
})
