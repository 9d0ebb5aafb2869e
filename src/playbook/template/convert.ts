import type { RawNode } from './grammar.js'
import { SyntaxMistake } from './syntax-mistake.js'
import type { BinaryOperator, Comparison, Expression, Given, MacroDefinition, Position, Statement } from './tree.js'

const DEEPEST = 150

/** Turns the parts of a parsed template into our own tree. */
export const convertTemplate = (parts: readonly RawNode[], text: string): readonly Statement[] => new Conversion(text).statements(parts, { line: 1, column: 1 })

/** Turns one parsed expression into our own tree. */
export const convertExpression = (node: RawNode, text: string): Expression => new Conversion(text).expression(node, { line: 1, column: 1 })

const binary: Readonly<Record<string, BinaryOperator>> = { Add: '+', Sub: '-', Mul: '*', Div: '/', FloorDiv: '//', Mod: '%', Pow: '**', Concat: '~' }
const comparisons: Readonly<Record<string, Comparison>> = { '==': '==', '===': '==', '!=': '!=', '!==': '!=', '<': '<', '>': '>', '<=': '<=', '>=': '>=' }
const constants: Readonly<Record<string, boolean | null>> = { True: true, False: false, None: null }
const keywords = new Set(['and', 'or', 'not', 'is', 'in', 'if', 'else'])

class Conversion {
  readonly #lines: readonly string[]
  #depth = 0

  constructor(text: string) { this.#lines = text.split('\n') }

  statements(parts: readonly RawNode[], inside: Position): readonly Statement[] {
    return parts.flatMap((part) => this.#statement(part, inside))
  }

  #statement(node: RawNode, inside: Position): readonly Statement[] {
    const at = positionOf(node, inside)
    return this.#deeper(at, (): readonly Statement[] => {
      switch (node.typename) {
        case 'NodeList': return this.statements(node.children, at)
        case 'Output': return node.children.map((child): Statement => (child.typename === 'TemplateData'
          ? { type: 'text', text: String(child['value']), ...at }
          : { type: 'output', expression: this.expression(child, at), ...at }))
        case 'If': return [this.#if(node, at)]
        case 'For': return [this.#for(node, at)]
        case 'Set': return [this.#set(node, at)]
        case 'Include': return [{ type: 'include', template: this.expression(field(node, 'template'), at), ignoreMissing: node['ignoreMissing'] === true, ...at }]
        case 'Macro': return [{ type: 'macro', definition: this.#macro(node, at), ...at }]
        case 'Import': return [{
          type: 'import', template: this.expression(field(node, 'template'), at), as: this.#name(field(node, 'target'), at), withContext: node['withContext'] === true, ...at,
        }]
        case 'FromImport': return [this.#from(node, at)]
        default: throw new SyntaxMistake(`{% ${tagOf(node)} %} is not supported`, at, 'templates have if, for, set, include, macro, call, import, from, filter, raw')
      }
    })
  }

  #body(node: RawNode | undefined, at: Position): readonly Statement[] { return node === undefined ? [] : this.#statement(node, at) }

  #if(node: RawNode, at: Position): Statement {
    const branches = []
    let next: RawNode | undefined = node
    for (; next?.typename === 'If'; next = optional(next, 'else_')) {
      branches.push({ when: this.expression(field(next, 'cond'), at), body: this.#body(field(next, 'body'), at) })
    }
    return { type: 'if', branches, otherwise: this.#body(next, at), ...at }
  }

  #for(node: RawNode, at: Position): Statement {
    const target = field(node, 'name')
    const names = (target.typename === 'Array' ? target.children : [target]).map((child) => this.#name(child, at))
    const from = field(node, 'arr')
    // `for x in list if x.on` chooses among the items; nunjucks' parser takes it for a conditional expression.
    const chosen = from.typename === 'InlineIf' && optional(from, 'else_') === undefined
    return {
      type: 'for', names, of: this.expression(chosen ? field(from, 'body') : from, at), ...(chosen ? { only: this.expression(field(from, 'cond'), at) } : {}),
      body: this.#body(field(node, 'body'), at), otherwise: this.#body(optional(node, 'else_'), at), ...at,
    }
  }

  #set(node: RawNode, at: Position): Statement {
    const targets = list(node, 'targets')
    const [target] = targets
    if (target === undefined || targets.length > 1) throw new SyntaxMistake('{% set %} names one variable', at, 'write one {% set %} for each')
    const body = optional(node, 'body')
    const value: Expression = body === undefined ? this.expression(field(node, 'value'), at) : this.expression(body, at)
    return { type: 'set', name: this.#name(target, at), value, ...at }
  }

  #from(node: RawNode, at: Position): Statement {
    const names = field(node, 'names').children.map((child): readonly [string, string] => {
      const pair = child.typename === 'Pair'
      return [this.#name(pair ? field(child, 'key') : child, at), this.#name(pair ? field(child, 'value') : child, at)]
    })
    return { type: 'from', template: this.expression(field(node, 'template'), at), names, withContext: node['withContext'] === true, ...at }
  }

  #macro(node: RawNode, at: Position): MacroDefinition {
    const parameters = field(node, 'args').children.flatMap((child) => (child.typename === 'KeywordArgs'
      ? child.children.map((pair) => ({ name: this.#name(field(pair, 'key'), at), otherwise: this.expression(field(pair, 'value'), at) }))
      : [{ name: this.#name(child, at) }]))
    return { name: this.#name(field(node, 'name'), at), parameters, body: this.#body(field(node, 'body'), at) }
  }

  #name(node: RawNode, inside: Position): string {
    const expression = this.expression(node, inside)
    if (expression.type !== 'name') throw new SyntaxMistake('expected a name', expression, 'names are letters, digits and _')
    return expression.name
  }

  expression(node: RawNode, inside: Position): Expression {
    const at = positionOf(node, inside)
    return this.#deeper(at, () => this.#expression(node, at))
  }

  #expression(node: RawNode, at: Position): Expression {
    const part = (name: string): Expression => this.expression(field(node, name), at)
    const operator = binary[node.typename]
    if (operator !== undefined) return { type: 'binary', operator, left: part('left'), right: part('right'), ...at }
    switch (node.typename) {
      case 'Literal': return this.#literal(node['value'], at)
      case 'Symbol': return nameOrConstant(String(node['value']), at)
      case 'Group': return node.children.length === 1 && node.children[0] !== undefined
        ? this.expression(node.children[0], at)
        : { type: 'list', items: this.#all(node.children, at), ...at }
      case 'Array': return { type: 'list', items: this.#all(node.children, at), ...at }
      case 'Dict': return { type: 'map', entries: node.children.map((pair) => [this.#mapKey(field(pair, 'key'), at), this.expression(field(pair, 'value'), at)]), ...at }
      case 'LookupVal': return this.#member(node, at)
      case 'FunCall': return this.#call(node, at)
      case 'Filter': {
        const [input, ...given] = field(node, 'args').children
        return { type: 'filter', name: String(field(node, 'name')['value']), input: this.expression(input ?? node, at), given: this.#given(given, at), ...at }
      }
      case 'Is': {
        const test = field(node, 'right')
        const name = test.typename === 'FunCall' ? field(test, 'name') : test
        const given = test.typename === 'FunCall' ? field(test, 'args').children : []
        return { type: 'check', name: String(name['value']), input: part('left'), given: this.#given(given, at), ...at }
      }
      case 'InlineIf': {
        const otherwise = optional(node, 'else_')
        return { type: 'choice', when: part('cond'), value: part('body'), ...(otherwise === undefined ? {} : { otherwise: this.expression(otherwise, at) }), ...at }
      }
      case 'And': return { type: 'both', left: part('left'), right: part('right'), ...at }
      case 'Or': return { type: 'either', left: part('left'), right: part('right'), ...at }
      case 'In': return { type: 'in', left: part('left'), right: part('right'), ...at }
      case 'Not': return { type: 'not', of: part('target'), ...at }
      case 'Neg': return { type: 'sign', negative: true, of: part('target'), ...at }
      case 'Pos': return { type: 'sign', negative: false, of: part('target'), ...at }
      case 'Compare': return this.#compare(node, at)
      case 'Capture': return { type: 'capture', body: this.#body(field(node, 'body'), at), ...at }
      default: throw new SyntaxMistake('expected an expression', at)
    }
  }

  #all(nodes: readonly RawNode[], at: Position): readonly Expression[] { return nodes.map((node) => this.expression(node, at)) }

  #literal(value: unknown, at: Position): Expression {
    if (typeof value === 'number') {
      const written = (this.#lines[at.line - 1] ?? '').slice(at.column - 1)
      if (/^0\d/.test(written)) throw new SyntaxMistake('a number does not start with 0', at, 'put it in quotes if it is text, such as a file mode')
      if (Number.isInteger(value) && !Number.isSafeInteger(value)) throw new SyntaxMistake('the number is too large to be exact', at, 'put it in quotes if it is text')
    }
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return { type: 'literal', value, ...at }
    throw new SyntaxMistake('a regular expression cannot stand here', at, "write it as text: x is match('…'), x | regex_replace('…', '…'); for a division put spaces around /")
  }

  /** An unquoted key means a variable in Jinja and a text in nunjucks: neither is what every reader expects. */
  #mapKey(node: RawNode, inside: Position): Expression {
    if (node.typename !== 'Symbol') return this.expression(node, inside)
    const name = String(node['value'])
    throw new SyntaxMistake(`the key ${name} is not in quotes`, positionOf(node, inside), `write '${name}', or put a variable in parentheses`)
  }

  #member(node: RawNode, at: Position): Expression {
    const key = optional(node, 'val')
    if (key === undefined) throw new SyntaxMistake('a key or an index is missing between [ and ]', at)
    if (key.typename === 'NodeList') return { type: 'slice', target: this.expression(field(node, 'target'), at), ends: this.#all(key.children, at), ...at }
    return { type: 'member', target: this.expression(field(node, 'target'), at), key: this.expression(key, at), ...positionOf(key, at) }
  }

  #call(node: RawNode, at: Position): Expression {
    const callee = this.expression(field(node, 'name'), at)
    const given = field(node, 'args').children
    const blocks = given.flatMap((child) => (child.typename === 'KeywordArgs' ? child.children : []))
      .map((pair) => field(pair, 'value')).filter(({ typename }) => typename === 'Caller')
    const { line, column } = callee
    return { type: 'call', callee, given: this.#given(given, at), ...(blocks[0] === undefined ? {} : { caller: this.#macro(blocks[0], at) }), line, column }
  }

  #given(nodes: readonly RawNode[], at: Position): Given {
    const named = nodes.flatMap((node) => (node.typename === 'KeywordArgs' ? node.children : [])).filter((pair) => field(pair, 'value').typename !== 'Caller')
    return {
      positional: this.#all(nodes.filter(({ typename }) => typename !== 'KeywordArgs'), at),
      named: named.map((pair) => [this.#name(field(pair, 'key'), at), this.expression(field(pair, 'value'), at)]),
    }
  }

  #compare(node: RawNode, at: Position): Expression {
    const rest = list(node, 'ops').map((operand) => {
      const operator = comparisons[String(operand['type'])]
      if (operator === undefined) throw new SyntaxMistake('expected a comparison', at)
      return { operator, right: this.expression(field(operand, 'expr'), at) }
    })
    return { type: 'compare', first: this.expression(field(node, 'expr'), at), rest, ...at }
  }

  #deeper<T>(at: Position, part: () => T): T {
    if (this.#depth >= DEEPEST) throw new SyntaxMistake('the template is nested too deeply', at, 'split it with {% set %} or a macro')
    this.#depth += 1
    try {
      return part()
    } finally {
      this.#depth -= 1
    }
  }
}

const nameOrConstant = (name: string, at: Position): Expression => {
  const constant = Object.hasOwn(constants, name) ? constants[name] : undefined
  if (constant !== undefined) return { type: 'literal', value: constant, ...at }
  if (keywords.has(name)) throw new SyntaxMistake(`unexpected ${name}`, at)
  if (/^\d+(_\d+)*(e\d{1,2})?$/i.test(name)) {
    const value = Number(name.replaceAll('_', ''))
    if (!Number.isSafeInteger(value)) throw new SyntaxMistake('the number is too large to be exact', at, 'put it in quotes if it is text')
    return { type: 'literal', value, ...at }
  }
  if (/^\d/.test(name)) throw new SyntaxMistake(`${name} is neither a number nor a name`, at, "numbers are written 1000, 1_000, 1.5 or 1e3; a key is reached as hosts['1a']")
  if (!/^[A-Za-z_]\w*$/.test(name)) throw new SyntaxMistake(`${name} is not a name`, at, "names are letters, digits and _; other keys are reached as hosts['db-1']")
  return { type: 'name', name, ...at }
}

const tagOf = ({ typename }: RawNode): string => typename.charAt(0).toLowerCase() + typename.slice(1)

const positionOf = ({ lineno, colno }: RawNode, inside: Position): Position =>
  (typeof lineno === 'number' && typeof colno === 'number' ? { line: lineno + 1, column: colno + 1 } : inside)

const isNode = (value: unknown): value is RawNode => typeof value === 'object' && value !== null && 'typename' in value
const optional = (node: RawNode, name: string): RawNode | undefined => {
  const value = node[name]
  return isNode(value) ? value : undefined
}
const field = (node: RawNode, name: string): RawNode => {
  const value = optional(node, name)
  if (value === undefined) throw new SyntaxMistake('a part of the expression is missing', positionOf(node, { line: 1, column: 1 }))
  return value
}
const list = (node: RawNode, name: string): readonly RawNode[] => {
  const value = node[name]
  return Array.isArray(value) ? value.filter(isNode) : []
}
