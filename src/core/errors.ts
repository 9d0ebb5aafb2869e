/** The exit codes of the program, by what they tell the caller. */
export const exitCode = {
  done: 0, failed: 1, input: 2, changes: 3, unreachable: 4, stale: 5, unapproved: 6, locked: 7, bug: 70, interrupted: 130,
} as const
export type ExitCode = (typeof exitCode)[keyof typeof exitCode]

/** A place in a file that the reader wrote; line and column count from 1. */
export interface Place { readonly file: string; readonly line: number; readonly column: number; readonly text?: string }

export interface ErrorDetails { readonly hint?: string | undefined; readonly at?: Place | undefined; readonly exit?: ExitCode | undefined; readonly cause?: unknown; readonly output?: string | undefined }

/** A mistake that the reader can mend: stable `code`, message in lower case without full stop, `hint` is the next thing to do. */
export class ProvisionError extends Error {
  override readonly name = 'ProvisionError'
  readonly hint: string | undefined
  readonly at: Place | undefined
  readonly exit: ExitCode
  readonly output: string | undefined
  constructor(readonly code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.hint = details.hint
    this.at = details.at
    this.exit = details.exit ?? exitCode.failed
    this.output = details.output
  }
}

/** Several mistakes found at once, in the order of their places. */
export class ProvisionErrors extends Error {
  override readonly name = 'ProvisionErrors'
  constructor(readonly errors: readonly ProvisionError[]) {
    super(errors.map((error) => error.message).join('\n'))
  }
  get exit(): ExitCode { return this.errors[0]?.exit ?? exitCode.input }
}

/** Why a step failed on a host, as plain data. */
export interface Failure { readonly code: string; readonly message: string; readonly hint?: string; readonly at?: Place; readonly output?: string; /** What the program that failed exited with. */ readonly exited?: number }

export const failureOf = (error: ProvisionError): Failure => ({
  code: error.code, message: error.message,
  ...(error.hint === undefined ? {} : { hint: error.hint }),
  ...(error.at === undefined ? {} : { at: error.at }),
  ...(error.output === undefined ? {} : { output: error.output }),
})
