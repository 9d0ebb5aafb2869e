import { hkdfSync } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { exitCode, ProvisionError, type Place } from '../core/errors.js'
import { Secret } from '../core/secret.js'
import { loadInventory, type Inventory } from '../inventory/inventory.js'
import { vaultPasswordsFrom } from '../inventory/vault/ansible-password.js'
import { vaultKeyFrom, type VaultKey } from '../inventory/vault/key.js'
import type { Noted } from '../inventory/read.js'
import type { WalkFlags } from './options.js'
import { packageRoot } from './package.js'
import { askSecret } from './prompt.js'

/** Loads the inventories that the flags name, and opens their vaults. */
export const openInventory = async (flags: Pick<WalkFlags, 'inventory' | 'vaultKeyFile' | 'vaultPasswordFile' | 'quiet'>, noting: Noting = {}): Promise<Inventory> => {
  const keys = new Map<string | undefined, () => Promise<VaultKey>>()
  const passwords = new Map<string | undefined, () => Promise<readonly Secret[]>>()
  const inventory = await loadInventory(flags.inventory, {
    cwd: process.cwd(), roots: [join(packageRoot, 'inventories')], home: homedir(),
    // what a person types is asked for once, however many inventories there are
    vaultKey: async (folder) => {
      const key = await onceFor(keys, keyFileOf(flags.vaultKeyFile, folder), () => vaultKey(flags.vaultKeyFile, folder))()
      noting.keys?.push(...(key.kind === 'passphrase' ? [key.passphrase] : key.identities))
      return key
    },
    vaultPasswords: async (folder) => {
      const found = await onceFor(passwords, keyFileOf(flags.vaultKeyFile, folder), () => vaultPasswords(flags, folder))()
      noting.keys?.push(...found)
      return found
    },
    noted: noting.noted,
  })
  if (flags.quiet !== true) for (const { message, at } of inventory.notes) process.stderr.write(`note: ${at.file}:${at.line}: ${message}\n`)
  return inventory
}

/** Who takes note of what is opened: files, and the keys of vaults. */
interface Noting { readonly noted?: Noted; readonly keys?: Secret[] }

const onceFor = <T>(known: Map<string | undefined, T>, key: string | undefined, make: () => T): T => {
  const found = known.get(key) ?? make()
  known.set(key, found)
  return found
}

/** The key of the vault: as told, else `vault.key` beside the vault, else what the person at the terminal types. */
export const vaultKey = (told: string | undefined, folder: string | undefined): (() => Promise<VaultKey>) =>
  vaultKeyFrom({ keyFile: keyFileOf(told, folder), environment: process.env, cwd: process.cwd(), ...(process.stdin.isTTY ? { prompt: () => askSecret('Vault key') } : {}) })

/** The passwords of Ansible's vaults: as told, else the key of our vault where that is a passphrase, else what the person at the terminal types. */
export const vaultPasswords = (flags: Pick<WalkFlags, 'vaultKeyFile' | 'vaultPasswordFile'>, folder: string | undefined): (() => Promise<readonly Secret[]>) => {
  const isKeyGiven = keyInEnvironment() || keyFileOf(flags.vaultKeyFile, folder) !== undefined
  return vaultPasswordsFrom({
    files: flags.vaultPasswordFile, environment: process.env, cwd: process.cwd(),
    ...(isKeyGiven ? { key: vaultKey(flags.vaultKeyFile, folder) } : {}),
    ...(process.stdin.isTTY ? { prompt: () => askSecret('Password of the Ansible vault') } : {}),
  })
}

const keyInEnvironment = (): boolean => [process.env['PROVISION_VAULT_KEY'], process.env['PROVISION_VAULT_KEY_FILE']].some((value) => (value ?? '') !== '')

const keyFileOf = (told: string | undefined, folder: string | undefined): string | undefined => {
  const beside = folder === undefined ? undefined : join(folder, 'vault.key')
  return told ?? (!keyInEnvironment() && beside !== undefined && existsSync(beside) ? beside : undefined)
}

/** A key of its own for fingerprints, that tells nothing of the vault's: HKDF with SHA-256 (RFC 5869). */
export const derivedKey = (keys: readonly Secret[]): Secret =>
  new Secret(Buffer.from(hkdfSync('sha256', [...new Set(keys.map((key) => key.reveal()))].toSorted().join('\n'), '', 'provision: fingerprints of plans', 32)).toString('hex'))

/** Who may approve, as the file says that an inventory names. */
export const textOfSigners = (file: string, at: Place): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new ProvisionError('no-signers', `the file of those who may approve, ${file}, cannot be read`, { exit: exitCode.input, at, hint: 'write one line a person: NAME ssh-ed25519 AAAA…, as in ssh-keygen(1) under ALLOWED SIGNERS', cause })
  }
}
