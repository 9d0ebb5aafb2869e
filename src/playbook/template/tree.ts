/** Where a part of a template stands in its own text; line and column count from 1. */
export interface Position { readonly line: number; readonly column: number }

/** An expression's syntax tree. */
export type Expression = Position & (
  | { readonly type: 'literal'; readonly value: string | number | boolean | null }
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'member'; readonly target: Expression; readonly key: Expression }
  | { readonly type: 'slice'; readonly target: Expression; /** First, end and step; null where one is left out. */ readonly ends: readonly Expression[] }
  | { readonly type: 'list'; readonly items: readonly Expression[] }
  | { readonly type: 'map'; readonly entries: readonly (readonly [key: Expression, value: Expression])[] }
  | { readonly type: 'call'; readonly callee: Expression; readonly given: Given; readonly caller?: MacroDefinition }
  | { readonly type: 'filter'; readonly name: string; readonly input: Expression; readonly given: Given }
  | { readonly type: 'check'; readonly name: string; readonly input: Expression; readonly given: Given }
  | { readonly type: 'choice'; readonly when: Expression; readonly value: Expression; readonly otherwise?: Expression }
  | { readonly type: 'both' | 'either' | 'in'; readonly left: Expression; readonly right: Expression }
  | { readonly type: 'not'; readonly of: Expression }
  | { readonly type: 'sign'; readonly negative: boolean; readonly of: Expression }
  | { readonly type: 'binary'; readonly operator: BinaryOperator; readonly left: Expression; readonly right: Expression }
  | { readonly type: 'compare'; readonly first: Expression; readonly rest: readonly { readonly operator: Comparison; readonly right: Expression }[] }
  | { readonly type: 'capture'; readonly body: readonly Statement[] }
)

export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**' | '~'
export type Comparison = '==' | '!=' | '<' | '>' | '<=' | '>='

/** What stands between the parentheses of a call, a filter or a test. */
export interface Given { readonly positional: readonly Expression[]; readonly named: readonly (readonly [name: string, value: Expression])[] }

export interface MacroDefinition {
  readonly name: string
  readonly parameters: readonly { readonly name: string; readonly otherwise?: Expression }[]
  readonly body: readonly Statement[]
}

/** A template's syntax tree, part by part. */
export type Statement = Position & (
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'output'; readonly expression: Expression }
  | { readonly type: 'if'; readonly branches: readonly { readonly when: Expression; readonly body: readonly Statement[] }[]; readonly otherwise: readonly Statement[] }
  | { readonly type: 'for'; readonly names: readonly string[]; readonly of: Expression; readonly only?: Expression
      readonly body: readonly Statement[]; readonly otherwise: readonly Statement[] }
  | { readonly type: 'set'; readonly name: string; readonly value: Expression }
  | { readonly type: 'include'; readonly template: Expression; readonly ignoreMissing: boolean }
  | { readonly type: 'macro'; readonly definition: MacroDefinition }
  | { readonly type: 'import'; readonly template: Expression; readonly as: string; readonly withContext: boolean }
  | { readonly type: 'from'; readonly template: Expression; readonly names: readonly (readonly [name: string, as: string])[]; readonly withContext: boolean }
)
