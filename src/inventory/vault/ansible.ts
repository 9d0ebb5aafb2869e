import { createDecipheriv, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { exitCode, type Place, ProvisionError } from '../../core/errors.js'
import type { Secret } from '../../core/secret.js'

/**
 * Reading of what `ansible-vault` encrypts, as its documentation describes the payload
 * (docs.ansible.com, "Encrypting content with Ansible Vault", "Format of files encrypted with Ansible Vault"): a header
 * `$ANSIBLE_VAULT;1.1;AES256` or `$ANSIBLE_VAULT;1.2;AES256;LABEL`, then the hex of three lines of hex: salt, HMAC-SHA256, and
 * AES-256-CTR of the padded text. PBKDF2-HMAC-SHA256 in 10,000 rounds makes cipher key, HMAC key and initial counter of password and salt.
 */
const ROUNDS = 10_000
const KEY_BYTES = 32
const COUNTER_BYTES = 16
const BLOCK_BYTES = 16
const HMAC_HEX = 64

const MAGIC = '$ANSIBLE_VAULT'

/** Whether a text is meant as a vault text of Ansible. */
export const isAnsibleVault = (text: string): boolean => text.trimStart().startsWith(MAGIC)

type Derive = (password: string, salt: Uint8Array, rounds: number, length: number, digest: 'sha256') => Promise<Buffer>
const derive: Derive = promisify(pbkdf2)

interface Envelope { readonly label: string | undefined; readonly salt: Buffer; readonly hmac: Buffer; readonly cipherText: Buffer }

/** Decrypts a vault text of Ansible with the first of these passwords that opens it. */
export const decryptAnsible = async (text: string, passwords: readonly Secret[], at?: Place): Promise<string> => {
  const envelope = envelopeOf(text, at)
  for (const password of passwords) {
    const keys = await derive(password.reveal(), envelope.salt, ROUNDS, 2 * KEY_BYTES + COUNTER_BYTES, 'sha256')
    const hmac = createHmac('sha256', keys.subarray(KEY_BYTES, 2 * KEY_BYTES)).update(envelope.cipherText).digest()
    if (timingSafeEqual(hmac, envelope.hmac)) return plainText(envelope, keys, at)
  }
  const label = envelope.label === undefined ? '' : ` "${envelope.label}"`
  throw mistake('wrong-vault-password', passwords.length > 1 ? `none of the ${passwords.length} passwords opens this vault${label} of Ansible` : `the password does not open this vault${label} of Ansible`,
    'give the password that it was encrypted with; if that is this one, restore the file: it was altered', at)
}

const envelopeOf = (text: string, at: Place | undefined): Envelope => {
  const [header = '', ...lines] = text.trim().split(/\r?\n/)
  const [, version = '', cipher, label] = header.trim().split(';')
  if (!['1.1', '1.2'].includes(version) || cipher !== 'AES256') {
    throw mistake('old-vault', `a vault of Ansible is read in its formats 1.1 and 1.2 with AES256, and this one says ${header.slice(0, 40)}`, 'write it anew with ansible-vault rekey', at)
  }
  const parts = (unhex(lines.map((line) => line.trim()).join('')) ?? Buffer.alloc(0)).toString('latin1').split('\n')
  const [salt, hmac, cipherText] = parts.map(unhex)
  if (parts.length !== 3 || salt === undefined || hmac === undefined || cipherText === undefined || parts[1]?.length !== HMAC_HEX || salt.length === 0) throw tampered(at)
  if (cipherText.length === 0 || cipherText.length % BLOCK_BYTES !== 0) throw tampered(at)
  return { label, salt, hmac, cipherText }
}

const unhex = (text: string): Buffer | undefined => (/^(?:[\da-f]{2})*$/i.test(text) ? Buffer.from(text, 'hex') : undefined)

const plainText = ({ cipherText }: Envelope, keys: Buffer, at: Place | undefined): string => {
  const decipher = createDecipheriv('aes-256-ctr', keys.subarray(0, KEY_BYTES), keys.subarray(2 * KEY_BYTES))
  const padded = Buffer.concat([decipher.update(cipherText), decipher.final()])
  const padding = padded.at(-1) ?? 0
  if (padding < 1 || padding > BLOCK_BYTES || padded.subarray(-padding).some((byte) => byte !== padding)) throw tampered(at)
  return padded.subarray(0, -padding).toString('utf8')
}

const mistake = (code: string, message: string, hint: string, at: Place | undefined): ProvisionError =>
  new ProvisionError(code, message, { hint, exit: exitCode.input, ...(at === undefined ? {} : { at }) })

const tampered = (at: Place | undefined): ProvisionError =>
  mistake('tampered-vault', 'the vault of Ansible is cut off or was altered after it was encrypted', 'restore it from version control or a backup', at)
