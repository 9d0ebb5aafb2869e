import { sha256 } from '../core/digest.js'
import { exitCode, ProvisionError } from '../core/errors.js'
import { templated } from './arguments.js'
import { given } from './handlers.js'
import { isBlockNode, nodesIn, stepNodesIn, type HandlerNode, type Node, type PlayNode } from './nodes.js'

/** What tells handlers of one name apart, where they do not all do the same: by play and name. */
export interface Payers {
  /** Of a play's own handler, and all of its name. */
  variantOf(play: PlayNode, handler: HandlerNode): { readonly variant?: string; readonly variants?: readonly string[] }
  /** Of the handler that pays what a step of the play notifies on this host: the play's own, else that of the first later play with the host. */
  payerOf(play: PlayNode, host: string, handler: string): string | undefined
}

/** Finds for all plays of a run who pays what, whichever of their steps are chosen; a notified handler that is in no later play of a host is a mistake. */
export const payersIn = (plays: readonly PlayNode[], hostsOf: (play: PlayNode) => readonly string[]): Payers => {
  const variants = new Map<string, Map<PlayNode, string>>()
  for (const play of plays) {
    for (const handler of play.handlers) variants.set(handler.name, (variants.get(handler.name) ?? new Map<PlayNode, string>()).set(play, sha256(identityOf(play, handler)).slice(0, 12)))
  }
  const told = (play: PlayNode, name: string): string | undefined => {
    const ofName = variants.get(name) ?? new Map<PlayNode, string>()
    return new Set(ofName.values()).size <= 1 ? undefined : ofName.get(play)
  }
  const paying = (play: PlayNode, host: string, name: string): PlayNode | undefined =>
    (play.handlers.some((handler) => handler.name === name) ? play : plays.slice(plays.indexOf(play) + 1).find((later) => variants.get(name)?.has(later) === true && hostsOf(later).includes(host)))
  for (const play of plays) checkReached(play, hostsOf(play), paying)
  return {
    variantOf(play, { name }) {
      const variant = told(play, name)
      return variant === undefined ? {} : { variant, variants: [...new Set(variants.get(name)?.values())] }
    },
    payerOf(play, host, name) {
      const payer = paying(play, host, name)
      return payer === undefined ? undefined : told(payer, name)
    },
  }
}

const checkReached = (play: PlayNode, hosts: readonly string[], paying: (play: PlayNode, host: string, name: string) => PlayNode | undefined): void => {
  for (const step of stepNodesIn(play.steps)) {
    for (const [index, name] of (step.source.notify ?? []).entries()) {
      const host = hosts.find((one) => paying(play, one, name) === undefined)
      if (host === undefined) continue
      throw new ProvisionError('no-handler', `no play from here on has both the handler "${name}" and the host ${host}`, {
        exit: exitCode.input, at: step.placeOf(['notify', index]), hint: 'give the play with the handler all hosts that notify it',
      })
    }
  }
}

/** What a handler does as far as the files tell; where values are filled in, they may differ from play to play. */
const identityOf = (play: PlayNode, { steps }: HandlerNode): string =>
  JSON.stringify([steps.map(written), steps.some(isFilledIn) ? [play.source.name, play.source.vars, given(play.frame)] : []])

const written = (node: Node): unknown => [node.source, node.conditions.map(({ value }) => value), given(node.frame), ...(isBlockNode(node) ? [[node.block, node.rescue, node.always].map((part) => part.map(written))] : [node.become?.value])]

const isFilledIn = (node: Node): boolean => nodesIn([node]).some((one) => templated(one.source) || one.source.when !== undefined || one.conditions.length > 0 || (!isBlockNode(one) && templated(one.become?.value)))
