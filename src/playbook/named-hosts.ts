import { exitCode, ProvisionError, type Place } from '../core/errors.js'
import { suggestion } from '../core/suggest.js'
import type { StepNode } from './nodes.js'
import type { HostScope } from './scope.js'
import { interpolate } from './template/interpolate.js'

/** The host that does a step for this one. */
export const delegateOf = (node: StepNode, scope: HostScope): string | undefined => {
  const { delegate } = node.source
  return delegate === undefined ? undefined : hostNamed(delegate, scope, node.placeOf(['delegate']), 'unknown-delegate', 'to do this step')
}

/** The host that a step asks beside its own. */
export const askedBy = ({ module, args, placeOf }: StepNode, scope: HostScope): string | undefined => {
  if (module?.asks === undefined || typeof args !== 'object' || args === null) return undefined
  const name = (args as Readonly<Record<string, unknown>>)[module.asks] // any map may have it
  return name === undefined ? undefined : hostNamed(name, scope, placeOf([module.name, module.asks]), 'unknown-host', 'to ask')
}

const hostNamed = (value: unknown, scope: HostScope, at: Place, code: string, what: string): string => {
  const name = interpolate(value, scope, at)
  if (typeof name === 'string' && scope.world.hosts.has(name)) return name
  throw new ProvisionError(code, `there is no host ${typeof name === 'string' ? `"${name}"` : 'of this name'} ${what}`, {
    exit: exitCode.input, at, hint: suggestion(String(name), [...scope.world.hosts.keys()]),
  })
}
