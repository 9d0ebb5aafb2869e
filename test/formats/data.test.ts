import fc from 'fast-check'
import { parse as parseJson } from 'jsonc-parser'
import { parse as parseToml } from 'smol-toml'
import { describe, expect, it } from 'vitest'
import { reveal, Secret, shown, type Text } from '../../src/core/secret.js'
import type { DataEdit } from '../../src/formats/data-edit.js'
import { editJson } from '../../src/formats/json.js'
import { parse as parseYaml } from 'yaml'
import { editToml, tomlKey } from '../../src/formats/toml.js'
import { editYaml } from '../../src/formats/yaml.js'

type Editor = (before: Text, edits: readonly DataEdit[], file: string) => Text
type Case = readonly [title: string, before: string, edit: DataEdit, after: string]
const set = (path: DataEdit['path'], value: unknown): DataEdit => ({ path, value })
const drop = (...path: DataEdit['path']): DataEdit => ({ path, absent: true })

const holds = (editor: Editor) => (_title: string, before: string, edit: DataEdit, after: string): void => {
  expect(editor(before, [edit], '/etc/x')).toBe(after)
  expect(editor(after, [edit], '/etc/x')).toBe(after)
}

describe('toml', () => {
  it.each<Case>([
    ['changes a value and keeps what is said of it', 'a = 1 # one\nb=2\n', set(['a'], 2.5), 'a = 2.5 # one\nb=2\n'],
    ['keeps the quotes of a text', "a = 'x'\n", set(['a'], 'y\\'), "a = 'y\\'\n"],
    ['changes the quotes where they cannot hold a text', "a = 'x'\n", set(['a'], "it's"), 'a = "it\'s"\n'],
    ['changes a text over several lines', 'a = """\nx\n"""\nb = 1\n', set(['a'], 'y'), 'a = "y"\nb = 1\n'],
    ['adds to a table', '[a]\nb = 1\n\n[c]\n', set(['a', 'd'], true), '[a]\nb = 1\nd = true\n\n[c]\n'],
    ['adds to an empty table', '[a]\r\n[c]\r\n', set(['a', 'd e'], 'x'), '[a]\r\n"d e" = "x"\r\n[c]\r\n'],
    ['adds before the first table', '# top\n\n# about a\n[a]\n', set(['b'], 1), '# top\n\nb = 1\n\n# about a\n[a]\n'],
    ['adds beside dotted keys', 'a.b = 1\nc = 2\n', set(['a', 'd'], 3), 'a.b = 1\na.d = 3\nc = 2\n'],
    ['adds a table beside its parent', '[a]\nb = 1\n\n[c]\nd = 1\n', set(['a', 'e', 'f'], 1), '[a]\nb = 1\n\n[a.e]\nf = 1\n\n[c]\nd = 1\n'],
    ['adds to an inline table', 'a = { b = 1 }\n', set(['a', 'c', 'd'], 2), 'a = { b = 1, c.d = 2 }\n'],
    ['adds to an empty inline table', 'a = {}\n', set(['a', 'c'], 2), 'a = { c = 2 }\n'],
    ['adds to a list over several lines', 'a = [\n  1, # one\n  2 # two\n]\n', set(['a', 2], 3), 'a = [\n  1, # one\n  2, # two\n  3\n]\n'],
    ['adds to a list', 'a = [1]\n', set(['a', 1], [2, { b: 3 }]), 'a = [1, [2, { b = 3 }]]\n'],
    ['adds a table to a list of tables', '[[a]]\nid = 1\n[a.x]\ny = 1\n[b]\n', set(['a', { id: 2 }, 'z'], 1), '[[a]]\nid = 1\n[a.x]\ny = 1\n\n[[a]]\nid = 2\nz = 1\n[b]\n'],
    ['adds below an item of a list of tables', '[[a]]\nid = 1\n[[a]]\nid = 2\n', set(['a', { id: 1 }, 'x', 'y'], 1), '[[a]]\nid = 1\n\n[a.x]\ny = 1\n[[a]]\nid = 2\n'],
    ['changes the last of a list of tables', '[[a]]\nid = 1\n[[a]]\nid = 2\n', set(['a', -1, 'id'], 3), '[[a]]\nid = 1\n[[a]]\nid = 3\n'],
    ['fills an empty file', '', set(['a', 'b'], 1), '[a]\nb = 1\n'],
    ['makes a table of a map', 'x = 1\n', set(['a'], { b: 1, c: { d: 2 } }), 'x = 1\n\n[a]\nb = 1\n\n[a.c]\nd = 2\n'],
    ['makes a table as the map says', '[a]\nb = 1\nc = 2\n', set(['a'], { c: 3 }), '[a]\nc = 3\n'],
    ['makes a list of tables as the list says', '[[a]]\nb = 1\n[[a]]\nb = 2\n', set(['a'], [{ b: 3 }]), '[[a]]\nb = 3\n'],
    ['removes a line', 'a = [\n1]\nb = 1\n', drop('a'), 'b = 1\n'],
    ['removes a table with all below it', '[a]\nb = 1\n[a.c]\nd = 1\n# about e\n[e]\n', drop('a'), '# about e\n[e]\n'],
    ['removes dotted keys', 'a.b = 1\na.c.d = 2\ne = 1\n', drop('a', 'c'), 'a.b = 1\ne = 1\n'],
    ['removes from an inline table', 'a = { b = 1, c = 2 }\n', drop('a', 'c'), 'a = { b = 1 }\n'],
    ['removes the item with these fields', 'a = [{ id = 1 }, { id = 2 }]\n', drop('a', { id: 1 }), 'a = [{ id = 2 }]\n'],
    ['removes the last of a list over several lines', 'a = [\n  1, # one\n  2\n]\n', drop('a', 1), 'a = [\n  1 # one\n]\n'],
    ['leaves alone what is not there', 'a = 1\n', drop('b', 'c'), 'a = 1\n'],
    ['knows large numbers and dates', 'a = 9007199254740993\nb = 1979-05-27\nc = 1\n', set(['c'], 2), 'a = 9007199254740993\nb = 1979-05-27\nc = 2\n'],
  ])('%s', holds(editToml))

  it('refuses a malformed file, and an edit that would make one', () => {
    expect(() => editToml('a = 1\na = secret\n', [set(['b'], 1)], '/etc/x')).toThrow(/^\/etc\/x is not well-formed TOML: line 2, column \d+: [^\n]*$/)
    expect(() => editToml('a = 1\n', [set(['b'], null)], '/etc/x')).toThrow('/etc/x would not say afterwards what the edit of b means')
  })

  it('makes no list a map, and leaves no gap in a list', () => {
    expect(() => editToml('a = [1]\n', [set(['a', 'b'], 1)], '/etc/x')).toThrow('a in /etc/x is not a map')
    expect(() => editToml('a.b = 1\n', [set(['a', 0], 1)], '/etc/x')).toThrow('a in /etc/x is not a list')
    expect(() => editToml('a = [1]\n', [set(['a', 2], 1)], '/etc/x')).toThrow('a in /etc/x has no item 2')
  })

  it('reads dotted keys', () => {
    expect(['a', 'a."b.c".d', "'x y'.z", 'a b', 'a = 1\nb'].map(tomlKey)).toEqual([['a'], ['a', 'b.c', 'd'], ['x y', 'z'], undefined, undefined])
  })
})

describe('json', () => {
  it.each<Case>([
    ['changes a value', '{"a":1 , "b" : [2]}', set(['b', 0], 'x'), '{"a":1 , "b" : ["x"]}'],
    ['adds a key on one line', '{"a":1}', set(['b', 'c'], [1]), '{"a":1, "b": {"c":[1]}}'],
    ['adds a key on a line of its own', '{\n\t"a": 1 // one\n}\n', set(['b'], { c: [] }), '{\n\t"a": 1, // one\n\t"b": {\n\t\t"c": []\n\t}\n}\n'],
    ['adds to an empty map', '{\r\n  "a": {}\r\n}\r\n', set(['a', 'b'], { c: 1 }), '{\r\n  "a": {\r\n    "b": {\r\n      "c": 1\r\n    }\r\n  }\r\n}\r\n'],
    ['adds to nothing', '{}', set(['a'], null), '{"a": null}'],
    ['adds an item with these fields', '{\n  "l": [\n    { "id": 1 },\n  ]\n}\n', set(['l', { id: 2 }, 'x'], 1), '{\n  "l": [\n    { "id": 1 },\n    {\n      "id": 2,\n      "x": 1\n    },\n  ]\n}\n'],
    ['puts a map in place of nothing', '{\n  "a": null\n}', set(['a', 'b'], 2), '{\n  "a": {\n    "b": 2\n  }\n}'],
    ['removes a key', '{\n  // about a\n  "a": 1, // one\n  "b": 2\n}', drop('a'), '{\n  // about a\n  "b": 2\n}'],
    ['removes the last key', '{ "a": 1, "b": 2 }', drop('b'), '{ "a": 1 }'],
    ['removes the only item', '[1]', drop(0), '[]'],
    ['keeps a byte order mark', '\uFEFF{"a":1}', set(['a'], 2), '\uFEFF{"a":2}'],
  ])('%s', holds(editJson))

  it('refuses a malformed file', () => {
    expect(() => editJson('{\n  "a": ,\n}', [set(['a'], 1)], '/etc/x')).toThrow('/etc/x is not well-formed JSON: line 2, column 8: value expected')
  })
})

describe('yaml', () => {
  it.each<Case>([
    ['changes a value and keeps what is said of it', '# top\na: 1 # one\nb:   x\n', set(['b'], 'y z'), '# top\na: 1 # one\nb:   y z\n'],
    ['keeps the quotes of a text', "a: 'x'\nb: \"y\"\n", set(['a'], "it's"), "a: 'it''s'\nb: \"y\"\n"],
    ['quotes what would be read as something else', 'a: x\n', set(['a'], 'yes'), 'a: "yes"\n'],
    ['fills an empty value', 'a:\nb: 1\n', set(['a'], 2), 'a: 2\nb: 1\n'],
    ['changes a text over several lines', 'a: |\n  x\n  y\nb: 1\n', set(['a'], 'z'), 'a: z\nb: 1\n'],
    ['adds to a map', 'a:\n    b: 1 # one\n# two\nc: 1\n', set(['a', 'd'], { e: [1] }), 'a:\n    b: 1 # one\n    d:\n        e:\n            - 1\n# two\nc: 1\n'],
    ['adds a map on the way', 'a: 1\n', set(['b', 'c'], 'x'), 'a: 1\nb:\n  c: x\n'],
    ['adds to a map without line end', 'a: 1', set(['b'], 2), 'a: 1\nb: 2\n'],
    ['adds to a list', 'l:\r\n  - a: 1\r\n    b: 2\r\n', set(['l', { a: 2 }, 'b'], 3), 'l:\r\n  - a: 1\r\n    b: 2\r\n  - a: 2\r\n    b: 3\r\n'],
    ['adds to a map in braces', 'a: { b: 1, c: [ 1 ] }\n', set(['a', 'c', 1], 'x'), 'a: { b: 1, c: [ 1, "x" ] }\n'],
    ['adds to an empty map', 'a: {}\n', set(['a', 'b'], 1), 'a: {"b":1}\n'],
    ['puts a value in place of a map', 'a:\n  b: 1\n  c: 2\nd: 1\n', set(['a'], 1), 'a: 1\nd: 1\n'],
    ['puts a map in place of a value', 'a: 1 # one\nd: 1\n', set(['a'], { b: 1 }), 'a:\n  b: 1 # one\nd: 1\n'],
    ['fills an empty file', '# nothing yet\n', set(['a'], 1), '# nothing yet\na: 1\n'],
    ['removes a key with all below it', 'a:\n  b: 1\n\n# about c\nc: 1\n', drop('a'), '\n# about c\nc: 1\n'],
    ['removes the first key of an item', 'l:\n- a: 1\n  b: 2\n', drop('l', 0, 'a'), 'l:\n- b: 2\n'],
    ['removes the only key', 'a:\n  b: 1\n', drop('a', 'b'), 'a:\n  {}\n'],
    ['removes an item', 'l:\n- { id: 1 }\n- { id: 2 } # two\n- x\n', drop('l', { id: 2 }), 'l:\n- { id: 1 }\n- x\n'],
    ['removes from braces', 'a: { b: 1, c: 2 }\n', drop('a', 'b'), 'a: { c: 2 }\n'],
    ['takes a value of odd white space away whole', 'a: \u00a0\n', set(['a'], 0), 'a: 0\n'],
    ['keeps anchors and aliases', 'a: &x\n  b: 1\nc: *x\nd: 1\n', set(['d'], 2), 'a: &x\n  b: 1\nc: *x\nd: 2\n'],
  ])('%s', holds(editYaml))

  it('refuses a malformed file, and what an alias would carry further', () => {
    expect(() => editYaml('a: 1\na: 2\n', [set(['b'], 1)], '/etc/x')).toThrow('/etc/x is not well-formed YAML: line 2, column 1: duplicate key')
    expect(() => editYaml('a: 1\n---\nb: 1\n', [set(['b'], 1)], '/etc/x')).toThrow('/etc/x is not well-formed YAML: line 2, column 1: multiple docs')
    expect(() => editYaml('a: &x { b: 1 }\nc: *x\n', [set(['a', 'b'], 2)], '/etc/x')).toThrow('would not say afterwards what the edit of a.b means')
    expect(() => editYaml('a: &x { b: 1 }\nc: *x\n', [set(['c', 'b'], 2)], '/etc/x')).toThrow('*x stands on the way to b')
    expect(() => editYaml('a: *x\n', [set(['c'], 2)], '/etc/x')).toThrow('not well-formed YAML')
  })
})

describe('laws', () => {
  const key = fc.constantFrom('a', 'b', 'c d', 'e.f', '"')
  const value = fc.oneof(fc.integer(), fc.boolean(), fc.string({ unit: 'grapheme', maxLength: 8 }), fc.array(fc.integer(), { maxLength: 3 }), fc.dictionary(key, fc.oneof(fc.integer(), fc.string()), { maxKeys: 2, noNullPrototype: true }))
  const edits = fc.array(fc.oneof(fc.tuple(fc.array(key, { minLength: 1, maxLength: 3 }), value).map(([path, one]) => set(path, one)), fc.array(key, { minLength: 1, maxLength: 2 }).map((path) => drop(...path))), { minLength: 1, maxLength: 5 })
  const files: readonly (readonly [string, Editor, string, (text: string) => unknown])[] = [
    ['toml', editToml, '# top\n# more\nz = 1 # one\n\n# about t\n[t] # two\n  u = [\n    1, # three\n  ]\n\n[[v]]\nw = 1\n', parseToml],
    ['json', editJson, '{\n  // top\n  "z": 1, // one\n  /* more */ "t": { "u": [\n    1, // three\n  ] },\n  "v": [ { "w": 1 } ]\n}\n', (text) => parseJson(text) as unknown],
    ['yaml', editYaml, '# top\nz: 1 # one\n\nt:\n  # more\n  u:\n    - 1 # three\nv: [ { w: 1 } ]\n', (text) => parseYaml(text) as unknown],
  ]
  it.each(files)('%s: an edit that is made stays made, comments stay, and untouched data too', (_name, editor, before, parse) => {
    fc.assert(fc.property(edits, (list) => {
      let text: Text = before
      const made: DataEdit[] = []
      for (const edit of list) {
        try {
          text = editor(text, [edit], '/etc/x')
        } catch (error) {
          expect(error).toMatchObject({ code: 'not-a-container' })
          continue
        }
        made.push(edit)
        expect(editor(text, [edit], '/etc/x')).toBe(text)
      }
      expect(editor(before, made, '/etc/x')).toBe(text)
      expect(parse(reveal(text))).toMatchObject({ z: 1, t: { u: [1] }, v: [{ w: 1 }] })
      for (const comment of ['top', 'one', 'more', 'three']) expect(text).toContain(comment)
    }), { numRuns: 200 })
  })

  it.each(files)('%s: what is secret shows as dots', (_name, editor, before) => {
    const after = editor(before, [set(['p'], { user: 'u', password: new Secret('hid"den') }), set(['z'], new Secret('x\nhidden'))], '/etc/x')
    expect(shown(after)).not.toContain('hid')
    expect(shown(after)).toContain('••••••••')
    expect(shown(after).split('\n')).toHaveLength(reveal(after).split('\n').length)
  })
})
