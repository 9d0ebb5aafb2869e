import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { quote } from '../../../src/core/shell.js'
import { labDown, labUp, type Lab } from '../../../src/lab/lab.js'
import { cacheDirectory } from '../../../src/lab/naming.js'
import { preparePractice } from '../practice.js'
import { cpuSecondsOf, writeAccess, type Place } from './hosts.js'
import { measured } from './measured.js'

const here = import.meta.dirname
const program = resolve(here, '../../../dist/cli/main.js')

/** Modules of Ansible need these on the host; that they are there already spares Ansible their installation. */
const extra = ['python3', 'python3-apt', 'python3-pymysql', 'python3-cryptography'] as const

/** The hosts of the practice cluster, and the floor's script of each. */
export const roles = { db1: 'database', lb1: 'balancer', mi1: 'node', mi2: 'node' } as const
const names = Object.keys(roles)

/** The practice cluster's four hosts in a lab of their own, with its inventory in the words of every way. */
export interface ClusterLab {
  readonly place: Place
  /** Gives every host an empty disk. */
  reset(): Promise<void>
  down(): Promise<void>
}

export const scriptOf = (folder: string, host: string): string => join(folder, `${host}.sh`)

export const clusterLab = async (say: (text: string) => void): Promise<ClusterLab> => {
  const directory = await mkdtemp(join(tmpdir(), 'provision-bench-'))
  let lab: Lab | undefined
  const up = async (): Promise<Lab> => {
    lab = await labUp({ directory, cache: cacheDirectory(process.env, homedir()), extra, hosts: names.map((name) => ({ name })), say: (text) => { if (!/ is up /.test(text)) say(text) } })
    await writeAccess(lab, directory, names, [])
    return lab
  }
  const gone = async (): Promise<void> => { await labDown({ directory, say: () => undefined }) }
  const down = async (): Promise<void> => {
    await gone()
    await rm(directory, { recursive: true, force: true })
  }
  try {
    const first = await up()
    await preparePractice(directory, first.drivers)
    await writeWords(directory, first)
    return {
      place: { folder: directory, hosts: names, distance: 0, proxies: [], hostsCpuSeconds: () => (lab === undefined ? Number.NaN : names.reduce((sum, name) => sum + (lab === undefined ? 0 : cpuSecondsOf(lab, name)), 0)) },
      reset: async () => {
        await gone()
        // connections that Ansible keeps lead to hosts that are no more
        for (const file of await readdir(directory)) if (/-22$/.test(file)) await rm(join(directory, file))
        await writeWords(directory, await up())
      },
      down,
    }
  } catch (error) {
    await down()
    throw error
  }
}

const inventorySchema = z.object({ vars: z.object({ cluster_service_name: z.string(), authority_certificate: z.string() }) })
const vaultSchema = z.record(z.string(), z.string())

/** The practice inventory for Ansible, its secrets encrypted with ansible-vault, and for the scripts by hand. */
const writeWords = async (directory: string, lab: Lab): Promise<void> => {
  const { vars } = inventorySchema.parse(parse(await readFile(join(directory, 'inventories/lab/hosts.yaml'), 'utf8')))
  const secrets = vaultSchema.parse(parse((await succeeded([process.execPath, program, 'vault', 'view', 'inventories/lab/vault.yaml'], directory)).stdout))
  const [sha256 = ''] = (await readFile(join(directory, '.lab/dist/wso2mi-4.2.0.zip.sha256'), 'utf8')).split(' ')
  const addressOf = (name: string): string => lab.hosts.find((host) => host.name === name)?.address ?? ''
  const line = (name: string): string => `${name} address=${addressOf(name)}\n`
  await writeFile(join(directory, 'inventory.ini'), `[database]\n${line('db1')}[balancer]\n${line('lb1')}[nodes]\n${line('mi1')}${line('mi2')}`)
  const words = join(directory, 'group_vars/all')
  await mkdir(words, { recursive: true })
  await writeFile(join(words, 'vars.yaml'), JSON.stringify({
    cluster_service_name: vars.cluster_service_name, authority_certificate: vars.authority_certificate,
    product_archive: join(directory, '.lab/dist/wso2mi-4.2.0.zip'), product_sha256: sha256, product_folder: 'wso2mi-4.2.0', home: '/opt/wso2/wso2mi-4.2.0',
    jdbc_driver: join(directory, '.lab/dist/mariadb-java-client.jar'),
    product: { title: 'Micro Integrator', ports: { http: { base: 8280 }, https: { base: 8243 } } }, offset: 10,
  }))
  await writeFile(join(words, 'vault.yaml'), JSON.stringify(secrets), { mode: 0o600 })
  await writeFile(join(directory, 'vault.password'), 'practice-lab-only\n', { mode: 0o600 })
  await succeeded(['ansible-vault', 'encrypt', '--encrypt-vault-id', 'default', '--vault-password-file', 'vault.password', 'group_vars/all/vault.yaml'], directory)
  const common = await readFile(join(here, 'cluster-common.sh'), 'utf8')
  for (const [name, role] of Object.entries(roles)) {
    const set = Object.entries({
      host: name, address: addressOf(name), database: addressOf('db1'), balancer: addressOf('lb1'), first: addressOf('mi1'), second: addressOf('mi2'), service: vars.cluster_service_name,
      sha256, driver: await digestOf(join(directory, '.lab/dist/mariadb-java-client.jar')), authority: vars.authority_certificate.trimEnd(), database_password: secrets['mi_database_password'] ?? '', keystore_password: secrets['mi_keystore_password'] ?? '', admin_password: secrets['mi_admin_password'] ?? '',
    }).map(([variable, value]) => `${variable}=${quote(value)}\n`)
    await writeFile(scriptOf(directory, name), `${set.join('')}${common}${await readFile(join(here, `cluster-${role}.sh`), 'utf8')}`, { mode: 0o600 })
  }
}

const digestOf = async (path: string): Promise<string> => createHash('sha256').update(await readFile(path)).digest('hex')

const succeeded = async (command: readonly [program: string, ...args: readonly string[]], cwd: string): Promise<{ readonly stdout: string }> => {
  const run = await measured(command, cwd)
  if (run.exit !== 0) throw new Error(`${command.join(' ')} ended with ${run.exit}\n${run.stderr}`)
  return run
}
