import type { ProvisionError } from '../core/errors.js'
import { quote } from '../core/shell.js'
import { fingerprint, judgeHostKey, keyType, type KnownHost, knownName } from './known-hosts.js'
import { reachError } from './reach-error.js'

/** What the keys of a server are compared with. */
export interface HostKeyCheck {
  /** The name of the host in the inventory, for messages. */
  readonly host: string
  readonly hostname: string
  readonly port: number
  /** Looked up in known_hosts instead of the host name. */
  readonly alias?: string
  /** Fingerprints (`SHA256:…`) from the inventory; when there are any, known_hosts files do not count. */
  readonly pinned: readonly string[]
  readonly known: readonly KnownHost[]
  /** The file that a new key belongs into. */
  readonly file: string
}

const places = (entries: readonly KnownHost[]): string => entries.map(({ file, line }) => `${file}:${line}`).join(', ')

const compare = 'compare it with `ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub` on the host\'s own console'

/** A key as people compare it. */
export const shownKey = (key: Buffer): string => `${keyType(key)} ${fingerprint(key)}`

/** The type as ssh-keyscan names it. */
const scanType = (key: Buffer): string => keyType(key).replace(/^ssh-|-sha2.*/g, '')

/** Why a server with this key must not be talked to; nothing when it is the one that was expected. */
export const hostKeyError = (check: HostKeyCheck, key: Buffer): ProvisionError | undefined => {
  const name = check.alias ?? knownName(check.hostname, check.port)
  const who = `${check.host} (${name})`
  const shown = shownKey(key)
  if (check.pinned.length > 0) {
    return check.pinned.includes(fingerprint(key)) ? undefined
      : reachError('changed-host-key', `${who} shows the host key ${shown}, which is not among the fingerprints pinned in the inventory`,
        { hint: `${compare}; only if they agree, pin this fingerprint` })
  }
  const verdict = judgeHostKey(check.known, name, key)
  switch (verdict.status) {
    case 'known': return undefined
    case 'revoked': return reachError('revoked-host-key', `${who} shows the host key ${shown}, which is revoked at ${places([verdict.entry])}`,
      { hint: 'do not connect: whoever answers holds a key that was given up' })
    case 'changed': return reachError('changed-host-key', `${who} shows the host key ${shown}, but another one is known at ${places(verdict.entries)}`,
      { hint: `if the host was installed anew, run \`ssh-keygen -R ${quote(name)} -f ${quote(check.file)}\` and trust its new key;`
        + ' otherwise somebody may stand between' })
    case 'unknown': {
      const authority = verdict.authorityOnly ? '; a @cert-authority line covers it, but host certificates are not supported' : ''
      const scan = `ssh-keyscan -t ${scanType(key)} -p ${check.port} ${quote(check.hostname)} >> ${quote(check.file)}`
      return reachError('unknown-host-key', `the host key of ${who} is not known: it shows ${shown}${authority}`,
        { hint: `${compare}; if they agree, run \`${scan}\`, or pin the fingerprint in the inventory` })
    }
    default: return verdict satisfies never
  }
}
