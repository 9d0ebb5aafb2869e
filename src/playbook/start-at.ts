import { exitCode, ProvisionError } from '../core/errors.js'
import { suggestion } from '../core/suggest.js'
import { isBlockNode, stepNodesIn, type Node, type PlayNode } from './nodes.js'

/** The plays from the step on that is called so: what stands before it is left out, handlers stay. */
export const startingAt = (plays: readonly PlayNode[], name: string): readonly PlayNode[] => {
  let isFound = false
  const cut = (nodes: readonly Node[]): readonly Node[] => nodes.flatMap((node): readonly Node[] => {
    if (isFound) return [node]
    if (node.source.name === name) isFound = true
    if (isFound || !isBlockNode(node)) return isFound ? [node] : []
    const [block, rescue, always] = [cut(node.block), cut(node.rescue), cut(node.always)]
    return isFound ? [{ ...node, block, rescue, always }] : []
  })
  const rest = plays.map((play) => ({ ...play, steps: cut(play.steps) }))
  if (isFound) return rest
  const names = plays.flatMap(({ steps }) => stepNodesIn(steps)).flatMap(({ source }) => source.name ?? [])
  throw new ProvisionError('no-such-step', `no step is called "${name}"`, { exit: exitCode.input, hint: suggestion(name, [...new Set(names)]) })
}
