import type { RawNode, RawParser, Token } from './grammar.js'

type Make = (type: string, at: Token | RawNode, ...fields: readonly unknown[]) => RawNode

/** Reads what follows a value: keys and slices in brackets, calls, and names behind a point. */
export const postfixOf = (make: Make) => function (this: RawParser, target: RawNode): RawNode {
  let node = target
  for (;;) {
    const token = this.peekToken()
    if (token?.type === 'left-bracket') {
      this.nextToken()
      node = make('LookupVal', token, node, keyOf(make, this, token))
    } else if (token?.type === 'left-paren') node = make('FunCall', token, node, this.parseSignature())
    else if (token?.type === 'operator' && token.value === '.') {
      this.nextToken()
      const name = this.nextToken()
      if (name?.type !== 'symbol') return this.fail(`expected name as lookup value, got ${String(name?.value)}`, name?.lineno, name?.colno)
      node = make('LookupVal', token, node, make('Literal', name, name.value))
    } else return node
  }
}

/** What stands between [ and ]: a key, or the ends and the step of a slice as a list of nodes; null where nothing does. */
const keyOf = (make: Make, parser: RawParser, bracket: Token): RawNode | null => {
  const parts: RawNode[] = []
  let colons = 0
  let isEmpty = true
  for (let token = parser.peekToken(); token?.type !== 'right-bracket'; token = parser.peekToken()) {
    if (token?.type === 'colon' && colons < 2) {
      parser.nextToken()
      if (isEmpty) parts.push(make('Literal', token, null))
      isEmpty = true
      colons += 1
    } else if (token === null || !isEmpty) return parser.fail('expected ] behind a key', bracket.lineno, bracket.colno)
    else {
      parts.push(parser.parseExpression())
      isEmpty = false
    }
  }
  parser.nextToken()
  return colons === 0 ? parts[0] ?? null : make('NodeList', bracket, parts)
}
