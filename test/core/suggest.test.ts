import { describe, expect, it } from 'vitest'
import { didYouMean, editDistance, suggestion } from '../../src/core/suggest.js'

describe('suggestions', () => {
  it.each([['service', 'servce', 1], ['service', 'sevrice', 1], ['', 'abc', 3], ['abc', 'abc', 0], ['ab', 'ba', 1], ['kitten', 'sitting', 3]])('%s and %s differ by %i', (from, to, distance) => {
    expect(editDistance(from, to)).toBe(distance)
    expect(editDistance(to, from)).toBe(distance)
  })

  it('name the nearest candidate that is near enough', () => {
    expect(didYouMean('servce', ['state', 'service', 'server'])).toBe('service')
    expect(didYouMean('ssh_config', ['ssh-config', 'host-keys'])).toBe('ssh-config')
    expect(didYouMean('Nodes', ['nodes'])).toBe('nodes')
    expect(didYouMean('xyz', ['abc', 'nodes'])).toBeUndefined()
    expect(didYouMean('a', [])).toBeUndefined()
  })

  it('fall back to what there is', () => {
    expect(suggestion('nodse', ['nodes'])).toBe('did you mean "nodes"?')
    expect(suggestion('zzz', ['nodes', 'lb'])).toBe('known here: nodes, lb')
    expect(suggestion('zzz', Array.from({ length: 14 }, (_, n) => `host${n}`), 'hosts')).toMatch(/^hosts: host0, .*host11 and 2 more$/)
    expect(suggestion('zzz', [])).toBeUndefined()
  })
})

describe('words of Ansible', () => {
  it.each([
    ['apt', ['archive', 'package'], 'Ansible\'s "apt" is "package" here'],
    ['with_items', ['loop', 'when'], 'Ansible\'s "with_items" is "loop" here'],
    ['apt', ['archive', 'copy'], 'known here: archive, copy'],
    ['restarted', ['started', 'stopped'], 'make it a handler: `restart: { name: … }`'],
    ['constructor', ['a'], 'known here: a'],
  ])('%s among %j', (word, candidates, hint) => expect(suggestion(word, candidates)).toBe(hint))
})
