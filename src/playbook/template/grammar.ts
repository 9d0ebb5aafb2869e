import { postfixOf } from './postfix.js'
import { SyntaxMistake } from './syntax-mistake.js'

/** What the grammar needs to know of nunjucks' tokens. */
export interface Token { readonly type: string; readonly value: unknown; readonly lineno: number; readonly colno: number }

/** A node as nunjucks' parser makes it; which fields there are depends on `typename`. */
export interface RawNode {
  readonly typename: string
  readonly lineno: number | undefined
  readonly colno: number | undefined
  readonly children: readonly RawNode[]
  readonly [field: string]: unknown
}

type MakeNode = new (line: number, column: number, ...fields: readonly unknown[]) => RawNode

export interface RawTokens {
  in_code: boolean
  readonly str: string
  readonly index: number
  readonly len: number
  readonly lineno: number
  readonly colno: number
  readonly trimBlocks: boolean
  readonly lstripBlocks: boolean
  isFinished(): boolean
  current(): string
  forward(): void
  forwardN(count: number): void
  nextToken: () => Token | null
  _parseString: (quote: string) => string
}

/** The parts of nunjucks' parser that the grammar builds on. */
export interface RawParser {
  readonly tokens: RawTokens
  breakOnBlocks: readonly string[] | null
  dropLeadingWhitespace: boolean
  /** The tags and braces that are open where the parser stands. */
  open: Token[]
  nextToken(): Token | null
  peekToken(): Token | null
  pushToken(token: Token | null): void
  skip(type: string): boolean
  skipValue(type: string, value: string): boolean
  skipSymbol(name: string): boolean
  fail(message: string, line?: number, column?: number): never
  advanceAfterBlockEnd(): Token
  advanceAfterVariableEnd(): void
  parseExpression(): RawNode
  parseStatement(): RawNode | null
  parseFilterName(): RawNode
  parseSignature(): RawNode
  parsePrimary(): RawNode
  parseUnary(): RawNode
  parsePow(): RawNode
  parseMul(): RawNode
  parseAdd(): RawNode
  parseOr(): RawNode
  parseCompare(): RawNode
  parseNodes(): readonly RawNode[]
  parseInlineIf(): RawNode
}

const afterTest = new Set(['and', 'or', 'not', 'is', 'in', 'if', 'else', 'recursive'])
const startsOperand = new Set(['string', 'int', 'float', 'boolean', 'none', 'left-bracket', 'left-curly', 'symbol'])
const blankEnd = /(^|\n)[ \t]+$/
const newlineStart = /^\r?\n/

/** The mistake of a word or sign where none can stand. */
export const unexpected = ({ value, lineno, colno }: Token, message = 'unexpected'): SyntaxMistake =>
  new SyntaxMistake(`${message} ${String(value)}`, { line: lineno + 1, column: colno + 1 },
    "two values need an operator between them; a key that is no name is written hosts['db-1']")

/** Takes away the blanks before a tag that is the first thing on its line. */
const withoutIndent = (text: string, startsLine: boolean): string =>
  text.replace(blankEnd, (blank, start: string) => (start === '\n' || startsLine ? start : blank))

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\', "'": "'", '"': '"', '\n': '' }

/**
 * Makes nunjucks' lexer read as Jinja's: a backslash before a letter that means nothing stays, so that `'\\d+'` is a digit and not a `d`,
 * and `}}` ends an expression only where no map is open.
 */
export const asJinja = (tokens: RawTokens): RawTokens => {
  const nextToken = tokens.nextToken.bind(tokens)
  let openMaps = 0
  tokens.nextToken = () => {
    if (!tokens.in_code) openMaps = 0
    if (openMaps > 0 && tokens.in_code && tokens.str.startsWith('}', tokens.index)) {
      const token = { type: 'right-curly', value: '}', lineno: tokens.lineno, colno: tokens.colno }
      openMaps -= 1
      tokens.forward()
      return token
    }
    const token = nextToken()
    if (token?.type === 'left-curly') openMaps += 1
    return token
  }
  tokens._parseString = (quote) => {
    const start = { line: tokens.lineno + 1, column: tokens.colno + 1 }
    let text = ''
    for (tokens.forward(); !tokens.isFinished() && tokens.current() !== quote; tokens.forward()) {
      if (tokens.current() === '\\') {
        tokens.forward()
        text += escapes[tokens.current()] ?? `\\${tokens.current()}`
      } else text += tokens.current()
    }
    if (tokens.isFinished()) throw new SyntaxMistake('a text in quotes does not end', start, `write ${quote} where it ends`)
    tokens.forward()
    return text
  }
  return tokens
}

/**
 * Where nunjucks reads a template otherwise than Jinja does, this reads it as Jinja: operators of one rank go from left to right, tests bind as tightly
 * as filters and may stand without parentheses, `if … else` can be chained, comments take their line with them, and a `raw` that never ends is a mistake.
 */
export const jinjaGrammar = (nodes: Readonly<Record<string, MakeNode>>) => {
  const make = (type: string, at: Token | RawNode, ...fields: readonly unknown[]): RawNode => {
    const Node = nodes[type]
    if (Node === undefined) throw new TypeError(`nunjucks has no node ${type}`)
    return new Node(at.lineno ?? 0, at.colno ?? 0, ...fields)
  }
  const leftToRight = (operand: 'parseUnary' | 'parsePow' | 'parseMul' | 'parseAdd', operators: Readonly<Record<string, string>>) => function (this: RawParser): RawNode {
    let node = this[operand]()
    for (;;) {
      const token = this.peekToken()
      const type = token?.type === 'operator' || token?.type === 'tilde' ? operators[String(token.value)] : undefined
      if (token === null || type === undefined) return node
      this.nextToken()
      node = make(type, token, node, this[operand]())
    }
  }
  return {
    parseConcat: leftToRight('parseAdd', { '~': 'Concat' }),
    parseAdd: leftToRight('parseMul', { '+': 'Add', '-': 'Sub' }),
    parseMul: leftToRight('parsePow', { '*': 'Mul', '/': 'Div', '//': 'FloorDiv', '%': 'Mod' }),
    parsePow: leftToRight('parseUnary', { '**': 'Pow' }),

    parseIs(this: RawParser): RawNode { return this.parseCompare() },
    parsePostfix: postfixOf(make),

    parseFilter(this: RawParser, input: RawNode): RawNode {
      let node = input
      for (;;) {
        if (this.skip('pipe')) {
          const name = this.parseFilterName()
          const given = this.peekToken()?.type === 'left-paren' ? this.parseSignature().children : []
          node = make('Filter', name, name, make('NodeList', name, [node, ...given]))
        } else if (this.skipSymbol('is')) {
          const inverted = this.skipSymbol('not')
          const test = parseTest(this)
          node = make('Is', test, node, test)
          if (inverted) node = make('Not', node, node)
        } else return node
      }
    },

    parseInlineIf(this: RawParser): RawNode {
      let node = this.parseOr()
      while (this.skipSymbol('if')) {
        const when = this.parseOr()
        node = make('InlineIf', node, when, node, this.skipSymbol('else') ? this.parseInlineIf() : null)
      }
      return node
    },

    parseRaw(this: RawParser, tag = 'raw'): RawNode {
      const { tokens } = this
      const begun = this.advanceAfterBlockEnd()
      const rest = tokens.str.slice(tokens.index)
      const end = new RegExp(`\\{%(-?)\\s*end${tag}\\s*(-?)%\\}`).exec(rest)
      if (end === null) {
        throw new SyntaxMistake(`the text ends before {% end${tag} %}`, { line: begun.lineno + 1, column: begun.colno + 1 }, `write {% end${tag} %} where plain text ends`)
      }
      let text = rest.slice(0, end.index)
      if (this.dropLeadingWhitespace) text = text.trimStart()
      if (end[1] === '-') text = text.trimEnd()
      else if (tokens.lstripBlocks) text = withoutIndent(text, tokens.colno === 0)
      tokens.forwardN(end.index + end[0].length)
      this.dropLeadingWhitespace = end[2] === '-'
      if (tokens.trimBlocks && !this.dropLeadingWhitespace) tokens.forwardN(newlineStart.exec(tokens.str.slice(tokens.index, tokens.index + 2))?.[0].length ?? 0)
      return make('Output', begun, [make('TemplateData', begun, text)])
    },

    parseNodes(this: RawParser): readonly RawNode[] {
      const parts: RawNode[] = []
      let afterComment = false
      for (let token = this.nextToken(); token !== null; token = this.nextToken()) {
        if (token.type === 'data') {
          const text = trimmed(this, token, afterComment)
          if (text !== '') parts.push(make('Output', token, [make('TemplateData', token, text)]))
        } else if (token.type === 'block-start') {
          this.dropLeadingWhitespace = false
          const closing = this.peekToken()
          if (typeof closing?.value === 'string' && this.breakOnBlocks?.includes(closing.value) === true) break
          this.open.push(closing ?? token)
          const statement = this.parseStatement()
          this.open.pop()
          if (statement !== null) parts.push(statement)
        } else if (token.type === 'variable-start') {
          this.open.push(token)
          const expression = this.parseExpression()
          const end = this.peekToken()
          if (end !== null && end.type !== 'variable-end') throw unexpected(end, 'expected }} but found')
          this.dropLeadingWhitespace = false
          this.advanceAfterVariableEnd()
          this.open.pop()
          parts.push(make('Output', token, [expression]))
        } else {
          this.dropLeadingWhitespace = String(token.value).endsWith('-#}')
        }
        afterComment = token.type === 'comment'
      }
      return parts
    },
  }

  /** The test behind `is`, with its arguments in parentheses or one argument without. */
  function parseTest(parser: RawParser): RawNode {
    const token = parser.nextToken()
    if (token === null || !['symbol', 'none', 'boolean'].includes(token.type)) return parser.fail('expected the name of a test after is', token?.lineno, token?.colno)
    const name = make('Symbol', token, token.type === 'none' ? 'none' : String(token.value))
    const next = parser.peekToken()
    if (next?.type === 'left-paren') {
      const given = parser.parseSignature()
      // `is in (1, 2)` has one argument, which is a list.
      return make('FunCall', token, name, token.value === 'in' ? make('NodeList', next, [make('Group', next, given.children)]) : given)
    }
    if (next === null || !startsOperand.has(next.type) || (next.type === 'symbol' && afterTest.has(String(next.value)))) return name
    return make('FunCall', token, name, make('NodeList', next, [parser.parsePrimary()]))
  }

  /** A run of plain text without what `-` and the ends of lines beside tags take away. */
  function trimmed(parser: RawParser, token: Token, afterComment: boolean): string {
    let text = String(token.value)
    const next = parser.peekToken()
    const mark = String(next?.value)
    if (parser.dropLeadingWhitespace) {
      text = text.trimStart()
      parser.dropLeadingWhitespace = false
    }
    if (next !== null && ['block-start', 'variable-start', 'comment'].includes(next.type) && mark[2] === '-') text = text.trimEnd()
    else if (next?.type === 'comment' && parser.tokens.lstripBlocks) text = withoutIndent(text, token.colno === 0)
    return afterComment && parser.tokens.trimBlocks ? text.replace(newlineStart, '') : text
  }
}
