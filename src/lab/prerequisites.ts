import { constants } from 'node:fs'
import { access, readFile } from 'node:fs/promises'
import { platform, userInfo } from 'node:os'
import { join } from 'node:path'
import { ProvisionError } from '../core/errors.js'
import { program, systemPath } from './program.js'

/** What this machine lacks: Debian packages that can be installed, or a reason why it can hold no lab at all. */
export interface Prerequisites { readonly missing: readonly string[]; readonly reason?: string }

const packageOf = {
  debootstrap: 'debootstrap', 'systemd-nspawn': 'systemd-container', ip: 'iproute2', ssh: 'openssh-client', 'ssh-keygen': 'openssh-client', 'apt-ftparchive': 'apt-utils',
} as const

const has = async (name: string): Promise<boolean> => {
  for (const directory of systemPath.split(':')) {
    try {
      await access(join(directory, name), constants.X_OK)
      return true
    } catch { /* looked for in the next directory */ }
  }
  return false
}

const capabilities = { CAP_NET_ADMIN: 12, CAP_SYS_CHROOT: 18, CAP_SYS_ADMIN: 21, CAP_MKNOD: 27 } as const

const lackingCapability = async (): Promise<string | undefined> => {
  const effective = /^CapEff:\s*([0-9a-f]+)/m.exec(await readFile('/proc/self/status', 'utf8'))?.[1] ?? '0'
  return Object.entries(capabilities).find(([, bit]) => ((BigInt(`0x${effective}`) >> BigInt(bit)) & 1n) === 0n)?.[0]
}

const impossible = async (): Promise<string | undefined> => {
  if (platform() !== 'linux') return `this machine runs ${platform()}; the lab needs Debian`
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '')
  if (!/^ID="?debian"?$/m.test(release)) return 'this machine is not Debian'
  if (userInfo().uid !== 0) return 'making hosts needs root'
  const capability = await lackingCapability()
  if (capability !== undefined) return `this root may not make hosts: ${capability} is missing, as in an unprivileged container`
  if (!/\bcgroup2?\b/.test(await readFile('/proc/self/mounts', 'utf8'))) return 'no control groups are mounted in /sys/fs/cgroup'
  return undefined
}

/** Looks whether this machine can hold a lab; changes nothing. */
export const prerequisites = async (): Promise<Prerequisites> => {
  const reason = await impossible()
  const missing = new Set<string>()
  for (const [name, debianPackage] of Object.entries(packageOf)) if (!(await has(name))) missing.add(debianPackage)
  return { missing: [...missing], ...(reason === undefined ? {} : { reason }) }
}

/** Names the missing Debian packages, then installs them. */
export const installPrerequisites = async (missing: readonly string[], say: (text: string) => void): Promise<void> => {
  if (missing.length === 0) return
  say(`installing the Debian packages ${missing.join(', ')}`)
  await program(['apt-get', '-q', 'update'])
  await program(['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-y', '--no-install-recommends', 'install', ...missing])
}

/** Stops unless this machine can hold a lab. */
export const requirePrerequisites = async (): Promise<void> => {
  const { missing, reason } = await prerequisites()
  if (reason !== undefined) throw new ProvisionError('lab-impossible', `no lab can be made here: ${reason}`, { hint: 'run it as root on a Debian machine' })
  if (missing.length > 0) {
    throw new ProvisionError('lab-packages-missing', `the lab needs the Debian packages ${missing.join(', ')}`, { hint: `apt-get install --no-install-recommends ${missing.join(' ')}` })
  }
}
