import type { Place } from '../core/errors.js'
import type { Module } from '../core/module.js'
import type { YamlPath } from '../yaml/document.js'
import type { Parameters } from './parameters.js'
import type { PlaySource, StepSource } from './schema.js'

/** A value of the reader's files and where it stands. */
export interface Placed<T = unknown> {
  readonly value: T
  readonly place: Place
  /** Places of the values within it. */
  readonly within?: ((path: YamlPath) => Place) | undefined
  /** Data, not text of the reader: never evaluated. */
  readonly literal?: true
}

/** What a step has from the play and the includes around it, with the frame of the file that it was written in. */
export interface Inherited<T> extends Placed<T> { readonly frame: FrameSource | undefined }

/** Parameters as a caller gave them, with the caller's own frame to evaluate them in. */
export interface FrameSource { readonly of: 'playbook' | 'list'; readonly parameters: Parameters; readonly given: Readonly<Record<string, Placed>>; readonly defaults: (name: string, path?: YamlPath) => Place; readonly outer: FrameSource | undefined }

/** One step of the files, checked as far as it can be without values. */
export interface StepNode {
  readonly source: StepSource
  readonly module: Module | undefined
  readonly args: unknown
  readonly place: Place
  placeOf(path: YamlPath): Place
  /** Frames of the step lists it stands in, innermost first. */
  readonly frame: FrameSource | undefined
  /** `when` of the includes around it, outermost first. */
  readonly conditions: readonly Inherited<string | boolean>[]
  /** Of the nearest of step, includes and play that says it. */
  readonly become: Inherited<NonNullable<StepSource['become']>> | undefined
  readonly tags: readonly string[]
}

/** Steps of the files that stand together, or a step list that is included in a loop. */
export interface BlockNode extends Pick<StepNode, 'source' | 'place' | 'placeOf' | 'frame' | 'conditions' | 'tags'> {
  readonly block: readonly Node[]
  readonly rescue: readonly Node[]
  readonly always: readonly Node[]
}

export type Node = StepNode | BlockNode

export const isBlockNode = (node: Node): node is BlockNode => 'block' in node

/** All of these nodes, with what stands in blocks behind the block. */
export const nodesIn = (nodes: readonly Node[]): readonly Node[] =>
  nodes.flatMap((node) => (isBlockNode(node) ? [node, ...nodesIn([...node.block, ...node.rescue, ...node.always])] : [node]))

/** All steps of these nodes, those of blocks among them. */
export const stepNodesIn = (nodes: readonly Node[]): readonly StepNode[] => nodesIn(nodes).flatMap((node) => (isBlockNode(node) ? [] : [node]))

export interface HandlerNode { readonly name: string; readonly steps: readonly Node[] }

export interface PlayNode {
  readonly source: PlaySource
  readonly place: Place
  placeOf(path: YamlPath): Place
  readonly steps: readonly Node[]
  readonly handlers: readonly HandlerNode[]
  readonly frame: FrameSource | undefined
}
