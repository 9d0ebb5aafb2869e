import { partsOf, type Around, type Block } from '../core/step.js'
import type { Lane } from './lane.js'

/** Walks a block on a host, round by round: its steps, those of `rescue` when one has failed, those of `always` in any case. */
export const walkBlock = async (lane: Lane, block: Block, around: Around | undefined): Promise<void> => {
  const bound = await lane.bind(block, around)
  if ('verdict' in bound) {
    await lane.passOver(partsOf(block), bound.verdict, around)
    return
  }
  for (const round of bound.rounds) {
    if (lane.stopped) return
    if (round.until === undefined) await walkRound(lane, block, round.around)
    else await lane.passOver(partsOf(block), { status: 'deferred', until: round.until }, round.around)
  }
}

const walkRound = async (lane: Lane, block: Block, around: Around | undefined): Promise<void> => {
  const { counts } = lane.owner
  const open = (): number => counts.changed + counts.deferred
  const before = open()
  const hasRescue = block.rescue.length > 0
  if (hasRescue) lane.nets++
  await lane.steps(block.block, around)
  if (hasRescue) lane.nets--
  if (hasRescue && lane.failing !== undefined) await rescue(lane, block, around)
  else if (hasRescue && !lane.stopped) await lane.walk.mode.unfailed(lane, block, open() > before, around)
  if (block.always.length === 0) return
  const held = lane.failing
  lane.failing = undefined
  await lane.steps(block.always, around)
  lane.failing ??= held
}

/** What has failed is known as `failure` while it is taken care of. */
const rescue = async (lane: Lane, block: Block, around: Around | undefined): Promise<void> => {
  const { failing, owner: { registered } } = lane
  const outer = registered.get('failure')
  registered.set('failure', { step: failing?.step, code: failing?.error.code, message: failing?.error.message, output: failing?.error.output ?? '' })
  lane.failing = undefined
  await lane.steps(block.rescue, around)
  if (outer === undefined) registered.delete('failure')
  else registered.set('failure', outer)
}

/** Nothing has failed: the steps of `rescue` are told as skipped. */
export const notNeeded = async (lane: Lane, block: Block, around: Around | undefined): Promise<void> => {
  await lane.passOver(block.rescue, { status: 'skipped', because: 'nothing failed' }, around)
  await lane.walk.mode.finish(lane)
}
