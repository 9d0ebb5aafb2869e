import fc from 'fast-check'
import { expect, it } from 'vitest'
import { maskOf } from '../support/mask.js'
import { reveal, Secret, type Text } from '../../src/core/secret.js'
import { quote } from '../../src/core/shell.js'
import { editJson } from '../../src/formats/json.js'
import { editProperties } from '../../src/formats/properties.js'
import { editToml } from '../../src/formats/toml.js'
import { editYaml } from '../../src/formats/yaml.js'
import { editXml } from '../../src/formats/xml-edit.js'

const xml = { xpath: '/a', state: 'present', all: false, uncomment: false } as const
const editors: readonly (readonly [string, (value: Secret) => Text, (dots: string) => string])[] = [
  ['xml', (value) => editXml('<a/>', [{ ...xml, value }], '/etc/x'), (dots) => `<a>${dots}</a>`],
  ['an attribute of xml', (value) => editXml('<a b=""/>', [{ ...xml, attribute: 'b', value }], '/etc/x'), (dots) => `<a b="${dots}"/>`],
  ['another attribute of xml', (value) => editXml("<a b=''/>", [{ ...xml, attribute: 'b', value }], '/etc/x'), (dots) => `<a b='${dots}'/>`],
  ['properties', (value) => editProperties('a=', [{ key: 'a', value }], '/etc/x'), (dots) => `a=${dots}`],
  ['toml', (value) => editToml('a=""', [{ path: ['a'], value }], '/etc/x'), (dots) => `a="${dots}"`],
  ['yaml', (value) => editYaml('a: ""', [{ path: ['a'], value }], '/etc/x'), (dots) => `a: "${dots}"`],
  ['yaml in other quotes', (value) => editYaml("a: ''", [{ path: ['a'], value }], '/etc/x'), (dots) => `a: '${dots}'`],
  ['json', (value) => editJson('{"a":""}', [{ path: ['a'], value }], '/etc/x'), (dots) => `{"a":"${dots}"}`],
]

/** A script on its way to a host holds the file that an edit makes; the transcript knows the secret only as it was given. */
it.each(editors)('a known secret is hidden in %s, as it is and quoted', (name, edited, around) => {
  const secrets = fc.tuple(fc.constantFrom('s', 'Q'), fc.array(fc.constantFrom('"', "'", '\\', '&', '<', '>', '$', ' ', '=', 'é', '😀', '\n', '\t', 'x', '#'), { minLength: 8, maxLength: 12 })).map(([first, rest]) => first + rest.join('') + first)
  fc.assert(fc.property(secrets, (secret) => {
    fc.pre(name !== 'yaml in other quotes' || !/[\n\t]/.test(secret)) // these cannot hold them
    const text = reveal(edited(new Secret(secret)))
    const mask = maskOf([secret])
    // what is quoted for a shell is hidden with its quotes
    const bare = (masked: string): string => masked.replaceAll(/['\\]/g, '')
    expect(bare(mask(text))).toBe(bare(around('••••••••')))
    expect(bare(mask(quote(text)))).toBe(bare(quote(around('••••••••'))))
    expect(mask(Buffer.from(text).toString('base64'))).toContain('••••••••')
  }))
})
