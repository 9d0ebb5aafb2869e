import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/core/secret.js'
import { encryptText } from '../../src/inventory/vault/age.js'
import { decryptAnsible, isAnsibleVault } from '../../src/inventory/vault/ansible.js'
import { vaultPasswordsFrom, type VaultPasswordSources } from '../../src/inventory/vault/ansible-password.js'
import { importAnsibleFiles } from '../../src/inventory/vault-file.js'
import { openText } from '../../src/inventory/vault/text.js'
import { mistakesOfAsync } from '../yaml/mistakes.js'
import { folderWith, passphrase } from './files.js'

const fixture = (name: string): Promise<string> => readFile(new URL(`ansible/vault/${name}`, import.meta.url), 'utf8')
const horse = new Secret('correct horse')
const staple = new Secret('battery staple')
const quick = { workFactor: 2 }
const whole = 'db_password: hunter2\ndb_port: 5432\nuse_tls: true\nwelcome: grüß dich\n'

describe('a vault of Ansible', () => {
  it('opens in both formats, with the one of several passwords that fits', async () => {
    expect(await decryptAnsible(await fixture('whole.yml'), [horse])).toBe(whole)
    expect(await decryptAnsible((await fixture('whole.yml')).replaceAll('\n', '\r\n'), [horse])).toBe(whole)
    expect(await decryptAnsible(await fixture('labelled.yml'), [horse, staple])).toBe('token: t0ken\n')
  })

  it('is told by its first word', async () => {
    expect(isAnsibleVault(await fixture('whole.yml'))).toBe(true)
    expect(isAnsibleVault(await fixture('values.yml'))).toBe(false)
  })

  it('says of a wrong password that it is wrong, and which vault it was for', async () => {
    const text = await fixture('labelled.yml')
    expect(await mistakesOfAsync(() => decryptAnsible(text, [horse]))).toEqual([
      'wrong-vault-password: the password does not open this vault "dev" of Ansible (give the password that it was encrypted with; if that is this one, restore the file: it was altered)',
    ])
    expect(await mistakesOfAsync(async () => decryptAnsible(await fixture('whole.yml'), [staple, new Secret('x')]))).toEqual([
      expect.stringMatching(/^wrong-vault-password: none of the 2 passwords opens this vault of Ansible/),
    ])
  })

  it('says of a text that was cut off or altered that it was', async () => {
    const text = await fixture('whole.yml')
    const lines = text.split('\n')
    const altered = {
      'a digit that is none': text.replace(/(?<=\n\d+)\d\n/, 'x\n'),
      'a digit that is missing': text.replace(/(?<=\n\d+)\d\n/, '\n'),
      'the last line is missing': lines.slice(0, -2).join('\n'),
      'only the header': lines[0] ?? '',
      'the second half is missing': lines.slice(0, 3).join('\n'),
    }
    for (const [what, wrong] of Object.entries(altered)) {
      expect(await mistakesOfAsync(() => decryptAnsible(wrong, [horse])), what).toEqual([
        'tampered-vault: the vault of Ansible is cut off or was altered after it was encrypted (restore it from version control or a backup)',
      ])
    }
    // an authentic length with another content cannot be told from another password
    const last = lines.at(-2) ?? ''
    const flipped = text.replace(last, last.replace(/.$/, (digit) => (digit === '4' ? '5' : '4')))
    expect(await mistakesOfAsync(() => decryptAnsible(flipped, [horse]))).toEqual([expect.stringMatching(/^wrong-vault-password.*it was altered\)$/)])
  })

  it('is not read in formats that nobody writes any more', async () => {
    expect(await mistakesOfAsync(() => decryptAnsible('$ANSIBLE_VAULT;1.0;AES\n6162', [horse]))).toEqual([
      'old-vault: a vault of Ansible is read in its formats 1.1 and 1.2 with AES256, and this one says $ANSIBLE_VAULT;1.0;AES (write it anew with ansible-vault rekey)',
    ])
  })
})

describe('the passwords of a vault of Ansible', () => {
  const found = async (sources: Partial<VaultPasswordSources>): Promise<readonly string[]> => (await vaultPasswordsFrom({ cwd: '/', ...sources })()).map((secret) => secret.reveal())

  it('come from files, programs, the environment, our key if it is a passphrase, or the person, in this order', async () => {
    const cwd = await folderWith({ one: 'first \n', two: 'second\n', 'program.sh': '#!/bin/sh\necho third\n' })
    await chmod(join(cwd, 'program.sh'), 0o700)
    const environment = { ANSIBLE_VAULT_PASSWORD_FILE: 'two' }
    const key = () => Promise.resolve(passphrase('ours'))
    const prompt = () => Promise.resolve('typed')
    expect(await found({ cwd, files: ['one', 'program.sh'], environment, key, prompt })).toEqual(['first', 'third'])
    expect(await found({ cwd, environment, key, prompt })).toEqual(['second'])
    expect(await found({ key, prompt })).toEqual(['ours'])
    expect(await found({ key: () => Promise.resolve({ kind: 'identity', identities: [] }), prompt })).toEqual(['typed'])
  })

  it('are missing, empty or not printed with one message each', async () => {
    const cwd = await folderWith({ empty: '\n', 'program.sh': '#!/bin/sh\nexit 3\n' })
    await chmod(join(cwd, 'program.sh'), 0o700)
    expect(await mistakesOfAsync(() => found({}))).toEqual(['no-vault-password: a vault of Ansible needs a password and none was given (give --vault-password-file FILE, or set ANSIBLE_VAULT_PASSWORD_FILE)'])
    expect(await mistakesOfAsync(() => found({ cwd, files: ['none'] }))).toEqual([`no-vault-password: the password file ${cwd}/none cannot be read (give the path of an existing file to --vault-password-file)`])
    expect(await mistakesOfAsync(() => found({ cwd, files: ['empty'] }))).toEqual([`no-vault-password: the password file ${cwd}/empty is empty (write the password into it, on one line)`])
    expect(await mistakesOfAsync(() => found({ cwd, files: ['program.sh'] }))).toEqual([
      `no-vault-password: the password program ${cwd}/program.sh did not print a password (try it: ${cwd}/program.sh; where it is no program, chmod -x ${cwd}/program.sh)`,
    ])
  })
})

describe('taking over a vault of Ansible', () => {
  const ours = passphrase('ours')
  const passwords = () => Promise.resolve([horse, staple])
  const read = (cwd: string, name: string): Promise<string> => readFile(join(cwd, name), 'utf8')

  it('puts values under our key and leaves every other byte as it was', async () => {
    const before = `${await fixture('values.yml')}mine: !vault |\n  ${(await encryptText('kept', ours, quick)).trimEnd().replaceAll('\n', '\n  ')}\n`
    const cwd = await folderWith({ 'values.yml': before })
    await importAnsibleFiles([join(cwd, 'values.yml')], passwords, { key: ours, ...quick })
    const after = await read(cwd, 'values.yml')
    const withoutVaults = (text: string): string => text.replace(/!vault \|\n(?: {6,}\S+(?: \S+)*\n)+/g, '!vault\n')
    expect(withoutVaults(after)).toBe(withoutVaults(before))
    expect(after).not.toContain('$ANSIBLE_VAULT')
    expect(after.slice(after.indexOf('mine:'))).toBe(before.slice(before.indexOf('mine:')))
    const open = await openText(after.replace('plain:   yes', 'plain: true').replace('0644', "'0644'"), ours, 'values.yml')
    expect(open).toContain('db_password: "hunter2"\n')
    expect(open).toContain('      key: "two\\nlines"\n')
    expect(open).toContain('other: "s3cret"\n\nlast: "x"   # end\n')
  })

  it('puts whole files under our key', async () => {
    const cwd = await folderWith({ 'a.yml': await fixture('whole.yml'), 'b.yml': await fixture('labelled.yml') })
    await importAnsibleFiles([join(cwd, 'a.yml'), join(cwd, 'b.yml')], passwords, { key: ours, ...quick })
    expect(await openText(await read(cwd, 'a.yml'), ours, 'a.yml')).toBe(whole)
    expect(await openText(await read(cwd, 'b.yml'), ours, 'b.yml')).toBe('token: t0ken\n')
  })

  it('changes no file when one of them cannot be opened, and none that has nothing to take over', async () => {
    const text = await fixture('whole.yml')
    const cwd = await folderWith({ 'a.yml': text, 'b.yml': await fixture('labelled.yml'), 'plain.yml': 'a: 1\n' })
    const files = ['a.yml', 'b.yml', 'plain.yml'].map((name) => join(cwd, name))
    expect(await mistakesOfAsync(() => importAnsibleFiles(files, () => Promise.resolve([horse]), { key: ours, ...quick }))).toEqual([
      expect.stringMatching(/^1:1 wrong-vault-password: the password does not open this vault "dev"/),
      expect.stringMatching(/^1:1 no-ansible-vault: nothing in .*plain\.yml is encrypted by Ansible/),
    ])
    expect(await read(cwd, 'a.yml')).toBe(text)
  })

  it('needs text that is UTF-8, since all else would not stay as it was', async () => {
    const cwd = await folderWith({ 'a.yml': '' })
    await writeFile(join(cwd, 'a.yml'), Buffer.concat([Buffer.from('# caf\xe9\n', 'latin1'), Buffer.from(await fixture('values.yml'))]))
    expect(await mistakesOfAsync(() => importAnsibleFiles([join(cwd, 'a.yml')], passwords, { key: ours, ...quick }))).toEqual([expect.stringMatching(/not-utf8: .*a\.yml is not text in UTF-8/)])
  })
})
