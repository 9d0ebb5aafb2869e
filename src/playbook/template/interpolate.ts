import { Secret, type Text } from '../../core/secret.js'
import type { Place } from '../../core/errors.js'
import { contextOf, type TemplateScope } from './context.js'
import { evaluate } from './evaluate.js'
import { inValue, type Origin, placed, templateError } from './origin.js'
import { parseExpression, parseValue } from './parse.js'
import { run } from './statements.js'
import type { Expression, Statement } from './tree.js'
import { isList, isMap, joined, kindInWords, kindOf, lineByLine, omitted, truthy, uncovered } from './values.js'

/** Where a value stands: its place, or a function that tells the place of each value within it, such as `placeOf` of a YAML document. */
export type ValuePlace = Place | ((path: readonly (string | number)[]) => Place)

/** Whether a text has anything to interpolate. */
export const isTemplated = (text: string): boolean => text.includes('{{') || text.includes('{%')

/**
 * A value of a YAML file with the `{{ }}` in its texts replaced. A text that is exactly one `{{ expression }}` becomes the value of the expression, of whatever type;
 * keys stay as they are, and what comes out of an expression is never interpolated again. Keys and items that come out as `omit` are left out.
 */
export const interpolate = (value: unknown, scope: TemplateScope, place: ValuePlace): unknown => {
  const walk = (inner: unknown, path: readonly (string | number)[]): unknown => {
    if (typeof inner === 'string') return isTemplated(inner) ? interpolateText(inner, scope, inValue(typeof place === 'function' ? place(path) : place)) : inner
    if (isList(inner)) return inner.map((item, index) => walk(item, [...path, index])).filter(isThere)
    if (isMap(inner)) return Object.fromEntries(Object.entries(inner).map(([key, item]) => [key, walk(item, [...path, key])] as const).filter(([, item]) => isThere(item)))
    return inner
  }
  return walk(value, [])
}

const isThere = (value: unknown): boolean => value !== omitted

const interpolateText = (text: string, scope: TemplateScope, origin: Origin): unknown => {
  const statements = parseValue(text, origin)
  const only = loneExpression(statements)
  const context = contextOf(scope, origin)
  if (only === undefined) {
    const parts: Text[] = []
    run(statements, context, parts)
    return joined(parts)
  }
  const result = evaluate(only, context)
  // Touches every part, so that an unknown value within a list or a map defers the step as well.
  if (uncovered(result).secret) scope.learn?.(result)
  return result instanceof Secret ? lineByLine(result) : result
}

const loneExpression = (statements: readonly Statement[]): Expression | undefined => {
  const [first] = statements
  return statements.length === 1 && first?.type === 'output' ? first.expression : undefined
}

/** Whether a condition (`when`, `until`, `changed-when`) holds: an expression without braces, which must not give text. */
export const evaluateCondition = (condition: string | boolean, scope: TemplateScope, place: Place): boolean => {
  if (typeof condition === 'boolean') return condition
  const origin = inValue(place)
  const start = { line: 1, column: 1 }
  const braces = /^\s*\{\{(.*)\}\}\s*$/s.exec(condition)
  if (braces !== null || /^\s*\{%/.test(condition)) {
    throw templateError('braces-in-condition', 'a condition is an expression already and has no braces around it', {
      at: origin(start), hint: braces?.[1] === undefined ? "write an expression such as: os == 'debian'" : `write ${braces[1].trim()}`,
    })
  }
  const value = evaluate(parseExpression(condition, origin), contextOf(scope, origin))
  return placed(origin, start, () => {
    const kind = kindOf(value)
    if (kind === 'text' || kind === 'secret') throw templateError('not-a-condition', `the condition gives ${kindInWords(value)}, neither true nor false`, {
      hint: "compare it with ==, ask `is defined`, or turn 'yes' and 'no' into truth with | bool",
    })
    return truthy(value)
  })
}
