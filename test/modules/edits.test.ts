import { describe, expect, it } from 'vitest'
import { modules } from '../../src/modules/index.js'

/** What the schema says of one edit; nothing when it takes it. */
const said = (module: string, edit: unknown): readonly string[] => {
  const result = modules.get(module)?.args.safeParse({ path: '/etc/x', edits: [edit] })
  return result?.error?.issues.map((issue: { readonly message: string }) => issue.message) ?? []
}

describe('edits that say nothing, or two things', () => {
  it.each([
    ['xml', { xpath: '/a' }, 'what shall be so?'],
    ['xml', { xpath: '/a', value: 1, child: '<b/>' }, 'give one of'],
    ['xml', { xpath: '/a', value: 1, state: 'absent' }, 'nothing to set'],
    ['xml', { xpath: '/a', uncomment: true, state: 'commented' }, 'nothing to set'],
    ['xml', { xpath: '/a', attribute: 'b', uncomment: true }, 'give the `value` of the attribute'],
    ['xml', { xpath: '/a', value: 1, match: 'b' }, '`match` is for `child`'],
    ['xml', { xpath: '/a', child: '<b/>', before: 'b', after: 'c' }, 'not both'],
    ['properties', { key: 'a' }, 'give `value`, or `state: absent`'],
    ['properties', { key: 'a', value: 1, state: 'absent' }, 'give `value`, or `state: absent`'],
    ['ini', {}, 'give `section`, `key`, or both'],
    ['ini', { section: 's', value: 1 }, 'a value has a `key`'],
    ['ini', { key: 'a', value: 1, state: 'absent' }, 'the value counts only where the key is `repeated`'],
    ['ini', { key: 'a', value: ' x' }, 'expected one line'],
    ['toml', { key: 'a' }, 'give `value`, or `state: absent`'],
    ['toml', { key: 'a b', value: 1 }, 'expected keys with dots between them'],
    ['json', { key: ['a', 0], state: 'absent' }, 'a position cannot be absent'],
    ['yaml', { key: ['a', -1], state: 'absent' }, 'a position cannot be absent'],
  ])('%s: %j', (module, edit, message) => {
    expect(said(module, edit).join('\n')).toContain(message)
  })

  it.each([
    ['xml', { xpath: '/a', attribute: 'b', state: 'absent' }], ['ini', { key: 'a', value: 1, repeated: true, state: 'absent' }],
    ['toml', { key: '"a b".c', value: { x: [1] } }], ['json', { key: [{ id: 1 }], state: 'absent' }], ['yaml', { key: 'a', value: null }],
  ])('are not %s: %j', (module, edit) => {
    expect(said(module, edit)).toEqual([])
  })
})
