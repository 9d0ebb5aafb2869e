import { expect, it } from 'vitest'
import { ProvisionError } from '../../src/core/errors.js'
import { Secret } from '../../src/core/secret.js'
import type { FrameSource, Placed } from '../../src/playbook/nodes.js'
import { HostScope } from '../../src/playbook/scope.js'
import { list, play, values } from './given.js'

const place = { file: 'site.yaml', line: 1, column: 1 }
const placed = (values: Readonly<Record<string, unknown>>): ReadonlyMap<string, Placed> => new Map(Object.entries(values).map(([name, value]) => [name, { value, place }]))

const frame: FrameSource = {
  of: 'playbook', outer: undefined, given: {}, defaults: () => place,
  parameters: {
    resolver: { type: 'string', 'one-of': ['default', 'round-robin'], default: 'default' },
    password: { type: 'secret', default: '{{ app_password }}' },
  },
}
const scopeWith = ({ set = {}, own = {} }: { set?: Record<string, unknown>; own?: Record<string, unknown> }): HostScope => {
  const variables = { name: 'mi1', set: placed(set), own: placed(own), address: undefined, groups: [] }
  return new HostScope({ hosts: new Map([['mi1', variables]]), groups: {} }, variables, { frame })
}
const mistake = (scope: HostScope): string | undefined => {
  try {
    scope.lookup('resolver')
    return undefined
  } catch (error) {
    if (error instanceof ProvisionError) return error.code
    throw error
  }
}

it('takes a parameter of a playbook from --set, then from the inventory, then from its default', () => {
  expect(scopeWith({}).lookup('resolver')).toBe('default')
  expect(scopeWith({ own: { resolver: 'round-robin' } }).lookup('resolver')).toBe('round-robin')
  expect(scopeWith({ own: { resolver: 'default' }, set: { resolver: 'round-robin' } }).lookup('resolver')).toBe('round-robin')
})

it('holds what stands in for a parameter to its type', () => {
  expect(mistake(scopeWith({ set: { resolver: 'roundrobin' } }))).toBe('wrong-parameter')
  expect(mistake(scopeWith({ own: { resolver: 3 } }))).toBe('wrong-parameter')
})

it('makes a secret of whatever is given for a secret parameter', () => {
  for (const scope of [scopeWith({ set: { password: 'plain' } }), scopeWith({ own: { app_password: 'plain' } })]) {
    const value = scope.lookup('password')
    expect(value).toBeInstanceOf(Secret)
    expect([String(value), (value as Secret).reveal()]).toEqual(['••••••••', 'plain']) // asserted above
  }
})

it('a parameter that is given as `omit` has its default', () => {
  const given: FrameSource = { ...frame, given: { resolver: { value: '{{ wish | default(omit) }}', place } } }
  const lookup = (own: Record<string, unknown>): unknown => {
    const variables = { name: 'mi1', set: placed({}), own: placed(own), address: undefined, groups: [] }
    return new HostScope({ hosts: new Map([['mi1', variables]]), groups: {} }, variables, { frame: given }).lookup('resolver')
  }
  expect([lookup({}), lookup({ wish: 'round-robin' })]).toEqual(['default', 'round-robin'])
})

it('a parameter whose default is `omit` stays left out where it is handed on', () => {
  const files = { 'site.yaml': play('- include: l\n- include: l\n  with: { x: a }'), 'l.yaml': list('x: { type: string, default: "{{ omit }}" }', '- note: { content: "{{ x }}" }') }
  expect(values(files)).toEqual([{}, { content: 'a' }])
})
