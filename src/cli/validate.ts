import { counted } from '../core/counted.js'
import { exitCode, ProvisionErrors } from '../core/errors.js'
import { stepsIn } from '../core/step.js'
import { compare } from '../engine/compare.js'
import type { ClaimedHost } from '../engine/rules/rule.js'
import type { Host } from '../inventory/inventory.js'
import { interpolate } from '../playbook/template/interpolate.js'
import type { WalkFlags } from './options.js'
import { openProject, textOf, type Project } from './project.js'
import { terminalOf } from './terminal.js'

/** `provision validate`: the files are right, as far as it shows without a connection; steps and hosts are compared with one another too. */
export const validateCommand = async (playbook: string, flags: WalkFlags): Promise<number> => {
  const project = await openProject(playbook, flags)
  const { plays, hosts, controller } = project
  const mistakes = await compare(plays, hosts.map((host) => comparable(host, project)), controller)
  if (mistakes.length > 0) throw new ProvisionErrors(mistakes)
  const steps = plays.reduce((total, play) => total + stepsIn(play.steps).length, 0)
  terminalOf(flags).out.write(`${playbook} with the inventory ${flags.inventory.join(' and ')} is right: ${counted(plays.length, 'play')}, ${counted(steps, 'step')}, ${counted(hosts.length, 'host')}.\n`)
  return exitCode.done
}

/** Behind a jump host an address may mean another machine than the same address elsewhere. */
const comparable = ({ name, address, at, connection: { transport, port = 22, jump, machine = name } }: Host, { scopeOf }: Project): Omit<ClaimedHost, 'said'> => ({
  name, place: at, machine,
  ...(address === undefined ? {} : { address: String(interpolate(address, scopeOf(name), at)) }),
  ...(transport === 'ssh' && jump === undefined ? { sshPort: Number(textOf(String(port), scopeOf(name), at)) } : {}),
})
