import { describe, expect, it } from 'vitest'
import { briefly, list, play, resolve } from './given.js'

/** What the first step of each play with one notifies on `h1`, and the variants of its handlers. */
const debts = (files: string | Readonly<Record<string, string>>, hosts = { h1: {}, h2: {} }): readonly (readonly [string | undefined, readonly (string | undefined)[]])[] => {
  const plays = resolve(files, { hosts })
  const names = new Map<string | undefined, string | undefined>([[undefined, undefined]])
  const short = (variant: string | undefined): string | undefined => {
    if (!names.has(variant)) names.set(variant, 'ABC'[names.size - 1])
    return names.get(variant)
  }
  return plays.map(({ payerOf, handlers }) => [short(payerOf?.('h1', 'h')), handlers.map(({ variant }) => short(variant))])
}
const notify = '- note: {}\n  notify: h'
const handler = (act: string): string => `handlers:\n  - { name: h, act: ${act} }`
const on = (host: string, text: string): string => text.replace('hosts: all', `hosts: ${host}`)
const withList = (params: string): string => play(`- include: l\n  with: ${params}`)
const l = `${list('x: { type: string }', notify)}${handler('{ name: "{{ x }}" }')}\n`

describe('who pays for a handler', () => {
  it.each([
    ['the only one of its name', play(notify, handler('{}')), [[undefined, [undefined]]]],
    ['one of a later play', play(notify) + play(notify, handler('{}')), [[undefined, []], [undefined, [undefined]]]],
    ['the nearest, where all do the same', play(notify, handler('{}')) + play(notify, handler('{}')), [[undefined, [undefined]], [undefined, [undefined]]]],
    ['its own play', play(notify, handler('{ name: a }')) + play(notify, handler('{ name: b }')), [['A', ['A']], ['B', ['B']]]],
    ['the next play that has one', play(notify) + play(notify, handler('{ name: a }')) + play(notify, handler('{ name: b }')), [['A', []], ['A', ['A']], ['B', ['B']]]],
    ['the next play that has one, and the host', play(notify) + on('h2', play(notify, handler('{ name: a }'))) + play(notify, handler('{ name: b }')), [['A', []], ['B', ['B']], ['A', ['A']]]],
    ['the same list with the same parameters', { 'site.yaml': withList('{ x: a }') + withList('{ x: a }').replace('Play', 'Other'), 'l.yaml': l }, [['A', ['A']], ['B', ['B']]]],
    ['a list with other parameters', { 'site.yaml': withList('{ x: a }') + withList('{ x: b }'), 'l.yaml': l }, [['A', ['A']], ['B', ['B']]]],
    ['the same play, where variables fill it in', play(notify, `vars: { x: a }\n${handler('{ name: "{{ x }}" }')}`) + play(notify, `vars: { x: b }\n${handler('{ name: "{{ x }}" }')}`), [['A', ['A']], ['B', ['B']]]],
  ])('is %s', (_what, files, wanted) => { expect(debts(files)).toEqual(wanted) })

  it('is known of plays that are left out too', () => {
    const files = play('- note: {}\n  notify: h\n  tags: a', handler('{ name: a }')) + play('- note: {}\n  tags: b', handler('{ name: b }'))
    const [only] = resolve(files, { hosts: { h1: {} }, selection: { tags: ['a'] } })
    expect([only?.payerOf?.('h1', 'h'), only?.handlers[0]?.variants?.length]).toEqual([only?.handlers[0]?.variant, 2])
  })

  it('must have the host', () => {
    expect(briefly(() => debts(play(notify) + on('h2', play('- note: {}', handler('{}')))))).toEqual(['site.yaml:5 no-handler: no play from here on has both the handler "h" and the host h1'])
  })
})
