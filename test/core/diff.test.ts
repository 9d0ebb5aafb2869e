import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { textDiff, valueDiff, type Diff } from '../../src/core/diff.js'
import { concat, Secret } from '../../src/core/secret.js'

const text = ({ lines }: Diff): string[] => lines.map(({ sign, text: line }) => `${sign}${line}`)
const printed = (diff: Diff): string => JSON.stringify(diff)

describe('a diff of text', () => {
  it('shows what is kept, added and removed', () => {
    expect(text(textDiff('a\nb\nc\n', 'a\nB\nc\n'))).toEqual([' a', '-b', '+B', ' c'])
    expect(text(textDiff('', 'a\n'))).toEqual(['+a'])
    expect(text(textDiff('a\n', ''))).toEqual(['-a'])
    expect(text(textDiff('a\n', 'a\n'))).toEqual(['~…'])
  })

  it('leaves out what is far from a change', () => {
    const lines = Array.from({ length: 30 }, (_, index) => `line ${index}`)
    const after = lines.with(10, 'changed').with(20, 'changed too')
    expect(text(textDiff(lines.join('\n'), after.join('\n')))).toEqual([
      '~…', ' line 8', ' line 9', '-line 10', '+changed', ' line 11', ' line 12', '~…', ' line 18', ' line 19', '-line 20', '+changed too', ' line 21', ' line 22', '~…',
    ])
  })

  it('is quick with large texts that differ everywhere', () => {
    const long = (word: string): string => Array.from({ length: 5_000 }, (_, index) => `${word} ${index * 7919}`).join('\n')
    const began = performance.now()
    expect(textDiff(long('a'), long('b')).lines.length).toBe(10_000)
    expect(performance.now() - began).toBeLessThan(5_000)
  })

  it.each(['value', 'first\nsecond\nthird', '-----BEGIN KEY-----\nMIICanary\nAAAA\n-----END KEY-----\n', '\n\nvalue\n\n'])('shows dots for a secret: %j', (secret) => {
    const content = (value: string): ReturnType<typeof concat> => concat(['before\npassword = ', new Secret(value), '\nafter\n'])
    for (const [old, now] of [['', content(secret)], ['before\npassword = older\nafter\n', content(secret)], [content('older\nkey'), content(secret)], [content(secret), 'before\nafter\n']] as const) {
      const shown = printed(textDiff(old, now))
      for (const line of [...secret.split('\n'), 'older', 'key']) if (line.trim() !== '') expect(shown).not.toContain(line)
      expect(shown).toContain('after')
    }
  })

  it('never prints a line of a secret, wherever it stands', () => {
    const word = fc.constantFrom('a', 'b', 'c', '')
    const secret = fc.array(fc.constantFrom('CANARY1', 'CANARY2', ''), { minLength: 1, maxLength: 3 }).map((lines) => new Secret(lines.join('\n')))
    const part = fc.oneof(word, word.map((w) => `${w}\n`), secret)
    fc.assert(fc.property(fc.array(part, { maxLength: 6 }), fc.array(part, { maxLength: 6 }), (before, after) => {
      const [old, now] = [concat(before), concat(after)]
      expect(printed(textDiff(old, now))).not.toContain('CANARY')
      expect(printed(textDiff(old instanceof Secret ? old.reveal() : old, now instanceof Secret ? now : new Secret(now)))).not.toContain('CANARY')
    }))
  })
})

describe('a diff of values', () => {
  it('leaves out what stays', () => expect(text(valueDiff([['mode', '0644', '0600'], ['owner', 'root', 'root']]))).toEqual(['-mode: 0644', '+mode: 0600']))
})
