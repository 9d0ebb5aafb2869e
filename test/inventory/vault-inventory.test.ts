import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/core/secret.js'
import { loadInventory } from '../../src/inventory/inventory.js'
import { merged } from '../../src/inventory/layers.js'
import { graph, toJson } from '../../src/inventory/print.js'
import { encryptText } from '../../src/inventory/vault/age.js'
import type { VaultKey } from '../../src/inventory/vault/key.js'
import { encryptValue } from '../../src/inventory/vault/text.js'
import { mistakesOfAsync } from '../yaml/mistakes.js'
import { folderWith, inventoryOf, passphrase } from './files.js'

const key = passphrase('correct horse')
const quick = { workFactor: 2 }
const indented = async (plain: string, indent: number, by: VaultKey = key): Promise<string> =>
  (await encryptValue(plain, by, quick)).replaceAll(/\n(?=.)/g, `\n${' '.repeat(indent)}`)
const revealed = (value: unknown): unknown => {
  if (value instanceof Secret) return `secret ${value.reveal()}`
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, revealed(inner)])) : value
}
const hosts = 'hosts: { a: { vars: { own: 1 } } }\n'

describe('secrets of an inventory', () => {
  it('come from a vault.yaml encrypted as a whole, every text and number secret', async () => {
    const inventory = await inventoryOf({ 'hosts.yaml': hosts, 'vault.yaml': await encryptText('vault:\n  sudo: hunter2\n  pin: 4711\n  used: true\n  none:\n', key, quick) }, key)
    const variables = merged(inventory.hosts[0]?.layers ?? [])
    expect(revealed(variables)).toEqual({ own: 1, vault: { sudo: 'secret hunter2', pin: 'secret 4711', used: true, none: null } })
    const layer = inventory.hosts[0]?.layers[0]
    expect(layer).toMatchObject({ level: 'group', name: 'all', file: 'inventories/prod/vault.yaml' })
    expect(layer?.placeOf(['vault', 'sudo'])).toEqual({ file: 'inventories/prod/vault.yaml', line: 2, column: 9 })
  })

  it('come from single values, anywhere', async () => {
    const inventory = await inventoryOf({
      'hosts.yaml': `connection:\n  become:\n    password: ${await indented('sudo me', 6)}  identity: ${await indented('KEY\n', 4)}vars:\n  plain: x\n  db: { password: !vault ${JSON.stringify(await encryptText('inline', key, quick))} }\nhosts: { a: }\n`,
      'vault.yaml': `token: ${await indented('t0ken', 2)}user: wso2\n`,
    }, key)
    const [host] = inventory.hosts
    expect(revealed(merged(host?.layers ?? []))).toEqual({ plain: 'x', db: { password: 'secret inline' }, token: 'secret t0ken', user: 'wso2' })
    expect(revealed(host?.connection.become?.password)).toBe('secret sudo me')
    expect(revealed(host?.connection.identity)).toBe('secret KEY\n')
  })

  it('never print', async () => {
    const inventory = await inventoryOf({ 'hosts.yaml': `vars:\n  x: ${await indented('hunter2', 2)}${hosts}`, 'vault.yaml': await encryptText('y: hunter2\n', key, quick) }, key)
    for (const printed of [toJson(inventory), graph(inventory), JSON.stringify(inventory)]) expect(printed).not.toContain('hunter2')
    expect(JSON.parse(toJson(inventory))).toMatchObject({ hosts: { a: { variables: { x: '••••••••', y: '••••••••', own: 1 } } } })
  })

  it('need a key only when there are some', async () => {
    const cwd = await folderWith({ 'inventories/prod/hosts.yaml': hosts, 'inventories/dev/hosts.yaml': hosts, 'inventories/dev/vault.yaml': await encryptText('y: x\n', key, quick) })
    let asked = 0
    const vaultKey = () => { asked += 1; return Promise.resolve(key) }
    await loadInventory('prod', { cwd, home: '/', vaultKey })
    expect(asked).toBe(0)
    await loadInventory('dev', { cwd, home: '/', vaultKey })
    expect(asked).toBe(1)
    expect(await mistakesOfAsync(() => loadInventory('dev', { cwd, home: '/' }))).toEqual(['no-vault-key: the vault needs a key and none was given (give --vault-key-file FILE)'])
  })

  it('are compared by what they hide when groups disagree', async () => {
    const group = async (name: string, plain: string) => `  ${name}:\n    vars:\n      x: ${await indented(plain, 6)}    hosts: { n: }\n`
    const files = async (a: string, b: string) => ({ 'hosts.yaml': `groups:\n${await group('a', a)}${await group('b', b)}` })
    expect((await inventoryOf(await files('same', 'same'), key)).hosts).toHaveLength(1)
    const told = await mistakesOfAsync(async () => inventoryOf(await files('hunter1', 'hunter2'), key))
    expect(told).toHaveLength(1)
    expect(told[0]).toMatch(/conflicting-variables: the groups "a" and "b" give n different values of x: /)
    expect(told[0]).not.toMatch(/hunter/)
  })
})

describe('mistakes around secrets', () => {
  it('a wrong key is told once a file, at its first value', async () => {
    const vars = `vars:\n  x: ${await indented('1', 2)}  y: ${await indented('2', 2)}`
    expect(await mistakesOfAsync(() => inventoryOf({ 'hosts.yaml': `${vars}${hosts}` }, passphrase('wrong')))).toEqual([
      '2:6 wrong-vault-key: the vault key does not open this vault (give the key that it was encrypted with; if that is this one, restore the file: its first lines were altered)',
    ])
  })

  it('a value that is not encrypted, or was damaged, is told where it stands', async () => {
    const damaged = (await indented('2', 2)).replace(/\n {4}(\S+)\n( {4}-----END)/, '\n    AAAA\n$2').replaceAll('\n    ', '\n    ')
    expect(await mistakesOfAsync(() => inventoryOf({ 'hosts.yaml': `vars:\n  x: !vault hunter2\n  y: ${damaged}${hosts}` }, key))).toEqual([
      '2:6 not-a-vault: this is not encrypted: it does not start with -----BEGIN AGE ENCRYPTED FILE----- (encrypt it with provision vault encrypt)',
      '3:6 tampered-vault: the vault was altered after it was encrypted (restore it from version control or a backup, or encrypt the text again)',
    ])
  })

  it('of an encrypted file cite nothing of it', async () => {
    const vault = await encryptText('a: hunter2: x\nhunter-2: {{ hunter2 }}\nb: 0123456\n', key, quick)
    const told = await mistakesOfAsync(() => inventoryOf({ 'hosts.yaml': hosts, 'vault.yaml': vault }, key))
    expect(told.map((line) => line.split(': ')[0])).toEqual(['1:4 yaml-syntax', '2:11 yaml-braces', '3:4 yaml-octal'])
    expect(told.join()).not.toMatch(/hunter2|0123456/)
  })

  it('the hosts themselves cannot be secret', async () => {
    expect(await mistakesOfAsync(async () => inventoryOf({ 'hosts.yaml': await encryptText(hosts, key, quick) }, key))).toEqual([
      'encrypted-inventory: inventories/prod/hosts.yaml is encrypted as a whole (run provision vault decrypt inventories/prod/hosts.yaml, and move what is secret into vault.yaml beside it)',
    ])
    expect(await mistakesOfAsync(async () => inventoryOf({ 'hosts.yaml': `hosts:\n  a:\n    address: ${await indented('10.0.0.1', 4)}` }, key))).toEqual([
      '3:14 wrong-value: "address" must be text, but is an encrypted value',
    ])
  })
})
