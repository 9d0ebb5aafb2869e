import { execFile } from 'node:child_process'
import { access, constants, readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { exitCode, ProvisionError } from '../../core/errors.js'
import { Secret } from '../../core/secret.js'
import type { VaultKey } from './key.js'

/** Where the passwords of Ansible's vaults may come from, in this order; nothing is read before it is needed. */
export interface VaultPasswordSources {
  /** `--vault-password-file`, each once; of several, each is tried. */
  readonly files?: readonly string[] | undefined
  /** `ANSIBLE_VAULT_PASSWORD_FILE` is the path of a file. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** The key of our own vault, if one was given: a passphrase may open both. */
  readonly key?: (() => Promise<VaultKey>) | undefined
  /** Asks the person at the terminal; left out when there is none. */
  readonly prompt?: (() => Promise<string>) | undefined
  /** The folder that relative paths start from. */
  readonly cwd: string
}

/** Finds the passwords of Ansible's vaults; they are looked for once, however often they are asked for. */
export const vaultPasswordsFrom = (sources: VaultPasswordSources): (() => Promise<readonly Secret[]>) => {
  let found: Promise<readonly Secret[]> | undefined
  return () => (found ??= lookFor(sources))
}

const lookFor = async ({ files = [], environment = {}, key, prompt, cwd }: VaultPasswordSources): Promise<readonly Secret[]> => {
  if (files.length > 0) return Promise.all(files.map((file) => passwordIn(resolve(cwd, file), '--vault-password-file')))
  const { ANSIBLE_VAULT_PASSWORD_FILE: file } = environment
  if (file !== undefined && file !== '') return [await passwordIn(resolve(cwd, file), 'ANSIBLE_VAULT_PASSWORD_FILE')]
  const own = await key?.()
  if (own?.kind === 'passphrase') return [own.passphrase]
  if (prompt !== undefined) return [new Secret(await prompt())]
  throw noPassword()
}

/** What is said where a vault of Ansible is met and no password is at hand. */
export const noPassword = (): ProvisionError =>
  mistake('no-vault-password', 'a vault of Ansible needs a password and none was given', 'give --vault-password-file FILE, or set ANSIBLE_VAULT_PASSWORD_FILE')

/** The content of a file without the blanks around it; of an executable, as Ansible has it, what it prints. */
const passwordIn = async (file: string, from: string): Promise<Secret> => {
  const text = (await isProgram(file)) ? await printedBy(file) : await readFile(file, 'utf8').catch((cause: unknown) => {
    throw mistake('no-vault-password', `the password file ${file} cannot be read`, `give the path of an existing file to ${from}`, cause)
  })
  if (text.trim() === '') throw mistake('no-vault-password', `the password file ${file} is empty`, 'write the password into it, on one line')
  return new Secret(text.trim())
}

const isProgram = async (file: string): Promise<boolean> => {
  const status = await stat(file).catch(() => undefined)
  return status?.isFile() === true && (status.mode & 0o111) !== 0 && access(file, constants.X_OK).then(() => true, () => false)
}

const run = promisify(execFile)

const printedBy = async (file: string): Promise<string> => {
  try {
    const running = run(file)
    running.child.stdin?.end()
    return (await running).stdout
  } catch (cause) {
    throw mistake('no-vault-password', `the password program ${file} did not print a password`, `try it: ${file}; where it is no program, chmod -x ${file}`, cause)
  }
}

const mistake = (code: string, message: string, hint: string, cause?: unknown): ProvisionError =>
  new ProvisionError(code, message, { hint, exit: exitCode.input, ...(cause === undefined ? {} : { cause }) })
