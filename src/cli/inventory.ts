import { exitCode } from '../core/errors.js'
import { limitHosts } from '../inventory/patterns.js'
import { graph, toJson } from '../inventory/print.js'
import type { WalkFlags } from './options.js'
import { openInventory } from './project.js'

/** `provision inventory`: hosts, groups and variables; secrets as dots. */
export const inventory = async (flags: WalkFlags & { graph?: boolean }): Promise<number> => {
  const all = await openInventory(flags)
  const hosts = flags.limit === undefined ? all.hosts : limitHosts(all, flags.limit)
  const shown = { ...all, hosts }
  process.stdout.write(`${flags.json === true ? toJson(shown) : flags.graph === true ? graph(shown) : hosts.map(({ name, address }) => `${name}${address === undefined ? '' : `  ${address}`}`).join('\n')}\n`)
  return exitCode.done
}
