import { readFile } from 'node:fs/promises'
import { isAbsolute, relative } from 'node:path'
import { type Place, type ProvisionError, ProvisionErrors } from '../core/errors.js'
import { Secret } from '../core/secret.js'
import { parseYaml, type YamlDocument, type YamlOptions } from '../yaml/document.js'
import { VaultText } from '../yaml/vault-text.js'
import { mistake, mistakesIn } from './mistake.js'
import { decryptAnsible, isAnsibleVault } from './vault/ansible.js'
import { noPassword } from './vault/ansible-password.js'
import { isVaultText } from './vault/armor.js'
import type { VaultKey } from './vault/key.js'

/** Where files are named from, and what opens the encrypted ones. */
export interface ReadOptions {
  /** Files below this folder are named relative to it in messages. */
  readonly cwd: string
  /** Asked for once something is encrypted, and only then. */
  readonly vaultKey?: (() => Promise<VaultKey>) | undefined
  /** Asked for once something is encrypted by Ansible. */
  readonly vaultPasswords?: (() => Promise<readonly Secret[]>) | undefined
  /** Told of every file that is read, and of what a program printed. */
  readonly noted?: Noted | undefined
}

/** Takes note of what was read: from where, and its text. */
export type Noted = (path: string, text: string) => void

/** A YAML file with its encrypted values opened, as `Secret`s. */
export interface OpenDocument { readonly document: YamlDocument; readonly value: unknown; /** The file is encrypted as a whole. */ readonly encrypted: boolean }

/** Reads a YAML file, encrypted as a whole, by single values, or not at all; undefined when there is no such file. */
export const readYaml = async (path: string, options: ReadOptions, how: YamlOptions = {}): Promise<OpenDocument | undefined> => {
  const file = shownPath(path, options.cwd)
  const text = await readText(path, file, options.noted)
  return text === undefined ? undefined : openYaml(text, file, options, how)
}

/** Reads the text of a YAML file, encrypted as a whole, by single values, or not at all. */
export const openYaml = async (text: string, file: string, options: ReadOptions, how: YamlOptions = {}): Promise<OpenDocument> => {
  if (!isVaultText(text) && !isAnsibleVault(text)) return opened(parseYaml(text, file, how), options)
  const open = await openerOf([text], options)
  const { document, value } = await opened(parseYaml(await open(text, { file, line: 1, column: 1 }), file, { ...how, secret: true }), options)
  return { document, value: covered(value), encrypted: true }
}

type Open = (text: string, at: Place) => Promise<string>

/** What opens these texts, each vault with its own key; keys are looked for once, and only those that are needed. */
const openerOf = async (texts: readonly string[], options: ReadOptions): Promise<Open> => {
  const passwords = texts.some(isAnsibleVault) ? await passwordsOf(options) : []
  const rest = texts.every(isAnsibleVault) ? undefined : { key: await keyOf(options), ...(await import('./vault/age.js')) }
  return (text, at) => (rest === undefined || isAnsibleVault(text) ? decryptAnsible(text, passwords, at) : rest.decryptText(text, rest.key, at))
}

/** A path as messages name it. */
export const shownPath = (path: string, cwd: string): string => {
  const inside = relative(cwd, path)
  return inside === '' || inside.startsWith('..') || isAbsolute(inside) ? path : inside
}

/** The text of a file; undefined when there is no such file. */
export const readText = async (path: string, file: string, noted?: Noted): Promise<string | undefined> => {
  try {
    const text = await readFile(path, 'utf8')
    noted?.(path, text)
    return text
  } catch (cause) {
    if (isMissing(cause)) return undefined
    throw mistake('unreadable-file', `${file} cannot be read`, { hint: `look at it with ls -l ${file}`, cause })
  }
}

/** Whether a file-system error says that there is no such file. */
export const isMissing = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')

const keyOf = ({ vaultKey }: ReadOptions): Promise<VaultKey> => {
  if (vaultKey === undefined) throw mistake('no-vault-key', 'the vault needs a key and none was given', { hint: 'give --vault-key-file FILE' })
  return vaultKey()
}

const passwordsOf = ({ vaultPasswords }: ReadOptions): Promise<readonly Secret[]> => {
  if (vaultPasswords === undefined) throw noPassword()
  return vaultPasswords()
}

/** Opens all single values at the same time, since each of them costs a run of scrypt when the key is a passphrase. */
const opened = async (document: YamlDocument, options: ReadOptions): Promise<OpenDocument> => {
  const { vaultTexts, value } = document
  if (vaultTexts.length === 0) return { document, value, encrypted: false }
  const open = await openerOf(vaultTexts.map(({ text }) => text), options)
  const results = await Promise.allSettled(vaultTexts.map(async ({ text, place }) => new Secret(await open(text, place))))
  const mistakes = results.flatMap((result) => (result.status === 'rejected' ? mistakesIn(result.reason) : []))
  if (mistakes.length > 0) throw new ProvisionErrors(onceWrong(mistakes))
  const secrets = new Map(vaultTexts.map((vaultText, index) => {
    const result = results[index]
    return [vaultText, result?.status === 'fulfilled' ? result.value : undefined]
  }))
  return { document, value: mapLeaves(value, (leaf) => (leaf instanceof VaultText ? secrets.get(leaf) : leaf)), encrypted: false }
}

/** One key is wrong once, however many values it does not open. */
const onceWrong = (mistakes: readonly ProvisionError[]): readonly ProvisionError[] =>
  mistakes.filter(({ code }, index) => !['wrong-vault-key', 'wrong-vault-password'].includes(code) || mistakes.findIndex((other) => other.code === code) === index)

/** Texts and numbers of an encrypted file are all secret; `true`, `false` and nothing are not, so that they can be asked for by `when`. */
const covered = (value: unknown): unknown =>
  mapLeaves(value, (leaf) => (typeof leaf === 'string' || typeof leaf === 'number' ? new Secret(String(leaf)) : leaf))

const mapLeaves = (value: unknown, change: (leaf: unknown) => unknown): unknown => {
  if (Array.isArray(value)) return value.map((inner) => mapLeaves(inner, change))
  if (typeof value !== 'object' || value === null || value instanceof VaultText || value instanceof Secret) return change(value)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapLeaves(inner, change)]))
}
