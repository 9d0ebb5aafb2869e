import type { ProvisionError } from '../../core/errors.js'
import { Secret, type Text } from '../../core/secret.js'
import { type Context, deeper, inner, type Loader, type Local, spend, type TemplateSource, within } from './context.js'
import { evaluate } from './evaluate.js'
import { inFile, placed, templateError } from './origin.js'
import { parseTemplate } from './parse.js'
import type { Expression, Statement } from './tree.js'
import { isList, isMap, kindInWords, textOf, truthy, wrongType } from './values.js'

/** Runs the parts of a template one after the other; their text goes to the end of `parts`. */
export const run = (statements: readonly Statement[], context: Context, parts: Text[]): void => {
  for (const statement of statements) within(context, statement, () => runOne(statement, context, parts))
}

const runOne = (statement: Statement, context: Context, parts: Text[]): void => {
  const { names } = context.frame
  switch (statement.type) {
    case 'text':
      parts.push(statement.text)
      return
    case 'output': {
      const part = placed(context.origin, statement.expression, () => textOf(evaluate(statement.expression, context)))
      context.scope.learn?.(part)
      parts.push(part)
      return
    }
    case 'if': {
      const branch = statement.branches.find(({ when }) => truthy(evaluate(when, context)))
      run(branch?.body ?? statement.otherwise, context, parts)
      return
    }
    case 'for':
      loop(statement, context, parts)
      return
    case 'set':
      names.set(statement.name, { type: 'value', value: evaluate(statement.value, context) })
      return
    case 'macro':
      names.set(statement.definition.name, { type: 'macro', definition: statement.definition, context })
      return
    case 'include': {
      const source = sourceOf(statement.template, context, statement.ignoreMissing)
      if (source !== undefined) runSource(source, inner(context), parts)
      return
    }
    case 'import':
      names.set(statement.as, { type: 'imported', macros: macrosOf(statement, context) })
      return
    case 'from': {
      const macros = macrosOf(statement, context)
      for (const [name, as] of statement.names) {
        const macro = macros.get(name)
        if (macro === undefined) throw templateError('undefined-macro', `the template has no macro ${name}`, {
          hint: `it has ${[...macros.keys()].join(', ') || 'none'}`,
        })
        names.set(as, macro)
      }
      return
    }
    default:
      statement satisfies never
  }
}

type Loop = Extract<Statement, { readonly type: 'for' }>

const loop = ({ names, of, only, body, otherwise }: Loop, context: Context, parts: Text[]): void => {
  const over = placed(context.origin, of, () => itemsOf(evaluate(of, context), names.length))
  spend(context.budget, over.length)
  const frames = over.map((item) => named(names, item)).filter((locals) => only === undefined || truthy(evaluate(only, inner(context, locals))))
  frames.forEach((locals, index) => {
    const length = frames.length
    const value = { index: index + 1, index0: index, revindex: length - index, revindex0: length - index - 1, first: index === 0, last: index === length - 1, length }
    run(body, inner(context, [...locals, ['loop', { type: 'value', value }]]), parts)
  })
  if (frames.length === 0) run(otherwise, inner(context), parts)
}

/** What a loop goes over: the items of a list; of a map its keys, or its keys and values when there are two names. */
const itemsOf = (value: unknown, names: number): readonly unknown[] => {
  if (isList(value)) return value
  if (isMap(value)) return names === 2 ? Object.entries(value) : Object.keys(value)
  const text = value instanceof Secret || typeof value === 'string'
  throw wrongType(`for goes over lists and maps, not over ${kindInWords(value)}`, text ? 'cut the text into a list with | split' : 'put it between [ and ]')
}

const named = (names: readonly string[], item: unknown): readonly (readonly [string, Local])[] => {
  const [only] = names
  if (names.length === 1 && only !== undefined) return [[only, { type: 'value', value: item }]]
  if (!isList(item) || item.length !== names.length) throw wrongType(`an item does not fall into ${names.join(', ')}`, `each item must be a list of ${names.length}`)
  return names.map((name, index) => [name, { type: 'value', value: item[index] }])
}

/** The mistake of a name that no template has. */
export const missingTemplate = (name: string, { folders = [] }: Loader): ProvisionError => templateError('missing-template', `there is no template ${name}`, {
  hint: `names are relative to the folders of templates${folders.length === 0 ? '' : `: looked in ${folders.join(', ')}`}`,
})

const sourceOf = (template: Expression, context: Context, ignoreMissing: boolean): TemplateSource | undefined => {
  const name = evaluate(template, context)
  if (typeof name !== 'string') throw wrongType(`a template is named by a text, not by ${kindInWords(name)}`, "for example {% include 'part.njk' %}")
  if (context.loader === undefined) throw templateError('no-templates-here', 'a value of a YAML file cannot include templates', {
    hint: 'use the template module',
  })
  const source = context.loader(name)
  if (source === undefined && !ignoreMissing) throw missingTemplate(name, context.loader)
  return source
}

/** Runs another template's parts in a context of this one. */
export const runSource = ({ text, file }: TemplateSource, context: Context, parts: Text[]): void => {
  const origin = inFile(file, text)
  deeper(context.budget, () => run(parseTemplate(text, origin), { ...context, origin }, parts))
}

const macrosOf = ({ template, withContext }: Extract<Statement, { readonly type: 'import' | 'from' }>, context: Context): ReadonlyMap<string, Local> => {
  const source = sourceOf(template, context, false)
  const own = withContext ? inner(context) : { ...context, frame: { names: new Map<string, Local>() } }
  if (source !== undefined) runSource(source, own, [])
  return new Map([...own.frame.names].filter(([, local]) => local.type === 'macro'))
}
