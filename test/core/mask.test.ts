import { describe, expect, it } from 'vitest'
import { maskOf } from '../support/mask.js'
import { quote } from '../../src/core/shell.js'

const secret = `it's a "s3cret" $x \\ %41`
const mask = maskOf([secret, 'first line\nxx\nlast line', 'abcd'])

describe('the mask of known secrets', () => {
  it.each<[string, string]>([
    ['as it is', secret], ['quoted for a shell', quote(secret)], ['quoted for a shell in a word of another', quote(`eval ${quote(`echo ${quote(secret)} more`)}`)], ['in JSON', JSON.stringify({ secret })], ['in quoted JSON', quote(JSON.stringify({ secret }))], ['in a URL', `?p=${encodeURIComponent(secret)}`],
    ...['', 'x', 'xy', 'xyz'].map((before): [string, string] => [`in base64 after ${before.length} bytes`, Buffer.from(`${before}${secret} and more`).toString('base64')]),
  ])('hides one %s', (_how, text) => {
    const masked = mask(text)
    expect(masked).toContain('••••••••')
    expect(masked).not.toContain('s3cret')
    for (const cut of [0, 1, 2]) expect(Buffer.from(masked.replace(/[^A-Za-z0-9+/]/g, '').slice(cut), 'base64').toString()).not.toContain('s3cret')
  })

  it('hides each line of one with several lines, but not a short one', () => {
    expect(mask('at: first line')).toBe('at: ••••••••')
    expect(mask('first line\nxx\nlast line')).toBe('••••••••')
    expect(mask('xx')).toBe('xx')
  })

  it('hides one that a program reads from a file in base64', () => {
    expect(mask(Buffer.from(JSON.stringify({ secret })).toString('base64'))).toContain('••••••••')
  })

  it.each([
    ['what is left of one where a text was cut', 'run echo abcdefgh-and… (and more)', 'run echo ••••••••… (and more)'],
    ['both where they overlap', 'x abcdefgh-and-more-of-it y', 'x •••••••• y'],
    ['the longest of those that begin alike', 'abcdefgh-and-more, abcdefgh', '••••••••, ••••••••'],
    ['one beside another', 'abcdefghmore-of-it', '••••••••••••••••'],
  ])('hides %s', (_what, text, masked) => expect(maskOf(['abcdefgh', 'abcdefgh-and-more', 'more-of-it'])(text)).toBe(masked))

  it('leaves an ordinary cut alone', () => expect(maskOf(['abcdefgh'])('abc… and abxd… and abcdx…')).toBe('abc… and abxd… and abcdx…'))

  it('leaves all other text alone', () => expect(mask('nothing "here" is secret')).toBe('nothing "here" is secret'))
  it('bears a secret with a NUL or half a character', () => expect(maskOf(['a\0b\ud800'])('a\0b\ud800')).toBe('••••••••'))
})
