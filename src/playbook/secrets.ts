import { ProvisionError } from '../core/errors.js'
import { UnknownValue } from '../core/unknown.js'
import { stepNodesIn, type FrameSource, type PlayNode } from './nodes.js'
import { placedMap } from './resolve.js'
import { HostScope, type World } from './scope.js'

/** Evaluates the parameters that are secrets, so that they are known before a host says anything, also where no selected step asks for them. */
export const learnParameters = (plays: readonly PlayNode[], world: World, hostsOf: (play: PlayNode) => readonly string[]): void => {
  for (const node of plays) {
    const wanted = framesOf(node).flatMap((frame) => Object.entries(frame.parameters).flatMap(([name, { type }]) => (type === 'secret' ? [{ frame, name }] : [])))
    if (wanted.length === 0) continue
    const play = placedMap(node.source.vars ?? {}, (path) => node.placeOf(['vars', ...path]))
    for (const host of hostsOf(node)) {
      const variables = world.hosts.get(host)
      if (variables !== undefined) for (const { frame, name } of wanted) learn(new HostScope(world, variables, { play, frame }), name)
    }
  }
}

const learn = (scope: HostScope, name: string): void => {
  try {
    scope.lookup(name)
  } catch (error) {
    // what cannot be told here is told of by the step that asks for it, and so is its mistake
    if (!(error instanceof ProvisionError) && !(error instanceof UnknownValue)) throw error
  }
}

/** The frames of a play and of its step lists. */
const framesOf = ({ frame, steps, handlers }: PlayNode): readonly FrameSource[] =>
  [...new Set([frame, ...stepNodesIn([...steps, ...handlers.flatMap((handler) => handler.steps)]).map((step) => step.frame)])].filter((one) => one !== undefined)
