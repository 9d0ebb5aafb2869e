import { type Place, ProvisionError } from '../../../src/core/errors.js'
import type { TemplateScope } from '../../../src/playbook/template/context.js'
import { interpolate } from '../../../src/playbook/template/interpolate.js'
import { renderTemplate } from '../../../src/playbook/template/render.js'

export const place: Place = { file: 'site.yaml', line: 3, column: 7 }

export const scopeOf = (variables: Readonly<Record<string, unknown>> = {}): TemplateScope => ({
  host: 'h1', lookup: (name) => (Object.hasOwn(variables, name) ? variables[name] : undefined), names: () => Object.keys(variables),
})

/** The value of one expression. */
export const valueOf = (expression: string, variables?: Readonly<Record<string, unknown>>): unknown => interpolate(`{{ ${expression} }}`, scopeOf(variables), place)

/** The text of a YAML value. */
export const textOf = (text: string, variables?: Readonly<Record<string, unknown>>): unknown => interpolate(text, scopeOf(variables), place)

/** The text of a template file, with others beside it. */
export const rendered = (text: string, variables: Readonly<Record<string, unknown>> = {}, others: Readonly<Record<string, string>> = {}): unknown => {
  const templates: Readonly<Record<string, string>> = { ...others, 'main.njk': text }
  return renderTemplate('main.njk', scopeOf(variables), (name) => {
    const found = templates[name]
    return found === undefined ? undefined : { text: found, file: `templates/${name}` }
  })
}

/** The mistake that something is, and nothing but one of the reader's mistakes. */
export const mistake = (act: () => unknown): ProvisionError => {
  try {
    act()
  } catch (error) {
    if (error instanceof ProvisionError) return error
    throw error
  }
  throw new Error('there was no mistake')
}

/** A mistake in short: code, line and column. */
export const inShort = ({ code, at }: ProvisionError): string => `${code} ${at?.line ?? '?'}:${at?.column ?? '?'}`
