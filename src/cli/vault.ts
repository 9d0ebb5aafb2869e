import { spawn } from 'node:child_process'
import { dirname } from 'node:path'
import { text } from 'node:stream/consumers'
import { exitCode, ProvisionError, type ProvisionErrors } from '../core/errors.js'
import type { VaultKey } from '../inventory/vault/key.js'
import { decryptFile, editFile, encryptFile, importAnsibleFiles, rekeyFiles, viewFile } from '../inventory/vault-file.js'
import { encryptValue } from '../inventory/vault/text.js'
import { errorText } from '../report/error-text.js'
import type { WalkFlags } from './options.js'
import { vaultKey, vaultPasswords } from './open-inventory.js'
import { askSecret, askYes } from './prompt.js'
import { onSignal } from './signals.js'
import { terminalOf } from './terminal.js'

type Verb = 'encrypt' | 'decrypt' | 'view' | 'edit'

const say = (message: string): void => { process.stderr.write(`${message}\n`) }

/** `provision vault encrypt|decrypt|view|edit FILE`. */
export const vault = async (verb: Verb, file: string, flags: Pick<WalkFlags, 'vaultKeyFile'>): Promise<number> => {
  const key = vaultKey(flags.vaultKeyFile, dirname(file))
  switch (verb) {
    case 'encrypt':
      if (file === '-') process.stdout.write(`${await encryptValue((await text(process.stdin)).replace(/\n$/, ''), await key())}\n`)
      else {
        await encryptFile(file, { key: await key() })
        say(`${file} is encrypted`)
      }
      break
    case 'decrypt':
      await decryptFile(file, await key())
      say(`${file} is in the open now; encrypt it again before it is committed`)
      break
    case 'view':
      process.stdout.write(await viewFile(file, await key()))
      break
    case 'edit':
      say((await edit(file, await key())) === 'saved' ? `${file} is saved` : `${file} is as it was`)
      break
    default:
      verb satisfies never
  }
  return exitCode.done
}

/** `provision vault rekey FILES`: all or none. */
export const rekey = async (files: readonly string[], flags: Pick<WalkFlags, 'vaultKeyFile'> & { readonly newVaultKeyFile?: string }): Promise<number> => {
  const from = await vaultKey(flags.vaultKeyFile, dirname(files[0] ?? '.'))()
  if (flags.newVaultKeyFile === undefined && !process.stdin.isTTY) throw new ProvisionError('no-vault-key', 'the new key of the vault is not given', { exit: exitCode.input, hint: 'give --new-vault-key-file FILE' })
  const to = flags.newVaultKeyFile === undefined ? await typedTwice() : await vaultKey(flags.newVaultKeyFile, undefined)()
  await rekeyFiles(files, from, { key: to })
  say(`${files.join(', ')} opened by the new key only`)
  return exitCode.done
}

/** `provision vault import FILES`: all or none. */
export const importAnsible = async (files: readonly string[], flags: Pick<WalkFlags, 'vaultKeyFile' | 'vaultPasswordFile'>): Promise<number> => {
  const folder = dirname(files[0] ?? '.')
  await importAnsibleFiles(files, vaultPasswords(flags, folder), { key: await vaultKey(flags.vaultKeyFile, folder)() })
  say(`${files.join(', ')} opened by the key of our vault now, and no longer by ansible-vault`)
  return exitCode.done
}

const typedTwice = async (): Promise<VaultKey> => {
  const { parseVaultKey } = await import('../inventory/vault/key.js')
  const first = await askSecret('New vault key')
  if (first !== await askSecret('Once more')) throw new ProvisionError('different-keys', 'the two keys differ', { exit: exitCode.input, hint: 'type the same key twice' })
  return parseVaultKey(first, 'the answer')
}

/** A signal while the plain text is open must not leave it behind: editing is awaited, whatever is pressed. */
const edit = async (file: string, key: VaultKey): Promise<'unchanged' | 'saved'> => {
  const over = onSignal(() => {})
  try {
    return await editFile(file, { key, editor, again: async (mistakes: ProvisionErrors) => {
      say(errorText(mistakes, terminalOf({}).style))
      return process.stdin.isTTY ? askYes('Edit again?') : false
    } })
  } finally {
    over()
  }
}

/** The reader's editor; one that is set to nothing is not set. */
export const editorOf = (env: Readonly<Record<string, string | undefined>>): string => [env['VISUAL'], env['EDITOR']].find((program = '') => program.trim() !== '') ?? 'vi'

const editor = (path: string): Promise<void> => new Promise((resolve, reject) => {
  const program = editorOf(process.env)
  // an editor's setting may hold flags, as in `code --wait`: a shell reads it, the path is its argument
  const child = spawn('/bin/sh', ['-c', `${program} "$1"`, 'sh', path], { stdio: 'inherit' })
  child.once('error', reject)
  child.once('close', (code) => {
    if (code === 0) resolve()
    else reject(new ProvisionError('editor-failed', `${program} ended with exit ${code ?? 'by a signal'}`, { exit: exitCode.input, hint: 'set EDITOR to an editor that is installed' }))
  })
})
