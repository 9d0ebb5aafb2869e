import { exitCode, type Place, ProvisionError } from '../core/errors.js'

/** A mistake in a YAML file: the reader's input is wrong. */
export const yamlError = (code: string, message: string, at: Place, hint?: string): ProvisionError =>
  new ProvisionError(code, message, { exit: exitCode.input, at, ...(hint === undefined ? {} : { hint }) })

/** The text as a YAML value in quotes. */
export const quoted = (text: string): string => (/["\\]/.test(text) ? `'${text.replaceAll("'", "''")}'` : `"${text}"`)

/** A number that would not print as it is written: `0644`, `1.10`, `1e3`. What was written is named unless the file is secret. */
export const numberTrap = (written: string, value: number, at: Place, secret: boolean): ProvisionError | undefined => {
  if (String(value) === written.replace(/^\+/, '')) return undefined
  const octal = /^[-+]?0o?\d+$/.test(written)
  const code = octal ? 'yaml-octal' : 'yaml-number'
  if (secret) return yamlError(code, 'a number here is not read as it is written', at, 'put the value in quotes')
  return yamlError(code, `${written} is read as the ${octal ? 'decimal' : 'number'} ${value}`, at, `write '${written}'`)
}

/** A value that starts with `{{` and is not in quotes, which YAML takes for a map. */
export const bracesTrap = (written: string, at: Place, secret: boolean): ProvisionError =>
  secret
    ? yamlError('yaml-braces', 'a value that starts with {{ is read as a map', at, 'put the value in quotes')
    : yamlError('yaml-braces', `${written} is read as a map`, at, `write ${quoted(written)}`)

/** Where on a line an unquoted value starts with `{{`; `written` is the value, without a comment. */
export const bracesOnLine = (line: string): { readonly from: number; readonly written: string } | undefined => {
  const match = /^(\s*(?:- +)*(?:[^\s'"#{[][^'"#{[]*?: +)?)(\{\{.*?)(?:\s+#.*)?\s*$/.exec(line)
  const [, before, written] = match ?? []
  return before === undefined || written === undefined ? undefined : { from: before.length, written }
}
