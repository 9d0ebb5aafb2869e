import { expect, it } from 'vitest'
import type { Registered } from '../../src/core/step.js'
import { rememberedBinding } from '../../src/playbook/remembered-binding.js'

const counted = (looks: (registered: Registered) => void) => {
  const seen: Registered[] = []
  const bind = rememberedBinding((_host, registered) => {
    seen.push(registered)
    looks(registered)
    return { steps: [] }
  })
  return { bind, seen }
}

it('binds once a host while what was looked up is the same', () => {
  const { bind, seen } = counted((registered) => { registered.has('port') })
  const first = bind('a', new Map())
  expect(bind('a', new Map([['other', 1]]))).toBe(first)
  bind('b', new Map())
  expect(seen).toHaveLength(2)
})

it('binds again once a value that was looked up is there, or is another', () => {
  const { bind, seen } = counted((registered) => { registered.get('out') })
  const out = { stdout: 'one' }
  for (const registered of [new Map(), new Map([['out', out]]), new Map([['out', out]]), new Map([['out', { stdout: 'two' }]])]) bind('a', registered)
  expect(seen).toHaveLength(3)
})

it('counts what is looked up after binding, as a template does, in the values of the latest call', () => {
  const { bind, seen } = counted(() => {})
  bind('a', new Map())
  bind('a', new Map([['out', 1]]))
  expect(seen).toHaveLength(1)
  expect(seen[0]?.get('out')).toBe(1)
  bind('a', new Map([['out', 2]]))
  expect(seen).toHaveLength(2)
})

it('tells an absent value from an undefined one', () => {
  const { bind, seen } = counted((registered) => { registered.has('out') })
  bind('a', new Map([['out', undefined]]))
  bind('a', new Map())
  expect(seen).toHaveLength(2)
})
