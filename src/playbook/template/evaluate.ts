import { applyCheck, checkNamed } from './checks.js'
import { type Context, localNames, localOf, within } from './context.js'
import type { Tools } from './filter.js'
import { applyFilter, filterNamed } from './filters.js'
import { applyFunction, functionNamed, functionNames } from './functions.js'
import { callMacro, capture } from './macros.js'
import { memberOf, missingMember, missingName, pathOf, sliced } from './members.js'
import { combine, compare, signed } from './operators.js'
import { argumentsOf } from './operation.js'
import { templateError } from './origin.js'
import { didYouMean } from '../../core/suggest.js'
import { reveal, Secret } from '../../core/secret.js'
import type { Expression, Given } from './tree.js'
import { holds, kindOf, omitted, truthy, wrongType } from './values.js'

/** The value of an expression; what is not defined is a mistake with its place, and an unknown value throws `UnknownValue`. */
export const evaluate = (expression: Expression, context: Context): unknown => {
  const value = evaluateOrUndefined(expression, context)
  if (value === undefined) throw missing(expression, context)
  return value
}

type Of<T extends Expression['type']> = Extract<Expression, { readonly type: T }>

/** The value of an expression, or `undefined` where a name, a key or an item is missing and nothing else is wrong. */
export const evaluateOrUndefined = (expression: Expression, context: Context): unknown =>
  within(context, expression, () => {
    switch (expression.type) {
      case 'literal': return expression.value
      case 'name': return nameValue(expression, context)
      case 'member': return memberValue(expression, context)
      case 'slice': return sliced(evaluate(expression.target, context), expression.ends.map((end) => evaluate(end, context)))
      case 'list': return expression.items.map((item) => evaluate(item, context))
      case 'map': return Object.fromEntries(expression.entries.map(([key, value]) => [keyText(evaluate(key, context)), evaluate(value, context)]))
      case 'call': return call(expression, context)
      case 'filter': return filtered(expression, context)
      case 'check': return checked(expression, context)
      case 'choice': return truthy(evaluate(expression.when, context)) ? evaluateOrUndefined(expression.value, context)
        : expression.otherwise === undefined ? '' : evaluateOrUndefined(expression.otherwise, context)
      case 'both': {
        const left = evaluate(expression.left, context)
        return truthy(left) ? evaluate(expression.right, context) : left
      }
      case 'either': {
        const left = evaluate(expression.left, context)
        return truthy(left) ? left : evaluate(expression.right, context)
      }
      case 'in': return holds(evaluate(expression.right, context), evaluate(expression.left, context))
      case 'not': return !truthy(evaluate(expression.of, context))
      case 'sign': return signed(evaluate(expression.of, context), expression.negative)
      case 'binary': return combine(expression.operator, evaluate(expression.left, context), evaluate(expression.right, context))
      case 'compare': return compared(expression, context)
      case 'capture': return capture(expression.body, context)
      default: return expression satisfies never
    }
  })

const nameValue = ({ name }: Of<'name'>, { frame, scope }: Context): unknown => {
  const local = localOf(frame, name)
  if (local === undefined) {
    const value = scope.lookup(name)
    if (value === undefined && name === 'omit') return omitted
    // What JavaScript's objects inherit is no variable, even where a scope is a careless object.
    return typeof value === 'function' || name.startsWith('__') ? undefined : value
  }
  if (local.type === 'value') return local.value
  throw templateError('not-a-value', `${name} is ${local.type === 'macro' ? 'a macro' : 'an imported template'}, not a value`, {
    hint: local.type === 'macro' ? `call it: ${name}()` : `call one of its macros: ${name}.…()`,
  })
}

const memberValue = ({ target, key }: Of<'member'>, context: Context): unknown => {
  const value = evaluateOrUndefined(target, context)
  return value === undefined ? undefined : memberOf(value, evaluate(key, context))
}

const keyText = (key: unknown): string => {
  if (typeof key === 'string' || typeof key === 'number') return String(key)
  throw wrongType('the key of a map is text', key instanceof Secret ? 'a secret cannot become one, for keys are printed' : 'turn it into text with | string')
}

const compared = ({ first, rest }: Of<'compare'>, context: Context): boolean => {
  let left = evaluate(first, context)
  return rest.every(({ operator, right }) => {
    const value = evaluate(right, context)
    const holdsTrue = compare(operator, left, value)
    left = value
    return holdsTrue
  })
}

const positionalOf = ({ positional }: Given, context: Context): readonly unknown[] => positional.map((argument) => evaluate(argument, context))
const namedOf = ({ named }: Given, context: Context): ReadonlyMap<string, unknown> => new Map(named.map(([name, argument]) => [name, evaluate(argument, context)]))

const toolsFor = (host: string): Tools => {
  const tools: Tools = {
    host,
    filter: (name, input, positional, named) => {
      const value = applyFilter(filterNamed(name), input, positional, named, tools)
      if (value === undefined) throw templateError('undefined-value', `${name} gives nothing for an item`, {
        hint: 'choose the items that it works for first',
      })
      return value
    },
    check: (name, input, positional) => applyCheck(checkNamed(name), input, positional, new Map()),
  }
  return tools
}

const filtered = ({ name, input, given }: Of<'filter'>, context: Context): unknown => {
  const filter = filterNamed(name)
  const value = filter.tolerant === true ? evaluateOrUndefined(input, context) : evaluate(input, context)
  if (filter.tolerant === true && value !== undefined && !defaulted(value, given, context)) {
    argumentsOf(filter, given.positional, new Map(given.named))
    return value
  }
  return applyFilter(filter, value, positionalOf(given, context), namedOf(given, context), toolsFor(context.scope.host))
}

/** Whether `default` gives its argument for a value that is there; an argument that is not needed is not evaluated, for it may not be defined itself. */
const defaulted = (value: unknown, { positional, named }: Given, context: Context): boolean => {
  kindOf(value)
  const empties = positional[1] ?? named.find(([name]) => name === 'boolean')?.[1]
  return empties !== undefined && truthy(evaluate(empties, context)) && !truthy(value)
}

const checked = ({ name, input, given }: Of<'check'>, context: Context): boolean => {
  const check = checkNamed(name)
  const value = check.tolerant === true ? evaluateOrUndefined(input, context) : evaluate(input, context)
  return applyCheck(check, value, positionalOf(given, context), namedOf(given, context))
}

const call = ({ callee, given, caller }: Of<'call'>, context: Context): unknown => {
  const local = callee.type === 'name' ? localOf(context.frame, callee.name)
    : callee.type === 'member' && callee.target.type === 'name' ? importedMacro(callee.target.name, evaluate(callee.key, context), context) : undefined
  if (local?.type === 'macro') return callMacro(local, positionalOf(given, context), namedOf(given, context), caller, context)
  const called = callee.type === 'name' && local === undefined ? functionNamed(callee.name) : undefined
  if (called !== undefined && caller === undefined) return applyFunction(called, positionalOf(given, context), namedOf(given, context))
  throw notCallable(callee, context)
}

const importedMacro = (name: string, key: unknown, { frame }: Context) => {
  const local = localOf(frame, name)
  return local?.type === 'imported' && (typeof key === 'string' || key instanceof Secret) ? local.macros.get(reveal(key)) : undefined
}

/** What JavaScript and Python write as methods, by the filter or the expression that does the same. */
const methods: Readonly<Record<string, string>> = {
  split: "| split(',')", join: "| join(',')", upper: '| upper', lower: '| lower', toUpperCase: '| upper', toLowerCase: '| lower', strip: '| trim', trim: '| trim', replace: "| replace('a', 'b')",
  items: '| items', keys: '| list', values: "| dict2items | map(attribute='value')", get: "['key'] | default('…')", startswith: "is match('…')", startsWith: "is match('…')",
  endswith: "is search('…$')", endsWith: "is search('…$')", includes: "'…' in", map: "| map('…')", filter: "| select('…')", sort: '| sort', reverse: '| reverse', capitalize: '| capitalize', title: '| title',
  append: '+ [item]', push: '+ [item]', concat: '+', format: '~', toString: '| string', slice: '[1:3]', length: '| length', count: '| length', index: 'in', indexOf: 'in',
}

const notCallable = (callee: Expression, context: Context): Error => {
  const at = context.origin(callee)
  if (callee.type === 'name') {
    const known = [...functionNames(), ...localNames(context.frame)]
    const meant = didYouMean(callee.name, known)
    return templateError('not-callable', `${callee.name} is no function and no macro`, {
      at, hint: meant === undefined ? 'there is range(), and what {% macro %} defines; filters are written behind |' : `did you mean ${meant}?`,
    })
  }
  if (callee.type === 'member' && callee.target.type === 'name') {
    const imported = localOf(context.frame, callee.target.name)
    if (imported?.type === 'imported') return templateError('undefined-macro', `${callee.target.name} has no such macro`, {
      at, hint: `it has ${[...imported.macros.keys()].join(', ') || 'none'}`,
    })
  }
  const method = callee.type === 'member' && callee.key.type === 'literal' && typeof callee.key.value === 'string' ? callee.key.value : undefined
  const instead = method !== undefined && Object.hasOwn(methods, method) ? methods[method] : undefined
  return templateError('not-callable', `${method === undefined ? 'this' : pathOf(callee)} cannot be called: values have no methods`, {
    at, hint: instead === undefined ? 'filters are written behind |; `provision docs filters` lists them' : `write it with ${instead}`,
  })
}

/** The mistake behind an undefined value, told where it begins. */
const missing = (expression: Expression, context: Context): Error => {
  const { origin, frame, scope } = context
  if (expression.type === 'name') {
    if (functionNamed(expression.name) !== undefined) {
      return templateError('not-a-value', `${expression.name} is a function`, { at: origin(expression), hint: `call it: ${expression.name}(…)` })
    }
    return missingName(expression.name, [...localNames(frame), ...(scope.names?.() ?? [])], origin, expression)
  }
  if (expression.type === 'member') {
    const value = evaluateOrUndefined(expression.target, context)
    return value === undefined ? missing(expression.target, context) : missingMember(value, evaluate(expression.key, context), pathOf(expression.target), origin, expression)
  }
  if (expression.type === 'choice') return missing(truthy(evaluate(expression.when, context)) ? expression.value : expression.otherwise ?? expression.value, context)
  const what = expression.type === 'filter' ? expression.name : 'the expression'
  return templateError('undefined-value', `${what} gives nothing here`, {
    at: origin(expression), hint: 'the list is empty or nothing matches; where that may be, write | default(…)',
  })
}
