import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'dot-properties'
import { reveal, Secret, shown, type Text } from '../../src/core/secret.js'
import { editProperties, type PropertyEdit } from '../../src/formats/properties.js'

const edited = (text: Text, ...edits: readonly PropertyEdit[]): Text => editProperties(text, edits, '/etc/x.properties')

describe('properties', () => {
  it.each<[string, string, PropertyEdit, string]>([
    ['sets a value and keeps its separator', '# one\n a : 1\nb 2\n', { key: 'a', value: '3' }, '# one\n a : 3\nb 2\n'],
    ['sets the last of repeated keys', 'a=1\na=2\n', { key: 'a', value: '1' }, 'a=1\na=1\n'],
    ['sets a value over several lines', 'a = x, \\\n    y\nb=1\n', { key: 'a', value: 'z' }, 'a = z\nb=1\n'],
    ['knows a value over several lines', 'a = x, \\\r\n    y\r\n', { key: 'a', value: 'x, y' }, 'a = x, \\\r\n    y\r\n'],
    ['sets a key without value', 'a\nb=\n', { key: 'a', value: '1' }, 'a=1\nb=\n'],
    ['sets a value to nothing', 'a = 1\n', { key: 'a', value: '' }, 'a = \n'],
    ['appends as the file separates', 'a = 1', { key: 'b c', value: ' =é\n😀' }, 'a = 1\nb\\ c = \\ =\\u00e9\\n\\ud83d\\ude00\n'],
    ['appends with the line ends of the file', 'a:1\r\n', { key: '#b', value: ':x\\' }, 'a:1\r\n\\#b:\\:x\\\\\r\n'],
    ['fills an empty file', '', { key: 'a', value: '1' }, 'a=1\n'],
    ['removes every one, with its lines', 'a=1\\\n 2\n! a=1\nb=1\na 3', { key: 'a', absent: true }, '! a=1\nb=1\n'],
    ['leaves alone what is not there', 'b=1', { key: 'a', absent: true }, 'b=1'],
  ])('%s', (_title, before, edit, after) => {
    expect(edited(before, edit)).toBe(after)
    expect(edited(after, edit)).toBe(after)
  })

  it('refuses what Java does not read', () => {
    expect(() => edited('a=1\nb=x\\u12\n', { key: 'a', value: '2' })).toThrow('/etc/x.properties is not well-formed properties: line 2, column 4: four hexadecimal digits follow \\u')
    expect(edited('b=x\\\\u12\n', { key: 'a', value: '2' })).toBe('b=x\\\\u12\na=2\n')
  })

  it('writes nothing that would be read as something else', () => {
    expect(() => edited('b=1\\', { key: 'a', value: '2' })).toThrow('/etc/x.properties would not say afterwards what the edit of a means')
  })

  it('hides a secret', () => {
    const after = edited('a=1\nb=2\n', { key: 'b', value: new Secret('x y') })
    expect([reveal(after), shown(after)]).toEqual(['a=1\nb=x y\n', 'a=1\nb=••••••••\n'])
  })

  it('gives back any value, and touches no other line', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 10 })
    fc.assert(fc.property(text.filter((key) => key !== '' && key !== '__proto__'), text, fc.constantFrom('=', ' : ', ' ', '\t= '), (key, value, separator) => {
      const before = `#k\nfirst${separator}1\n! x\nlast=2\n`
      const after = reveal(edited(before, { key, value }))
      expect(parse(after)).toEqual({ first: '1', last: '2', [key]: value })
      if (!['first', 'last'].includes(key)) expect(after.startsWith(before)).toBe(true)
      expect(edited(after, { key, value })).toBe(after)
      expect(Object.hasOwn(parse(reveal(edited(after, { key, absent: true }))), key)).toBe(false)
    }))
  })
})
