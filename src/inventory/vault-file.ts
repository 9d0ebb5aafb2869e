import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, extname, join } from 'node:path'
import { ProvisionError, ProvisionErrors } from '../core/errors.js'
import type { Secret } from '../core/secret.js'
import { parseYaml } from '../yaml/document.js'
import { mistake, mistakesIn } from './mistake.js'
import { stageFile, type StagedFile, writePrivately } from './private-file.js'
import { isMissing } from './read.js'
import { decryptText, encryptText, type EncryptOptions, recipientCount } from './vault/age.js'
import { isVaultText } from './vault/armor.js'
import type { VaultKey } from './vault/key.js'
import { importAnsibleText, openText, rekeyText } from './vault/text.js'

/** Who may open a vault file: the key, and the recipients given here or listed in `vault.recipients` beside the file. */
export interface VaultAccess extends EncryptOptions { readonly key: VaultKey }

/** Encrypts a whole file in place. */
export const encryptFile = async (path: string, access: VaultAccess): Promise<void> => {
  const text = await existing(path)
  if (isVaultText(text)) throw mistake('already-encrypted', `${path} is encrypted already`, { hint: `change it with provision vault edit ${path}` })
  checkYamlText(path, text)
  await writePrivately(path, await encryptText(text, access.key, await optionsFor(path, access)))
}

/** Decrypts a file in place: all of it, or its `!vault` values. */
export const decryptFile = async (path: string, key: VaultKey): Promise<void> => {
  await writePrivately(path, await openText(await existing(path), key, path))
}

/** The text of a vault file, in the open. */
export const viewFile = async (path: string, key: VaultKey): Promise<string> => openText(await existing(path), key, path)

export interface EditAccess extends VaultAccess {
  /** Opens a file for the person at the terminal and resolves when they are done. */
  readonly editor: (path: string) => Promise<void>
  /** Is told what is wrong with what they wrote; `true` lets them go on. Left out: their draft is kept, encrypted. */
  readonly again?: (mistakes: ProvisionErrors) => Promise<boolean>
  /** Where the plain text lies meanwhile, in a folder of its own that only its owner can enter. */
  readonly temporary?: string
}

/**
 * Lets a person edit a vault file; one that does not exist begins empty. Nothing is written when nothing was changed. The plain text is
 * removed whatever happens; a draft that cannot be saved is kept, encrypted, beside the file.
 */
export const editFile = async (path: string, access: EditAccess): Promise<'unchanged' | 'saved'> => {
  const before = await readIfThere(path)
  const plain = before === undefined ? '' : await wholeText(path, before, access.key)
  const options = await optionsFor(path, access)
  if (before !== undefined) await keepsRecipients(path, before, access, options)
  const folder = await mkdtemp(join(access.temporary ?? tmpdir(), 'provision-vault-'))
  const draft = join(folder, basename(path))
  try {
    await writeFile(draft, plain, { mode: 0o600, flag: 'wx' })
    try {
      const written = await edited(draft, path, plain, access)
      if (written === plain) return 'unchanged'
      if ((await readIfThere(path)) !== before) throw mistake('vault-changed', `${path} was changed by somebody else meanwhile`, { hint: 'compare it with your draft' })
      await writePrivately(path, await encryptText(written, access.key, options))
      return 'saved'
    } catch (error) {
      const left = await readIfThere(draft)
      if (left === undefined || left === plain) throw error
      throw await withDraft(error, path, await encryptText(left, access.key, options))
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const edited = async (draft: string, path: string, plain: string, { editor, again }: EditAccess): Promise<string> => {
  for (;;) {
    await editor(draft)
    const text = await readFile(draft, 'utf8')
    if (text === plain) return text
    try {
      checkYamlText(path, text)
      return text
    } catch (error) {
      if (!(error instanceof ProvisionErrors) || again === undefined || !(await again(error))) throw error
    }
  }
}

const withDraft = async (error: unknown, path: string, encrypted: string): Promise<unknown> => {
  const kept = `${path}.draft`
  await writePrivately(kept, encrypted)
  const note = mistake('draft-kept', `${path} is as it was; your draft is kept, encrypted, in ${kept}`, { hint: `go on with provision vault edit ${kept}, then move it over ${path}` })
  if (error instanceof ProvisionError || error instanceof ProvisionErrors) return new ProvisionErrors([...mistakesIn(error), note])
  return new ProvisionErrors([mistake('editor-failed', 'the editor did not end well', { cause: error }), note])
}

/** Puts files under another key: all of them, or none. `stage` is the way that files are written. */
export const rekeyFiles = (paths: readonly string[], from: VaultKey, to: VaultAccess, stage = stageFile): Promise<void> =>
  replaceFiles(paths, async (path, before) => {
    const after = await rekeyText(before, from, to.key, path, await optionsFor(path, to))
    // A file that the new key does not open would be lost.
    if ((await openText(after, to.key, path)) !== (await openText(before, from, path))) throw new Error(`${path} does not survive the new key`)
    return after
  }, stage)

/** Puts what Ansible has encrypted in files under our key: all of the files, or none. */
export const importAnsibleFiles = (paths: readonly string[], passwords: () => Promise<readonly Secret[]>, to: VaultAccess, stage = stageFile): Promise<void> =>
  replaceFiles(paths, async (path, before) => {
    // what could not be decoded would be written back as something else
    if (!(await readFile(path)).equals(Buffer.from(before))) throw mistake('not-utf8', `${path} is not text in UTF-8`, { hint: `write it anew: iconv -f latin1 -t utf8 ${path}` })
    return importAnsibleText(before, await passwords(), to.key, path, await optionsFor(path, to))
  }, stage)

const replaceFiles = async (paths: readonly string[], change: (path: string, before: string) => Promise<string>, stage: typeof stageFile): Promise<void> => {
  const results = await Promise.allSettled(paths.map(async (path) => {
    const before = await existing(path)
    return { path, before, after: await change(path, before) }
  }))
  const mistakes = results.flatMap((result) => (result.status === 'rejected' ? mistakesIn(result.reason) : []))
  if (mistakes.length > 0) throw new ProvisionErrors(mistakes)
  const files = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const staged = await stageAll(files, stage)
  const done: typeof files = []
  try {
    for (const [index, file] of files.entries()) {
      await staged[index]?.replace()
      done.push(file)
    }
  } catch (error) {
    for (const { path, before } of done) await writePrivately(path, before)
    await Promise.all(staged.map((file) => file.discard()))
    throw error
  }
}

const stageAll = async (files: readonly { readonly path: string; readonly after: string }[], stage: typeof stageFile): Promise<readonly StagedFile[]> => {
  const results = await Promise.allSettled(files.map(({ path, after }) => stage(path, after)))
  const staged = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed === undefined) return staged
  await Promise.all(staged.map((file) => file.discard()))
  throw failed.reason
}

/** A vault must be YAML that can be read, lest the next run find out; other files, such as keys, may be anything. */
const checkYamlText = (path: string, text: string): void => {
  if (['.yaml', '.yml'].includes(extname(path.replace(/\.draft$/, ''))) && !isVaultText(text)) parseYaml(text, path, { secret: true })
}

const wholeText = async (path: string, text: string, key: VaultKey): Promise<string> => {
  if (isVaultText(text)) return decryptText(text, key, { file: path, line: 1, column: 1 })
  throw mistake('not-a-vault', `${path} is not encrypted as a whole`, {
    at: { file: path, line: 1, column: 1 }, hint: `edit it as it is, with values from provision vault encrypt --value, or encrypt it with provision vault encrypt ${path}`,
  })
}

const optionsFor = async (path: string, { key, recipients = [], workFactor }: VaultAccess): Promise<EncryptOptions> => {
  const listed = key.kind === 'identity' ? recipientLines((await readIfThere(join(dirname(path), 'vault.recipients'))) ?? '') : []
  return { recipients: [...new Set([...recipients, ...listed])], ...(workFactor === undefined ? {} : { workFactor }) }
}

const recipientLines = (text: string): readonly string[] => text.split(/\r?\n/).map((line) => line.replace(/#.*/, '').trim()).filter((line) => line !== '')

/** An age file does not say who its recipients are, only how many: saving it for fewer would lock somebody out. */
const keepsRecipients = async (path: string, before: string, { key }: VaultAccess, options: EncryptOptions): Promise<void> => {
  if (key.kind === 'passphrase') return
  const had = await recipientCount(before)
  const will = await recipientCount(await encryptText('', key, options))
  if (will >= had) return
  throw mistake('vault-recipients', `${path} opens for ${had} recipients, and only ${will} of them ${will === 1 ? 'is' : 'are'} known here`, {
    hint: `list their public keys, age1…, in ${join(dirname(path), 'vault.recipients')}, one a line`,
  })
}

const existing = async (path: string): Promise<string> => {
  const text = await readIfThere(path)
  if (text === undefined) throw mistake('no-file', `${path} does not exist`, { hint: `make it with provision vault edit ${path}` })
  return text
}

const readIfThere = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    if (isMissing(cause)) return undefined
    throw mistake('unreadable-file', `${path} cannot be read`, { hint: `look at it with ls -l ${path}`, cause })
  }
}
