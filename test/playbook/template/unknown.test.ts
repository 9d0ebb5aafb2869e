import { describe, expect, it } from 'vitest'
import { Unknown, UnknownValue } from '../../../src/core/unknown.js'
import { evaluateCondition } from '../../../src/playbook/template/interpolate.js'
import { place, rendered, scopeOf, textOf, valueOf } from './given.js'

const variables = { version: new Unknown('step "version" has run'), map: { deep: [new Unknown('later')], known: 1 }, x: 1 }

describe('an unknown value', () => {
  it.each([
    'version', 'version.stdout', "version | default('x')", 'version | upper', 'version == 1', '1 == version', 'version < 1', '-version', 'version + 1', "'a' ~ version", 'version and x', 'not version', 'x if version else 1', '1 in version', 'version in [1]', 'version is string', 'x is eq(version)', 'x | default(1, version)', "x | ternary(version, 1)", 'range(version)', 'map[version]',
    'map', 'map.deep', 'map.deep | first', '[x, version]', "map | to_json", 'map.deep | join', 'version.stdout is defined', 'map.deep | sort(attribute="a")',
    'version | to_yaml', 'map | to_nice_json', "version | password_hash", "'a' | password_hash('sha512', version)", 'version is changed', "version is version('1', '>')", "'1.1.1.1' | ipaddr(version)", "map.deep | zip_longest([version])", "{'a': 1} | combine(version)", "'a' | regex_replace('a', version)", '[map] | groupby("deep")', 'version | from_yaml', '[version] | product([1]) | to_json', "version | human_readable",
  ])('defers %s', (expression) => {
    expect(() => valueOf(expression, variables)).toThrow(UnknownValue)
  })

  it('tells until when', () => {
    expect(() => valueOf('version', variables)).toThrow(expect.objectContaining({ until: 'step "version" has run' }))
  })

  it.each([['version is defined', true], ['version is undefined', false], ['x or version', 1], ['not x and version', false], ['map.known', 1], ['map.deep | length', 1], ['1 if x else version', 1], ['map.deep is defined', true], ['x | default(version)', 1]])('%s: %s', (expression, gives) => {
    expect(valueOf(expression, variables)).toEqual(gives)
  })

  it('defers texts, templates and conditions', () => {
    expect(() => textOf('v{{ version }}', variables)).toThrow(UnknownValue)
    expect(() => rendered('{% for i in version %}{% endfor %}', variables)).toThrow(UnknownValue)
    expect(() => rendered('{% include version %}', variables)).toThrow(UnknownValue)
    expect(() => evaluateCondition('version == 1', scopeOf(variables), place)).toThrow(UnknownValue)
    expect(() => evaluateCondition('version', scopeOf(variables), place)).toThrow(UnknownValue)
  })
})
