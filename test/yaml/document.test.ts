import { describe, expect, it } from 'vitest'
import { ProvisionErrors } from '../../src/core/errors.js'
import { interpolate } from '../../src/playbook/template/interpolate.js'
import { parseYaml } from '../../src/yaml/document.js'
import { VaultText } from '../../src/yaml/vault-text.js'
import { mistakesOf } from './mistakes.js'

const parse = (text: string, secret = false) => parseYaml(text, 'site.yaml', { secret })
const mistakes = (text: string, secret = false) => mistakesOf(() => parse(text, secret))

describe('a document', () => {
  it('is plain values', () => {
    expect(parse("a: 1\nb: [x, 'y', 2.5, true, null]\nc:\n  d: |\n    text\n  e: yes\n").value)
      .toEqual({ a: 1, b: ['x', 'y', 2.5, true, null], c: { d: 'text\n', e: 'yes' } })
  })

  it('may be empty', () => {
    expect(parse('').value).toBeNull()
    expect(parse('# nothing\n').value).toBeNull()
    expect(parse('').placeOf(['a'])).toEqual({ file: 'site.yaml', line: 1, column: 1, text: '' })
  })

  it('knows where each key and value stands, with the whole line', () => {
    const document = parse('hosts:\n  lb1:\n    address: 10.0.0.1\n  list:\n    - a\n    - b: 2\n')
    expect(document.placeOf(['hosts', 'lb1', 'address'])).toEqual({ file: 'site.yaml', line: 3, column: 14, text: '    address: 10.0.0.1' })
    expect(document.placeOf(['hosts', 'lb1', 'address'], 'key')).toMatchObject({ line: 3, column: 5 })
    expect(document.placeOf(['hosts', 'lb1'])).toMatchObject({ line: 3, column: 5 })
    expect(document.placeOf(['hosts', 'lb1'], 'key')).toMatchObject({ line: 2, column: 3 })
    expect(document.placeOf(['hosts', 'list', 1, 'b'])).toMatchObject({ line: 6, column: 10 })
    expect(document.placeOf([])).toMatchObject({ line: 1, column: 1 })
  })

  it('gives the place of the nearest ancestor for a path that does not exist', () => {
    const document = parse('a:\n  b: 1\nempty:\n')
    expect(document.placeOf(['a', 'c', 'd'])).toMatchObject({ line: 2, column: 3 })
    expect(document.placeOf(['a', 'b', 'c'])).toMatchObject({ line: 2, column: 6 })
    expect(document.placeOf(['empty'])).toMatchObject({ line: 3, column: 1 })
    expect(document.placeOf(['zzz'])).toMatchObject({ line: 1, column: 1 })
  })

  it('keeps places right with Windows line ends and wide characters', () => {
    expect(parse('ä: ü\r\nb: 1\r\n').placeOf(['b'])).toEqual({ file: 'site.yaml', line: 2, column: 4, text: 'b: 1' })
  })

  it('may begin with the byte-order mark of an editor of Windows', () => {
    for (const text of ['- name: x\n  b: 1\n', 'plays:\n  - a\nb: 1\n', '{ a: 1 }\n', '']) {
      const marked = parse(`\uFEFF${text}`)
      expect([marked.value, marked.placeOf([0, 'name'])]).toEqual([parse(text).value, parse(text).placeOf([0, 'name'])])
    }
    expect(mistakes('\uFEFFa: 0644\n')).toEqual(mistakes('a: 0644\n'))
  })

  it('shows no line of a secret text', () => {
    expect(parse('password: hunter2\n', true).placeOf(['password'])).toEqual({ file: 'site.yaml', line: 1, column: 11 })
  })
})

describe('anchors and merge keys', () => {
  const text = 'base: &base\n  user: deploy\n  port: 22\nweb:\n  <<: *base\n  port: 2222\nsame: *base\n'

  it('stand for their values', () => {
    expect(parse(text).value).toEqual({ base: { user: 'deploy', port: 22 }, web: { user: 'deploy', port: 2222 }, same: { user: 'deploy', port: 22 } })
  })

  it('lead to the place where the value was written', () => {
    const document = parse(text)
    expect(document.placeOf(['web', 'user'])).toMatchObject({ line: 2, column: 9 })
    expect(document.placeOf(['web', 'port'])).toMatchObject({ line: 6, column: 9 })
    expect(document.placeOf(['same', 'port'])).toMatchObject({ line: 3, column: 9 })
  })

  it('merge several maps, the first winning', () => {
    expect(parse('a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc:\n  <<: [*a, *b]\n').value).toMatchObject({ c: { x: 1, y: 2 } })
  })

  it('merge maps only', () => {
    expect(mistakes('a: &a 1\nb:\n  <<: *a\n')).toEqual(['3:7 yaml-merge: only maps can be merged with << (write <<: *anchor, with the anchor at a map)'])
  })

  it('must be known', () => {
    expect(mistakes('base: &base 1\nb: *bsae\n')).toEqual(['2:4 yaml-alias: no anchor &bsae stands above (did you mean "base"?)'])
  })

  it('cannot hold themselves', () => {
    expect(mistakes('a: &a [1, *a]\n')).toEqual(['1:11 yaml-alias: *a stands inside of &a itself (name something outside of it)'])
  })

  it('cannot blow a file up', () => {
    const levels = Array.from({ length: 12 }, (_, level) => `l${level + 1}: &l${level + 1} [${Array(10).fill(`*l${level}`).join(', ')}]`)
    const bomb = ['l0: &l0 [x, x]', ...levels].join('\n')
    const started = Date.now()
    expect(mistakes(bomb)[0]).toMatch(/^6:\d+ yaml-alias: the aliases make this file too large/)
    expect(Date.now() - started).toBeLessThan(1000)
  })
})

describe('the traps of YAML', () => {
  it.each([
    ['mode: 0644', ["1:7 yaml-octal: 0644 is read as the decimal 644 (write '0644')"]],
    ['mode: 0o644', ["1:7 yaml-octal: 0o644 is read as the decimal 420 (write '0o644')"]],
    ['version: 1.10', ["1:10 yaml-number: 1.10 is read as the number 1.1 (write '1.10')"]],
    ['version: 4.0', ["1:10 yaml-number: 4.0 is read as the number 4 (write '4.0')"]],
    ['commit: 12e5', ["1:9 yaml-number: 12e5 is read as the number 1200000 (write '12e5')"]],
    ['id: 12345678901234567890', ["1:5 yaml-number: 12345678901234567890 is read as the number 12345678901234567000 (write '12345678901234567890')"]],
    ['x: {{ node_id }}', ['1:4 yaml-braces: {{ node_id }} is read as a map (write "{{ node_id }}")']],
    ['x: {{ node_id }}-suffix # why\ny: 2', ['1:4 yaml-braces: {{ node_id }}-suffix is read as a map (write "{{ node_id }}-suffix")']],
    ["x: {{ a['b'] }}\ny: 07", ["1:4 yaml-braces: {{ a['b'] }} is read as a map (write \"{{ a['b'] }}\")", "2:4 yaml-octal: 07 is read as the decimal 7 (write '07')"]],
    ['x: {{ a }}{{ b }}\nz: 010', ['1:4 yaml-braces: {{ a }}{{ b }} is read as a map (write "{{ a }}{{ b }}")', "2:4 yaml-octal: 010 is read as the decimal 10 (write '010')"]],
    ['- {{ a("x") }}', ["1:3 yaml-braces: {{ a(\"x\") }} is read as a map (write '{{ a(\"x\") }}')"]],
    ['x: [ {{ a }} ]', ['1:6 yaml-braces: {{ a }} is read as a map (write "{{ a }}")']],
    ['{{ key }}: 1', ['1:1 yaml-braces: {{ key }} is read as a map (write "{{ key }}")']],
    ['a:\n\tb: 1', ['2:1 yaml-tab: a tab stands where YAML wants spaces (indent with spaces)']],
    ['a: 1\n---\nb: 2', ['2:1 yaml-documents: a second document starts here (keep one document a file: take this line out, or make two files)']],
    ['a: 1\nb: 2\na: 3', ['3:1 yaml-duplicate-key: the key "a" stands here twice (take one away: the first is on line 1)']],
    ['8080: web', ["1:1 yaml-key: the key 8080 is not text (write '8080')"]],
    ['? [a]\n: b', ['1:3 yaml-key: a key is not text (write each key as plain text)']],
    ['__proto__: 1', ['1:1 yaml-key: the key "__proto__" cannot be used (choose another name)']],
    ['a: !valut x', ['1:11 yaml-tag: the tag !valut is not known here (did you mean "!vault"?)']],
    ['a: !vault [x]', ['1:11 yaml-tag: the tag !vault is not known here (the only tag: !vault)']],
    ['a: !!binary eA==', ['1:13 yaml-tag: the tag !!binary is not known here (the only tag: !vault)']],
    ['a: b: c', ['1:4 yaml-syntax: a map starts in the middle of a line (quote the value if it holds ": ", or mend the indentation of the lines below)']],
    ['- a\nb: c\nd: e', ['2:1 yaml-syntax: this does not belong here (check the indentation and the quotes here and on the lines above)']],
    ['a: @x\nb: "\\q"', [
      '1:4 yaml-syntax: a value cannot start with this character (put the value in quotes)',
      '2:5 yaml-syntax: an unknown escape stands in double quotes (use single quotes, or write the backslash twice)',
    ]],
    ["a: 'x\nb: 1", ['1:4 yaml-syntax: a quote, bracket, comma or colon is missing (close each quote and bracket, and inside { } put text that holds brackets in quotes)']],
    ['hosts: { mi[1:3]: }', ['1:12 yaml-syntax: a quote, bracket, comma or colon is missing (close each quote and bracket, and inside { } put text that holds brackets in quotes)']],
  ])('%j', (text, expected) => {
    expect(mistakes(text)).toEqual(expected)
  })

  it('are none where the text is what was meant', () => {
    expect(parse("a: '0644'\nb: \"1.10\"\nc: 0\nd: -5\ne: +5\nf: 0.5\ng: !!int 0644\nh: !!str 0644\ni: |\n  x: {{ y }}\n  m: 0644\nj: \"{{ x }}\"\nk: a {{ x }}\nl: 10.0.0.1\nm: 2026-11-21\n").value)
      .toEqual({ a: '0644', b: '1.10', c: 0, d: -5, e: 5, f: 0.5, g: 644, h: '0644', i: 'x: {{ y }}\nm: 0644\n', j: '{{ x }}', k: 'a {{ x }}', l: '10.0.0.1', m: '2026-11-21' })
  })

  it('are all told at once, in the order of their places', () => {
    expect(mistakes('b: 1.10\na: {{ x }} y\nc: 1\nc: 0644\n').map((line) => line.split(': ')[0])).toEqual([
      '1:4 yaml-number', '2:4 yaml-braces', '4:1 yaml-duplicate-key', '4:4 yaml-octal',
    ])
  })

  it('carry the line, for the caret, and exit with 2', () => {
    try {
      parse('ok: 1\nmode: 0644 # text\n')
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(ProvisionErrors)
      if (!(error instanceof ProvisionErrors)) return
      expect(error.errors[0]?.at).toEqual({ file: 'site.yaml', line: 2, column: 7, text: 'mode: 0644 # text' })
      expect(error.exit).toBe(2)
    }
  })

  it('cite nothing of a secret text', () => {
    const secret = 'p: 0123456\nq: 9.990\nr: {{ hunter2 }}\n7777: x\ns: {{ hunter2 }} hunter2\nt: "\\hunter2"\n'
    const told = mistakes(secret, true)
    expect(told).toHaveLength(6)
    expect(told.join('\n')).not.toMatch(/hunter2|0123456|9\.99|7777/)
  })
})

describe('a single encrypted value', () => {
  const text = 'db:\n  user: wso2\n  password: !vault |\n    -----BEGIN AGE\n    abc\n  port: 5432\ninline: !vault "x y"\n'

  it('is a VaultText with its text and place', () => {
    const { vaultTexts, value, placeOf } = parse(text)
    expect(vaultTexts).toHaveLength(2)
    expect(vaultTexts[0]).toBeInstanceOf(VaultText)
    expect(vaultTexts[0]).toMatchObject({ text: '-----BEGIN AGE\nabc\n', place: { line: 3, column: 13, text: '  password: !vault |' } })
    expect(value).toMatchObject({ db: { user: 'wso2', password: vaultTexts[0], port: 5432 }, inline: vaultTexts[1] })
    expect(placeOf(['db', 'password'])).toMatchObject({ line: 3, column: 13 })
  })

  it('knows the piece of the file that it takes', () => {
    const pieces = parse(text).vaultTexts.map(({ range: [from, to] }) => text.slice(from, to))
    expect(pieces).toEqual(['!vault |\n    -----BEGIN AGE\n    abc\n', '!vault "x y"'])
  })
})

describe('YAML 1.1, as Ansible reads it', () => {
  // what PyYAML 6.0 gives for the same text
  it('takes words and numbers as PyYAML does', () => {
    const text = 'a: yes\nb: y\nc: 0644\nd: 1_000\ne: 12:30\nf: 2024-01-01\ng: 1e3\ni: 0o17\nj: on\nk: ~\nl: 0x1F\nm: 1.5\no: 08\np: 1.10.2\nq: +5\ns: 0b11\nt: 12:30:45.5\nu: No\nv: 1.50\nw: "yes"\n'
    expect(parseYaml(text, 'a.yml', { older: true }).value).toEqual({
      a: true, b: 'y', c: 420, d: 1000, e: 750, f: '2024-01-01', g: '1e3', i: '0o17', j: true, k: null, l: 31, m: 1.5, o: '08', p: '1.10.2', q: 5, s: 3, t: 45045.5, u: false, v: 1.5, w: 'yes',
    })
  })

  it('keeps what is unsafe from being evaluated', () => {
    const text = `a: !unsafe "it's {{ x }} \\\\d"\nb: !unsafe plain\nc: !unsafe { d: ["{% x %}", 3], e: "{{ y }}" }\nf: "{{ z }}"\n`
    const { value } = parseYaml(text, 'a.yml', { older: true })
    expect(value).toEqual({ a: "{{ 'it\\'s {{ x }} \\\\d' }}", b: 'plain', c: { d: ["{{ '{% x %}' }}", 3], e: "{{ '{{ y }}' }}" }, f: '{{ z }}' })
    const scope = { host: 'h1', lookup: () => undefined }
    expect(interpolate((value as { a: string }).a, scope, { file: 'a.yml', line: 1, column: 1 })).toBe("it's {{ x }} \\d") // as the text above has it
    expect(parseYaml(text, 'a.yml', { older: true, secret: true }).value).toMatchObject({ a: "it's {{ x }} \\d" })
    expect(mistakesOf(() => parseYaml('a: !unsafe x\n', 'a.yaml'))).toEqual(["1:12 yaml-tag: the tag !unsafe is not known here (the only tag: !vault)"])
  })

  it('merges maps, and keeps the places', () => {
    const document = parseYaml('base: &b { x: 1 }\nmore:\n  <<: *b\n  y: 2\n', 'a.yml', { older: true })
    expect(document.value).toEqual({ base: { x: 1 }, more: { x: 1, y: 2 } })
    expect(document.placeOf(['more', 'x'])).toMatchObject({ line: 1, column: 15 })
  })

  it('does not let a whole number lose its point', () => {
    expect(mistakesOf(() => parseYaml('version: 1.0\n', 'a.yml', { older: true }))).toEqual(["1:10 yaml-number: 1.0 is read as the number 1 (write '1.0')"])
  })
})
