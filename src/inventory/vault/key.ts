import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { exitCode, ProvisionError } from '../../core/errors.js'
import { Secret } from '../../core/secret.js'

/** What opens a vault: a passphrase, or identities as `age-keygen` makes them (`AGE-SECRET-KEY-…`). */
export type VaultKey =
  | { readonly kind: 'passphrase'; readonly passphrase: Secret }
  | { readonly kind: 'identity'; readonly identities: readonly Secret[] }

/** Where a key may come from, in this order; nothing is read before it is needed. */
export interface VaultKeySources {
  /** `--vault-key-file`. */
  readonly keyFile?: string | undefined
  /** `PROVISION_VAULT_KEY` holds the key itself, `PROVISION_VAULT_KEY_FILE` the path of a file with it. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Asks the person at the terminal; left out when there is none. */
  readonly prompt?: (() => Promise<string>) | undefined
  /** The folder that relative paths start from. */
  readonly cwd: string
}

const mistake = (code: string, message: string, hint: string, cause?: unknown): ProvisionError =>
  new ProvisionError(code, message, { hint, exit: exitCode.input, ...(cause === undefined ? {} : { cause }) })

/** Finds the vault key; it is looked for once, however often it is asked for. */
export const vaultKeyFrom = (sources: VaultKeySources): (() => Promise<VaultKey>) => {
  let found: Promise<VaultKey> | undefined
  return () => (found ??= lookFor(sources))
}

const lookFor = async ({ keyFile, environment = {}, prompt, cwd }: VaultKeySources): Promise<VaultKey> => {
  if (keyFile !== undefined) return keyIn(resolve(cwd, keyFile))
  const { PROVISION_VAULT_KEY: value, PROVISION_VAULT_KEY_FILE: file } = environment
  if (value !== undefined && value !== '') return parseVaultKey(value, 'PROVISION_VAULT_KEY')
  if (file !== undefined && file !== '') return keyIn(resolve(cwd, file))
  if (prompt !== undefined) return parseVaultKey(await prompt(), 'the answer')
  throw mistake('no-vault-key', 'the vault needs a key and none was given', 'give --vault-key-file FILE, or set PROVISION_VAULT_KEY or PROVISION_VAULT_KEY_FILE')
}

const keyIn = async (file: string): Promise<VaultKey> => {
  const status = await stat(file).catch((cause: unknown) => {
    throw mistake('no-vault-key', `the vault key file ${file} cannot be read`, 'give the path of an existing file to --vault-key-file or PROVISION_VAULT_KEY_FILE', cause)
  })
  if (status.isFile() && (status.mode & 0o077) !== 0) {
    throw mistake('open-vault-key-file', `the vault key file ${file} can be read or written by others`, `chmod 600 ${file}`)
  }
  return parseVaultKey(await readFile(file, 'utf8'), file)
}

/** Takes lines of `AGE-SECRET-KEY-…` (with `#` comments) for identities, any other single line for a passphrase. */
export const parseVaultKey = (text: string, from: string): VaultKey => {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const meaning = lines.filter((line) => !line.startsWith('#')).map((line) => line.trim())
  if (meaning.length > 0 && meaning.every((line) => line.startsWith('AGE-SECRET-KEY-'))) {
    return { kind: 'identity', identities: meaning.map((line) => new Secret(line)) }
  }
  const [passphrase] = lines
  if (passphrase === undefined) throw mistake('bad-vault-key', `the vault key in ${from} is empty`, 'write a passphrase of five random words, or an identity made by age-keygen')
  if (lines.length > 1) throw mistake('bad-vault-key', `the vault key in ${from} has several lines`, 'write one passphrase on one line, or only lines of AGE-SECRET-KEY-…')
  return { kind: 'passphrase', passphrase: new Secret(passphrase) }
}
