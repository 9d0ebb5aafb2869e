import { ProvisionError, ProvisionErrors } from '../../src/core/errors.js'

/** Each mistake on one line, as a reader would see it: `line:column code: message (hint)`. */
export const mistakesOf = (action: () => unknown): readonly string[] => {
  try {
    action()
  } catch (error) {
    return linesOf(error)
  }
  return []
}

/** The same, of something that is awaited. */
export const mistakesOfAsync = async (action: () => Promise<unknown>): Promise<readonly string[]> => {
  try {
    await action()
  } catch (error) {
    return linesOf(error)
  }
  return []
}

const linesOf = (error: unknown): readonly string[] => {
  if (error instanceof ProvisionErrors) return error.errors.map(lineOf)
  if (error instanceof ProvisionError) return [lineOf(error)]
  throw error
}

const lineOf = ({ at, code, message, hint }: ProvisionError): string =>
  `${at === undefined ? '' : `${at.line}:${at.column} `}${code}: ${message}${hint === undefined ? '' : ` (${hint})`}`
