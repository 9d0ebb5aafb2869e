import { Secret } from '../../core/secret.js'
import { didYouMean } from '../../core/suggest.js'
import { templateError } from './origin.js'
import { kindInWords } from './values.js'

/** What the manual tells of a filter, a test or a function, and what it may be given. */
export interface Operation {
  readonly name: string
  readonly aliases?: readonly string[]
  /** One sentence: what it gives. */
  readonly summary: string
  /** An expression that works without any variables, and what it gives. */
  readonly example: { readonly expression: string; readonly gives: unknown }
  /** In the order in which they may be given without a name; those that end with `?` may be left out. */
  readonly parameters: readonly string[]
  /** Takes any more arguments, named or not. */
  readonly rest?: boolean
}

/** The arguments of one use of an operation, by the names of its parameters. */
export interface Arguments {
  value(name: string): unknown
  text(name: string, otherwise?: string): string
  number(name: string, otherwise?: number): number
  flag(name: string, otherwise?: boolean): boolean
  /** What was given beyond the parameters. */
  readonly more: readonly unknown[]
  readonly named: ReadonlyMap<string, unknown>
}

const wrongArguments = (operation: Operation, message: string): Error => {
  const signature = [...operation.parameters, ...(operation.rest === true ? ['…'] : [])].join(', ')
  return templateError('wrong-arguments', `${operation.name} ${message}`, {
    hint: `for example ${operation.example.expression}${signature === '' ? '' : `; it takes ${signature}`}`,
  })
}

/** Matches what was given with the parameters of an operation. */
export const argumentsOf = (operation: Operation, positional: readonly unknown[], named: ReadonlyMap<string, unknown>): Arguments => {
  const names = operation.parameters.map((parameter) => parameter.replace('?', ''))
  if (operation.rest !== true) {
    if (positional.length > names.length) throw wrongArguments(operation, names.length === 0 ? 'takes nothing' : `takes ${names.length} at most`)
    const unknown = [...named.keys()].find((name) => !names.includes(name))
    if (unknown !== undefined) {
      const meant = didYouMean(unknown, names)
      throw wrongArguments(operation, `has no parameter ${unknown}${meant === undefined ? '' : `, ${meant} may be meant`}`)
    }
  }
  const values = new Map<string, unknown>([...names.slice(0, positional.length).map((name, index) => [name, positional[index]] as const), ...named])
  const missing = operation.parameters.find((parameter) => !parameter.endsWith('?') && !values.has(parameter))
  if (missing !== undefined) throw wrongArguments(operation, `needs ${missing}`)
  const get = <T>(name: string, otherwise: T | undefined, wanted: string, accept: (value: unknown) => T | undefined): T => {
    const value = values.get(name)
    if (value === undefined && otherwise !== undefined) return otherwise
    const accepted = accept(value)
    if (accepted === undefined) throw wrongArguments(operation, `wants ${wanted} as ${name}${value === undefined ? '' : `, not ${kindInWords(value)}`}`)
    return accepted
  }
  return {
    value: (name) => values.get(name),
    text: (name, otherwise) => get(name, otherwise, 'a text', (value) => (value instanceof Secret ? value.reveal() : typeof value === 'string' ? value : undefined)),
    number: (name, otherwise) => get(name, otherwise, 'a number', (value) => (typeof value === 'number' ? value : undefined)),
    flag: (name, otherwise = false) => get(name, otherwise, 'true or false', (value) => (typeof value === 'boolean' ? value : undefined)),
    more: positional.slice(names.length),
    named,
  }
}

/** Operations by their names and aliases. */
export const byName = <O extends Operation>(operations: readonly O[]): ReadonlyMap<string, O> =>
  new Map(operations.flatMap((operation) => [operation.name, ...(operation.aliases ?? [])].map((name) => [name, operation] as const)))
