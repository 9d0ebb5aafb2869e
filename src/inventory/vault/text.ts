import { ProvisionErrors } from '../../core/errors.js'
import type { Secret } from '../../core/secret.js'
import { parseYaml, type YamlOptions } from '../../yaml/document.js'
import type { VaultText } from '../../yaml/vault-text.js'
import { mistake, mistakesIn } from '../mistake.js'
import { decryptText, encryptText, type EncryptOptions } from './age.js'
import { decryptAnsible, isAnsibleVault } from './ansible.js'
import { isVaultText } from './armor.js'
import type { VaultKey } from './key.js'

/** Encrypts one value; the result is to be pasted into a YAML file, behind its key if no name is given. */
export const encryptValue = async (plain: string, key: VaultKey, options: EncryptOptions & { readonly name?: string } = {}): Promise<string> => {
  const block = blockOf(await encryptText(plain, key, options), '  ')
  return options.name === undefined ? block : `${options.name}: ${block}`
}

/** The text of a file in the open: of one encrypted as a whole its content, of one with `!vault` values those values in quotes. */
export const openText = async (text: string, key: VaultKey, file: string): Promise<string> => {
  if (isVaultText(text)) return decryptText(text, key, { file, line: 1, column: 1 })
  return replaceValues(text, file, async ({ text: value, place }) => JSON.stringify(await decryptText(value, key, place)))
}

/** The same file under another key; all that is not encrypted stays as it was, to the letter. */
export const rekeyText = async (text: string, from: VaultKey, to: VaultKey, file: string, options: EncryptOptions = {}): Promise<string> => {
  if (isVaultText(text)) return encryptText(await decryptText(text, from, { file, line: 1, column: 1 }), to, options)
  return replaceValues(text, file, async ({ text: value, place }, indent) => {
    const renewed = await encryptText(await decryptText(value, from, place), to, options)
    return indent === undefined ? `!vault ${JSON.stringify(renewed)}` : blockOf(renewed, indent)
  })
}

/** The same file with each vault of Ansible as one of ours; all else stays as it was, to the letter. */
export const importAnsibleText = async (text: string, passwords: readonly Secret[], to: VaultKey, file: string, options: EncryptOptions = {}): Promise<string> => {
  if (isAnsibleVault(text)) return encryptText(await decryptAnsible(text, passwords, { file, line: 1, column: 1 }), to, options)
  if (!isVaultText(text) && parseYaml(text, file, { older: true }).vaultTexts.some((value) => isAnsibleVault(value.text))) {
    return replaceValues(text, file, async ({ text: value, place }, indent) => {
      if (!isAnsibleVault(value)) return undefined
      const renewed = await encryptText(await decryptAnsible(value, passwords, place), to, options)
      return indent === undefined ? `!vault ${JSON.stringify(renewed)}` : blockOf(renewed, indent)
    }, { older: true })
  }
  throw mistake('no-ansible-vault', `nothing in ${file} is encrypted by Ansible`, { at: { file, line: 1, column: 1 }, hint: 'give the files that ansible-vault has encrypted, wholly or by value' })
}

const blockOf = (armored: string, indent: string): string =>
  `!vault |\n${armored.trimEnd().split('\n').map((line) => `${indent}${line}\n`).join('')}`

/** Puts something else where each encrypted value stands, or leaves it; `indent` is that of its lines, or undefined for a value in quotes. */
const replaceValues = async (
  whole: string, file: string, change: (value: VaultText, indent: string | undefined) => Promise<string | undefined>, how: YamlOptions = {},
): Promise<string> => {
  const { vaultTexts, text } = parseYaml(whole, file, how)
  if (vaultTexts.length === 0) {
    throw mistake('not-a-vault', `nothing in ${file} is encrypted`, { at: { file, line: 1, column: 1 }, hint: `encrypt it with provision vault encrypt ${file}` })
  }
  const results = await Promise.allSettled(vaultTexts.map(async (value) => {
    const [from, to] = value.range
    const [, indent] = /^!vault\s+[|>][^\n]*\n( +)/.exec(text.slice(from, to)) ?? []
    const replacement = await change(value, indent) ?? text.slice(from, to)
    return { from, to, replacement: indent !== undefined && !replacement.endsWith('\n') ? `${replacement}\n` : replacement }
  }))
  const mistakes = results.flatMap((result) => (result.status === 'rejected' ? mistakesIn(result.reason) : []))
  if (mistakes.length > 0) throw new ProvisionErrors(mistakes)
  const pieces = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const mark = whole.slice(0, whole.length - text.length)
  return mark + pieces.reduceRight((done, { from, to, replacement }) => done.slice(0, from) + replacement + done.slice(to), text)
}
