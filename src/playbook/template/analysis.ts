import type { Place } from '../../core/errors.js'
import { checkNamed } from './checks.js'
import { filterNamed } from './filters.js'
import { functionNamed } from './functions.js'
import { isTemplated, type ValuePlace } from './interpolate.js'
import { inFile, inValue, type Origin, placed } from './origin.js'
import { parseExpression, parseTemplate, parseValue } from './parse.js'
import type { Expression, Given, MacroDefinition, Statement } from './tree.js'
import type { TemplateSource } from './context.js'
import { isList, isMap } from './values.js'

/** A variable that a text uses and the keys behind it as far as they stand there: `host.os` is `['host', 'os']`. */
export type VariablePath = readonly [name: string, ...keys: string[]]

/** The variables that the `{{ }}` in a value of a YAML file use. Reads the syntax only; what cannot be read, or names no filter or test, is a mistake. */
export const variablesOf = (value: unknown, place: ValuePlace): readonly VariablePath[] => {
  if (typeof value === 'string') {
    if (!isTemplated(value)) return []
    const origin = inValue(typeof place === 'function' ? place([]) : place)
    return reading(origin, (reader) => reader.statements(parseValue(value, origin), new Set()))
  }
  const within = (key: string | number): ValuePlace => (typeof place === 'function' ? (path) => place([key, ...path]) : place)
  if (isList(value)) return value.flatMap((item, index) => variablesOf(item, within(index)))
  return isMap(value) ? Object.entries(value).flatMap(([key, item]) => variablesOf(item, within(key))) : []
}

/** The variables that a condition uses. */
export const variablesOfCondition = (condition: string | boolean, place: Place): readonly VariablePath[] => {
  const origin = inValue(place)
  return typeof condition === 'boolean' ? [] : reading(origin, (reader) => reader.expression(parseExpression(condition, origin), new Set()))
}

/** The variables that a template file uses itself, without what it includes. */
export const variablesOfTemplate = ({ text, file }: TemplateSource): readonly VariablePath[] => {
  const origin = inFile(file, text)
  return reading(origin, (reader) => reader.statements(parseTemplate(text, origin), new Set()))
}

/** The names of the variables that a value uses, each once. */
export const freeVariables = (value: unknown, place: ValuePlace): readonly string[] => [...new Set(variablesOf(value, place).map(([name]) => name))]

const reading = (origin: Origin, read: (reader: Reader) => void): readonly VariablePath[] => {
  const reader = new Reader(origin)
  read(reader)
  return [...reader.found.values()]
}

/** One walk through a tree; a name that only some way through it binds counts as a variable. */
class Reader {
  readonly found = new Map<string, VariablePath>()
  constructor(readonly origin: Origin) {}

  statements(statements: readonly Statement[], bound: Set<string>): void {
    for (const statement of statements) this.#statement(statement, bound)
  }

  #statement(statement: Statement, bound: Set<string>): void {
    switch (statement.type) {
      case 'text': return
      case 'output': return this.expression(statement.expression, bound)
      case 'if':
        for (const { when, body } of statement.branches) {
          this.expression(when, bound)
          this.statements(body, new Set(bound))
        }
        return this.statements(statement.otherwise, new Set(bound))
      case 'for': {
        this.expression(statement.of, bound)
        const inside = new Set([...bound, ...statement.names])
        if (statement.only !== undefined) this.expression(statement.only, inside)
        this.statements(statement.body, new Set([...inside, 'loop']))
        return this.statements(statement.otherwise, new Set(bound))
      }
      case 'set':
        this.expression(statement.value, bound)
        bound.add(statement.name)
        return
      case 'macro':
        bound.add(statement.definition.name)
        return this.#macro(statement.definition, bound)
      case 'include': return this.expression(statement.template, bound)
      case 'import':
        bound.add(statement.as)
        return this.expression(statement.template, bound)
      case 'from':
        for (const [, as] of statement.names) bound.add(as)
        return this.expression(statement.template, bound)
      default:
        statement satisfies never
    }
  }

  #macro({ parameters, body }: MacroDefinition, bound: ReadonlySet<string>): void {
    for (const { otherwise } of parameters) if (otherwise !== undefined) this.expression(otherwise, bound)
    this.statements(body, new Set([...bound, ...parameters.map(({ name }) => name), 'caller']))
  }

  expression(expression: Expression, bound: ReadonlySet<string>): void {
    const path = pathIn(expression)
    if (path !== undefined) {
      if (!bound.has(path[0])) this.found.set(path.join('\0'), path)
      return
    }
    switch (expression.type) {
      case 'literal': case 'name': return
      case 'member': return this.#all([expression.target, expression.key], bound)
      case 'slice': return this.#all([expression.target, ...expression.ends], bound)
      case 'list': return this.#all(expression.items, bound)
      case 'map': return this.#all(expression.entries.flat(), bound)
      case 'call': {
        const { callee } = expression
        if (callee.type !== 'name' || functionNamed(callee.name) === undefined) this.expression(callee, bound)
        if (expression.caller !== undefined) this.#macro(expression.caller, bound)
        return this.#given(expression.given, bound)
      }
      case 'filter':
        placed(this.origin, expression, () => filterNamed(expression.name))
        this.expression(expression.input, bound)
        return this.#given(expression.given, bound)
      case 'check':
        placed(this.origin, expression, () => checkNamed(expression.name))
        this.expression(expression.input, bound)
        return this.#given(expression.given, bound)
      case 'choice': return this.#all([expression.when, expression.value, ...(expression.otherwise === undefined ? [] : [expression.otherwise])], bound)
      case 'both': case 'either': case 'in': case 'binary': return this.#all([expression.left, expression.right], bound)
      case 'not': case 'sign': return this.expression(expression.of, bound)
      case 'compare': return this.#all([expression.first, ...expression.rest.map(({ right }) => right)], bound)
      case 'capture': return this.statements(expression.body, new Set(bound))
      default:
        expression satisfies never
    }
  }

  #all(expressions: readonly Expression[], bound: ReadonlySet<string>): void {
    for (const expression of expressions) this.expression(expression, bound)
  }

  #given({ positional, named }: Given, bound: ReadonlySet<string>): void { this.#all([...positional, ...named.map(([, value]) => value)], bound) }
}

const pathIn = (expression: Expression): VariablePath | undefined => {
  if (expression.type === 'name') return [expression.name]
  if (expression.type !== 'member' || expression.key.type !== 'literal') return undefined
  const target = pathIn(expression.target)
  return target === undefined ? undefined : [...target, String(expression.key.value)]
}
