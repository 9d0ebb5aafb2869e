import type { z } from 'zod'
import type { Module } from '../core/module.js'
import { argumentsOf, type Argument } from './arguments.js'
import { type Guide, guideExampleText } from './guides.js'

/** What the manual tells of a filter, a test or a function of expressions. */
export interface Operation {
  readonly name: string
  readonly aliases?: readonly string[]
  readonly summary: string
  readonly example: { readonly expression: string; readonly gives: unknown }
  /** Those that end with `?` may be left out. */
  readonly parameters: readonly string[]
  readonly rest?: boolean
}

/** A file format, or a part of one, that readers write. */
export interface Format {
  readonly name: string
  readonly summary: string
  readonly schema: z.ZodType
  /** What the keys do not tell; one paragraph each. */
  readonly notes?: readonly string[]
  /** Keys whose own keys stand elsewhere in the manual. */
  readonly shallow?: readonly string[]
  /** A file as somebody would write it. */
  readonly example?: string
}

/** All that the manual is made from. */
export interface Reference {
  readonly modules: ReadonlyMap<string, Module>
  readonly formats: readonly Format[]
  readonly guides: readonly Guide[]
  readonly filters: readonly Operation[]
  readonly tests: readonly Operation[]
  readonly functions: readonly Operation[]
  readonly facts: readonly { readonly name: string; readonly summary: string }[]
}

/** One page of the manual, as data. */
export interface Page {
  readonly title: string
  readonly summary: string
  readonly notes: readonly string[]
  readonly arguments: readonly Argument[]
  /** YAML, or expressions with what they give. */
  readonly examples: readonly string[]
  /** Whether the examples are what is read first, before arguments and notes. */
  readonly examplesFirst?: boolean
  /** What there is, and what it means, where that is no argument. */
  readonly rows?: Guide['rows']
}

const kinds = {
  state: 'A state: it is compared with the host, made, asked for again, and then found in place.',
  verb: 'A verb: it always acts, so it stands under `handlers:` or in a play with `procedure: true`.',
  either: 'A state or a verb, as its arguments say; a verb stands under `handlers:` or in a play with `procedure: true`.',
} as const

/** The page of a module, from its schema. */
export const manualOf = ({ name, summary, kind, args, examples }: Module): Page => ({
  title: name, summary, notes: [kinds[typeof kind === 'function' ? 'either' : kind]],
  arguments: argumentsOf(args as z.ZodType), // a module's schema, whatever its output
  examples: examples.map(asItem),
})

/** A step as it stands in a list of steps. */
const asItem = (example: string): string => example.trimEnd().replace(/^/gm, '  ').replace(/^ /, '-')

/** What a summary says first. */
export const firstSentence = (summary: string): string => /^.*?\.(?=\s|$)/s.exec(summary)?.[0] ?? summary

/** The page of a file format. */
export const formatManual = ({ name, summary, schema, notes = [], shallow = [], example }: Format): Page =>
  ({ title: name, summary, notes, arguments: argumentsOf(schema, shallow), examples: example === undefined ? [] : [example.trimEnd()], examplesFirst: true })

/** The page of a guide. */
export const guideManual = ({ name, summary, examples, rows, notes }: Guide): Page =>
  ({ title: name, summary, notes, arguments: [], examples: examples.map(guideExampleText), examplesFirst: true, rows })

/** How an operation is written, such as `| default(value, boolean?)`. */
export const signatureOf = (operation: Operation, word: OperationWord): string => {
  const { name, parameters, rest } = operation
  const given = [...parameters, ...(rest === true ? ['…'] : [])].join(', ')
  switch (word) {
    case 'filter': return `| ${name}${given === '' ? '' : `(${given})`}`
    case 'test': return /^\W/.test(name) || name === 'in' ? `${name} ${given}` : `is ${name}${given === '' ? '' : `(${given})`}`
    case 'function': return `${name}(${given})`
    default: return word satisfies never
  }
}
export type OperationWord = 'filter' | 'test' | 'function'

/** The page of a filter, a test or a function. */
export const operationManual = (operation: Operation, word: OperationWord): Page => ({
  title: operation.name, summary: operation.summary,
  notes: [`A ${word} of expressions: \`${signatureOf(operation, word)}\`.`, ...(operation.aliases === undefined ? [] : [`Also called ${operation.aliases.join(', ')}.`])],
  arguments: [], examples: [exampleOf(operation)],
})

/** An example expression and what it gives. */
export const exampleOf = ({ example }: Operation): string => `${example.expression}  →  ${JSON.stringify(example.gives)}`
