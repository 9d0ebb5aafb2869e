import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'

const isInstalled = (name: string): boolean =>
  spawnSync('dpkg-query', ['-W', '-f', '${Status}', name], { encoding: 'utf8' }).stdout?.includes('install ok installed') ?? false

/** Why packages cannot be installed here; undefined when they can. */
export const noPackagesReason = (): string | undefined => {
  if (!existsSync('/usr/bin/apt-get')) return 'this is not a Debian machine'
  return process.getuid?.() === 0 ? undefined : 'this needs root'
}

/** Installs Debian's packages that are missing, naming them first; services among them are not started. What is missing and cannot be installed is returned. */
export const installPackages = (names: readonly string[], why: string): readonly string[] => {
  const missing = names.filter((name) => !isInstalled(name))
  if (missing.length === 0) return []
  const reason = noPackagesReason()
  if (reason !== undefined) {
    process.stdout.write(`Debian packages that are missing for ${why}: ${missing.join(' ')} (not installed: ${reason})\n`)
    return missing
  }
  process.stdout.write(`Installing Debian packages for ${why}: ${missing.join(' ')}\n`)
  const policy = '/usr/sbin/policy-rc.d'
  const ours = !existsSync(policy)
  if (ours) writeFileSync(policy, '#!/bin/sh\n# services wait until somebody starts them\nexit 101\n', { mode: 0o755 })
  try {
    const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const apt = (...args: string[]): void => { execFileSync('apt-get', ['-q', '-y', '-o', 'DPkg::Lock::Timeout=300', ...args], { env: environment, stdio: ['ignore', 'ignore', 'inherit'] }) }
    apt('update')
    apt('install', '--no-install-recommends', ...missing)
  } finally {
    if (ours) rmSync(policy)
  }
  return missing.filter((name) => !isInstalled(name))
}
