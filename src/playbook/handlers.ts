import { templated } from './arguments.js'
import { isBlockNode, type BlockNode, type FrameSource, type HandlerNode, type Node, type StepNode } from './nodes.js'

/** A play's own handler takes the place of those of its lists; what several lists call by one name is done for each of them, the same only once. */
export const joinedHandlers = (own: readonly HandlerNode[], ofLists: readonly HandlerNode[]): readonly HandlerNode[] => {
  const names = [...new Set([...own, ...ofLists].map(({ name }) => name))]
  return names.map((name) => own.find((handler) => handler.name === name) ?? { name, steps: distinct(ofLists.filter((handler) => handler.name === name).flatMap(({ steps }) => steps)) })
}

/**
 * Handlers of lists that are included in a block. One that uses what the block says sees that as the list's steps do: variables, and each item of the loop in turn;
 * any other is done once, as it would be without the block.
 */
export const within = (block: BlockNode, handlers: readonly HandlerNode[]): readonly HandlerNode[] => (block.source.loop === undefined && block.source.vars === undefined ? handlers : joinedHandlers([], handlers)
  .map(({ name, steps }) => ({ name, steps: steps.some((step) => usesSaid(step, block)) ? [{ ...block, block: steps, rescue: [], always: [] }] : steps })))

/** Whether a step may use what a block around its list says; a name within a text is taken for the variable. */
const usesSaid = (node: Node, block: BlockNode): boolean => {
  if (isBlockNode(node)) return true
  const names = [node.frame, node.become?.frame, ...node.conditions.map(({ frame }) => frame)].flatMap((frame) => saidTo(frame, block))
  // a file that is rendered may use anything
  return names.length > 0 && (mentions([node.source, node.become?.value, conditionsOf(node)], names) || /"src":/.test(JSON.stringify(node.source)))
}

/** The variables of a file that follow from what a block says. */
const saidTo = (frame: FrameSource | undefined, block: BlockNode): readonly string[] => {
  const { loop, vars = {}, 'loop-var': item = 'item', 'index-var': index } = block.source
  if (frame === block.frame) return [...Object.keys(vars), ...(loop === undefined ? [] : [item, ...(index === undefined ? [] : [index])])]
  if (frame === undefined) return []
  const outer = saidTo(frame.outer, block)
  const given = Object.keys(frame.given).filter((name) => mentions(frame.given[name]?.value, outer))
  return [...given, ...Object.keys(frame.parameters).filter((name) => templated(frame.parameters[name]?.default) && !given.includes(name))]
}

const mentions = (value: unknown, names: readonly string[]): boolean => names.length > 0 && new RegExp(`\\b(${names.join('|')})\\b`).test(JSON.stringify(value))

const distinct = (steps: readonly Node[]): readonly Node[] => steps.filter((step, index) => steps.findIndex((other) => isSame(step, other)) === index)

/** Whether two steps do the same: written alike, with nothing in them that their callers make differ. */
const isSame = (one: Node, other: Node): boolean =>
  (isBlockNode(one) || isBlockNode(other) ? one.place.file === other.place.file && one.place.line === other.place.line && one.place.column === other.place.column && alike(conditionsOf(one), conditionsOf(other)) && alike(given(one.frame), given(other.frame)) : isSameStep(one, other))

const isSameStep = (one: StepNode, other: StepNode): boolean =>
  alike(one.source, other.source) && alike(one.become?.value, other.become?.value)
  && ((isFixed(one) && isFixed(other)) || (one.place.file === other.place.file && alike(conditionsOf(one), conditionsOf(other)) && alike(given(one.frame), given(other.frame))))

const conditionsOf = ({ conditions }: Node): unknown => conditions.map(({ value }) => value)

const isFixed = ({ source, become, conditions }: StepNode): boolean => !templated(source) && !templated(become?.value) && source.when === undefined && conditions.length === 0

/** Parameters as the callers wrote them, from the inside out. */
export const given = (frame: FrameSource | undefined): unknown =>
  (frame === undefined ? [] : [Object.entries(frame.given).map(([name, { value }]) => [name, value]), given(frame.outer)])

const alike = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)
