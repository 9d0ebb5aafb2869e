import { dirname, resolve } from 'node:path'
import type { Place, ProvisionError } from '../core/errors.js'
import { checkYaml } from '../yaml/zod-errors.js'
import { gather, hostsOf } from './ansible/gathering.js'
import { hostsFilesIn, type InventoryFiles } from './find.js'
import { formatOf } from './format.js'
import { type HostEntry, type HostsFile, readHosts, twoAddresses } from './hosts.js'
import { collected, mistake, mistakesIn } from './mistake.js'
import { type OpenDocument, openYaml, type ReadOptions, readText, readYaml, shownPath } from './read.js'
import { type ApprovalPolicy, approvalPolicy } from './approvals.js'
import { addressesSchema, inventorySchema } from './schema.js'
import { isAnsibleVault } from './vault/ansible.js'
import { isVaultText } from './vault/armor.js'

/** What one file with hosts says, whichever format it has. */
export interface Source extends HostsFile {
  /** Whose word it takes to alter its hosts. */
  readonly approvals?: ApprovalPolicy
  readonly kind: 'own' | 'ansible'
  /** As messages name it. */
  readonly file: string
  /** The folder with the variables that lie beside it. */
  readonly folder: string | undefined
}

export interface SourceOptions extends ReadOptions { readonly home: string; readonly withAddresses: boolean }

/** Reads the files of one inventory; mistakes that leave the rest readable are added to the list. */
export const readSources = async (found: InventoryFiles, options: SourceOptions, mistakes: ProvisionError[]): Promise<readonly Source[]> => {
  if (found.listed !== undefined) return [listed(found.name, found.listed, mistakes)]
  const [first, ...more] = found.files
  if (first === undefined) return []
  const source = await readSource(first, found.folder, options, mistakes)
  // a folder of Ansible is all of its files, whatever the first of them is called
  const files = source.kind === 'ansible' && found.isFolder === true && found.folder !== undefined ? await hostsFilesIn(found.folder) : [first, ...more]
  const sources: Source[] = []
  for (const file of files) sources.push(file === first ? source : await readSource(file, found.folder, options, mistakes))
  return sources
}

const readSource = async (path: string, folder: string | undefined, options: SourceOptions, mistakes: ProvisionError[]): Promise<Source> => {
  const file = shownPath(path, options.cwd)
  const text = await readText(path, file, options.noted)
  if (text === undefined) throw mistake('unknown-inventory', `${file} does not exist any more`)
  if (isVaultText(text) || isAnsibleVault(text)) {
    const decrypt = isAnsibleVault(text) ? 'ansible-vault decrypt' : 'provision vault decrypt'
    const target = isAnsibleVault(text) ? 'group_vars/all/vault.yml' : 'vault.yaml'
    throw mistake('encrypted-inventory', `${file} is encrypted as a whole`, { hint: `run ${decrypt} ${file}, and move what is secret into ${target} beside it` })
  }
  const format = await formatOf(path, text, file)
  const ansible = { kind: 'ansible', file, folder: folder ?? dirname(path) } as const
  switch (format) {
    case 'own': return { ...(await readOwn(path, await openYaml(text, file, options), options, mistakes)), kind: 'own', file, folder }
    case 'yaml': return { ...(await import('./ansible/yaml.js')).readAnsibleYaml(await openYaml(text, file, options, { older: true }), mistakes), ...ansible }
    case 'ini': return { ...(await import('./ansible/ini.js')).readIni(text, file, mistakes), ...ansible }
    case 'script': return { ...(await (await import('./ansible/script.js')).readScript(path, { shown: file, cwd: options.cwd, noted: options.noted }, mistakes)), ...ansible }
    default: return format satisfies never
  }
}

/** Hosts on the command line, as Ansible takes them: `-i host1,host2:2222,`. */
const listed = (name: string, hosts: readonly string[], mistakes: ProvisionError[]): Source => {
  const file = `-i ${name}`
  const at: Place = { file, line: 1, column: 1 }
  const gathering = gather(file, mistakes)
  for (const host of hosts) {
    collected(mistakes, () => {
      const { names, port } = hostsOf(host, at)
      for (const one of names) {
        gathering.host(one, 'ungrouped', at)
        if (port !== undefined) gathering.variable('host', one, 'ansible_port', { value: port, at })
      }
      return []
    })
  }
  return { ...gathering.done(), kind: 'ansible', file, folder: undefined }
}

const readOwn = async (path: string, main: OpenDocument, options: SourceOptions, mistakes: ProvisionError[]): Promise<HostsFile & Pick<Source, 'approvals'>> => {
  const source = checkYaml(main.document, inventorySchema, { value: main.value ?? {} })
  const approvals = source.approvals === undefined ? {} : { approvals: approvalPolicy(source.approvals, dirname(path), main.document.placeOf(['approvals'])) }
  const file = { ...readHosts(main.document, source, { path, home: options.home }, mistakes), ...approvals }
  if (!options.withAddresses) return file
  const addresses = await addressesFrom(source['addresses-file'], main, path, options, mistakes)
  const hosts = new Map([...file.hosts].map(([name, entry]) => {
    const address = addresses.get(name)
    mistakes.push(...twoAddresses(name, entry.address, address))
    return [name, { ...entry, address: entry.address ?? address }]
  }))
  return { ...file, hosts }
}

const addressesFrom = async (
  setting: string | undefined, main: OpenDocument, hostsPath: string, options: SourceOptions, mistakes: ProvisionError[],
): Promise<ReadonlyMap<string, HostEntry['address']>> => {
  if (setting === undefined) return new Map()
  const path = resolve(dirname(hostsPath), setting)
  try {
    const read = await readYaml(path, options)
    if (read === undefined) {
      const at = main.document.placeOf(['addresses-file'])
      throw mistake('no-addresses', `the file of addresses ${shownPath(path, options.cwd)} does not exist`, { at, hint: 'run provision lab up, which writes it' })
    }
    const addresses = checkYaml(read.document, addressesSchema, { value: read.value }) ?? {}
    return new Map(Object.entries(addresses).map(([host, value]) => [host, { value, at: read.document.placeOf([host]) }]))
  } catch (error) {
    mistakes.push(...mistakesIn(error))
    return new Map()
  }
}
