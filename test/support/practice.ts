import { execFile } from 'node:child_process'
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { promisify } from 'node:util'

const checkout = resolve(import.meta.dirname, '../..')

/** Debian's packages that the stand-in is built with. */
export const standinPackages = ['openjdk-17-jdk-headless', 'zip'] as const

/** Puts what the practice cluster is made of beside a lab: the stand-in's archive and the JDBC drivers that Debian carries. */
export const prepareDistributions = async (labFolder: string, drivers: Readonly<Record<string, string>>): Promise<void> => {
  const folder = join(labFolder, 'dist')
  await mkdir(folder, { recursive: true })
  await promisify(execFile)('sh', [join(checkout, 'test/support/standin-mi/build.sh'), folder])
  for (const path of Object.values(drivers)) await copyFile(path, join(folder, basename(path)))
}

/** Makes a folder with a lab a place to run the practice cluster from: inventory, vault key and distributions, as in the checkout. */
export const preparePractice = async (directory: string, drivers: Readonly<Record<string, string>>): Promise<void> => {
  await prepareDistributions(join(directory, '.lab'), drivers)
  await writeFile(join(directory, '.lab/vault.key'), 'practice-lab-only\n', { mode: 0o600 })
  const inventory = join(directory, 'inventories/lab')
  await mkdir(inventory, { recursive: true })
  for (const file of ['hosts.yaml', 'vault.yaml']) await writeFile(join(inventory, file), await readFile(join(checkout, 'inventories/lab', file)))
  await symlink('../../.lab/vault.key', join(inventory, 'vault.key')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
}
