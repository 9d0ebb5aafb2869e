import { counted } from '../../core/counted.js'
import type { Text } from '../../core/secret.js'
import { type Context, deeper, inner, type Local, spend } from './context.js'
import { evaluate } from './evaluate.js'
import { templateError } from './origin.js'
import { run } from './statements.js'
import type { MacroDefinition, Statement } from './tree.js'
import { joined } from './values.js'

type Macro = Extract<Local, { readonly type: 'macro' }>

/** The text that a part of a template makes, in a frame of its own. */
export const capture = (body: readonly Statement[], context: Context): Text => {
  const parts: Text[] = []
  run(body, inner(context), parts)
  return joined(parts)
}

/** The text that a macro makes of its arguments; it sees the names where it was defined, not those where it is called. */
export const callMacro = (
  { definition, context }: Macro, positional: readonly unknown[], named: ReadonlyMap<string, unknown>, caller: MacroDefinition | undefined, from: Context,
): Text => {
  const { name, parameters } = definition
  const unknown = [...named.keys()].find((key) => !parameters.some((parameter) => parameter.name === key))
  if (positional.length > parameters.length || unknown !== undefined) {
    const message = unknown === undefined ? `${name} takes ${counted(parameters.length, 'argument')} at most` : `${name} has no parameter ${unknown}`
    throw templateError('wrong-arguments', message, {
      hint: `it takes ${parameters.map((parameter) => parameter.name).join(', ') || 'nothing'}`,
    })
  }
  spend(from.budget)
  const own = inner({ ...context, budget: from.budget })
  parameters.forEach((parameter, index) => {
    const value = index < positional.length ? positional[index]
      : named.has(parameter.name) ? named.get(parameter.name)
      : parameter.otherwise === undefined ? undefined : evaluate(parameter.otherwise, own)
    if (value === undefined) throw templateError('wrong-arguments', `${name} needs ${parameter.name}`, {
      hint: 'give it, or give the parameter a default: name=…',
    })
    own.frame.names.set(parameter.name, { type: 'value', value })
  })
  if (caller !== undefined) own.frame.names.set('caller', { type: 'macro', definition: caller, context: from })
  return deeper(from.budget, () => capture(definition.body, own))
}
