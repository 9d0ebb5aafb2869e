import { exitCode } from '../core/errors.js'
import { stepsIn } from '../core/step.js'
import type { WalkFlags } from './options.js'
import { openProject } from './project.js'
import { terminalOf } from './terminal.js'

/** `provision validate`: the files are right, as far as it shows without a connection. */
export const validateCommand = async (playbook: string, flags: WalkFlags): Promise<number> => {
  const { plays, hosts } = await openProject(playbook, flags)
  const steps = plays.reduce((total, play) => total + stepsIn(play.steps).length, 0)
  terminalOf(flags).out.write(`${playbook} with the inventory ${flags.inventory.join(' and ')} is right: ${plays.length} plays, ${steps} steps, ${hosts.length} hosts.\n`)
  return exitCode.done
}
