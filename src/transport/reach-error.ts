import { type ErrorDetails, exitCode, ProvisionError } from '../core/errors.js'

/** Something that keeps a host from being worked on: exit 4. */
export const reachError = (code: string, message: string, details: Omit<ErrorDetails, 'exit'> = {}): ProvisionError =>
  new ProvisionError(code, message, { ...details, exit: exitCode.unreachable })
