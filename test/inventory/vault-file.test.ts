import { chmod, lstat, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateIdentity, identityToRecipient } from 'age-encryption'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/core/secret.js'
import { decryptText, encryptText } from '../../src/inventory/vault/age.js'
import { isVaultText } from '../../src/inventory/vault/armor.js'
import { decryptFile, editFile, type EditAccess, encryptFile, rekeyFiles, viewFile } from '../../src/inventory/vault-file.js'
import { stageFile } from '../../src/inventory/private-file.js'
import type { VaultKey } from '../../src/inventory/vault/key.js'
import { encryptValue } from '../../src/inventory/vault/text.js'
import { mistakesOfAsync } from '../yaml/mistakes.js'
import { folderWith, passphrase } from './files.js'

const key = passphrase('correct horse')
const other = passphrase('another horse')
const access = { key, workFactor: 2 }
const plain = 'db:\n  password: hunter2\n'
const vaultOf = (text: string) => encryptText(text, key, { workFactor: 2 })
const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)

describe('encrypting a file', () => {
  it('replaces it by a private one, and decrypting brings it back', async () => {
    const folder = await folderWith({ 'vault.yaml': plain })
    const path = join(folder, 'vault.yaml')
    await chmod(path, 0o644)
    await encryptFile(path, access)
    expect(isVaultText(await readFile(path, 'utf8'))).toBe(true)
    expect(await modeOf(path)).toBe('600')
    expect(await viewFile(path, key)).toBe(plain)
    await decryptFile(path, key)
    expect(await readFile(path, 'utf8')).toBe(plain)
    expect(await modeOf(path)).toBe('600')
    expect(await readdir(folder)).toEqual(['vault.yaml'])
  })

  it('takes any text, but of YAML only what can be read', async () => {
    const folder = await folderWith({ 'server.key': '-----BEGIN PRIVATE KEY-----\n: [', 'vault.yaml': 'pin: 0123\nx: hunter2: y\n', 'done.yaml': await vaultOf('a: b\n') })
    await encryptFile(join(folder, 'server.key'), access)
    expect(await viewFile(join(folder, 'server.key'), key)).toBe('-----BEGIN PRIVATE KEY-----\n: [')
    const told = await mistakesOfAsync(() => encryptFile(join(folder, 'vault.yaml'), access))
    expect(told.map((line) => line.split(': ')[0])).toEqual(['1:6 yaml-octal', '2:4 yaml-syntax'])
    expect(told.join()).not.toMatch(/hunter2|0123/)
    expect(await readFile(join(folder, 'vault.yaml'), 'utf8')).toContain('hunter2')
    const path = join(folder, 'done.yaml')
    expect(await mistakesOfAsync(() => encryptFile(path, access))).toEqual([`already-encrypted: ${path} is encrypted already (change it with provision vault edit ${path})`])
    expect(await mistakesOfAsync(() => encryptFile(join(folder, 'none'), access))).toEqual([`no-file: ${folder}/none does not exist (make it with provision vault edit ${folder}/none)`])
  })

  it('keeps a symbolic link', async () => {
    const folder = await folderWith({ 'real/vault.yaml': plain })
    await symlink('real/vault.yaml', join(folder, 'link.yaml'))
    await encryptFile(join(folder, 'link.yaml'), access)
    expect((await lstat(join(folder, 'link.yaml'))).isSymbolicLink()).toBe(true)
    expect(await viewFile(join(folder, 'real/vault.yaml'), key)).toBe(plain)
  })

  it('opens the values of a file, too', async () => {
    const folder = await folderWith({ 'hosts.yaml': `vars:\n  a: 1\n  b: ${(await encryptValue('x', key, { workFactor: 2 })).replaceAll('\n  ', '\n    ')}` })
    await decryptFile(join(folder, 'hosts.yaml'), key)
    expect(await readFile(join(folder, 'hosts.yaml'), 'utf8')).toBe('vars:\n  a: 1\n  b: "x"\n')
  })
})

describe('editing a file', () => {
  /** An editor that writes these texts, one each time it is opened. */
  const writing = (...texts: readonly string[]) => {
    const opened: { readonly text: string; readonly mode: string; readonly folder: string; readonly name: string }[] = []
    const editor = async (path: string): Promise<void> => {
      opened.push({ text: await readFile(path, 'utf8'), mode: await modeOf(path), folder: await modeOf(join(path, '..')), name: path.split('/').at(-1) ?? '' })
      const text = texts[opened.length - 1]
      if (text === undefined) throw new Error('opened once too often')
      await writeFile(path, text)
    }
    return { editor, opened }
  }
  const setUp = async (text: string | undefined = plain) => {
    const folder = await folderWith({ ...(text === undefined ? {} : { 'vault.yaml': await vaultOf(text) }), 'tmp/.keep': '' })
    const path = join(folder, 'vault.yaml')
    const temporary = join(folder, 'tmp')
    const edit = (more: Pick<EditAccess, 'editor'> & Partial<EditAccess>) => editFile(path, { ...access, temporary, ...more })
    return { folder, path, edit, leftovers: () => readdir(temporary).then((names) => names.filter((name) => name !== '.keep')) }
  }

  it('shows the plain text in a private place, saves it encrypted, and leaves nothing behind', async () => {
    const { path, edit, leftovers, folder } = await setUp()
    const { editor, opened } = writing('db:\n  password: new\n')
    expect(await edit({ editor })).toBe('saved')
    expect(opened).toEqual([{ text: plain, mode: '600', folder: '700', name: 'vault.yaml' }])
    expect(await viewFile(path, key)).toBe('db:\n  password: new\n')
    expect(await modeOf(path)).toBe('600')
    expect(await leftovers()).toEqual([])
    expect((await readdir(folder)).toSorted()).toEqual(['tmp', 'vault.yaml'])
  })

  it('leaves the file alone when nothing was changed', async () => {
    const { path, edit, leftovers } = await setUp()
    const before = await readFile(path, 'utf8')
    expect(await edit({ editor: writing(plain).editor })).toBe('unchanged')
    expect(await readFile(path, 'utf8')).toBe(before)
    expect(await leftovers()).toEqual([])
  })

  it('makes a file that is not there', async () => {
    const { folder, edit } = await setUp()
    const path = join(folder, 'new.yaml')
    expect(await editFile(path, { ...access, editor: writing('').editor })).toBe('unchanged')
    expect(await readdir(folder)).not.toContain('new.yaml')
    expect(await editFile(path, { ...access, editor: writing('a: b\n').editor })).toBe('saved')
    expect(await viewFile(path, key)).toBe('a: b\n')
    expect(typeof edit).toBe('function')
  })

  it('opens again after a mistake, with what was written', async () => {
    const { path, edit, leftovers } = await setUp()
    const { editor, opened } = writing('a: b: hunter3\n', 'a: hunter3\n')
    const told: string[] = []
    expect(await edit({ editor, again: (mistakes) => { told.push(mistakes.message); return Promise.resolve(true) } })).toBe('saved')
    expect(opened.map(({ text }) => text)).toEqual([plain, 'a: b: hunter3\n'])
    expect(told).toEqual(['a map starts in the middle of a line'])
    expect(await viewFile(path, key)).toBe('a: hunter3\n')
    expect(await leftovers()).toEqual([])
  })

  it('keeps the draft, encrypted, when a mistake is not mended', async () => {
    const { path, edit, leftovers } = await setUp()
    const before = await readFile(path, 'utf8')
    const told = await mistakesOfAsync(() => edit({ editor: writing('a: b: hunter3\n').editor, again: () => Promise.resolve(false) }))
    expect(told).toEqual([
      '1:4 yaml-syntax: a map starts in the middle of a line (quote the value if it holds ": ", or mend the indentation of the lines below)',
      `draft-kept: ${path} is as it was; your draft is kept, encrypted, in ${path}.draft (go on with provision vault edit ${path}.draft, then move it over ${path})`,
    ])
    expect(await readFile(path, 'utf8')).toBe(before)
    expect(await viewFile(`${path}.draft`, key)).toBe('a: b: hunter3\n')
    expect(await leftovers()).toEqual([])
    expect(await editFile(`${path}.draft`, { ...access, editor: writing('a: hunter3\n').editor })).toBe('saved')
  })

  it('does not overwrite what somebody else saved meanwhile', async () => {
    const { path, edit, leftovers } = await setUp()
    const theirs = await vaultOf('theirs: 1\n')
    const editor = async (draft: string) => {
      await writeFile(draft, 'mine: 1\n')
      await writeFile(path, theirs)
    }
    expect((await mistakesOfAsync(() => edit({ editor }))).map((line) => line.split(': ')[0])).toEqual(['vault-changed', 'draft-kept'])
    expect(await readFile(path, 'utf8')).toBe(theirs)
    expect(await viewFile(`${path}.draft`, key)).toBe('mine: 1\n')
    expect(await leftovers()).toEqual([])
  })

  it('leaves no plain text behind when the editor fails', async () => {
    const { path, edit, leftovers, folder } = await setUp()
    await expect(edit({ editor: () => Promise.reject(new Error('no such editor')) })).rejects.toThrow('no such editor')
    expect(await leftovers()).toEqual([])
    const crashing = async (draft: string) => {
      await writeFile(draft, 'half: 1\n')
      throw new Error('crashed')
    }
    expect((await mistakesOfAsync(() => edit({ editor: crashing }))).map((line) => line.split(': ')[0])).toEqual(['editor-failed', 'draft-kept'])
    expect(await leftovers()).toEqual([])
    expect((await readdir(folder)).toSorted()).toEqual(['tmp', 'vault.yaml', 'vault.yaml.draft'])
    expect(await viewFile(path, key)).toBe(plain)
  })

  it('does not open under another key, nor a file that is not encrypted', async () => {
    const { path, edit, folder, leftovers } = await setUp()
    expect((await mistakesOfAsync(() => edit({ key: other, editor: writing().editor })))[0]).toMatch(/^1:1 wrong-vault-key/)
    await writeFile(join(folder, 'open.yaml'), 'a: 1\n')
    expect((await mistakesOfAsync(() => editFile(join(folder, 'open.yaml'), { ...access, editor: writing().editor })))[0]).toMatch(/^1:1 not-a-vault/)
    expect(isVaultText(await readFile(path, 'utf8'))).toBe(true)
    expect(await leftovers()).toEqual([])
  })

  it('does not lock a recipient out', async () => {
    const [mine, yours] = await Promise.all([generateIdentity(), generateIdentity()])
    const recipient = await identityToRecipient(yours)
    const keyOf = (identity: string): VaultKey => ({ kind: 'identity', identities: [new Secret(identity)] })
    const folder = await folderWith({ 'vault.yaml': await encryptText('a: b\n', keyOf(mine), { recipients: [recipient] }) })
    const path = join(folder, 'vault.yaml')
    expect(await mistakesOfAsync(() => editFile(path, { key: keyOf(mine), editor: writing('a: c\n').editor }))).toEqual([
      `vault-recipients: ${path} opens for 2 recipients, and only 1 of them is known here (list their public keys, age1…, in ${folder}/vault.recipients, one a line)`,
    ])
    await writeFile(join(folder, 'vault.recipients'), `# you\n${recipient} # laptop\n`)
    expect(await editFile(path, { key: keyOf(mine), editor: writing('a: c\n').editor })).toBe('saved')
    expect(await decryptText(await readFile(path, 'utf8'), keyOf(yours))).toBe('a: c\n')
  })
})

describe('putting files under another key', () => {
  it('changes all of them', async () => {
    const folder = await folderWith({ 'a.yaml': await vaultOf('a: 1\n'), 'b.yaml': `b: ${await encryptValue('x', key, { workFactor: 2 })}c: 1\n` })
    const paths = ['a.yaml', 'b.yaml'].map((name) => join(folder, name))
    await rekeyFiles(paths, key, { key: other, workFactor: 2 })
    expect(await Promise.all(paths.map((path) => viewFile(path, other)))).toEqual(['a: 1\n', 'b: "x"\nc: 1\n'])
    expect((await mistakesOfAsync(() => viewFile(paths[0] ?? '', key)))[0]).toMatch(/wrong-vault-key/)
    expect((await readdir(folder)).toSorted()).toEqual(['a.yaml', 'b.yaml'])
  })

  it('changes none when one does not open', async () => {
    const texts = { 'a.yaml': await vaultOf('a: 1\n'), 'b.yaml': await encryptText('b: 1\n', other, { workFactor: 2 }), 'c.yaml': 'c: 1\n' }
    const folder = await folderWith(texts)
    const told = await mistakesOfAsync(() => rekeyFiles(Object.keys(texts).map((name) => join(folder, name)), key, { key: passphrase('new'), workFactor: 2 }))
    expect(told.map((line) => line.split(': ')[0])).toEqual(['1:1 wrong-vault-key', '1:1 not-a-vault'])
    for (const [name, text] of Object.entries(texts)) expect(await readFile(join(folder, name), 'utf8')).toBe(text)
    expect((await readdir(folder)).toSorted()).toEqual(['a.yaml', 'b.yaml', 'c.yaml'])
  })

  it.each(['written', 'replaced'])('changes none when one cannot be %s, and leaves nothing behind', async (when) => {
    const texts = { 'a.yaml': await vaultOf('a: 1\n'), 'b.yaml': await vaultOf('b: 1\n'), 'c.yaml': await vaultOf('c: 1\n') }
    const folder = await folderWith(texts)
    const full = new Error('no space left')
    const stage: typeof stageFile = async (path, text) => {
      if (!path.endsWith('b.yaml')) return stageFile(path, text)
      if (when === 'written') throw full
      return { ...(await stageFile(path, text)), replace: () => Promise.reject(full) }
    }
    await expect(rekeyFiles(Object.keys(texts).map((name) => join(folder, name)), key, { key: other, workFactor: 2 }, stage)).rejects.toBe(full)
    for (const [name, text] of Object.entries(texts)) expect(await readFile(join(folder, name), 'utf8')).toBe(text)
    expect((await readdir(folder)).toSorted()).toEqual(['a.yaml', 'b.yaml', 'c.yaml'])
  })
})
