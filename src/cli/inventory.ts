import { exitCode, ProvisionError } from '../core/errors.js'
import { limitHosts } from '../inventory/patterns.js'
import { graph, toHost, toJson, toList } from '../inventory/print.js'
import { yamlText } from '../yaml/notation.js'
import type { WalkFlags } from './options.js'
import { openInventory } from './open-inventory.js'

/** What of an inventory is shown, and how. */
export interface InventoryFlags { readonly graph?: boolean; readonly vars?: boolean; readonly list?: boolean; readonly host?: string; readonly yaml?: boolean }

/** `provision inventory`: hosts, groups and variables; secrets as dots. */
export const inventory = async (flags: WalkFlags & InventoryFlags): Promise<number> => {
  const { graph: isGraph = false, vars: withVariables = false, yaml: asYaml = false, list = false, json = false, host } = flags
  if (withVariables && !isGraph) throw new ProvisionError('wrong-flags', '--vars goes with --graph', { exit: exitCode.input, hint: '--host NAME prints the variables of one host' })
  if (asYaml && !list && !json && host === undefined) throw new ProvisionError('wrong-flags', '--yaml goes with --host, --list or --json', { exit: exitCode.input, hint: 'provision inventory -i prod --host NAME --yaml' })
  const all = await openInventory(flags)
  const hosts = flags.limit === undefined ? all.hosts : limitHosts(all, flags.limit)
  const shown = { ...all, hosts }
  const document = host !== undefined ? toHost(shown, host) : list ? toList(shown) : json ? toJson(shown) : undefined
  const text = document !== undefined ? (asYaml ? yamlText(JSON.parse(document), { flow: false, indent: 2, sorted: false }) : document)
    : isGraph ? graph(shown, withVariables)
      : hosts.map(({ name, address }) => `${name}${address === undefined ? '' : `  ${address}`}`).join('\n')
  process.stdout.write(`${text}\n`)
  return exitCode.done
}
