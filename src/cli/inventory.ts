import { exitCode } from '../core/errors.js'
import { limitHosts } from '../inventory/patterns.js'
import { graph, toHost, toJson, toList } from '../inventory/print.js'
import type { WalkFlags } from './options.js'
import { openInventory } from './project.js'

/** `provision inventory`: hosts, groups and variables; secrets as dots. */
export const inventory = async (flags: WalkFlags & { graph?: boolean; list?: boolean; host?: string }): Promise<number> => {
  const all = await openInventory(flags)
  const hosts = flags.limit === undefined ? all.hosts : limitHosts(all, flags.limit)
  const shown = { ...all, hosts }
  const text = flags.host !== undefined ? toHost(shown, flags.host)
    : flags.list === true ? toList(shown)
      : flags.json === true ? toJson(shown)
        : flags.graph === true ? graph(shown)
          : hosts.map(({ name, address }) => `${name}${address === undefined ? '' : `  ${address}`}`).join('\n')
  process.stdout.write(`${text}\n`)
  return exitCode.done
}
