import { exitCode, type Place, ProvisionError, ProvisionErrors } from '../core/errors.js'

/** A mistake in the reader's inventory. */
export const mistake = (code: string, message: string, { at, hint, cause }: { readonly at?: Place | undefined; readonly hint?: string | undefined; readonly cause?: unknown } = {}): ProvisionError =>
  new ProvisionError(code, message, {
    exit: exitCode.input,
    ...(at === undefined ? {} : { at }),
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  })

/** A place as one word: `hosts.yaml:5:3`. */
export const placeWord = ({ file, line, column }: Place): string => `${file}:${line}:${column}`

/** Runs one piece of the reading; its mistakes go to the list, and the rest is read all the same. */
export const collected = <T>(mistakes: ProvisionError[], read: () => readonly T[]): readonly T[] => {
  try {
    return read()
  } catch (error) {
    mistakes.push(...mistakesIn(error))
    return []
  }
}

/** The mistakes that an error carries; any other error is thrown on. */
export const mistakesIn = (error: unknown): readonly ProvisionError[] => {
  if (error instanceof ProvisionErrors) return error.errors
  if (error instanceof ProvisionError) return [error]
  throw error
}
