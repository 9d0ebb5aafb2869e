import { isBlock, partsOf, type Around, type Block, type Part, type Registered, type Step } from '../core/step.js'

/** A step as a walk would come to it, once for each round of the blocks around. */
export interface Reach { readonly step: Step; readonly around: Around | undefined }

/** All steps that can be come to on a host with what is known; a block whose rounds are not known is told, and its steps are left out. `inside` says which parts of a block count. */
export function* reach(parts: readonly Part[], host: string, registered: Registered, onError: (error: unknown, part: Part) => void, around?: Around, inside: (block: Block) => readonly Part[] = partsOf): Generator<Reach> {
  for (const part of parts) {
    if (!isBlock(part)) {
      if (part.flushHandlers !== true) yield { step: part, around }
      continue
    }
    try {
      const bound = part.bind(host, registered, around)
      if ('skipped' in bound) continue
      for (const round of bound.rounds) if (round.until === undefined) yield* reach(inside(part), host, registered, onError, round.around, inside)
    } catch (error) {
      onError(error, part)
    }
  }
}
