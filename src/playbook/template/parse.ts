import nunjucks from 'nunjucks'
import type { Place } from '../../core/errors.js'
import { convertExpression, convertTemplate } from './convert.js'
import { asJinja, jinjaGrammar, unexpected, type RawParser, type RawTokens, type Token } from './grammar.js'
import { type Origin, templateError } from './origin.js'
import { SyntaxMistake } from './syntax-mistake.js'
import type { Expression, Statement } from './tree.js'

/** The lexer and the parser of nunjucks, which its published types leave out; its compiler and its runtime are not used. */
interface Nunjucks {
  readonly lexer: { lex(text: string, options: object): RawTokens }
  readonly parser: { readonly Parser: new (tokens: RawTokens) => RawParser }
  readonly nodes: Parameters<typeof jinjaGrammar>[0]
}
const { lexer, parser: { Parser }, nodes } = nunjucks as unknown as Nunjucks
const grammar = jinjaGrammar(nodes)

const lineOptions = { trimBlocks: true, lstripBlocks: true }
/** No comments in YAML values: `${#list[@]}` is shell, and YAML has comments of its own. */
const valueOptions = { ...lineOptions, tags: { commentStart: '\0{#', commentEnd: '#}\0' } }

/** The syntax tree of a template file. */
export const parseTemplate = (text: string, origin: Origin): readonly Statement[] =>
  remembered('file', text, () => parse(text, lineOptions, origin, (parser) => convertTemplate(parser.parseNodes(), text)))

/** The syntax tree of a YAML value with `{{ }}` in it. */
export const parseValue = (text: string, origin: Origin): readonly Statement[] =>
  remembered('value', text, () => parse(text, valueOptions, origin, (parser) => convertTemplate(parser.parseNodes(), text)))

/** The syntax tree of an expression without braces. */
export const parseExpression = (text: string, origin: Origin): Expression =>
  remembered('expression', text, () => parse(text, valueOptions, origin, (parser) => {
    parser.tokens.in_code = true
    const expression = parser.parseExpression()
    const left = parser.nextToken()
    if (left !== null) throw unexpected(left)
    return convertExpression(expression, text)
  }))

/** Trees are a function of the text alone, so remembering them changes nothing but the time. */
const trees = new Map<string, unknown>()
const REMEMBERED = 5000
const remembered = <T>(kind: string, text: string, make: () => T): T => {
  const key = `${kind}:${text}`
  // A key names its kind of tree, so what was put in under it is what comes out.
  if (trees.has(key)) return trees.get(key) as T
  const tree = make()
  if (trees.size >= REMEMBERED) trees.clear()
  trees.set(key, tree)
  return tree
}

const parse = <T>(text: string, options: object, origin: Origin, read: (parser: RawParser) => T): T => {
  const tokens = asJinja(lexer.lex(text, options))
  const parser = Object.assign(new Parser(tokens), grammar, { open: [] })
  try {
    return read(parser)
  } catch (error) {
    throw mistakeOf(error, parser, text, origin)
  }
}

const literally = 'if the braces are meant as they stand, put them between {% raw %} and {% endraw %}'

const mistakeOf = (thrown: unknown, { tokens, open }: RawParser, text: string, origin: Origin): Error => {
  if (!(thrown instanceof Error)) throw thrown
  const error = thrown
  const hint = open.length > 0 ? literally : 'look for a quote, a bracket or an operator that is missing'
  if (error instanceof SyntaxMistake) return syntaxError(error.message, origin(error.position), error.hint)
  const line: unknown = Reflect.get(error, 'lineno')
  const column: unknown = Reflect.get(error, 'colno')
  if (typeof line === 'number' && typeof column === 'number') return syntaxError(plain(error.message), origin({ line, column }), hint)
  if (error instanceof RangeError) return syntaxError('the expression is nested too deeply', origin({ line: 1, column: 1 }), 'split it with {% set %}')
  const last: Token | undefined = open.at(-1)
  if (tokens.index >= tokens.len && last !== undefined) {
    const name = last.type === 'variable-start' || last.type === 'block-start' ? String(last.value) : `{% ${String(last.value)} %}`
    return syntaxError(`the text ends inside ${name}`, origin({ line: last.lineno + 1, column: last.colno + 1 }), `a closing tag, bracket or quote is missing; ${literally}`)
  }
  const before = text.slice(0, tokens.index).split('\n')
  const end = origin({ line: before.length, column: (before.at(-1) ?? '').length + 1 })
  // Past its end the parser either says so without a place, or stumbles over the missing token.
  if (error instanceof TypeError || Reflect.has(error, 'lineno')) return syntaxError('the expression ends too early', end, 'a value, bracket or quote is missing')
  return syntaxError(plain(error.message), end, hint)
}

/** nunjucks' wording without the name of its function in front. */
const plain = (message: string): string => {
  const told = message.replace(/^(parse|advance)\w+: /, '')
  return told.charAt(0).toLowerCase() + told.slice(1)
}

const syntaxError = (message: string, at: Place, hint: string | undefined): Error => templateError('template-syntax', message, { at, hint })
