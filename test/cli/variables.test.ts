import { describe, expect, it } from 'vitest'
import { setVariables } from '../../src/cli/variables.js'
import { folderWith } from '../inventory/files.js'
import { mistakesOf } from '../yaml/mistakes.js'

const valueOf = (text: string): unknown => setVariables([`x=${text}`], '/').get('x')?.value

describe('--set name=value', () => {
  it.each([
    ['text', 'text'], ['', ''], ['two words', 'two words'], ['a=b', 'a=b'], ['8290', 8290], ['-1.5', -1.5], ['true', true], ['false', false], ['null', null], ['yes', 'yes'],
    ["'8290'", '8290'], ['"a b"', 'a b'], ['[a, 1]', ['a', 1]], ['{ a: 1 }', { a: 1 }], ['{{ other }}', '{{ other }}'], ['/opt/{{ name }}', '/opt/{{ name }}'],
    ['http://host:80/#part', 'http://host:80/#part'], ['a: b', 'a: b'], ['pass word #1', 'pass word #1'], ['*star', '*star'], ['&and', '&and'], ['!bang', '!bang'], ['@at', '@at'], ['%percent', '%percent'], ['- dash', '- dash'], ['10.0.0.1', '10.0.0.1'], ['4.2.0', '4.2.0'], ['a\nb', 'a\nb'],
  ])('reads %j', (text, value) => { expect(valueOf(text)).toEqual(value) })

  it('refuses numbers that would not be what was typed', () => {
    expect(mistakesOf(() => valueOf('0644'))).toEqual(["1:1 yaml-octal: 0644 is read as the decimal 644 (write '0644')"])
    expect(mistakesOf(() => valueOf('1.10'))).toEqual(["1:1 yaml-number: 1.10 is read as the number 1.1 (write '1.10')"])
    expect(mistakesOf(() => valueOf('[a'))).toHaveLength(1)
  })

  it('takes the last of a name', () => {
    expect([...setVariables(['a=1', 'b=2', 'a=3'], '/')].map(([name, { value }]) => [name, value])).toEqual([['a', 3], ['b', 2]])
    expect(setVariables([], '/').size).toBe(0)
  })

  it.each([['a'], ['=1'], ['A=1'], ['a-b=1'], ['1a=1'], ['']])('refuses %j', (setting) => {
    expect(mistakesOf(() => setVariables([setting], '/'))).toEqual([expect.stringMatching(/^wrong-set: --set takes name=value, not .* \(names are in snake_case/)])
  })

  it('does not repeat the value of a name that it refuses', () => { expect(mistakesOf(() => setVariables(['My-Password=hunter22'], '/')).join()).not.toContain('hunter22') })
})

describe('--set @FILE', () => {
  it('reads several, with their places', async () => {
    const cwd = await folderWith({ 'vars.yaml': 'a: 1\nb: { c: [x] }\n' })
    const found = setVariables(['a=0', '@vars.yaml'], cwd)
    expect([...found].map(([name, { value }]) => [name, value])).toEqual([['a', 1], ['b', { c: ['x'] }]])
    expect(found.get('b')?.place).toMatchObject({ file: `${cwd}/vars.yaml`, line: 2, column: 4 })
    expect(found.get('b')?.within?.(['c', 0])).toMatchObject({ line: 2, column: 10 })
  })

  it('tells what is wrong with it', async () => {
    const cwd = await folderWith({ 'list.yaml': '- a\n', 'empty.yaml': '', 'names.yaml': 'fine: 1\nNot-Fine: 1\nalso not: 1\n', 'vault.yaml': 'a: !vault |\n  secret\n', 'broken.yaml': 'a: [\n' })
    const of = (file: string): readonly string[] => mistakesOf(() => setVariables([`@${file}`], cwd)).map((line) => line.replaceAll(cwd, 'FOLDER'))
    expect(of('list.yaml')).toEqual(['1:1 wrong-set: FOLDER/list.yaml does not hold variables (write one `name: value` a line)'])
    expect(of('empty.yaml')).toEqual(['1:1 wrong-set: FOLDER/empty.yaml does not hold variables (write one `name: value` a line)'])
    expect(of('names.yaml')).toEqual(['2:1 wrong-set: "Not-Fine" is not the name of a variable (write names in snake_case)', '3:1 wrong-set: "also not" is not the name of a variable (write names in snake_case)'])
    expect(of('vault.yaml')).toEqual(["1:4 vault-in-set: encrypted values cannot be given by --set (put the value in the inventory's vault)"])
    expect(of('broken.yaml')).toHaveLength(1)
    expect(of('none.yaml')).toEqual(['unreadable-file: --set @none.yaml: the file cannot be read (name a YAML file, relative to where you stand)'])
  })
})
