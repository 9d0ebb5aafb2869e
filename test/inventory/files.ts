import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'
import { Secret } from '../../src/core/secret.js'
import type { VaultKey } from '../../src/inventory/vault/key.js'
import { type Inventory, loadInventory } from '../../src/inventory/inventory.js'

const folders: string[] = []
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))

/** A folder with these files, gone after the tests of the file. */
export const folderWith = async (files: Readonly<Record<string, string>>): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'provision-test-'))
  folders.push(folder)
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text, { mode: 0o600 })
  }
  return folder
}

export const passphrase = (text: string): VaultKey => ({ kind: 'passphrase', passphrase: new Secret(text) })

/** The inventory of these files: one text is `inventories/prod/hosts.yaml`, several are named below `inventories/prod`. */
export const inventoryOf = async (files: string | Readonly<Record<string, string>>, key?: VaultKey): Promise<Inventory> => {
  const named = typeof files === 'string' ? { 'hosts.yaml': files } : files
  const cwd = await folderWith(Object.fromEntries(Object.entries(named).map(([path, text]) => [`inventories/prod/${path}`, text])))
  return loadInventory('prod', { cwd, home: '/home/me', ...(key === undefined ? {} : { vaultKey: () => Promise.resolve(key) }) })
}
