import { armor, Decrypter, Encrypter, generateHybridIdentity, generateIdentity, identityToRecipient } from 'age-encryption'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { ProvisionError } from '../../src/core/errors.js'
import { Secret } from '../../src/core/secret.js'
import { decryptText, encryptText } from '../../src/inventory/vault/age.js'
import { isVaultText } from '../../src/inventory/vault/armor.js'
import { parseVaultKey, type VaultKey, vaultKeyFrom } from '../../src/inventory/vault/key.js'
import { WORK_FACTOR } from '../../src/inventory/vault/passphrase.js'
import { encryptValue, openText, rekeyText } from '../../src/inventory/vault/text.js'
import { mistakesOfAsync } from '../yaml/mistakes.js'
import { folderWith, passphrase } from './files.js'

const key = passphrase('correct horse')
const quick = { workFactor: 2 }
const identityKey = async (make = generateIdentity): Promise<VaultKey> => ({ kind: 'identity', identities: [new Secret(await make())] })
const codeOf = async (text: string, with_: VaultKey = key): Promise<string> => {
  try {
    return `opened: ${await decryptText(text, with_)}`
  } catch (error) {
    if (error instanceof ProvisionError && error.exit === 2 && error.hint !== undefined) return error.code
    throw error
  }
}

describe('a vault text', () => {
  it.each(['', 'hunter2', 'ünï\ncode\0', 'x'.repeat(200_000)])('opens again under its passphrase (%#)', async (text) => {
    const vault = await encryptText(text, key, quick)
    expect(isVaultText(vault)).toBe(true)
    expect(await decryptText(vault, key)).toBe(text)
  })

  it('is an age file: the library opens ours, and we open the library’s', async () => {
    const decrypter = new Decrypter()
    decrypter.addPassphrase('correct horse')
    expect(await decrypter.decrypt(armor.decode(await encryptText('ours', key)), 'text')).toBe('ours')
    const encrypter = new Encrypter()
    encrypter.setPassphrase('correct horse')
    encrypter.setScryptWorkFactor(10)
    expect(await decryptText(armor.encode(await encrypter.encrypt('theirs')), key)).toBe('theirs')
  })

  it('costs a guesser the work factor that is documented', async () => {
    const header = Buffer.from(armor.decode(await encryptText('x', key))).toString('latin1').split('\n')[1]
    expect(header).toMatch(new RegExp(`^-> scrypt [A-Za-z0-9+/]{22} ${WORK_FACTOR}$`))
    expect(WORK_FACTOR).toBeGreaterThanOrEqual(16)
  })

  it.each([['X25519', generateIdentity], ['post-quantum', generateHybridIdentity]])('opens for %s identities and every recipient', async (_, make) => {
    const mine = await identityKey(make)
    const yours = await identityKey(make)
    const [identity] = yours.kind === 'identity' ? yours.identities : []
    const vault = await encryptText('shared', mine, { recipients: [await identityToRecipient(identity?.reveal() ?? '')] })
    expect(await decryptText(vault, mine)).toBe('shared')
    expect(await decryptText(vault, yours)).toBe('shared')
    expect(await codeOf(vault, await identityKey(make))).toBe('wrong-vault-key')
  })

  it('survives Windows line ends and spaces around it', async () => {
    const vault = await encryptText('x', key, quick)
    expect(await decryptText(`\n  ${vault.replaceAll('\n', '\r\n')}\n`, key)).toBe('x')
  })

  it('is never the same twice', async () => {
    expect(await encryptText('x', key, quick)).not.toBe(await encryptText('x', key, quick))
  })

  it('refuses recipients that are none, or beside a passphrase', async () => {
    expect(await mistakesOfAsync(async () => encryptText('x', await identityKey(), { recipients: ['age1nonsense'] })))
      .toEqual(['vault-recipients: "age1nonsense" is not an age recipient (write the public key that age-keygen prints, age1…)'])
    expect(await mistakesOfAsync(() => encryptText('x', key, { recipients: ['age1x'] })))
      .toEqual(['vault-recipients: a vault with a passphrase cannot have recipients as well (use an identity made by age-keygen as the vault key)'])
  })
})

describe('a vault text that does not open', () => {
  const at = { file: 'vault.yaml', line: 3, column: 5 }
  let vault = ''
  let bytes: Uint8Array = new Uint8Array()
  let headerEnd = 0
  beforeAll(async () => {
    vault = await encryptText('the secret', key, quick)
    bytes = armor.decode(vault)
    headerEnd = Buffer.from(bytes).indexOf('\n', Buffer.from(bytes).indexOf('\n--- ') + 1)
  })

  it('says what is wrong, where, and what to do', async () => {
    const identity = await identityKey()
    const closed = await encryptText('x', identity)
    const texts: readonly (readonly [string, VaultKey])[] = [
      [vault, passphrase('wrong horse')], [vault, identity], [closed, key],
      [armor.encode(bytes.with(bytes.length - 1, (bytes.at(-1) ?? 0) ^ 1)), key], [vault.slice(0, 200), key],
      ['hunter2', key], ['$ANSIBLE_VAULT;1.1;AES256\n6162\n', key], ['age-encryption.org/v1\n-> scrypt', key],
    ]
    const told = await Promise.all(texts.map(([text, with_]) => mistakesOfAsync(() => decryptText(text, with_, at))))
    expect(told.flat()).toEqual([
      '3:5 wrong-vault-key: the vault key does not open this vault (give the key that it was encrypted with; if that is this one, restore the file: its first lines were altered)',
      '3:5 wrong-vault-key: the vault is closed with a passphrase, and the key given is an age identity (give the passphrase as the vault key)',
      '3:5 wrong-vault-key: the vault is closed for age identities, and the key given is a passphrase (give a file with AGE-SECRET-KEY-… as the vault key)',
      '3:5 tampered-vault: the vault was altered after it was encrypted (restore it from version control or a backup, or encrypt the text again)',
      '3:5 truncated-vault: the vault is cut off: its end is missing (restore it from version control or a backup, or encrypt the text again)',
      '3:5 not-a-vault: this is not encrypted: it does not start with -----BEGIN AGE ENCRYPTED FILE----- (encrypt it with provision vault encrypt)',
      '3:5 not-a-vault: this is a vault of Ansible (put it under our key with provision vault import FILE)',
      '3:5 not-a-vault: this is a binary age file (write it armored: age -d FILE | provision vault encrypt)',
    ])
  })

  /** The regions of the file, by what altering a byte of each is allowed to look like. */
  const regions = (): readonly { readonly name: string; readonly from: number; readonly to: number; readonly codes: readonly string[] }[] => {
    const text = Buffer.from(bytes).toString('latin1')
    const stanza = text.indexOf('\n-> ') + 1
    const salt = text.indexOf('scrypt ') + 'scrypt '.length
    const body = text.indexOf('\n', salt) + 1
    const mac = text.indexOf('\n--- ') + 1
    return [
      { name: 'version', from: 0, to: stanza, codes: ['tampered-vault'] },
      // An unknown kind of stanza is one for somebody else, as age says.
      { name: 'kind of stanza', from: stanza, to: salt, codes: ['tampered-vault', 'wrong-vault-key'] },
      { name: 'salt, work factor and wrapped key', from: salt, to: mac - 1, codes: ['wrong-vault-key', 'tampered-vault'] },
      { name: 'first byte of the wrapped key', from: body, to: body + 1, codes: ['wrong-vault-key', 'tampered-vault'] },
      // whether the rest looks cut off depends on its random length
      { name: 'MAC', from: mac, to: headerEnd + 1, codes: ['tampered-vault', 'truncated-vault'] },
      { name: 'nonce and payload', from: headerEnd + 1, to: bytes.length, codes: ['tampered-vault'] },
    ]
  }

  it.each([0x01, 0x04, 0x80])('was altered: every byte, by %i', async (flip) => {
    const seen = new Map<string, Set<string>>()
    for (const { name, from, to, codes } of regions()) {
      for (let offset = from; offset < to; offset += 1) {
        const code = await codeOf(armor.encode(bytes.with(offset, (bytes[offset] ?? 0) ^ flip)))
        expect(codes, `${name}, byte ${offset}`).toContain(code)
        seen.set(name, (seen.get(name) ?? new Set<string>()).add(code))
      }
    }
    expect([...(seen.get('MAC') ?? [])]).toContain('tampered-vault')
  })

  it('was altered in its armor: every character', async () => {
    const codes = ['tampered-vault', 'truncated-vault', 'wrong-vault-key', 'not-a-vault']
    for (let offset = 0; offset < vault.trimEnd().length; offset += 1) {
      const changed = vault[offset] === 'B' ? 'C' : 'B'
      expect(codes, `character ${offset}`).toContain(await codeOf(vault.slice(0, offset) + changed + vault.slice(offset + 1)))
    }
  })

  it('was cut: at every character of its armor', async () => {
    const whole = vault.trimEnd()
    for (let length = 0; length < whole.length; length += 1) {
      expect(await codeOf(whole.slice(0, length)), `${length} characters`).toBe(length < 10 ? 'not-a-vault' : 'truncated-vault')
    }
  })

  it('was cut and armored again: at every byte', async () => {
    for (let length = 0; length < bytes.length; length += 1) {
      const expected = length <= headerEnd + 32 ? 'truncated-vault' : 'tampered-vault'
      expect(await codeOf(armor.encode(bytes.slice(0, length))), `${length} bytes`).toBe(expected)
    }
  })

  it('was lengthened', async () => {
    expect(await codeOf(armor.encode(new Uint8Array([...bytes, 0])))).toBe('tampered-vault')
    expect(await codeOf(`${vault}more`)).toBe('tampered-vault')
  })

  it('asks for more work than a controller should do', async () => {
    const greedy = Buffer.from(Buffer.from(bytes).toString('latin1').replace(/ 2\n/, ' 30\n'), 'latin1')
    expect(await codeOf(armor.encode(new Uint8Array(greedy)))).toBe('tampered-vault')
  })
})

describe('the vault key', () => {
  it('is a passphrase or identities', () => {
    expect(parseVaultKey('five random words\n', 'x')).toEqual({ kind: 'passphrase', passphrase: new Secret('five random words') })
    const both = parseVaultKey('# created: today\nAGE-SECRET-KEY-1A\nAGE-SECRET-KEY-1B\n', 'x')
    expect(both.kind === 'identity' && both.identities.map((identity) => identity.reveal())).toEqual(['AGE-SECRET-KEY-1A', 'AGE-SECRET-KEY-1B'])
    const comment = parseVaultKey('#1 passphrase\n', 'x')
    expect(comment.kind === 'passphrase' && comment.passphrase.reveal()).toBe('#1 passphrase')
  })

  it('is looked for in order, once, and only when asked for', async () => {
    const cwd = await folderWith({ flag: 'from the flag\n', variable: 'from the variable\n' })
    let asked = 0
    const prompt = () => Promise.resolve(`from the prompt ${++asked}`)
    const found = async (sources: Parameters<typeof vaultKeyFrom>[0]) => {
      const vaultKey = await vaultKeyFrom(sources)()
      return vaultKey.kind === 'passphrase' ? vaultKey.passphrase.reveal() : 'identity'
    }
    const environment = { PROVISION_VAULT_KEY: 'from the value', PROVISION_VAULT_KEY_FILE: 'variable' }
    expect(await found({ cwd, keyFile: 'flag', environment, prompt })).toBe('from the flag')
    expect(await found({ cwd, environment, prompt })).toBe('from the value')
    expect(await found({ cwd, environment: { PROVISION_VAULT_KEY_FILE: 'variable' }, prompt })).toBe('from the variable')
    expect(asked).toBe(0)
    const key = vaultKeyFrom({ cwd, prompt })
    expect(asked).toBe(0)
    await Promise.all([key(), key()])
    expect(asked).toBe(1)
  })

  it('says what is wrong', async () => {
    const cwd = await folderWith({ empty: '\n', lines: 'one\ntwo\n', open: 'x\n' })
    await chmod(join(cwd, 'open'), 0o644)
    const wrong = (sources: Omit<Parameters<typeof vaultKeyFrom>[0], 'cwd'>) => mistakesOfAsync(() => vaultKeyFrom({ cwd, ...sources })())
    expect(await wrong({})).toEqual(['no-vault-key: the vault needs a key and none was given (give --vault-key-file FILE, or set PROVISION_VAULT_KEY or PROVISION_VAULT_KEY_FILE)'])
    expect(await wrong({ keyFile: 'none' })).toEqual([`no-vault-key: the vault key file ${cwd}/none cannot be read (give the path of an existing file to --vault-key-file or PROVISION_VAULT_KEY_FILE)`])
    expect(await wrong({ keyFile: 'open' })).toEqual([`open-vault-key-file: the vault key file ${cwd}/open can be read or written by others (chmod 600 ${cwd}/open)`])
    expect(await wrong({ keyFile: 'empty' })).toEqual([`bad-vault-key: the vault key in ${cwd}/empty is empty (write a passphrase of five random words, or an identity made by age-keygen)`])
    expect(await wrong({ keyFile: 'lines' })).toEqual([`bad-vault-key: the vault key in ${cwd}/lines has several lines (write one passphrase on one line, or only lines of AGE-SECRET-KEY-…)`])
    const cut: VaultKey = { kind: 'identity', identities: [new Secret('AGE-SECRET-KEY-1CUT')] }
    const notWhole = ['bad-vault-key: the vault key is not a whole age identity (copy the line AGE-SECRET-KEY-… again, all of it)']
    expect(await mistakesOfAsync(() => encryptText('x', cut))).toEqual(notWhole)
    expect(await mistakesOfAsync(async () => decryptText(await encryptText('x', key, quick), cut))).toEqual(notWhole)
  })

  it('does not print', () => {
    expect(JSON.stringify(passphrase('hunter2'))).not.toContain('hunter2')
  })
})

describe('values in a file', () => {
  const other = passphrase('another horse')

  it('are made to be pasted', async () => {
    const block = await encryptValue('hunter2', key, { ...quick, name: 'password' })
    expect(block).toMatch(/^password: !vault \|\n {2}-----BEGIN AGE ENCRYPTED FILE-----\n( {2}\S+\n)+ {2}-----END AGE ENCRYPTED FILE-----\n$/)
    expect(await openText(block, key, 'x.yaml')).toBe('password: "hunter2"\n')
  })

  const fileOf = async (): Promise<string> => {
    const value = async (indent: number): Promise<string> => (await encryptValue('p"w\n', key, quick)).replaceAll(/\n(?=.)/g, `\n${' '.repeat(indent)}`)
    const flow = JSON.stringify(await encryptText('flow', key, quick))
    return `# kept\ndb:\n  password: ${await value(2)}  user: wso2   # kept too\nlist:\n  - ${await value(2)}  - name: a\n    token: ${await value(4)}  - secret: ${await value(6)}end: { x: !vault ${flow}, y: 1 }\n`
  }
  const opened = '# kept\ndb:\n  password: "p\\"w\\n"\n  user: wso2   # kept too\nlist:\n  - "p\\"w\\n"\n  - name: a\n    token: "p\\"w\\n"\n  - secret: "p\\"w\\n"\nend: { x: "flow", y: 1 }\n'

  it('open in place, and the rest of the file stays', async () => {
    expect(await openText(await fileOf(), key, 'x.yaml')).toBe(opened)
    expect(await openText(`\uFEFF${await fileOf()}`, key, 'x.yaml')).toBe(`\uFEFF${opened}`)
  })

  it('are put under another key, and the rest of the file stays', async () => {
    const file = await fileOf()
    const renewed = await rekeyText(file, key, other, 'x.yaml', quick)
    expect(await openText(renewed, other, 'x.yaml')).toBe(opened)
    const skeleton = (text: string) => text.replaceAll(/^ *[A-Za-z0-9+/=]{20,}$/gm, '').replaceAll(/"-----BEGIN.*?"/g, '""')
    expect(skeleton(renewed)).toBe(skeleton(file))
    expect((await mistakesOfAsync(() => openText(renewed, key, 'x.yaml')))[0]).toMatch(/^3:13 wrong-vault-key/)
  })

  it('must be there', async () => {
    expect(await mistakesOfAsync(() => openText('a: 1\n', key, 'x.yaml'))).toEqual(['1:1 not-a-vault: nothing in x.yaml is encrypted (encrypt it with provision vault encrypt x.yaml)'])
  })
})
