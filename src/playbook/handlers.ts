import { templated } from './arguments.js'
import { isBlockNode, type FrameSource, type HandlerNode, type Node, type StepNode } from './nodes.js'

/** A play's own handler takes the place of those of its lists; what several lists call by one name is done for each of them, the same only once. */
export const joinedHandlers = (own: readonly HandlerNode[], ofLists: readonly HandlerNode[]): readonly HandlerNode[] => {
  const names = [...new Set([...own, ...ofLists].map(({ name }) => name))]
  return names.map((name) => own.find((handler) => handler.name === name) ?? { name, steps: distinct(ofLists.filter((handler) => handler.name === name).flatMap(({ steps }) => steps)) })
}

const distinct = (steps: readonly Node[]): readonly Node[] => steps.filter((step, index) => steps.findIndex((other) => isSame(step, other)) === index)

/** Whether two steps do the same: written alike, with nothing in them that their callers make differ. */
const isSame = (one: Node, other: Node): boolean =>
  (isBlockNode(one) || isBlockNode(other) ? one.place.file === other.place.file && one.place.line === other.place.line && one.place.column === other.place.column && alike(given(one.frame), given(other.frame)) : isSameStep(one, other))

const isSameStep = (one: StepNode, other: StepNode): boolean =>
  alike(one.source, other.source) && alike(one.become?.value, other.become?.value)
  && ((isFixed(one) && isFixed(other)) || (one.place.file === other.place.file && alike(one.conditions.map(({ value }) => value), other.conditions.map(({ value }) => value)) && alike(given(one.frame), given(other.frame))))

const isFixed = ({ source, become, conditions }: StepNode): boolean => !templated(source) && !templated(become?.value) && source.when === undefined && conditions.length === 0

/** Parameters as the callers wrote them, from the inside out. */
export const given = (frame: FrameSource | undefined): unknown =>
  (frame === undefined ? [] : [Object.entries(frame.given).map(([name, { value }]) => [name, value]), given(frame.outer)])

const alike = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)
