import { readFile } from 'node:fs/promises'
import ssh2, { type AnyAuthMethod, type AuthenticationType, type ParsedKey, type PublicKeyEntry } from 'ssh2'
import { reveal } from '../core/secret.js'
import type { SshIdentity, SshSettings } from './ssh-settings.js'

/** One way to log in, in the order of trying. */
export interface Attempt {
  /** For messages: `key ~/.ssh/id_ed25519`. */
  readonly label: string
  /** The name of the method in the protocol. */
  readonly protocol: AuthenticationType
  readonly method: AnyAuthMethod
}

export interface Attempts {
  readonly attempts: readonly Attempt[]
  /** What could not be used, and why. */
  readonly remarks: readonly string[]
}

const codeOf = (error: unknown): string | undefined =>
  (error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined)

/** The public half of an OpenSSH private key, which is readable even when the private half is encrypted. */
const publicHalf = (text: string): { readonly encrypted: boolean; readonly key?: Buffer } => {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(text)?.[1]
  if (body === undefined) return { encrypted: text.includes('ENCRYPTED') }
  const bytes = Buffer.from(body, 'base64')
  let at = 'openssh-key-v1\0'.length
  const field = (): Buffer => {
    const length = bytes.readUInt32BE(at)
    at += 4 + length
    return bytes.subarray(at - length, at)
  }
  const cipher = field().toString()
  field()
  field()
  at += 4
  return { encrypted: cipher !== 'none', key: field() }
}

interface Loaded { readonly name: string; readonly key?: ParsedKey; readonly publicKey?: Buffer; readonly remark?: string }

const load = async (identity: SshIdentity): Promise<Loaded | undefined> => {
  const name = 'path' in identity ? identity.path : identity.name
  let text: string
  try {
    text = 'path' in identity ? await readFile(identity.path, 'utf8') : identity.content.reveal()
  } catch (error) {
    const code = codeOf(error)
    if (code === undefined) throw error
    if (code === 'ENOENT' && 'path' in identity && identity.standard === true) return undefined
    return { name, remark: code === 'ENOENT' ? 'no such file' : `cannot be read (${code})` }
  }
  const parsed = ssh2.utils.parseKey(text, identity.passphrase === undefined ? undefined : reveal(identity.passphrase))
  // Newer formats may hold several keys; ssh2 gives a list then, which its types do not say.
  const key: unknown = Array.isArray(parsed) ? parsed[0] : parsed
  if (!(key instanceof Error)) {
    const usable = key as ParsedKey
    const publicKey = usable.getPublicSSH()
    return usable.isPrivateKey() ? { name, key: usable, publicKey } : { name, publicKey, remark: 'is a public key' }
  }
  const { encrypted, key: publicKey } = publicHalf(text)
  const remark = !encrypted ? 'is not a private key that can be read'
    : identity.passphrase === undefined ? 'is encrypted and its passphrase is not known'
    : 'does not open with the passphrase given'
  return { name, ...(publicKey === undefined ? {} : { publicKey }), remark }
}

type AgentKey = string | Buffer | ParsedKey | PublicKeyEntry | Exclude<PublicKeyEntry['pubKey'], ParsedKey>
const publicKeyOf = (key: AgentKey): ParsedKey | Error =>
  (typeof key === 'object' && 'pubKey' in key ? publicKeyOf(key.pubKey) : ssh2.utils.parseKey(key))

const listAgent = (socket: string): Promise<readonly ParsedKey[] | Error> => new Promise((resolve) => {
  ssh2.createAgent(socket).getIdentities((error, keys) => {
    if (error) return resolve(error)
    resolve((keys ?? []).map(publicKeyOf).filter((key): key is ParsedKey => !(key instanceof Error)))
  })
})

/** An agent that shows only some of its keys. */
const choosing = (socket: string, keys: readonly ParsedKey[]): InstanceType<typeof ssh2.BaseAgent<ParsedKey>> => {
  const whole = ssh2.createAgent(socket)
  return new (class extends ssh2.BaseAgent<ParsedKey> {
    override getIdentities(done: (error?: Error | null, keys?: ParsedKey[]) => void): void { done(undefined, [...keys]) }
    override sign(...call: unknown[]): void { Reflect.apply(whole.sign, whole, call) }
  })()
}

/** All ways to log in that the settings allow: keys, the agent's keys, the password. */
export const attemptsOf = async (settings: SshSettings): Promise<Attempts> => {
  const username = settings.user
  const loaded = (await Promise.all(settings.identities.map(load))).filter((identity) => identity !== undefined)
  const attempts: Attempt[] = []
  const remarks: string[] = []
  for (const { name, key } of loaded) {
    if (key !== undefined) attempts.push({ label: `key ${name}`, protocol: 'publickey', method: { type: 'publickey', username, key } })
  }
  const held = settings.agent === undefined ? [] : await listAgent(settings.agent)
  if (held instanceof Error) remarks.push(`the agent at ${settings.agent} does not answer`)
  else {
    const named = loaded.filter(({ key }) => key === undefined).flatMap(({ publicKey }) => publicKey ?? [])
    const tried = loaded.filter(({ key }) => key !== undefined).flatMap(({ publicKey }) => publicKey ?? [])
    const among = (keys: readonly Buffer[], key: ParsedKey): boolean => keys.some((one) => one.equals(key.getPublicSSH()))
    const offered = held.filter((key) => !among(tried, key) && (!settings.identitiesOnly || among(named, key)))
    if (offered.length > 0 && settings.agent !== undefined) {
      const label = `agent (${offered.length} key${offered.length === 1 ? '' : 's'})`
      attempts.push({ label, protocol: 'publickey', method: { type: 'agent', username, agent: choosing(settings.agent, offered) } })
    }
    for (const { name, publicKey, remark } of loaded) {
      const inAgent = publicKey !== undefined && held.some((key) => key.getPublicSSH().equals(publicKey))
      if (remark !== undefined && !inAgent) remarks.push(`key ${name} ${remark}`)
    }
  }
  const password = settings.password
  if (password !== undefined) {
    attempts.push({ label: 'password', protocol: 'password', method: { type: 'password', username, password: password.reveal() } })
    attempts.push({ label: 'password by keyboard-interactive', protocol: 'keyboard-interactive', method: {
      type: 'keyboard-interactive', username,
      prompt: (_name, _instructions, _language, prompts, finish) => finish(prompts.map(({ echo }) => (echo === true ? '' : password.reveal()))),
    } })
  }
  return { attempts, remarks }
}
