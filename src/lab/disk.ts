import { chmod, chown, copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hostsLines } from './access.js'
import type { HostPaths } from './naming.js'
import type { HostState } from './state.js'

/** What a new disk has beyond the base image. */
export interface Seed { readonly host: HostState; readonly all: readonly HostState[]; readonly clientKey: string }

const network = (address: string): string => `[Match]
Name=host0

[Network]
Address=${address}/24
LinkLocalAddressing=no
`

const deploy = 1000

/** Drops what the host has written, and gives it an empty disk: a name, an address, its key, and who may enter. */
export const newDisk = async (paths: HostPaths, { host, all, clientKey }: Seed): Promise<void> => {
  await rm(paths.upper, { recursive: true, force: true })
  await rm(paths.work, { recursive: true, force: true })
  for (const directory of [paths.upper, paths.work, paths.root, paths.base]) await mkdir(directory, { recursive: true, mode: 0o755 })
  // A directory of the upper layer decides about mode and owner of the merged one, so each is made as the base has it.
  const directories: readonly (readonly [path: string, mode: number, owner: number])[] = [
    ['etc', 0o755, 0], ['etc/ssh', 0o755, 0], ['etc/systemd', 0o755, 0], ['etc/systemd/network', 0o755, 0],
    ['home', 0o755, 0], ['home/deploy', 0o700, deploy], ['home/deploy/.ssh', 0o700, deploy],
  ]
  for (const [path, mode, owner] of directories) {
    await mkdir(join(paths.upper, path))
    await chmod(join(paths.upper, path), mode)
    await chown(join(paths.upper, path), owner, owner)
  }
  const files: readonly (readonly [path: string, text: string, mode: number, owner: number])[] = [
    ['etc/hostname', `${host.name}\n`, 0o644, 0],
    ['etc/hosts', ['127.0.0.1 localhost', '::1 localhost ip6-localhost ip6-loopback', ...hostsLines(all), ''].join('\n'), 0o644, 0],
    ['etc/systemd/network/10-host0.network', network(host.address), 0o644, 0],
    ['home/deploy/.ssh/authorized_keys', `${clientKey}\n`, 0o600, deploy],
  ]
  for (const [path, text, mode, owner] of files) {
    await writeFile(join(paths.upper, path), text)
    await chmod(join(paths.upper, path), mode)
    await chown(join(paths.upper, path), owner, owner)
  }
  const key = join(paths.upper, 'etc/ssh/ssh_host_ed25519_key')
  await copyFile(paths.hostKey, key)
  await copyFile(`${paths.hostKey}.pub`, `${key}.pub`)
  for (const [path, mode] of [[key, 0o600], [`${key}.pub`, 0o644]] as const) {
    await chmod(path, mode)
    await chown(path, 0, 0)
  }
}
