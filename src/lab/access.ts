import { access, chmod, chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { sha256 } from '../core/digest.js'
import { hostPaths, type LabPaths } from './naming.js'
import { program } from './program.js'
import type { HostState } from './state.js'

const exists = (path: string): Promise<boolean> => access(path).then(() => true, () => false)

/** Makes a key pair at a path unless it is there; moved into place last, so that half a pair never counts. */
const ensureKey = async (path: string, comment: string): Promise<string> => {
  if (!(await exists(path))) {
    await rm(`${path}.new`, { force: true })
    await rm(`${path}.new.pub`, { force: true })
    await program(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', `${path}.new`])
    await rename(`${path}.new.pub`, `${path}.pub`)
    await rename(`${path}.new`, path)
  }
  return (await readFile(`${path}.pub`, 'utf8')).trim()
}

/** The public halves of the lab's keys: the client's, and each host's by name. */
export interface LabKeys { readonly client: string; readonly hosts: ReadonlyMap<string, string> }

/** The digest of what a host's disk holds of the keys. */
export const keysDigest = (keys: LabKeys, host: string): string => sha256(`${keys.client}\n${keys.hosts.get(host) ?? ''}`)

export const ensureKeys = async (paths: LabPaths, hosts: readonly HostState[]): Promise<LabKeys> => {
  await mkdir(paths.hosts, { recursive: true })
  const client = ensureKey(paths.key, 'provision-lab')
  const ofHosts = await Promise.all(hosts.map(async ({ name }) => {
    await mkdir(hostPaths(paths, name).directory, { recursive: true })
    return [name, await ensureKey(hostPaths(paths, name).hostKey, name)] as const
  }))
  return { client: await client, hosts: new Map(ofHosts) }
}

/** A path as one word of an OpenSSH client configuration. */
const word = (path: string): string => {
  const escaped = path.replaceAll('%', '%%')
  return /[\s"#]/.test(escaped) ? `"${escaped.replaceAll('"', '\\"')}"` : escaped
}

const sshBlock = (paths: LabPaths, { name, address }: HostState): string => `Host ${name}
  HostName ${address}
  Port 22
  User deploy
  IdentityFile ${word(paths.key)}
  IdentitiesOnly yes
  UserKnownHostsFile ${word(paths.knownHosts)}
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  UpdateHostKeys no
`

/** Lines of `/etc/hosts` for these hosts. */
export const hostsLines = (hosts: readonly HostState[]): readonly string[] => hosts.map(({ name, address }) => `${address} ${name}`)

/** Writes what people and programs reach the hosts by; it belongs to the owner of the checkout, also when root made it. */
export const writeAccess = async (paths: LabPaths, hosts: readonly HostState[], keys: LabKeys): Promise<void> => {
  const owner = await stat(paths.directory)
  const own = async (path: string): Promise<void> => {
    const { uid, gid } = await stat(path)
    if (uid !== owner.uid || gid !== owner.gid) await chown(path, owner.uid, owner.gid)
  }
  const files: readonly (readonly [path: string, text: string])[] = [
    [paths.knownHosts, hosts.map(({ name, address }) => `${name},${address} ${(keys.hosts.get(name) ?? '').split(' ').slice(0, 2).join(' ')}\n`).join('')],
    [paths.sshConfig, `# written by provision lab up\n${hosts.map((host) => `\n${sshBlock(paths, host)}`).join('')}`],
    [paths.addressesJson, `${JSON.stringify(Object.fromEntries(hosts.map(({ name, address }) => [name, address])), undefined, 2)}\n`],
    [paths.addressesYaml, `# written by provision lab up\n${hosts.map(({ name, address }) => `${name}: ${address}\n`).join('')}`],
  ]
  for (const [path, text] of files) {
    await writeFile(`${path}.new`, text)
    await own(`${path}.new`)
    await rename(`${path}.new`, path)
  }
  await chmod(paths.key, 0o600)
  for (const path of [paths.key, `${paths.key}.pub`, paths.lab]) await own(path)
}
