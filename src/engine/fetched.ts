import type { Action } from '../core/change.js'
import { ProvisionError } from '../core/errors.js'
import { sh } from '../core/shell.js'
import type { Output, Session } from '../core/transport.js'
import type { Lane } from './lane.js'

/** Copies a file of the host to the controller, in base64 as the session carries text; then it is there whole, or as it was. */
export const fetched = async ({ walk }: Lane, session: Session, { path, to }: Extract<Action, { do: 'fetch' }>): Promise<Output> => {
  const output = await session.exec(sh`base64 < ${path}`.text, walk.signal === undefined ? {} : { signal: walk.signal })
  if (output.exit !== 0) return output
  try {
    await walk.controller.save(to, Buffer.from(output.stdout, 'base64'))
  } catch (error) {
    throw new ProvisionError('unwritable-file', `${to} cannot be written on this machine: ${error instanceof Error ? error.message : String(error)}`, { hint: 'choose another place', cause: error })
  }
  return { stdout: '', stderr: '', exit: 0 }
}
