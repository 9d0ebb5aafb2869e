import { describe, expect, it } from 'vitest'
import { mistakesOfAsync } from '../yaml/mistakes.js'
import { inventoryOf } from './files.js'

const node = (settings: string, more = ''): string => `
connection: { user: deploy }
groups:
  workers:
    hosts:
      w1: { address: 10.0.0.1, connection: { port: 2222, host-keys: [SHA256:${'A'.repeat(43)}] } }
      w2: ${settings}
${more}`

describe('a node on the machine of another host', () => {
  it('has its address and is reached as that one is', async () => {
    const [first, second] = (await inventoryOf(node('{ connection: { machine: w1 } }'))).hosts
    expect(second).toMatchObject({ name: 'w2', address: '10.0.0.1', connection: { ...first?.connection, machine: 'w1' } })
  })

  it('may have an address and settings of its own', async () => {
    const [, second] = (await inventoryOf(node('{ address: 10.0.0.9, connection: { machine: w1, user: other } }'))).hosts
    expect(second).toMatchObject({ address: '10.0.0.9', connection: { user: 'other', port: 2222 } })
  })

  it('may be what it names itself', async () => {
    const [, second] = (await inventoryOf(node('{ address: 10.0.0.2, connection: { machine: w2 } }'))).hosts
    expect(second).toMatchObject({ address: '10.0.0.2', connection: { user: 'deploy' } })
  })

  it.each([
    ['no host', '{ connection: { machine: w9 } }', '', 'w2 is on the machine of w9, which is no host'],
    ['a node on a machine of another one', '{ connection: { machine: w3 } }', '      w3: { connection: { machine: w1 } }', 'w2 is on the machine of w3, which is on that of w1'],
  ])('is not on that of %s', async (_what, settings, more, message) => {
    expect(await mistakesOfAsync(() => inventoryOf(node(settings, more)))).toEqual([expect.stringContaining(message)])
  })
})
