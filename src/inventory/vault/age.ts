import { armor, Decrypter, Encrypter, identityToRecipient, Stanza, type Identity, type Recipient } from 'age-encryption'
import { exitCode, type Place, ProvisionError } from '../../core/errors.js'
import { BEGIN, END, isVaultText } from './armor.js'
import type { VaultKey } from './key.js'
import { unwrapWithPassphrase, WORK_FACTOR, wrapWithPassphrase } from './passphrase.js'

export interface EncryptOptions {
  /** Further public keys (`age1…`) that may open the text; with a passphrase there can be none. */
  readonly recipients?: readonly string[]
  /** Rounds of scrypt as a power of two, for passphrases. */
  readonly workFactor?: number
}

/** Encrypts a text for the owner of this key, as an armored age file that `age -d` opens as well. */
export const encryptText = async (text: string, key: VaultKey, options: EncryptOptions = {}): Promise<string> => {
  const encrypter = new Encrypter()
  for (const recipient of await recipientsOf(key, options)) encrypter.addRecipient(recipient)
  return armor.encode(await encrypter.encrypt(text))
}

const recipientsOf = async (key: VaultKey, { recipients = [], workFactor = WORK_FACTOR }: EncryptOptions): Promise<readonly (string | Recipient)[]> => {
  if (key.kind === 'passphrase') {
    if (recipients.length > 0) throw mistake('vault-recipients', 'a vault with a passphrase cannot have recipients as well', 'use an identity made by age-keygen as the vault key')
    const { passphrase } = key
    return [{
      wrapFileKey: async (fileKey) => {
        const { args, body } = await wrapWithPassphrase(passphrase.reveal(), fileKey, workFactor)
        return [new Stanza([...args], body)]
      },
    }]
  }
  const own = await Promise.all(key.identities.map((identity) => identityToRecipient(identity.reveal()).catch((cause: unknown) => {
    throw mistake('bad-vault-key', 'the vault key is not a whole age identity', 'copy the line AGE-SECRET-KEY-… again, all of it', undefined, cause)
  })))
  const all = [...new Set([...own, ...recipients])]
  for (const recipient of all) checkRecipient(recipient)
  return all
}

/** The library checks a recipient when it is added, by throwing. */
const checkRecipient = (recipient: string): void => {
  try {
    new Encrypter().addRecipient(recipient)
  } catch (cause) {
    throw mistake('vault-recipients', `"${recipient}" is not an age recipient`, 'write the public key that age-keygen prints, age1…', undefined, cause)
  }
}

/** What became of the header while a text was opened. The library throws bare text; this is read off its calls instead. */
interface Opening { headerRead: boolean; keyRefused: boolean; recipients: number; forPassphrase: boolean }

/**
 * Decrypts an armored age text. A key that does not open it is told from a text that was altered or cut as far as age allows: altering the wrapped
 * file key itself looks to age like a wrong key.
 */
export const decryptText = async (text: string, key: VaultKey, at?: Place): Promise<string> => {
  const bytes = unarmored(text, at)
  const opening: Opening = { headerRead: false, keyRefused: false, recipients: 0, forPassphrase: false }
  const decrypter = new Decrypter()
  decrypter.addIdentity({ unwrapFileKey: (stanzas: Stanza[]) => {
    Object.assign(opening, { headerRead: true, recipients: stanzas.length, forPassphrase: stanzas.some(isScrypt) })
    return null
  } })
  for (const identity of identitiesOf(key)) decrypter.addIdentity(identity)
  decrypter.addIdentity({ unwrapFileKey: () => {
    opening.keyRefused = true
    return null
  } })
  try {
    return await decrypter.decrypt(bytes, 'text')
  } catch (cause) {
    if (opening.keyRefused) throw wrongKey(key, opening, at, cause)
    throw isCut(bytes) ? truncated(at, cause) : tampered(at, cause)
  }
}

/** How many keys can open a vault text: 1 for a passphrase. */
export const recipientCount = async (text: string, at?: Place): Promise<number> => {
  let count = 0
  const decrypter = new Decrypter()
  decrypter.addIdentity({ unwrapFileKey: (stanzas: Stanza[]) => {
    count = stanzas.length
    return null
  } })
  const bytes = unarmored(text, at)
  await decrypter.decrypt(bytes).catch((cause: unknown) => {
    if (count === 0) throw isCut(bytes) ? truncated(at, cause) : tampered(at, cause)
  })
  return count
}

const isScrypt = ({ args }: Stanza): boolean => args[0] === 'scrypt'

const identitiesOf = (key: VaultKey): readonly (string | Identity)[] => {
  if (key.kind === 'passphrase') return [passphraseIdentity(key.passphrase.reveal())]
  return key.identities.map((identity) => {
    const revealed = identity.reveal()
    try {
      new Decrypter().addIdentity(revealed)
    } catch (cause) {
      throw mistake('bad-vault-key', 'the vault key is not a whole age identity', 'copy the line AGE-SECRET-KEY-… again, all of it', undefined, cause)
    }
    return revealed
  })
}

const passphraseIdentity = (passphrase: string): Identity => ({
  async unwrapFileKey(stanzas) {
    const stanza = stanzas.find(isScrypt)
    if (stanza === undefined) return null
    if (stanzas.length > 1) throw new Error('a passphrase stanza has company')
    const fileKey = await unwrapWithPassphrase(passphrase, stanza)
    if (fileKey === 'malformed') throw new Error('a passphrase stanza is malformed')
    return fileKey === 'wrong-key' ? null : fileKey
  },
})

const unarmored = (text: string, at: Place | undefined): Uint8Array => {
  const body = text.trim().replaceAll('\r\n', '\n')
  if (!isVaultText(body)) throw notAVault(body, at)
  const lastLine = body.slice(body.lastIndexOf('\n') + 1)
  if (lastLine !== END && (END.startsWith(lastLine) || !body.includes(END))) throw truncated(at)
  try {
    return armor.decode(body)
  } catch (cause) {
    throw tampered(at, cause)
  }
}

const NONCE_AND_TAG = 32

/** Whether a file ends before its header does, or before the shortest payload. */
const isCut = (bytes: Uint8Array): boolean => {
  const text = Buffer.from(bytes).toString('latin1')
  const mac = text.indexOf('\n--- ')
  const headerEnd = mac < 0 ? -1 : text.indexOf('\n', mac + 1)
  return headerEnd < 0 ? !/[^\x20-\x7e\n]/.test(text) : bytes.length - headerEnd - 1 < NONCE_AND_TAG
}

const mistake = (code: string, message: string, hint: string, at?: Place, cause?: unknown): ProvisionError =>
  new ProvisionError(code, message, { hint, exit: exitCode.input, ...(at === undefined ? {} : { at }), ...(cause === undefined ? {} : { cause }) })

const wrongKey = (key: VaultKey, { forPassphrase }: Opening, at: Place | undefined, cause: unknown): ProvisionError => {
  if (forPassphrase && key.kind === 'identity') return mistake('wrong-vault-key', 'the vault is closed with a passphrase, and the key given is an age identity', 'give the passphrase as the vault key', at, cause)
  if (!forPassphrase && key.kind === 'passphrase') return mistake('wrong-vault-key', 'the vault is closed for age identities, and the key given is a passphrase', 'give a file with AGE-SECRET-KEY-… as the vault key', at, cause)
  return mistake('wrong-vault-key', 'the vault key does not open this vault', 'give the key that it was encrypted with; if that is this one, restore the file: its first lines were altered', at, cause)
}

const RESTORE = 'restore it from version control or a backup, or encrypt the text again'

const tampered = (at: Place | undefined, cause?: unknown): ProvisionError => mistake('tampered-vault', 'the vault was altered after it was encrypted', RESTORE, at, cause)

const truncated = (at: Place | undefined, cause?: unknown): ProvisionError => mistake('truncated-vault', 'the vault is cut off: its end is missing', RESTORE, at, cause)

const notAVault = (text: string, at: Place | undefined): ProvisionError => {
  if (text.startsWith('$ANSIBLE_VAULT')) return mistake('not-a-vault', 'this is a vault of Ansible', 'put it under our key with provision vault import FILE', at)
  if (text.startsWith('age-encryption.org/')) return mistake('not-a-vault', 'this is a binary age file', 'write it armored: age -d FILE | provision vault encrypt', at)
  return mistake('not-a-vault', `this is not encrypted: it does not start with ${BEGIN}`, 'encrypt it with provision vault encrypt', at)
}
