import { ProvisionError } from '../core/errors.js'
import type { Module } from '../core/module.js'
import type { BoundStep } from '../core/step.js'
import { UnknownValue } from '../core/unknown.js'
import type { YamlPath } from '../yaml/document.js'
import type { StepNode } from './nodes.js'
import type { HostScope } from './scope.js'
import { interpolate } from './template/interpolate.js'
import { inRounds, labelled, titleOf } from './titles.js'

/** What is known, or until when it is not; where there is no item to be told apart, whoever binds is told by the error, and so is who has to be asked. */
export const knownOf = <T>(isItem: boolean, evaluate: () => T): T | { readonly until: string } => {
  try {
    return evaluate()
  } catch (error) {
    if (!(error instanceof UnknownValue) || error.asks !== undefined || !isItem) throw error
    return { until: error.until }
  }
}

/** One item of a loop whose other values only a run will know: it has a name, and waits. */
export const deferredItem = (node: StepNode, module: Module, scope: HostScope, item: unknown, until: string): BoundStep => ({
  name: nameOf(node, knownTitle(node, scope), item, scope),
  bound: { module: module.name, kind: 'state', args: {}, risks: [], needs: { values: { key: until, read: () => Promise.reject(new UnknownValue(until)) } }, check: () => [] },
  ...(scope.parts.surroundings === undefined ? {} : { around: scope.parts.surroundings }),
})

/** A title of what is known already; what is not known stands in it as an ellipsis. */
export const knownTitle = ({ source, module, args, placeOf }: StepNode, scope: HostScope): string => {
  const known = (value: unknown, path: YamlPath): unknown => {
    try {
      return interpolate(value, scope, (inside) => placeOf([...path, ...inside]))
    } catch (error) {
      if (error instanceof UnknownValue || error instanceof ProvisionError) return value
      throw error
    }
  }
  if (source.name !== undefined) {
    const whole = String(known(source.name, ['name']))
    return whole === source.name ? whole.replaceAll(expression, (one) => String(known(one, ['name'])).replaceAll(expression, '…')) : whole
  }
  const parts = typeof args === 'object' && args !== null && module !== undefined ? Object.fromEntries(Object.entries(args).map(([key, value]): [string, unknown] => [key, known(value, [module.name, key])])) : args
  return titleOf(module, parts)
}

/** What a step is called, told apart by its own item and those of the blocks around. */
export const nameOf = ({ source }: StepNode, title: string, item: unknown, scope: HostScope): string => inRounds(item === undefined ? title : labelled(title, item, source.name, source['loop-var']), scope)

const expression = /\{\{.*?\}\}/gs
