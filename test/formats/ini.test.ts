import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { reveal, Secret, shown, type Text } from '../../src/core/secret.js'
import { editIni, type IniEdit } from '../../src/formats/ini.js'

const edited = (text: Text, ...edits: readonly Partial<IniEdit>[]): Text => editIni(text, edits.map((edit) => ({ state: 'present', repeated: false, ...edit })), '/etc/x.ini')

describe('ini', () => {
  it.each<[string, string, Partial<IniEdit>, string]>([
    ['sets a value and keeps how it is separated', '; a=0\n[s]\n\ta : 1\n#a=2\n', { section: 's', key: 'a', value: '3' }, '; a=0\n[s]\n\ta : 3\n#a=2\n'],
    ['keeps sections apart', 'a=1\n[s]\na=1\n[t]\na=1\n', { section: 't', key: 'a', value: '2' }, 'a=1\n[s]\na=1\n[t]\na=2\n'],
    ['sets a key before the first section', '\uFEFFa=1\n[s]\na=1\n', { key: 'a', value: '2' }, '\uFEFFa=2\n[s]\na=1\n'],
    ['adds a key before the first section', '[s]\na = 1\n', { key: 'b', value: '2' }, 'b = 2\n[s]\na = 1\n'],
    ['adds a key at the end of its section', '[s]\r\n  a=1\r\n; more\r\n\r\n[t]\r\n', { section: 's', key: 'b', value: 'x = y' }, '[s]\r\n  a=1\r\n  b=x = y\r\n; more\r\n\r\n[t]\r\n'],
    ['adds a key to an empty section', '[s]\n[t]\n', { section: 's', key: 'b', value: '' }, '[s]\nb = \n[t]\n'],
    ['adds a section', 'a=1', { section: 'remote "x"', key: 'b', value: '2' }, 'a=1\n\n[remote "x"]\nb=2\n'],
    ['adds a section alone', '', { section: 's' }, '[s]\n'],
    ['adds a key without value', '[s] ; said\na=1\n', { section: 's', key: 'skip' }, '[s] ; said\na=1\nskip\n'],
    ['gives a value to a key', '[s]\nskip\n', { section: 's', key: 'skip', value: 'on' }, '[s]\nskip = on\n'],
    ['takes the value of a key', '[s]\nskip = on\n', { section: 's', key: 'skip' }, '[s]\nskip\n'],
    ['adds a value beside others', '[s]\na=1\na=2\nb=3\n', { section: 's', key: 'a', value: '3', repeated: true }, '[s]\na=1\na=2\na=3\nb=3\n'],
    ['leaves a value beside others', '[s]\na=1\na=2\n', { section: 's', key: 'a', value: '1', repeated: true }, '[s]\na=1\na=2\n'],
    ['removes one of several values', '[s]\na=1\na=2\n', { section: 's', key: 'a', value: '1', repeated: true, state: 'absent' }, '[s]\na=2\n'],
    ['removes a key wherever it stands', '[s]\na=1\nb=1\na\n[t]\na=1\n', { section: 's', key: 'a', state: 'absent' }, '[s]\nb=1\n[t]\na=1\n'],
    ['removes a section', 'a=1\n[s]\nb=1\n[t]\nc=1\n[s]\nd=1', { section: 's', state: 'absent' }, 'a=1\n[t]\nc=1\n'],
    ['leaves alone what is not there', 'a=1', { section: 's', key: 'a', state: 'absent' }, 'a=1'],
  ])('%s', (_title, before, edit, after) => {
    expect(edited(before, edit)).toBe(after)
    expect(edited(after, edit)).toBe(after)
  })

  it.each<[string, string, Partial<IniEdit>]>([
    ['malformed INI: line 2, column 2: a header is [name]', 'a=1\n [s\n', { key: 'a', value: '2' }],
    ['malformed INI: line 1, column 1: a key is missing', '= 1\n', { key: 'a', value: '2' }],
    ['a stands 2 times in /etc/x.ini', 'a=1\na=2\n', { key: 'a', value: '2' }],
    ['the value of a in /etc/x.ini goes on in the next line', 'a=1 \\\n  2\n', { key: 'a', value: '2' }],
    ['would not say afterwards what the edit of a means', 'a=1\n', { key: 'a', value: '2\nb=3' }],
  ])('refuses: %s', (message, text, edit) => {
    expect(() => edited(text, edit)).toThrow(message.replace('malformed INI', 'not well-formed INI'))
  })

  it('hides a secret', () => {
    const after = edited('[s]\na=1\nb=2\n', { section: 's', key: 'b', value: new Secret('x y') })
    expect([reveal(after), shown(after)]).toEqual(['[s]\na=1\nb=x y\n', '[s]\na=1\nb=••••••••\n'])
  })

  it('keeps every other line', () => {
    const line = fc.constantFrom('a=1', 'b : 2', '# a=3', '; c', '', '[s]', '[t] # t', '\tc = "x"', 'flag')
    fc.assert(fc.property(fc.array(line, { maxLength: 8 }), fc.constantFrom('s', 't', 'u', undefined), fc.stringMatching(/^[a-z=:;#"\\]{1,6}x$/), (lines, section, value) => {
      const before = lines.map((one) => `${one}\n`).join('')
      const edit = { section, key: 'new', value }
      const after = reveal(edited(before, edit))
      const left = after.split('\n').filter((one) => !one.trim().startsWith('new'))
      const isNew = section !== undefined && !lines.some((one) => one.startsWith(`[${section}]`))
      expect(left.filter((one) => one !== '')).toEqual([...lines.filter((one) => one !== ''), ...(isNew ? [`[${section}]`] : [])])
      expect(edited(after, edit)).toBe(after)
      expect(reveal(edited(after, { section, key: 'new', state: 'absent' })).includes('new')).toBe(false)
    }))
  })
})
